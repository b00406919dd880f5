"""What openWB's MQTT devices are told."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import feeds
from custom_components.wattbus.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

from ...harness.broker import Broker
from ...helpers import make_entry, set_up, shows, until
from ...simulators.openwb_simulator import OpenWbSimulator
from ...simulators.openwb_versions import Version
from .conftest import GRID, MAIN, START, openwb_entry

WATT = {"unit_of_measurement": "W"}
KWH = {"unit_of_measurement": "kWh"}
AMPERE = {"unit_of_measurement": "A"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feed more often than once in 2 s."""
    monkeypatch.setattr(feeds, "_EVERY", 0.05)
    monkeypatch.setattr(feeds, "_RETRY", 0.1)
    monkeypatch.setattr(feeds, "_GRACE", 0.3)


@pytest.fixture
async def fed(
    hass: HomeAssistant, broker: Broker, simulator: OpenWbSimulator
) -> AsyncGenerator[Any]:
    """Set up an entry that is fed from entities that the test names."""
    made: list[MockConfigEntry] = []

    async def feed(**options: Any) -> MockConfigEntry:
        entry = openwb_entry(hass, broker, **options)
        made.append(entry)
        assert await set_up(hass, entry)
        await simulator.cycle()
        await shows(hass, entry, MAIN, "connected", "on", "binary_sensor")
        return entry

    yield feed
    for entry in made:
        await hass.config_entries.async_unload(entry.entry_id)


async def received(simulator: OpenWbSimulator, topic: str, value: Any) -> None:
    """Wait until openWB was told something."""

    def told() -> bool:
        return any(
            (write.topic, write.value) == (topic, value) for write in simulator.accepted
        )

    try:
        await until(told, 3)
    except TimeoutError:
        pytest.fail(f"{topic} is not {value}: {simulator.accepted} {simulator.refused}")


