"""An openWB 2.3: what it has moved, added and taken away; and the way to it.

openWB/core: #3812 (branch feature_move_feed_in_limit, `upgrade_datastore_140`), the branch
feature_loadmanagement_prio_list (141) and #3940 (branch feature_consumer, 142).
"""

import asyncio
import copy
from typing import Any

import pytest

from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.protocols.openwb import Kind
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ...helpers import registered, until
from ...simulators.openwb_retained import upgrade
from ...simulators.openwb_versions import MODES, MOVED, Version
from .conftest import CARPORT, CONSUMER, GRID, MAIN, POINT, VEHICLE, House
from .test_actions import plans, run

_TOPIC = "chargepoint/3/set/charge_template"
_PRIOS = "counter/get/loadmanagement_prios"
newest = pytest.mark.parametrize("version", [Version.V2_3_0])


def _current(house: House) -> Any:
    template = house.simulator.value(_TOPIC)
    return template["chargemode"]["instant_charging"]["current"]


@newest
async def test_a_template_without_a_feed_in_limit_is_changed(house: House) -> None:
    """Which members a template has is openWB's own matter; none is lost."""
    before = house.simulator.value(_TOPIC)
    assert "feed_in_limit" not in before["chargemode"]["pv_charging"]
    await house.act(POINT, "number", "instant_current", 11)
    after = house.simulator.value(_TOPIC)
    assert _current(house) == 11
    after["chargemode"]["instant_charging"]["current"] = 16
    assert after == before
    assert not house.simulator.broken
    assert not house.state(POINT, "priority", "switch")
    assert not house.state(POINT, "pv_feed_in_limit", "switch")


@newest
async def test_a_time_plan_that_knows_the_home_battery(house: House) -> None:
    await run(house, "set_time_plan", name="Nacht", min_bat_soc=40)
    assert plans(house, "time")[-1]["min_bat_soc"] == 40
    await run(house, "set_time_plan", name="Nacht", min_bat_soc=None)
    assert plans(house, "time")[-1]["min_bat_soc"] is None
    await run(house, "set_time_plan", name="Tag", current=8)
    assert plans(house, "time")[-1]["min_bat_soc"] is None
    assert not house.simulator.broken


async def test_an_earlier_time_plan_does_not(house: House) -> None:
    with pytest.raises(ServiceValidationError, match="Home battery charge level"):
        await run(house, "set_time_plan", name="Nacht", min_bat_soc=40)
    assert not house.simulator.accepted


@newest
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_consumer(hass: HomeAssistant, house: House) -> None:
    """It is a device below the grid's counter, with its name and its values."""
    device = registered(hass, house.entry, CONSUMER)
    assert (device.name, device.model) == ("Heizstab", "AC-Thor 9s")
    assert device.via_device_id == registered(hass, house.entry, GRID).id
    for key, expected in {
        "power": "700",
        "power_L1": "700",
        "set_power": "1500",
        "imported": "12.0",
        "daily_imported": "0.3",
        "state_str": "Verbraucher wird mit PV-Überschuss betrieben.",
        "chargemode": "pv_charging",
        "usage": "suspendable_tunable",
        "temperature_1": "52.5",
        "fault_state": "ok",
        "max_power": "3000",
    }.items():
        await house.shows(CONSUMER, key, expected)
    await house.shows(CONSUMER, "state", "on", "binary_sensor")
    await house.shows(MAIN, "consumer_power", "700")
    assert not house.state(CONSUMER, "current_L1")
    assert not house.state(CONSUMER, "frequency")


@newest
async def test_a_consumer_that_is_deleted(house: House) -> None:
    await house.simulator.remove("consumer/8/.*")
    await house.shows(CONSUMER, "power", "unavailable")


