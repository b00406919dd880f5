"""What an openWB shows in Home Assistant."""

import asyncio
import json
from typing import Any, Final

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.openwb import driver
from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.components.sensor import SensorExtraStoredData
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_bytes

from ...harness.broker import Broker
from ...helpers import registered, set_up, shows, state, until
from ...simulators.openwb_simulator import OpenWbSimulator
from ...simulators.openwb_versions import Version
from .conftest import (
    BATTERY,
    CARPORT,
    GRID,
    MAIN,
    POINT,
    RETAINED,
    ROOF,
    VEHICLE,
    House,
    beat,
    openwb_entry,
    play,
)


@pytest.fixture
async def entry(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> MockConfigEntry:
    """Set up an entry at a broker that has the topics; openWB lives."""
    await play(device)
    made = openwb_entry(hass, broker)
    assert await set_up(hass, made)
    await until(lambda: state(hass, made, POINT, "power"))
    await beat(device)
    await shows(hass, made, MAIN, "connected", "on", "binary_sensor")
    await hass.async_block_till_done()
    return made


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "platform",
    ["sensor", "binary_sensor", "number", "select", "switch", "lock", "button"],
)
async def test_a_real_installation(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    platform: Platform,
    snapshot: SnapshotAssertion,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """All that the 331 topics bring."""
    registry = er.async_get(hass)
    items = [
        item
        for item in er.async_entries_for_config_entry(registry, entry.entry_id)
        if item.domain == platform
    ]
    for item in sorted(items, key=lambda item: item.entity_id):
        assert item == snapshot(name=f"{item.entity_id}-entry")
        assert hass.states.get(item.entity_id) == snapshot(name=item.entity_id)
    assert not [
        record
        for record in caplog.records
        if record.levelname == "WARNING" and "wattbus" in record.name
    ]


VALUES: Final = {
    (of, key): expected
    for of, key, expected in (
        (POINT, "power", 3460.0),
        (POINT, "imported", 13327.46),
        (POINT, "connected_chargemode", "pv_charging"),
        (POINT, "connected_vehicle_name", "Tesla3"),
        (POINT, "connected_vehicle_soc", 47.5),
        (POINT, "session_costs", 0.36),
        (POINT, "session_time_charged", 44.0),
        (POINT, "fault_state", "ok"),
        (POINT, "fault_str", "Kein Fehler."),
        (GRID, "power", -310.0),
        (ROOF, "power", 4420.0),
        (BATTERY, "soc", 55.0),
        (VEHICLE, "odometer", 14611.0),
        (MAIN, "pv_power", 4420.0),
        (MAIN, "home_consumption", 650.0),
        (MAIN, "version", "2.2.2"),
    )
}


async def test_values_are_shown(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    for (of, key), expected in VALUES.items():
        found = state(hass, entry, of, key)
        assert found, key
        if isinstance(expected, str):
            assert found.state == expected, key
        else:
            assert float(found.state) == pytest.approx(expected, rel=1e-4), key


async def test_devices_hang_where_the_hierarchy_has_them(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    main = registered(hass, entry, MAIN)
    grid = registered(hass, entry, GRID)
    assert (main.sw_version, main.serial_number) == ("2.2.2", "sn20074098")
    assert main.configuration_url == "http://192.168.1.123/"
    assert grid.via_device_id == main.id
    names = {}
    for device in (POINT, CARPORT, ROOF, BATTERY, DeviceKey("counter", "6")):
        found = registered(hass, entry, device)
        assert found.via_device_id == grid.id
        names[device.identifier] = found.name
    assert grid.name == "EVU-Zähler"
    assert names == {
        "charge_point|3": "Interne openWB",
        "charge_point|4": "Carport",
        "inverter|1": "PV Dach",
        "battery|2": "Hausspeicher",
        "counter|6": "Haus-Zähler",
    }
    car = registered(hass, entry, VEHICLE)
    assert (car.name, car.model) == ("Tesla3", "Tesla Model 3")
    assert car.via_device_id == main.id


async def test_something_new_appears_at_run_time(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    new = DeviceKey("charge_point", "9")
    await device.publish("openWB/chargepoint/9/get/power", "1200")
    await device.publish("openWB/chargepoint/9/config", '{"name": "Hof", "ev": 0}')
    await shows(hass, entry, new, "power", "1200")
    await until(lambda: registered(hass, entry, new).name == "Hof")


async def test_the_price_of_now_and_the_series_of_the_cards(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    await beat(device, 1767085300)
    price = await shows(hass, entry, MAIN, "electricity_price", "0.27")
    assert price.attributes["unit_of_measurement"] == "EUR/kWh"
    series = price.attributes["raw_today"]
    assert len(series) == 8
    assert series[0] == {
        "start": "2025-12-30T09:30+01:00",
        "end": "2025-12-30T09:45+01:00",
        "value": 0.25,
    }
    assert price.attributes["raw_tomorrow"] == []
    await beat(device, 1767086200)
    await shows(hass, entry, MAIN, "electricity_price", "0.28")


async def test_prices_that_are_no_more(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A price that is left standing would be taken for the one of now."""
    topic = "openWB/optional/ep/get/prices"
    await beat(device, 1767085300)
    for payload in ("", "null", "{}"):
        await device.publish(topic, dict(RETAINED)[topic], retain=True)
        await shows(hass, entry, MAIN, "electricity_price", "0.27")
        await device.publish(topic, payload, retain=True)
        price = await shows(hass, entry, MAIN, "electricity_price", STATE_UNKNOWN)
        series = (price.attributes["raw_today"], price.attributes["raw_tomorrow"])
        assert series == ([], []), payload


async def test_a_long_series_stays_below_16_kb(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    prices = {str(1767049200 + 900 * n): 0.000253 for n in range(192)}
    await device.publish("openWB/optional/ep/get/prices", json.dumps(prices))
    price = await shows(hass, entry, MAIN, "electricity_price", "0.253")
    assert len(price.attributes["raw_today"]) == 96
    assert len(price.attributes["raw_tomorrow"]) == 96
    assert len(json_bytes(dict(price.attributes))) < 16_384


async def test_a_number_that_is_a_select_now_leaves_the_registry(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    await play(device)
    entry = openwb_entry(hass, broker)
    registry = er.async_get(hass)
    old = registry.async_get_or_create(
        "number",
        DOMAIN,
        "entry|charge_point|3|pv_min_current",
        config_entry=entry,
    )
    assert await set_up(hass, entry)
    await beat(device)
    await until(lambda: state(hass, entry, POINT, "pv_min_current", "select"))
    assert not registry.async_get(old.entity_id)


# --- availability -------------------------------------------------------------------


async def test_what_the_broker_has_kept_does_not_live(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Only a time that goes on proves that openWB is there."""
    await play(device)
    entry = openwb_entry(hass, broker)
    assert await set_up(hass, entry)
    await shows(hass, entry, POINT, "power", STATE_UNAVAILABLE)
    await beat(device, 1767085070.896035)  # the same as before
    await asyncio.sleep(0.2)
    await shows(hass, entry, POINT, "power", STATE_UNAVAILABLE)
    await beat(device)
    await shows(hass, entry, POINT, "power", "3460")


async def test_an_openwb_whose_time_stops_is_unavailable(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "_PATIENCE", 0.02)  # of 10 s
    await house.simulator.cycle()
    await house.shows(POINT, "power", STATE_UNAVAILABLE)
    await house.shows(MAIN, "connected", "off", "binary_sensor")
    await house.simulator.cycle()
    await house.shows(MAIN, "connected", "on", "binary_sensor")
    found = house.state(POINT, "power")
    assert found
    assert found.state != STATE_UNAVAILABLE


async def test_a_lost_connection(house: House, broker: Broker) -> None:
    broker.stop()
    await house.shows(POINT, "power", STATE_UNAVAILABLE)


async def test_a_device_that_is_deleted_comes_back_when_it_speaks(
    hass: HomeAssistant, house: House, broker: Broker
) -> None:
    broker.stop()
    await house.shows(POINT, "power", STATE_UNAVAILABLE)
    hub: Any = house.entry.runtime_data
    assert hub.forget(POINT)
    assert POINT not in hub.devices


async def test_energy_does_not_step_back_over_a_restart(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """The broker has kept an older reading than Home Assistant has shown."""
    await play(device)
    entry = openwb_entry(hass, broker)
    er.async_get(hass).async_get_or_create(
        "sensor",
        DOMAIN,
        "entry|charge_point|3|imported",
        config_entry=entry,
        suggested_object_id="energy",
    )
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State("sensor.energy", "13400"),
                SensorExtraStoredData(13_400_000, "Wh").as_dict(),
            )
        ],
    )
    assert await set_up(hass, entry)
    await until(lambda: state(hass, entry, POINT, "power"))
    await beat(device)
    await shows(hass, entry, MAIN, "connected", "on", "binary_sensor")
    found = hass.states.get("sensor.energy")
    assert found
    assert float(found.state) >= 13_400


# --- versions -----------------------------------------------------------------------


@pytest.mark.parametrize("version", list(Version))
async def test_every_version_shows_its_values(
    house: House, version: Version, caplog: pytest.LogCaptureFixture
) -> None:
    await house.shows(MAIN, "version", str(version))
    for device, key in ((POINT, "power"), (GRID, "power"), (MAIN, "electricity_price")):
        assert house.state(device, key), (device, key)
    assert house.state(POINT, "charge_mode", "select")
    ignored = [record for record in caplog.records if "Ignored" in record.message]
    assert not ignored


async def test_any_root_topic(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenWbSimulator,
    device: aiomqtt.Client,
) -> None:
    entry = openwb_entry(hass, broker)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "root": "bridge/openWB"}
    )
    for topic, payload in (("config", '{"name": "Box"}'), ("get/power", "77")):
        await device.publish(
            f"bridge/openWB/chargepoint/3/{topic}", payload, retain=True
        )
    assert await set_up(hass, entry)
    await until(lambda: state(hass, entry, POINT, "power"))
    assert not state(hass, entry, CARPORT, "power")


async def test_a_charge_point_that_is_removed_may_be_deleted(
    house: House,
) -> None:
    hub = house.entry.runtime_data
    assert not hub.forget(CARPORT)
    await house.simulator.remove(r"chargepoint/4/.*")
    await house.shows(CARPORT, "power", "unavailable")
    assert hub.forget(CARPORT)


async def test_only_its_name_tells_that_a_charge_point_is_removed(
    house: House,
) -> None:
    """Any other topic may be deleted, before, after or without that."""
    hub = house.entry.runtime_data
    for _ in range(2):
        await house.simulator.remove(r"chargepoint/4/(get/power|set/rfid)")
        await house.shows(CARPORT, "power", STATE_UNKNOWN)
        assert not hub.forget(CARPORT)
        await house.simulator.put("chargepoint/4/get/power", 77)
        await house.shows(CARPORT, "power", "77")
    await house.simulator.remove("chargepoint/4/config")
    await house.shows(CARPORT, "power", STATE_UNAVAILABLE)
    await house.simulator.remove("chargepoint/4/get/power")
    await house.simulator.cycle()
    await house.hass.async_block_till_done()
    assert hub.forget(CARPORT)