async def test_the_grids_meter(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """In openWB's units, with its signs, all three phases at once."""
    hass.states.async_set("sensor.grid", "-1500.4", WATT)
    hass.states.async_set("sensor.imported", "4734.5", KWH)
    for phase, (power, current) in {
        "l1": (-500, 2.2),
        "l2": (100, 0.4),
        "l3": (0, 0),
    }.items():
        hass.states.async_set(f"sensor.power_{phase}", str(power), WATT)
        hass.states.async_set(f"sensor.current_{phase}", str(current), AMPERE)
    phases = {
        f"feed_grid_{what}_{phase}": f"sensor.{what}_{phase}"
        for what in ("power", "current")
        for phase in ("l1", "l2", "l3")
    }
    await fed(
        feed_grid_power="sensor.grid", feed_grid_imported="sensor.imported", **phases
    )
    await received(simulator, "mqtt/counter/0/get/power", -1500.4)
    await received(simulator, "mqtt/counter/0/get/imported", 4_734_500.0)
    await received(simulator, "mqtt/counter/0/get/powers", [-500.0, 100.0, 0.0])
    hass.states.async_set("sensor.current_l1", "2.3", AMPERE)
    # A current has the direction of its power.
    await received(simulator, "mqtt/counter/0/get/currents", [-2.3, 0.4, 0.0])
    assert not simulator.refused


async def test_inverter_battery_and_vehicle(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    hass.states.async_set("sensor.pv", "4.2", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.battery", "-700", WATT)
    hass.states.async_set("sensor.soc", "55", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.car", "14611", {"unit_of_measurement": "km"})
    await fed(
        feed_solar_power="sensor.pv",
        feed_home_battery_power="sensor.battery",
        feed_home_battery_soc="sensor.soc",
        feed_vehicle_soc="sensor.soc",
        feed_vehicle_odometer="sensor.car",
    )
    await received(simulator, "mqtt/pv/1/get/power", -4200.0)
    await received(simulator, "mqtt/bat/2/get/power", -700.0)
    await received(simulator, "mqtt/bat/2/get/soc", 55.0)
    await received(simulator, "mqtt/vehicle/1/get/soc", 55.0)
    await received(simulator, "mqtt/vehicle/1/get/odometer", 14611.0)


HOURS = 3600.0


async def test_an_old_charge_level_does_not_set_the_count_back(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """Of a car that reports seldom, openWB counts on while it charges.

    It reads what is retained every 5 minutes, and takes what has no time for news
    (openWB/core 2.2.2: modules/vehicles/mqtt/soc.py, CarState).
    """
    percent = {"unit_of_measurement": "%"}
    told, now = START - 3 * HOURS, START
    hass.states.async_set("sensor.soc", "55", percent, timestamp=told)
    await fed(feed_vehicle_soc="sensor.soc")
    await received(simulator, "mqtt/vehicle/1/get/soc", 55.0)
    await received(simulator, "mqtt/vehicle/1/get/soc_timestamp", told)
    await simulator.put("vehicle/1/get/soc", 63.5)
    await simulator.put("vehicle/1/get/soc_timestamp", int(now))
    for _ in range(3):
        await simulator.cycle()
        await asyncio.sleep(0.1)
    assert 63.5 <= simulator.model.store.get("vehicle/1/get/soc") < 64
    hass.states.async_set("sensor.soc", "64", percent, timestamp=now + HOURS)
    await received(simulator, "mqtt/vehicle/1/get/soc_timestamp", now + HOURS)
    await simulator.cycle()
    assert 64 <= simulator.model.store.get("vehicle/1/get/soc") < 64.2


async def test_a_phase_that_is_missing_is_no_0(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    hass.states.async_set("sensor.l1", "2", AMPERE)
    hass.states.async_set("sensor.l2", "unavailable", AMPERE)
    hass.states.async_set("sensor.grid", "5", WATT)
    await fed(
        feed_grid_power="sensor.grid",
        feed_grid_current_l1="sensor.l1",
        feed_grid_current_l2="sensor.l2",
        feed_grid_current_l3="sensor.l1",
    )
    await received(simulator, "mqtt/counter/0/get/power", 5.0)
    assert not [w for w in simulator.accepted if w.topic.endswith("currents")]


@pytest.mark.parametrize("version", [Version.V2_1_7])
async def test_up_to_2_1_7_devices_have_topics_of_their_own(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """Its modules read nothing else (setdata.py and modules/devices/generic/mqtt)."""
    hass.states.async_set("sensor.power", "5", WATT)
    hass.states.async_set("sensor.soc", "55", {"unit_of_measurement": "%"})
    hass.states.async_set("sensor.car", "200", {"unit_of_measurement": "km"})
    await fed(
        feed_grid_power="sensor.power",
        feed_solar_power="sensor.power",
        feed_home_battery_power="sensor.power",
        feed_home_battery_soc="sensor.soc",
        feed_vehicle_soc="sensor.soc",
        feed_vehicle_range="sensor.car",
        feed_vehicle_odometer="sensor.car",
    )
    await received(simulator, "counter/0/get/power", 5.0)
    await received(simulator, "pv/1/get/power", -5.0)
    await received(simulator, "bat/2/get/power", 5.0)
    await received(simulator, "bat/2/get/soc", 55.0)
    await received(simulator, "vehicle/1/get/soc", 55.0)
    await received(simulator, "vehicle/1/get/range", 200.0)
    issues = ir.async_get(hass)
    issue = await until(
        lambda: issues.async_get_issue(DOMAIN, "feed_failing_entry_vehicle_odometer")
    )
    assert (issue.translation_placeholders or {})["reason"] == (
        "This openWB does not have it: Odometer."
    )
    assert not simulator.refused


async def test_what_openwb_does_not_use_is_said(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """A power of more than twice the largest one, as of a meter that counts in kW.

    From 2.2.0 on openWB keeps the values that it had, and tells a fault of the counter
    (openWB/core, modules/common/utils/peak_filter.py). A fault that goes by is none.
    """
    issues = ir.async_get(hass)

    def issue() -> Any:
        return issues.async_get_issue(DOMAIN, "feed_ignored_entry_grid_power")

    hass.states.async_set("sensor.grid", "500", WATT)
    entry = await fed(feed_grid_power="sensor.grid")
    await received(simulator, "mqtt/counter/0/get/power", 500.0)
    await simulator.cycle()
    await shows(hass, entry, GRID, "power", "500")
    hass.states.async_set("sensor.grid", "60000", WATT)
    await received(simulator, "mqtt/counter/0/get/power", 60000.0)
    await simulator.cycle()
    await shows(hass, entry, GRID, "fault_state", "error")
    # It looks whenever there is something to send.
    hass.states.async_set("sensor.grid", "61000", WATT)
    await received(simulator, "mqtt/counter/0/get/power", 61000.0)
    assert not issue()
    await asyncio.sleep(0.3)
    hass.states.async_set("sensor.grid", "62000", WATT)
    said = (await until(issue)).translation_placeholders["reason"]
    assert said.startswith("openWB has a fault with what it is told: Peakfilter: Die ")
    await shows(hass, entry, GRID, "power", "500")
    hass.states.async_set("sensor.grid", "600", WATT)
    await received(simulator, "mqtt/counter/0/get/power", 600.0)
    await simulator.cycle()
    await shows(hass, entry, GRID, "power", "600")
    hass.states.async_set("sensor.grid", "601", WATT)
    await until(lambda: not issue())


async def test_an_energy_that_openwb_passes_over(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """It is null for a cycle, the first one and what rises too fast for openWB.

    (peak_filter.py of openWB/core 2.2.2 and modules/common/store/_counter.py)
    """
    hass.states.async_set("sensor.grid", "500", WATT)
    hass.states.async_set("sensor.in", "4734.3", KWH)
    hass.states.async_set("sensor.out", "900", KWH)
    entry = await fed(
        feed_grid_power="sensor.grid",
        feed_grid_imported="sensor.in",
        feed_grid_exported="sensor.out",
    )
    for topic, value in (("power", 500.0), ("exported", 900_000.0)):
        await received(simulator, f"mqtt/counter/0/get/{topic}", value)
    for energy, shown in (
        ("4734.3", "unknown"),
        ("4734.4", "4734.4"),
        ("4734.6", "unknown"),
        ("4734.6", "4734.6"),
    ):
        hass.states.async_set("sensor.in", energy, KWH)
        told = round(float(energy) * 1000, 1)
        await received(simulator, "mqtt/counter/0/get/imported", told)
        await simulator.cycle()
        await shows(hass, entry, GRID, "imported", shown)
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize("chosen", ["6", "0", "9"])
async def test_one_of_several(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator, chosen: str
) -> None:
    hass.states.async_set("sensor.grid", "5", WATT)
    await fed(feed_grid_power="sensor.grid", fed_counter=chosen)
    if chosen != "9":
        await received(simulator, f"mqtt/counter/{chosen}/get/power", 5.0)
        return
    issues = ir.async_get(hass)
    issue = await until(
        lambda: issues.async_get_issue(DOMAIN, "feed_failing_entry_grid_power")
    )
    assert (issue.translation_placeholders or {})["reason"] == (
        "openWB has no MQTT device with this number: Counter that is told, 9. "
        "Change it in the options."
    )


async def test_the_form_offers_meters_and_entities(
    hass: HomeAssistant, fed: Any
) -> None:
    entry = await fed()
    result = await hass.config_entries.options.async_init(entry.entry_id)
    given = {"feed_meter": "abc", "feed_grid_inverted": False}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"fed_counter": "6", "feeds": given}
    )
    await hass.async_block_till_done()
    assert entry.options["feed_meter"] == "abc"
    assert entry.options["fed_counter"] == "6"


async def test_a_meter_that_is_gone_feeds_nothing(
    fed: Any, simulator: OpenWbSimulator
) -> None:
    await fed(feed_meter="abc")
    assert not simulator.accepted


async def test_phases_turned_round(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """With the grid power that counts the other way, its phases do, too."""
    hass.states.async_set("sensor.power", "100", WATT)
    phases = {f"feed_grid_power_l{n}": "sensor.power" for n in (1, 2, 3)}
    await fed(feed_grid_inverted=True, **phases)
    await received(simulator, "mqtt/counter/0/get/powers", [-100.0] * 3)


async def test_an_em420_source_as_one_thing(
    hass: HomeAssistant, fed: Any, simulator: OpenWbSimulator
) -> None:
    """Its entities are found by what they show; one that is picked goes before."""
    other = make_entry(hass, {"family": "em420"}, entry_id="meter")
    meter = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={(DOMAIN, "meter|source|s0")}
    )
    registry = er.async_get(hass)
    for key, unit, value in (
        ("active_power", "W", "-800"),
        ("active_energy_+", "Wh", "4000"),
        *((f"current_L{n}", "A", str(n)) for n in (1, 2, 3)),
    ):
        entity = registry.async_get_or_create(
            "sensor",
            DOMAIN,
            f"meter|source|s0|{key}",
            config_entry=other,
            device_id=meter.id,
        )
        hass.states.async_set(entity.entity_id, value, {"unit_of_measurement": unit})
    hass.states.async_set("sensor.grid", "77", WATT)
    await fed(feed_meter=meter.id, feed_grid_power="sensor.grid")
    await received(simulator, "mqtt/counter/0/get/power", 77.0)
    await received(simulator, "mqtt/counter/0/get/imported", 4000.0)
    await received(simulator, "mqtt/counter/0/get/currents", [1.0, 2.0, 3.0])

    name = registry.async_get_entity_id(
        "sensor", DOMAIN, "meter|source|s0|active_energy_+"
    )
    assert name
    registry.async_update_entity(name, new_entity_id="sensor.total")
    hass.states.async_set("sensor.total", "5", KWH)
    await received(simulator, "mqtt/counter/0/get/imported", 5000.0)
