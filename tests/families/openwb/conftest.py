"""A simulated openWB and Home Assistant."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openwb import commands, todo
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.core import HomeAssistant, State

from ...harness.broker import Broker
from ...helpers import (
    broker_data,
    entity_id,
    fixture,
    make_entry,
    set_up,
    shows,
    state,
    use,
)
from ...simulators.openwb_simulator import OpenWbSimulator, Options
from ...simulators.openwb_versions import Version

POINT = DeviceKey("charge_point", "3")
CARPORT = DeviceKey("charge_point", "4")
VEHICLE = DeviceKey("vehicle", "1")
CONSUMER = DeviceKey("consumer", "8")
GRID = DeviceKey("counter", "0")
ROOF = DeviceKey("inverter", "1")
BATTERY = DeviceKey("battery", "2")
MAIN = MAIN_DEVICE

# 2025-12-30, 09:57:50 in Germany: when the fixture was taken.
START = 1767085070.0


RETAINED = [
    line.split("\t", 1) for line in fixture("openwb/retained.tsv").decode().splitlines()
]


async def play(client: aiomqtt.Client) -> None:
    """Publish the retained topics of a real installation."""
    for topic, payload in RETAINED:
        await client.publish(topic, payload, retain=True)


async def beat(client: aiomqtt.Client, moment: float = 1767085080.9) -> None:
    """Tell another time, as a living openWB does."""
    await client.publish("openWB/system/time", str(moment), retain=True)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for an openWB that does not do what it is asked."""
    monkeypatch.setattr(commands, "CONFIRM_TIMEOUT", 3.0)
    monkeypatch.setattr(todo, "ANSWER_TIMEOUT", 3.0)


@pytest.fixture
def version() -> Version:
    """Give the newest version; tests name others."""
    return Version.V2_2_2


@pytest.fixture
def options() -> dict[str, Any]:
    """Give what is special about the simulated openWB."""
    return {}


@pytest.fixture
async def simulator(
    broker: Broker, version: Version, options: dict[str, Any]
) -> AsyncGenerator[OpenWbSimulator]:
    """Run an openWB at the broker, whose control cycles come when a test wants them."""
    settings = Options(version=version, automatic=False, start=START, **options)
    async with OpenWbSimulator(settings) as running:
        await running.start(broker.host, broker.port)
        yield running


def openwb_entry(
    hass: HomeAssistant, broker: Broker, **options: Any
) -> MockConfigEntry:
    """Make an entry for the openWB, not set up yet."""
    return make_entry(
        hass,
        {
            "family": "openwb",
            "connection": "mqtt",
            "root": "openWB",
            "broker": broker_data(broker),
        },
        options=options,
        entry_id="entry",
        title="openWB",
    )


@dataclass(frozen=True)
class House:
    """A running openWB with its entry, and what tests do with them."""

    hass: HomeAssistant
    entry: MockConfigEntry
    simulator: OpenWbSimulator

    def id(self, device: DeviceKey, key: str, platform: str = "sensor") -> str:
        """Name an entity, which exists."""
        found = entity_id(self.hass, self.entry, device, key, platform)
        assert found, f"{device} has no {platform} {key}"
        return found

    def state(
        self, device: DeviceKey, key: str, platform: str = "sensor"
    ) -> State | None:
        """Give an entity's state."""
        return state(self.hass, self.entry, device, key, platform)

    async def shows(
        self, device: DeviceKey, key: str, expected: str, platform: str = "sensor"
    ) -> State:
        """Wait until an entity shows something."""
        return await shows(self.hass, self.entry, device, key, expected, platform)

    async def act(self, device: DeviceKey, platform: str, key: str, value: Any) -> None:
        """Set a control as a user would."""
        service, data = {
            "number": ("set_value", {"value": value}),
            "select": ("select_option", {"option": value}),
            "switch": ("turn_on" if value else "turn_off", {}),
            "lock": ("lock" if value else "unlock", {}),
            "button": ("press", {}),
        }[platform]
        await use(self.hass, self.entry, f"{platform}.{service}", key, device, **data)


@pytest.fixture
async def house(
    hass: HomeAssistant, broker: Broker, simulator: OpenWbSimulator
) -> House:
    """Set up an entry for the simulated openWB, which lives."""
    entry = openwb_entry(hass, broker)
    assert await set_up(hass, entry)
    running = House(hass, entry, simulator)
    await simulator.cycle()
    await running.shows(MAIN, "connected", "on", "binary_sensor")
    await hass.async_block_till_done()
    return running
