"""Fixtures for all tests: Home Assistant with Wattbus, a real broker, snapshots."""

from collections.abc import AsyncGenerator, Iterator
from unittest.mock import PropertyMock, patch

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Before the plugin's own folder of the same name is found.
import custom_components  # noqa: F401
from homeassistant.core import HomeAssistant

from .harness.broker import Broker


@pytest.fixture(autouse=True)
def _wattbus(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find Wattbus, in tests that have one.

    The broker comes first, so that it outlives Home Assistant.
    """
    if "broker" in request.fixturenames:
        request.getfixturevalue("broker")
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
async def mqtt_integration(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Set Home Assistant's own mqtt integration up on the broker."""
    entry = MockConfigEntry(
        domain="mqtt",
        data={"broker": broker.host, "port": broker.port, "protocol": "5"},
        version=2,
        minor_version=1,
    )
    entry.add_to_hass(hass)
    with patch("homeassistant.config.load_yaml_config_file", return_value={}):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    return entry


@pytest.fixture
def entity_registry_enabled_by_default() -> Iterator[None]:
    """Enable entities that are disabled by default, too."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        PropertyMock(return_value=True),
    ):
        yield
