"""What not every openWB has: io modules, smart-home devices, manual charge levels."""

import asyncio
from typing import Any

import pytest

from custom_components.wattbus.diagnostics import async_get_config_entry_diagnostics
from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.core import HomeAssistant

from ...helpers import registered, until
from .conftest import POINT, VEHICLE, House

IO = DeviceKey("io", "0")
ROD = DeviceKey("smart_home", "1")


@pytest.fixture
def options() -> dict[str, Any]:
    """Have an io module and a smart-home device."""
    return {"extras": True}


async def test_an_io_module(house: House) -> None:
    await house.shows(IO, "digital_input_DI1", "off", "binary_sensor")
    await house.shows(IO, "digital_input_DI2", "on", "binary_sensor")
    await house.shows(IO, "analog_input_AI1", "3.3")
    await house.simulator.put("io/states/0/get/digital_input", {"DI1": True})
    await house.shows(IO, "digital_input_DI1", "on", "binary_sensor")


async def test_an_output_follows_with_the_next_cycle(house: House) -> None:
    task = asyncio.create_task(house.act(IO, "switch", "digital_output_DO2", True))
    await until(lambda: house.simulator.accepted)
    sent = house.simulator.accepted[-1]
    assert sent.topic == "system/io/0/set/manual/digital_output/DO2"
    assert sent.value is True
    assert not task.done()
    await house.simulator.cycle()
    await task
    await house.shows(IO, "digital_output_DO2", "on", "switch")


async def test_a_smart_home_device(hass: HomeAssistant, house: House) -> None:
    await house.shows(ROD, "Watt", "1200")
    await house.shows(ROD, "RelayStatus", "on", "binary_sensor")
    assert registered(hass, house.entry, ROD).name == "Heizstab"


async def test_a_smart_home_device_by_hand(house: House) -> None:
    task = asyncio.create_task(house.act(ROD, "switch", "mode", True))
    await until(lambda: house.simulator.accepted)
    await house.simulator.cycle()
    await task
    await house.shows(ROD, "mode", "on", "switch")
    sent = house.simulator.accepted[-1]
    assert sent.topic == "LegacySmartHome/config/set/Devices/1/mode"
    assert sent.value == 1


async def test_stop_does_not_wait_for_a_smart_home_switch(house: House) -> None:
    """OpenWB switches that with its next control cycle, in up to 60 s.

    (`control_interval` of 10, 20 or 60 s: helpermodules/setdata.py of openWB/core)
    """
    task = asyncio.create_task(house.act(ROD, "switch", "mode", True))
    await until(lambda: house.simulator.accepted)
    await house.act(POINT, "select", "charge_mode", "stop")
    await house.shows(POINT, "charge_mode", "stop", "select")
    assert not task.done()
    await house.simulator.cycle()
    await task


async def test_a_charge_level_by_hand(house: House) -> None:
    """Where the vehicle has the module for it."""
    assert not house.state(VEHICLE, "manual_soc", "number")
    await house.simulator.put("vehicle/1/soc_module/config", {"type": "manual"})
    await house.shows(VEHICLE, "manual_soc", "unknown", "number")
    await house.act(VEHICLE, "number", "manual_soc", 63)
    await house.shows(VEHICLE, "manual_soc", "63", "number")


async def test_diagnostics_say_what_it_is_but_no_tag(
    hass: HomeAssistant, house: House
) -> None:
    await house.simulator.put("chargepoint/3/get/rfid", "04A1B2C3")
    await house.shows(POINT, "rfid", "04A1B2C3")
    told = await async_get_config_entry_diagnostics(hass, house.entry)
    assert told["driver"]["alive"]
    assert told["driver"]["version"] == "2.2.2"
    assert told["driver"]["templates"] == "document"
    assert "04A1B2C3" not in str(told["devices"]["charge_point 3"])
