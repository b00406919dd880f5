"""The EM420 over MQTT, in Home Assistant, with a real broker."""

import asyncio
import json
import time
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...harness.broker import Broker
from ...helpers import entity_id, fixture, set_up, shows, state, until
from .conftest import CONFIG_TOPIC, TOPIC, mqtt_entry

METER = DeviceKey("source", "smart-meter")
S0 = DeviceKey("source", "s0")
S1 = DeviceKey("source", "s1")


def detailed(source: str = "s0", **values: Any) -> bytes:
    """Make a data message of the detailed format."""
    return json.dumps(
        {
            source: {
                "configuration_id": "0" * 40,
                "status": "STATUS_OK",
                "timestamp": {"seconds": int(time.time()), "nanos": 0},
                "values": values,
            }
        }
    ).encode()


def registered(
    hass: HomeAssistant, entry: MockConfigEntry, device: DeviceKey
) -> dr.DeviceEntry:
    """Give a device of the entry."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{entry.entry_id}|{device.identifier}"), entry.entry_id
    )
    assert found
    return found


# --- values -------------------------------------------------------------------------


async def test_real_record(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """The record of evcc issue 16765 gives what its reporter's meter showed."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, fixture("em420/smart_meter.json"))
    power = await shows(hass, entry, METER, "active_power_+", "6730.1")
    assert power.attributes["unit_of_measurement"] == "W"
    energy = await shows(hass, entry, METER, "active_energy_+", "124.5963")
    assert energy.attributes["unit_of_measurement"] == "kWh"
    assert energy.attributes["device_class"] == "energy"
    assert energy.attributes["state_class"] == "total_increasing"
    await shows(hass, entry, METER, "active_power", "6730.1")
    await shows(hass, entry, METER, "active_power_L1", "2248.8")


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("name", ["smart_meter", "flat", "data", "group_data"])
async def test_everything(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    snapshot: SnapshotAssertion,
    name: str,
) -> None:
    """All that a message brings, in either format."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, fixture(f"em420/{name}.json"))
    await until(lambda: len(hass.states.async_all("sensor")) > 2)
    await asyncio.sleep(0.1)
    registry = er.async_get(hass)
    for item in sorted(
        er.async_entries_for_config_entry(registry, entry.entry_id),
        key=lambda item: item.entity_id,
    ):
        assert item == snapshot(name=f"{item.entity_id}-entry")
        assert hass.states.get(item.entity_id) == snapshot(name=item.entity_id)


async def test_enabled_is_what_most_people_look_at(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Of the meter's values, those of power, energy, current, voltage, frequency."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, fixture("em420/smart_meter.json"))
    await until(lambda: state(hass, entry, METER, "active_power"))
    items = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    enabled = {
        item.unique_id.rpartition("|")[2] for item in items if not item.disabled_by
    }
    assert len(items) > 59
    assert {key.split("_+")[0].split("_-")[0].split("_L")[0] for key in enabled} == {
        "active_power",
        "active_energy",
        "current",
        "voltage",
        "supply_frequency",
        "status",
        "connected",
    }


async def test_flat_and_detailed_in_turn(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """The format is switched on the device; nothing has to be told to Wattbus."""
    assert await set_up(hass, entry)
    await device.publish(
        TOPIC, b'{"s0": {"active_power_+_L2": 1500, "status": 1, "timestamp": 1}}'
    )
    await shows(hass, entry, S0, "active_power_+_L2", "1.5")
    await device.publish(TOPIC, detailed(**{"active_power_+_L2": 2500}))
    await shows(hass, entry, S0, "active_power_+_L2", "2.5")


async def test_net_power(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Import minus export; import alone where there is no export."""
    assert await set_up(hass, entry)
    await device.publish(
        TOPIC, detailed(**{"active_power_+": 0, "active_power_-": 1_234_500})
    )
    await shows(hass, entry, S0, "active_power", "-1234.5")
    await device.publish(TOPIC, detailed("s1", **{"active_power_+_L2": 700}))
    await shows(hass, entry, S1, "active_power_L2", "0.7")


