"""Energies that an ECU cannot have made, or does not count."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.apsystems.actions import ACTIONS
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er

from ...helpers import state, use
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_report import EcuModel
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance
from .test_tcp import inverters, value

HOUR = timedelta(hours=1)


async def test_more_than_its_inverters_can_make_in_a_day(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Such a number is a mistake: three inverters make no 900 MWh, and no 181 kWh.

    As the 655.35 kWh of Fabian-Schmidt/esphome-victron_ble #51: all bits of a word set.
    """
    before = value(hass, entry, "energy_today")
    for wrong in (90_000_000, 18_100):
        ecu.pin(replace(ecu.ecu.report(), today=wrong))
        await advance(2 * CYCLE)
        assert value(hass, entry, "energy_today") == before
    ecu.pin(None)
    await advance(2 * CYCLE)
    assert float(before) < float(value(hass, entry, "energy_today")) < 20


@pytest.mark.parametrize("entry_options", [{"count_energy": True}])
@pytest.mark.parametrize("options", [{"kinds": ("qt2",)}])
async def test_energies_that_stand_still(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Of ECU_R_1.3.6C with QT2 (ecur #185, #207, #210): counted, also over a restart."""
    await advance(CYCLE)
    ecu.misbehave(Quirk.STANDING, times=None)
    standing = value(hass, entry, "lifetime_energy")
    start = sum(inverter.energy for inverter in ecu.ecu.inverters)
    counted = float(value(hass, entry, "counted_energy"))
    await advance(HOUR)
    made = sum(inverter.energy for inverter in ecu.ecu.inverters) - start
    after = float(value(hass, entry, "counted_energy"))
    assert value(hass, entry, "lifetime_energy") == standing
    assert (after - counted) * 1000 == pytest.approx(made, rel=0.1)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert float(value(hass, entry, "counted_energy")) >= after
    start = sum(inverter.energy for inverter in ecu.ecu.inverters)
    await advance(HOUR)
    made = sum(inverter.energy for inverter in ecu.ecu.inverters) - start
    more = float(value(hass, entry, "counted_energy")) - after
    assert more * 1000 == pytest.approx(made, rel=0.2)


async def test_nothing_is_counted_unless_that_is_wanted(
    hass: HomeAssistant, entry: MockConfigEntry, advance: Advance
) -> None:
    await advance(2 * CYCLE)
    assert state(hass, entry, MAIN_DEVICE, "counted_energy") is None


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_C}])
async def test_transformers_of_each_phase(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """Their sum is what is shown of the whole; power1 is the production.

    ecu_reader #42, whose data have next to nothing in it at night, and #47.
    """
    for key in ("production_power", "grid_power", "consumption_power"):
        phases = [int(value(hass, entry, f"{key}_L{n}")) for n in (1, 2, 3)]
        assert sum(phases) == int(value(hass, entry, key))
    (*_, last) = ecu.ecu.meter[ecu.ecu.local_time().date()]
    assert int(value(hass, entry, "production_power_L1")) == last.production // 2
    assert int(value(hass, entry, "grid_power_L2")) == last.grid // 4


@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_C}])
async def test_phases_are_not_enabled_from_the_start(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        "sensor",
        "wattbus",
        entry.runtime_data.unique_id(MAIN_DEVICE, "grid_power_L1"),
    )
    assert entity_id
    found = registry.async_get(entity_id)
    assert found
    assert found.disabled


@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_C}])
@pytest.mark.parametrize(
    ("key", "on_main", "wrong", "error"),
    [
        ("max_power", False, 100.5, "not_whole"),
        ("max_power", False, 19, "max_power_invalid"),
        ("export_limit", True, 0.5, "not_whole"),
    ],
)
async def test_a_limit_that_is_none(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    key: str,
    on_main: bool,
    wrong: float,
    error: str,
) -> None:
    """It is refused, not rounded; and nothing is sent."""
    await advance(CYCLE)
    device = MAIN_DEVICE if on_main else inverters(entry)[0]
    with pytest.raises(ServiceValidationError) as caught:
        await use(hass, entry, "number.set_value", key, device, value=wrong)
    assert caught.value.translation_key == error
    assert not ecu.posts


@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_C}])
async def test_what_takes_minutes_holds_no_control_up(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """The lock of the ECU stays free while its history is asked for."""
    assert all(not action.alone for action in ACTIONS)
    hub = entry.runtime_data
    never = asyncio.Event()
    slow = hass.async_create_task(hub.command(never.wait, alone=ACTIONS[-1].alone))
    await asyncio.sleep(0)
    await use(hass, entry, "button.press", "all_off")
    assert ecu.posts[-1].path.endswith("/set_switch_all_off")
    never.set()
    await slow
