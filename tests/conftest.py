"""Fixtures for all tests: Home Assistant with Wattbus, a real broker, snapshots."""

from asyncio import constants
from collections.abc import AsyncGenerator, Iterator
import logging
from pathlib import Path
import traceback
from unittest.mock import PropertyMock, patch

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Before the plugin's own folder of the same name is found.
import custom_components  # noqa: F401
from homeassistant.components.mqtt import client as core_client
from homeassistant.core import HomeAssistant

from .flow import impatient_flow, rest_port  # noqa: F401 # fixtures
from .harness.broker import Broker
from .hungry import hungry_family  # noqa: F401 # a fixture
from .toy import toy_families, writes  # noqa: F401 # fixtures

# The plugin has each statement of the recorder written to the log, which takes a third of its time.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

# Home Assistant's tests run in asyncio's debug mode, which notes the whole stack with
# every future and handle: half of the time of all tests. Its end says where it was made.
constants.DEBUG_STACK_DEPTH = 3
traceback.extract_stack.__defaults__ = (None, 3)


@pytest.fixture(autouse=True)
def _wattbus(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find Wattbus, in tests that have one.

    The broker comes first, so that it outlives Home Assistant, and so does the
    recorder, which listens from the beginning.
    """
    for first in ("broker", "recorder_mock"):
        if first in request.fixturenames:
            request.getfixturevalue(first)
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write snapshots without ids and times that change with each run."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def broker(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker of the test's own, which it may stop and restart."""
    with Broker() as running:
        yield running


@pytest.fixture
async def device(broker: Broker) -> AsyncGenerator[aiomqtt.Client]:
    """Connect as a device would."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        yield client


@pytest.fixture
async def mqtt_integration(
    hass: HomeAssistant,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncGenerator[MockConfigEntry]:
    """Set up Home Assistant's own MQTT integration, on a real broker."""
    (tmp_path / "configuration.yaml").touch()
    hass.config.config_dir = str(tmp_path)
    # Its pauses before it subscribes and before it connects again.
    monkeypatch.setattr(core_client, "INITIAL_SUBSCRIBE_COOLDOWN", 0.05)
    monkeypatch.setattr(core_client, "SUBSCRIBE_COOLDOWN", 0.02)
    monkeypatch.setattr(core_client, "RECONNECT_INTERVAL_SECONDS", 0.1)
    entry = MockConfigEntry(
        domain="mqtt",
        data={"broker": broker.host, "port": broker.port, "protocol": "5"},
        options={"discovery": False},
        version=2,
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
def entity_registry_enabled_by_default() -> Iterator[None]:
    """Enable entities that are disabled by default, too."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield


@pytest.fixture
def expected_lingering_timers(request: pytest.FixtureRequest) -> bool:
    """Allow Home Assistant's own MQTT client the timers that it leaves."""
    return "mqtt_integration" in request.fixturenames