@newest
async def test_places_in_the_order_of_charging(house: House) -> None:
    """Groups share a place; who is moved leaves its group, the others stay."""
    await house.shows(VEHICLE, "priority_rank", "2", "number")
    car0, car1 = {"type": "vehicle", "id": 0}, {"type": "vehicle", "id": 1}
    rod = {"type": "consumer", "id": 8}
    odd = {"type": "tariff", "id": "x"}
    group = {"type": "group", "children": [car1, rod, 5], "name": "Zusammen"}
    await house.simulator.put(_PRIOS, [odd, group, car0, 7])
    for device in (VEHICLE, CONSUMER):
        await house.shows(device, "priority_rank", "2", "number")
    await house.shows(DeviceKey("vehicle", "0"), "priority_rank", "3", "number")
    await house.act(VEHICLE, "number", "priority_rank", 1)
    left = {**group, "children": [rod, 5]}
    assert house.simulator.value(_PRIOS) == [car1, odd, left, car0, 7]
    await house.shows(CONSUMER, "priority_rank", "3", "number")
    await house.act(CONSUMER, "number", "priority_rank", 5)
    left = {**group, "children": [5]}
    assert house.simulator.value(_PRIOS) == [car1, odd, left, car0, rod, 7]
    await house.simulator.put(_PRIOS, [car0])
    await house.shows(VEHICLE, "priority_rank", "unknown", "number")
    with pytest.raises(ServiceValidationError):
        await house.act(VEHICLE, "number", "priority_rank", 1)
    house.simulator.drop_writes()
    await house.simulator.put(_PRIOS, [car0, car1])
    await house.shows(VEHICLE, "priority_rank", "2", "number")
    with pytest.raises(HomeAssistantError) as caught:
        await house.act(VEHICLE, "number", "priority_rank", 1)
    assert caught.value.translation_key == "openwb_not_accepted"


@newest
async def test_two_are_moved_at_once(house: House) -> None:
    """The list is written as a whole: each is made on what the other has written."""
    driver = house.entry.runtime_data.driver
    await asyncio.gather(
        driver.commands.set_rank(Kind.CONSUMER, 8, 1),
        driver.commands.set_rank(Kind.VEHICLE, 0, 3),
    )
    assert house.simulator.value(_PRIOS) == [
        {"type": "consumer", "id": 8},
        {"type": "vehicle", "id": 1},
        {"type": "vehicle", "id": 0},
    ]


async def test_two_charge_points_with_one_template(house: House) -> None:
    """Changed at once, with lasting changes: both arrive."""
    await house.act(CARPORT, "select", "vehicle", "Tesla3")
    driver = house.entry.runtime_data.driver
    await until(lambda: driver.state.templates.sharing() == [3, 4])
    await asyncio.gather(
        driver.commands.change(driver.commands.place(POINT), {"instant_current": 11}),
        driver.commands.change(driver.commands.place(CARPORT), {"eco_current": 9}),
    )
    for topic in (_TOPIC, "vehicle/template/charge_template/0"):
        modes = house.simulator.value(topic)["chargemode"]
        assert modes["instant_charging"]["current"] == 11
        assert modes["eco_charging"]["current"] == 9


async def test_an_update_to_2_3_while_home_assistant_runs(house: House) -> None:
    """Settings are found where they are now; nothing has to be set up anew."""
    await house.shows(POINT, "priority", "off", "switch")
    store = house.simulator.model.store
    values = copy.deepcopy(store.values)
    upgrade(values)
    for topic, value in values.items():
        if "template" in topic or topic not in store.values or topic == _PRIOS:
            store.set(topic, value)
    for name, place in (
        *MOVED.items(),
        ("phase_switch_delay", "surplus/vehicle/phase_switch_delay"),
    ):
        old = f"{MODES}pv_charging/{name}"
        if old in store.values:
            store.set(MODES + place, store.values[old])
            store.remove(old)
    store.set("system/datastore_version", list(range(142)))
    store.set("system/version", "2.3.0")
    house.simulator.model.become(Version.V2_3_0)
    await house.simulator.flush()
    await house.shows(MAIN, "feed_in_limit", "off", "switch")
    await house.shows(POINT, "priority", "unknown", "switch")
    await house.shows(POINT, "pv_feed_in_limit", "unknown", "switch")
    await house.act(MAIN, "number", "min_bat_soc", 33)
    assert house.simulator.value(f"{MODES}bat/min_soc") == 33
    await house.act(MAIN, "number", "phase_switch_delay", 9)
    assert house.simulator.value(f"{MODES}surplus/vehicle/phase_switch_delay") == 9
    await house.act(POINT, "number", "instant_current", 11)
    assert _current(house) == 11
    with pytest.raises(ServiceValidationError):
        await house.act(POINT, "switch", "priority", True)
    assert not house.simulator.refused