async def test_null_is_not_a_value(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """The device's own sample brings no entity; a null later is unknown."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, fixture("em420/sample_null.json"))
    await device.publish(TOPIC, detailed("s1", voltage_L2=230_000))
    await shows(hass, entry, S1, "voltage_L2", "230.0")
    assert state(hass, entry, METER, "voltage_L1") is None
    await device.publish(TOPIC, detailed("s1", voltage_L2=None))
    await shows(hass, entry, S1, "voltage_L2", STATE_UNKNOWN)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_unknown_key_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A value that no table knows becomes a diagnostic sensor."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed(harmonic_7=42))
    shown = await shows(hass, entry, S0, "harmonic_7", "42")
    assert "harmonic_7" in shown.name
    item = er.async_get(hass).async_get(shown.entity_id)
    assert item
    assert item.entity_category == "diagnostic"


async def test_status(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Numbers and names mean the same."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, b'{"s0": {"current_L1": 5, "status": 3}}')
    await shows(hass, entry, S0, "status", "error")
    await device.publish(
        TOPIC, b'{"s0": {"configuration_id": "a", "status": "STATUS_OK", "values": {}}}'
    )
    await shows(hass, entry, S0, "status", "ok")


# --- devices ------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["configuration", "data"])
async def test_devices_in_either_order(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client, first: str
) -> None:
    """Configuration and data may come in any order; the names are the labels."""
    assert await set_up(hass, entry)
    messages = [
        (CONFIG_TOPIC, fixture("em420/configuration.json")),
        (TOPIC, fixture("em420/data.json")),
    ]
    for topic, payload in messages if first == "configuration" else messages[::-1]:
        await device.publish(topic, payload)
    await until(lambda: state(hass, entry, S0, "voltage_L2"))
    await until(lambda: registered(hass, entry, S0).name == "Sensor s023432")
    manager = registered(hass, entry, MAIN_DEVICE)
    source = registered(hass, entry, S0)
    assert manager.model == "EM420"
    assert source.manufacturer == "TQ-Systems"
    assert source.serial_number == "9C.B7.0D.59.6F.55.00"
    assert source.via_device_id == manager.id


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_group(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A group tells what it sums."""
    assert await set_up(hass, entry)
    configuration = json.loads(fixture("em420/group_configuration.json"))
    (group,) = (
        source
        for source, record in configuration.items()
        if record["configuration"]["sources"]
    )
    members = configuration[group]["configuration"]["sources"]
    await device.publish(CONFIG_TOPIC, json.dumps(configuration))
    await device.publish(TOPIC, fixture("em420/group_data.json"))
    labels = [
        configuration[member]["configuration"]["label"]
        if member in configuration
        else member
        for member in members
    ]
    await shows(hass, entry, DeviceKey("source", group), "members", ", ".join(labels))


async def test_renamed_at_run_time(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A new configuration renames the device, but not what the user named."""
    assert await set_up(hass, entry)
    configuration = json.loads(fixture("em420/configuration.json"))
    await device.publish(CONFIG_TOPIC, json.dumps(configuration))
    await until(lambda: S1 in entry.runtime_data.devices)
    dr.async_get(hass).async_update_device(
        registered(hass, entry, S1).id, name_by_user="Mine"
    )
    for source in configuration.values():
        source["id"] = "f" * 40
        source["configuration"]["label"] = "Oven"
    await device.publish(CONFIG_TOPIC, json.dumps(configuration))
    await until(lambda: registered(hass, entry, S0).name == "Oven")
    assert registered(hass, entry, S1).name_by_user == "Mine"


async def test_configuration_survives_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """The device may send its configuration only once: a unit in it is remembered."""
    assert await set_up(hass, entry)
    configuration = {
        "s0": {
            "id": "1" * 40,
            "configuration": {
                "class": "CLASS_PRODUCER",
                "devicetype": "DEVICE_TYPE_HEAT_PUMP",
                "label": "Heat pump",
                "sources": None,
                "meta": {},
                "values": {
                    "active_power_+": {"obis_code": "1-0:1.4.0*255", "unit": "W"}
                },
            },
        }
    }
    await device.publish(CONFIG_TOPIC, json.dumps(configuration))
    await until(lambda: S0 in entry.runtime_data.devices)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert registered(hass, entry, S0).name == "Heat pump"
    assert registered(hass, entry, S0).model == "Heat pump"
    payload = detailed(**{"active_power_+": 7}).replace(b"0" * 40, b"1" * 40)
    await device.publish(TOPIC, payload)
    await shows(hass, entry, S0, "active_power_+", "7.0")


async def test_topics_with_wildcards(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Several topics with one source each, named by a wildcard."""
    entry = mqtt_entry(hass, broker, topics=["house/+/em420"], config_topics=[])
    assert await set_up(hass, entry)
    await device.publish("house/a/em420", detailed("s0", voltage_L1=231_000))
    await device.publish("house/b/em420", detailed("s1", voltage_L1=232_000))
    await shows(hass, entry, S0, "voltage_L1", "231.0")
    await shows(hass, entry, S1, "voltage_L1", "232.0")


async def test_two_sources_on_one_topic(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Sources with the same topic text send one after the other: none is lost."""
    assert await set_up(hass, entry)
    for volts in range(230, 240):
        await device.publish(TOPIC, detailed("s0", voltage_L1=volts * 1000))
        await device.publish(TOPIC, detailed("s1", voltage_L1=volts * 1000 + 500))
    await shows(hass, entry, S0, "voltage_L1", "239.0")
    await shows(hass, entry, S1, "voltage_L1", "239.5")


# --- energy never steps back --------------------------------------------------------


async def test_energy_ignores_a_glitch(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A zero, or a step back, in between is not shown."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed(**{"active_energy_+": 5_000_000}))
    await shows(hass, entry, S0, "active_energy_+", "5.0")
    for glitch in (0, 4_999_000):
        await device.publish(
            TOPIC, detailed(**{"active_energy_+": glitch, "voltage_L1": glitch + 1000})
        )
        await shows(hass, entry, S0, "voltage_L1", str((glitch + 1000) / 1000))
        assert state(hass, entry, S0, "active_energy_+").state == "5.0"
    await device.publish(TOPIC, detailed(**{"active_energy_+": 5_001_000}))
    await shows(hass, entry, S0, "active_energy_+", "5.001")


async def test_energy_ignores_a_zero_at_start(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """The first message after a restart is guarded by what was shown before."""
    registry = er.async_get(hass)
    known = registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.entry_id}|{S0.identifier}|active_energy_+",
        config_entry=entry,
    )
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(known.entity_id, "5.0"),
                {"native_value": 5000.0, "native_unit_of_measurement": "Wh"},
            )
        ],
    )
    assert await set_up(hass, entry)
    assert hass.states.get(known.entity_id).state == STATE_UNAVAILABLE
    await device.publish(TOPIC, detailed(**{"active_energy_+": 0}))
    await shows(hass, entry, S0, "active_energy_+", "5000.0")


# --- availability -------------------------------------------------------------------


async def test_old_retained_message_does_not_make_available(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A retained message counts by its own time stamp, not by its arrival."""
    old = json.loads(detailed("s0", voltage_L1=230_000))
    old["s0"]["timestamp"]["seconds"] -= 3600
    fresh = json.loads(detailed("s1", voltage_L1=231_000))
    fresh["s1"]["timestamp"]["seconds"] -= 60
    await device.publish(f"{TOPIC}", json.dumps(old | fresh), retain=True)
    assert await set_up(hass, entry)
    await shows(hass, entry, S1, "voltage_L1", "231.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")


async def test_silence(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A source that stops is unavailable after three of its intervals."""
    monkeypatch.setattr("custom_components.wattbus.freshness._SHORTEST", 0.3)
    assert await set_up(hass, entry)
    for volts in (230, 231, 232):
        await device.publish(TOPIC, detailed("s0", voltage_L1=volts * 1000))
        await asyncio.sleep(0.05)
    await shows(hass, entry, S0, "voltage_L1", "232.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await device.publish(TOPIC, detailed("s0", voltage_L1=232_000))
    await shows(hass, entry, S0, "voltage_L1", "232.0")


async def test_equal_payloads_are_signs_of_life(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A device whose values stand still is not a silent one."""
    monkeypatch.setattr("custom_components.wattbus.freshness._SHORTEST", 0.3)
    assert await set_up(hass, entry)
    for _ in range(8):
        await device.publish(TOPIC, b'{"s0": {"voltage_L1": 230000, "status": 1}}')
        await asyncio.sleep(0.1)
    assert state(hass, entry, S0, "voltage_L1").state == "230.0"


async def test_patience_option(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Until the interval is known, the option counts."""
    entry = mqtt_entry(hass, broker, options={"patience": 60})
    old = json.loads(detailed("s0", voltage_L1=230_000))
    old["s0"]["timestamp"]["seconds"] -= 1800
    await device.publish(TOPIC, json.dumps(old), retain=True)
    assert await set_up(hass, entry)
    await shows(hass, entry, S0, "voltage_L1", "230.0")


async def test_broker_away_at_start(
    hass: HomeAssistant, entry: MockConfigEntry, broker: Broker
) -> None:
    """The entry retries by itself."""
    broker.stop()
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "refused"
    broker.start()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_broker_restarted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Away: unavailable; back: available again by itself; one line each way."""
    monkeypatch.setattr(
        "custom_components.wattbus.transports.mqtt.broker.FIRST_PAUSE", 0.05
    )
    assert await set_up(hass, entry)
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    await asyncio.to_thread(broker.stop)
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    await asyncio.sleep(0.3)
    await asyncio.to_thread(broker.start)
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    assert state(hass, entry, S0, "voltage_L1").state == STATE_UNAVAILABLE
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    lines = [
        record.levelname
        for record in caplog.records
        if record.name == "custom_components.wattbus" and record.levelno >= 20
    ]
    assert lines == ["WARNING", "INFO"]


# --- bad input ----------------------------------------------------------------------

HOSTILE = {
    "not UTF-8": b"\xff\xfe{}",
    "not JSON": b"{'s0': 1}",
    "an array": b"[1, 2]",
    "a number": b"7",
    "the wrong shape": b'{"s0": {"values": [1]}}',
    "a number as text": b'{"s0": {"voltage_L1": "230000"}}',
    "NaN": b'{"s0": {"voltage_L1": NaN}}',
    "too large a number": b'{"s0": {"voltage_L1": 1e400}}',
    "nested": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "a megabyte of keys": b"{"
    + b",".join(b'"key%06d": {"status": 1}' % i for i in range(60_000))
    + b"}",
    "a long source id": b'{"' + b"s" * 10_000 + b'": {"status": 1}}',
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
async def test_bad_input(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    caplog: pytest.LogCaptureFixture,
    payload: bytes,
) -> None:
    """One throttled warning with topic and reason; the last good state stays."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    devices = len(entry.runtime_data.devices)
    await device.publish(TOPIC, payload)
    await device.publish(TOPIC, payload + b" ")
    await device.publish(TOPIC, detailed("s1", voltage_L1=231_000))
    await shows(hass, entry, S1, "voltage_L1", "231.0")
    assert state(hass, entry, S0, "voltage_L1").state == "230.0"
    assert len(entry.runtime_data.devices) == devices + 1
    warnings = [
        record.getMessage()
        for record in caplog.records
        if record.levelname == "WARNING" and record.name == "custom_components.wattbus"
    ]
    assert len(warnings) == 1
    assert TOPIC in warnings[0]
    assert len(warnings[0]) < 400


# --- the end ------------------------------------------------------------------------


async def test_gone_source_can_be_deleted(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A source that does not speak any more may go; one that does may not."""
    old = json.loads(detailed("s0", voltage_L1=230_000))
    old["s0"]["timestamp"]["seconds"] -= 3600
    await device.publish(TOPIC, json.dumps(old), retain=True)
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed("s1", voltage_L1=231_000))
    await shows(hass, entry, S1, "voltage_L1", "231.0")
    hub = entry.runtime_data
    assert hub.forget(S0)
    assert not hub.forget(S1)
    assert not hub.forget(MAIN_DEVICE)


async def test_removed_entry_leaves_no_store(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    hass_storage: dict[str, Any],
) -> None:
    """What was remembered goes with the entry."""
    assert await set_up(hass, entry)
    await device.publish(CONFIG_TOPIC, fixture("em420/configuration.json"))
    await until(lambda: S0 in entry.runtime_data.devices)
    await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: f"wattbus.{entry.entry_id}" in hass_storage)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert f"wattbus.{entry.entry_id}" not in hass_storage
    assert entity_id(hass, entry, S0, "status") is None
