"""What an EM420's values become in Home Assistant."""

import asyncio
import json
import time

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus.const import DOMAIN
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ...helpers import fixture, set_up, shows, state, until
from ...simulators.em420_model import Em420
from .conftest import METER, S0, S1, TOPIC, detailed

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


async def test_status_error(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Values of a source in error are old, unless their time goes on.

    gdr.proto (github.com/tq-systems/em-gdr) of STATUS_ERROR: "data source did not
    update, maybe broken".
    """
    assert await set_up(hass, entry)
    model = Em420(2, start=time.time())
    power = "active_power_+_L1"
    await device.publish(TOPIC, model.data("s0", "s1"))
    await until(lambda: state(hass, entry, S0, power))
    model.breaks("s0")
    model.step(5)
    await device.publish(TOPIC, model.data("s0", "s1"))
    await shows(hass, entry, S0, power, STATE_UNKNOWN)
    await shows(hass, entry, S0, "active_energy_+_L1", STATE_UNKNOWN)
    await shows(hass, entry, S0, "active_power_L1", STATE_UNKNOWN)
    await shows(hass, entry, S0, "status", "error")
    assert state(hass, entry, S1, "active_power_+_L2").state != STATE_UNKNOWN
    # It says so, and measures all the same.
    late = json.loads(model.data("s0"))
    late["s0"]["timestamp"]["seconds"] += 5
    await device.publish(TOPIC, json.dumps(late))
    await until(lambda: state(hass, entry, S0, power).state != STATE_UNKNOWN)
    # The same again has the same time: now it stands still.
    await device.publish(TOPIC, json.dumps(late))
    await shows(hass, entry, S0, power, STATE_UNKNOWN)
    model.mends("s0")
    model.step(10)
    await device.publish(TOPIC, model.data("s0"))
    await until(lambda: state(hass, entry, S0, power).state != STATE_UNKNOWN)
    await shows(hass, entry, S0, "status", "ok")


async def test_status_error_from_the_start(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A first message in error has no current values, in the simplified format too."""
    assert await set_up(hass, entry)
    model = Em420(1, start=time.time(), flat=True)
    model.breaks("s0")
    await device.publish(TOPIC, model.data("s0"))
    await shows(hass, entry, S0, "status", "error")
    assert state(hass, entry, S0, "active_power_+_L1") is None
    model.mends("s0")
    model.step(5)
    await device.publish(TOPIC, model.data("s0"))
    await until(lambda: state(hass, entry, S0, "active_power_+_L1"))


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