async def test_an_update_that_reaches_one_template_after_the_other(
    house: House,
) -> None:
    """A member that only those have which are still to come was not lost.

    (upgrade_datastore_140 in helpermodules/update_config.py, openWB/core #3812)
    """
    template = house.simulator.value(_TOPIC)
    del template["chargemode"]["pv_charging"]["feed_in_limit"]
    await house.simulator.put("system/version", "2.3.0-alpha.1")
    await house.simulator.put(_TOPIC, template)
    templates = house.entry.runtime_data.driver.state.templates
    await until(lambda: templates.own[3] == template)
    await house.act(POINT, "number", "instant_current", 11)
    assert _current(house) == 11


async def test_what_all_templates_lack_is_not_lost(house: House) -> None:
    """OpenWB writes a template anew when a vehicle leaves: without what it has dropped."""
    for point in (3, 4):
        template = house.simulator.value(f"chargepoint/{point}/set/charge_template")
        number = template["id"]
        del template["chargemode"]["pv_charging"]["feed_in_limit"]
        for topic in (
            f"vehicle/template/charge_template/{number}",
            f"chargepoint/{point}/set/charge_template",
        ):
            await house.simulator.put(topic, copy.deepcopy(template))
    await house.shows(CARPORT, "pv_feed_in_limit", "unknown", "switch")
    await house.act(POINT, "number", "instant_current", 11)
    assert _current(house) == 11


@pytest.mark.parametrize(
    ("version", "least", "most"),
    [
        (Version.V2_1_7, 5, 20),
        (Version.V2_1_8, 5, 60),
        (Version.V2_1_9, 5, 60),
        (Version.V2_2_2, 5, 180),
        (Version.V2_3_0, 5, 180),
    ],
)
async def test_the_range_of_the_phase_switch_delay(
    house: House, least: int, most: int
) -> None:
    await house.shows(MAIN, "phase_switch_delay", "7", "number")
    shown = house.state(MAIN, "phase_switch_delay", "number")
    assert shown
    assert (shown.attributes["min"], shown.attributes["max"]) == (least, most)
    for value in (least, most):
        await house.act(MAIN, "number", "phase_switch_delay", value)
    with pytest.raises(ServiceValidationError):
        await house.act(MAIN, "number", "phase_switch_delay", most + 1)
    assert not house.simulator.refused


@pytest.mark.parametrize("version", [Version.V2_1_7, Version.V2_2_2])
async def test_a_template_that_no_charge_point_uses(house: House) -> None:
    """That of a vehicle which is away: its lasting template is changed."""
    await house.simulator.put("vehicle/1/charge_template", 5)
    spare = {**house.simulator.value("vehicle/template/charge_template/0")}
    spare |= {"name": "Urlaub"} | ({"id": 5} if "id" in spare else {})
    await house.simulator.put("vehicle/template/charge_template/5", spare)
    driver = house.entry.runtime_data.driver
    await until(lambda: 5 in driver.state.templates.lasting)
    partial = {"chargemode": {"instant_charging": {"current": 12}}}
    answer = await run(house, "update_charge_template", VEHICLE, template=partial)
    assert answer["template"]["chargemode"]["instant_charging"]["current"] == 12
    stored = house.simulator.value("vehicle/template/charge_template/5")
    assert stored["chargemode"]["instant_charging"]["current"] == 12
    await run(house, "set_schedule_plan", VEHICLE, name="Früh", time="05:00")
    await run(house, "remove_schedule_plan", VEHICLE, name="Früh")
    assert not house.simulator.refused


@pytest.mark.parametrize("number", [None, 99])
async def test_a_vehicle_without_a_template(house: House, number: int | None) -> None:
    await house.simulator.put("vehicle/1/charge_template", number)
    driver = house.entry.runtime_data.driver
    await until(lambda: driver.commands.place(VEHICLE)[1] == number)
    with pytest.raises(HomeAssistantError) as caught:
        await run(house, "update_charge_template", VEHICLE, template={"prio": True})
    assert caught.value.translation_key == "openwb_without"


