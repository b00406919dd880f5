"""A family of the tests' own, for what the hub does for all of them."""

import asyncio
from collections.abc import Iterator
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import state_writer
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import (
    BinarySensorDescription,
    ButtonDescription,
    SensorDescription,
)
from custom_components.wattbus.families.driver import Driver
from custom_components.wattbus.families.family import PATIENCE, Connection, Family
from custom_components.wattbus.families.quantities import MOST_POWER
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.hub import Hub
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import device_registry as dr

from .helpers import make_entry, set_up, state

PART = "part"
ONE = DeviceKey(PART, "1")
TWO = DeviceKey(PART, "2")


class ToyDriver(Driver):
    """Says what the tests tell it to say."""

    refusal: ConnectError | None = None
    stopped = 0
    presses: list[str]

    @override
    async def start(self) -> None:
        if reason := self.data.get("refusal"):
            raise ConnectError(Reason(reason), "toy")
        self.presses = []
        if not self.data.get("absent"):
            self.sink.connected(True)

    @override
    async def stop(self) -> None:
        self.stopped += 1

    async def press(self, _: DeviceKey) -> None:
        """Take a moment, so that two at once would be seen."""
        self.presses.append("begin")
        await asyncio.sleep(0.02)
        self.presses.append("end")


def _toy(key: str, *options: Any) -> Family:
    return Family(
        key=key,
        name="Toy",
        manufacturer="Toys",
        model="Toy 1",
        connections={
            "own": Connection(
                key="own", driver=ToyDriver, fields={}, identity=lambda _: "toy"
            )
        },
        descriptions=(
            SensorDescription(
                kind=PART,
                key="power",
                device_class=SensorDeviceClass.POWER,
                state_class=SensorStateClass.MEASUREMENT,
                native_unit_of_measurement="W",
                resolution=0.1,
            ),
            SensorDescription(
                kind=PART,
                key="energy",
                device_class=SensorDeviceClass.ENERGY,
                state_class=SensorStateClass.TOTAL_INCREASING,
                native_unit_of_measurement="Wh",
                resolution=0.1,
                most_per_hour=MOST_POWER,
            ),
            SensorDescription(
                kind=PART,
                key="mode",
                device_class=SensorDeviceClass.ENUM,
                options=["eco", "fast"],
            ),
            SensorDescription(
                kind=PART, key="hidden", entity_registry_enabled_default=False
            ),
            SensorDescription(kind=PART, key="price", attributes=("prices", "zone")),
            SensorDescription(kind=PART, key="calibration", expert=True),
            SensorDescription(kind=PART, key="forecast", option="with_forecast"),
            BinarySensorDescription(kind=PART, key="on"),
            ButtonDescription(key="press", needs="can_press", press=ToyDriver.press),
        ),
        options=options,
        unknown=lambda kind, name: (
            SensorDescription(kind=kind, key=name) if name.startswith("x_") else None
        ),
    )


@pytest.fixture
def toy_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the toy in two kinds: silence means nothing to one, and much to the other."""
    monkeypatch.setitem(FAMILIES, "toy", _toy("toy"))
    monkeypatch.setitem(FAMILIES, "patient_toy", _toy("patient_toy", PATIENCE))


@pytest.fixture
def writes(hass: HomeAssistant) -> Iterator[list[str]]:
    """Note each state of any entity that is written."""
    states: list[str] = []

    def note(event: Event[Any]) -> None:
        if new := event.data["new_state"]:
            states.append(new.state)

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    yield states
    stop()


def toy(hass: HomeAssistant, family: str = "toy", **more: Any) -> MockConfigEntry:
    """Make an installation, not set up yet."""
    kept = {key: more.pop(key, None) for key in ("refusal", "absent")}
    data = {"family": family, "connection": "own", **kept}
    return make_entry(hass, data, **more)


async def running(
    hass: HomeAssistant, family: str = "toy", **more: Any
) -> MockConfigEntry:
    """Set an installation up."""
    entry = toy(hass, family, **more)
    assert await set_up(hass, entry)
    await settle(hass)
    return entry


async def says(entry: MockConfigEntry, device: DeviceKey = ONE, **values: Any) -> None:
    """Let a device speak, and Home Assistant take it in."""
    hub: Hub = entry.runtime_data
    hub.seen(device)
    hub.report(device, values)
    await settle(hub.hass)


async def settle(hass: HomeAssistant) -> None:
    """Wait until what was reported is written, and new entities are there."""
    await asyncio.sleep(state_writer.EVERY + 0.01)
    await hass.async_block_till_done()


def shown(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, device: DeviceKey = ONE
) -> str | None:
    """Give the state of a sensor, None while there is none."""
    found = state(hass, entry, device, name)
    return found and found.state


def registered(
    registry: dr.DeviceRegistry, entry: MockConfigEntry, device: DeviceKey = ONE
) -> Any:
    """Give a device's entry in the registry."""
    identifier = (DOMAIN, f"{entry.entry_id}|{device.identifier}")
    return next(
        (
            item
            for item in dr.async_entries_for_config_entry(registry, entry.entry_id)
            if identifier in item.identifiers
        ),
        None,
    )
