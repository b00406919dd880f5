"""What a user can send along with a report: all that helps, and no secret."""

from collections.abc import AsyncGenerator, Iterator
import json
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component

from .harness.broker import Broker
from .helpers import broker_data, fixture, make_entry, set_up, state, until
from .simulators.em420 import rest_app
from .simulators.em420_model import Em420
from .simulators.listening import WebServer

SECRET = "geheim-4711"
SENSOR = DeviceKey("source", "s0")
POWER = "active_power_+_L2"
REDACTED = "**REDACTED**"


@pytest.fixture
def closed_broker(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker that asks for a password."""
    with Broker(username="wattbus-user", password=SECRET) as running:
        yield running


@pytest.fixture
async def rest_port(socket_enabled: None) -> AsyncGenerator[int]:
    """Run an energy manager's web interface."""
    async with WebServer(rest_app(Em420(), SECRET)) as server:
        yield server.port


def over_mqtt(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Make an installation that knows a password."""
    data = broker_data(broker, username="wattbus-user", password=SECRET)
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": ["em420/data"],
            "config_topics": ["em420/config"],
            "broker": data,
        },
        {"patience": 20},
    )


async def test_the_log_names_no_secret(
    hass: HomeAssistant, closed_broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """Some are parts of topics."""
    entry = over_mqtt(hass, closed_broker)
    topic = "em420/wattbus-user/data"
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "topics": [topic]}
    )
    assert await set_up(hass, entry)
    broker = closed_broker
    async with aiomqtt.Client(
        broker.host, broker.port, username="wattbus-user", password=SECRET
    ) as device:
        await device.publish(topic, b'{"s0": ')
        await until(lambda: "Ignored a message" in caplog.text)
    shown = [item.getMessage() for item in caplog.records if item.levelname != "DEBUG"]
    assert any(f"on em420/{REDACTED}/data: " in line for line in shown)
    assert "wattbus-user" not in str(shown)


async def _speak(hass: HomeAssistant, entry: MockConfigEntry, broker: Broker) -> None:
    """Let the energy manager tell its configuration and its measurements."""
    async with aiomqtt.Client(
        broker.host, broker.port, username="wattbus-user", password=SECRET
    ) as device:
        await device.publish("em420/config", fixture("em420/configuration.json"))
        await device.publish("em420/data", fixture("em420/data.json"))
        await until(lambda: state(hass, entry, SENSOR, POWER))


def _serials(values: Any) -> list[Any]:
    """Find every serial number in a nested answer."""
    if isinstance(values, list):
        return [found for item in values for found in _serials(item)]
    if not isinstance(values, dict):
        return []
    return [
        *(value for key, value in values.items() if key == "serial_number"),
        *(found for item in values.values() for found in _serials(item)),
    ]


async def test_an_installation_over_mqtt(
    hass: HomeAssistant,
    closed_broker: Broker,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = over_mqtt(hass, closed_broker)
    assert await set_up(hass, entry)
    await _speak(hass, entry, closed_broker)
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)

    assert told["data"]["broker"]["password"] == REDACTED
    assert told["data"]["broker"]["username"] == REDACTED
    assert told["data"]["broker"]["host"] == "127.0.0.1"
    assert told["data"]["topics"] == ["em420/data"]
    assert told["options"] == {"patience": 20}
    assert told["connected"] is True
    assert told["driver"]["connected"] is True
    assert told["driver"]["messages"] == 2
    assert told["driver"]["topics"] == ["em420/config", "em420/data"]
    sensor = told["devices"]["source s0"]
    assert sensor["available"] is True
    assert sensor["timeout"] == 1200
    assert sensor["values"][POWER] == 0
    assert "main" in told["devices"]
    assert set(_serials(told)) <= {REDACTED, None}
    assert REDACTED in _serials(told), "there are serial numbers to be hidden"
    text = json.dumps(told)
    for secret in (SECRET, "wattbus-user"):
        assert secret not in text


async def test_a_device_over_mqtt(
    hass: HomeAssistant,
    closed_broker: Broker,
    hass_client: ClientSessionGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = over_mqtt(hass, closed_broker)
    assert await set_up(hass, entry)
    await _speak(hass, entry, closed_broker)
    identifier = (DOMAIN, f"{entry.entry_id}|source|s0")
    (device,) = (
        item
        for item in dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        if identifier in item.identifiers
    )
    told: Any = await get_diagnostics_for_device(hass, hass_client, entry, device)
    (sensor,) = told.values()
    assert sensor["available"] is True
    assert sensor["values"][POWER] == 0
    assert sensor["facts"]["serial_number"] == REDACTED
    assert SECRET not in json.dumps(told)


async def test_an_installation_over_rest(
    hass: HomeAssistant, rest_port: int, hass_client: ClientSessionGenerator
) -> None:
    entry = make_entry(
        hass,
        {
            "family": "em420",
            "connection": "rest",
            "host": "127.0.0.1",
            "port": rest_port,
            "token": SECRET,
            "endpoint": "local",
            "tls": False,
            "verify": True,
        },
    )
    assert await set_up(hass, entry)
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["data"]["token"] == REDACTED
    assert told["driver"] == {"interval": 5.0, "last_poll_worked": True}
    assert SECRET not in json.dumps(told)


async def test_an_installation_that_does_not_come_up(
    hass: HomeAssistant, broker: Broker, hass_client: ClientSessionGenerator
) -> None:
    """That is when one wants to know more."""
    entry = over_mqtt(hass, broker)
    broker.stop()
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["connected"] is False
    assert told["driver"]["connected"] is False
    assert SECRET not in json.dumps(told)


async def test_an_installation_that_is_disabled(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = make_entry(
        hass,
        {"family": "em420", "connection": "rest", "token": SECRET},
        disabled_by=ConfigEntryDisabler.USER,
    )
    device = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, f"{entry.entry_id}|main|")},
    )
    assert await async_setup_component(hass, DOMAIN, {})
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told == {
        "data": {"family": "em420", "connection": "rest", "token": REDACTED},
        "options": {},
    }
    told = await get_diagnostics_for_device(hass, hass_client, entry, device)
    assert told == {}