async def test_a_charge_level_that_could_not_be_read(house: House) -> None:
    """OpenWB tells 0 % after three times (openWB/core, modules/update_soc.py)."""
    levels = ((VEHICLE, "soc"), (POINT, "connected_vehicle_soc"))
    await house.simulator.unplug(3)
    house.simulator.model.vehicles.failures[1] = 0
    for _ in range(4):
        await house.simulator.cycle()
    await house.shows(VEHICLE, "fault_state", "error")
    assert house.simulator.value("vehicle/1/get/soc") == 0
    for device, key in levels:
        await house.shows(device, key, "unknown")
    # The fault goes before the level comes, or the other way round.
    await house.simulator.put("vehicle/1/get/fault_state", 0)
    await house.shows(VEHICLE, "soc", "0.0")
    await house.simulator.put("vehicle/1/get/fault_state", 2)
    await house.shows(VEHICLE, "soc", "unknown")


async def test_a_vehicle_whose_charge_level_nobody_reads(house: House) -> None:
    """OpenWB tells 0 % and 0 km then (`soc_module/config` with the type null)."""
    await house.shows(POINT, "connected_vehicle_soc", "47.5")
    await house.simulator.put("vehicle/1/soc_module/config", {"type": None})
    await house.simulator.put("vehicle/1/get/soc", 0)
    await house.simulator.put(
        "chargepoint/3/get/connected_vehicle/soc",
        {"soc": 0, "range": 0, "range_charged": 8.2, "timestamp": None},
    )
    for device, key in (
        (POINT, "connected_vehicle_soc"),
        (POINT, "connected_vehicle_range"),
        (VEHICLE, "soc"),
        (VEHICLE, "range"),
    ):
        await house.shows(device, key, "unknown")
    await house.shows(POINT, "range_charged", "8.2")
    await house.simulator.put("vehicle/1/soc_module/config", {"type": "mqtt"})
    await house.shows(VEHICLE, "soc", "0.0")
    await house.shows(POINT, "connected_vehicle_soc", "0.0")


async def test_a_charge_level_by_hand_stays(house: House) -> None:
    """OpenWB empties `manual_soc` a cycle after it was set (configurable_vehicle.py)."""
    await house.simulator.put("vehicle/1/soc_module/config", {"type": "manual"})
    await house.shows(VEHICLE, "manual_soc", "unknown", "number")
    await house.act(VEHICLE, "number", "manual_soc", 63)
    await house.simulator.cycle()
    state = house.simulator.value("vehicle/1/soc_module/calculated_soc_state")
    assert state["manual_soc"] is None
    await house.shows(VEHICLE, "soc", "63.0")
    await house.shows(VEHICLE, "manual_soc", "63", "number")
    await house.act(VEHICLE, "number", "manual_soc", 63)
    await house.simulator.cycle()
    assert await house.hass.config_entries.async_reload("entry")
    await house.simulator.cycle()
    await house.shows(VEHICLE, "manual_soc", "63", "number")


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    ("version", "least", "most"), [(Version.V2_1_7, 4, 300), (Version.V2_2_2, 0, 500)]
)
async def test_the_range_of_a_dc_current(house: House, least: int, most: int) -> None:
    shown = house.state(POINT, "instant_dc_current", "number")
    assert shown
    assert (shown.attributes["min"], shown.attributes["max"]) == (least, most)


async def test_a_charge_level_by_hand_is_set_from_2_1_2_on(house: House) -> None:
    told = house.entry.runtime_data.driver.state.told
    await house.simulator.put("system/version", "2.1.1")
    await house.simulator.put("vehicle/1/soc_module/config", {"type": "manual"})
    await until(lambda: told.value(Kind.VEHICLE, "soc_module", 1) == "manual")
    await house.hass.async_block_till_done()
    assert not house.state(VEHICLE, "manual_soc", "number")
    await house.simulator.put("system/version", "2.1.2")
    await house.shows(VEHICLE, "manual_soc", "unknown", "number")
