"""An EM420's sources as devices: named, grouped, remembered, deleted."""

import json
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ...helpers import entity_id, fixture, registered, set_up, shows, state, until
from ...simulators.em420_model import Em420
from .conftest import CONFIG_TOPIC, S0, S1, TOPIC, detailed


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


async def test_group_follows_names(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """*Sum of* has the members' names of now.

    Each source may have its own topic for the configuration (TQ document 1.1.2): a
    group's may come before its members', and theirs may change without it.
    """
    assert await set_up(hass, entry)
    model = Em420(3)
    group = DeviceKey("source", "g0")
    await device.publish(CONFIG_TOPIC, model.configuration("g0"))
    await device.publish(TOPIC, model.data("g0"))
    await shows(hass, entry, group, "members", "s0, s2")
    await device.publish(CONFIG_TOPIC, model.configuration("s0"))
    await shows(hass, entry, group, "members", f"{model.label('s0')}, s2")
    model.rename("s0", "Speicher")
    await device.publish(CONFIG_TOPIC, model.configuration("s0", "s2"))
    await shows(hass, entry, group, "members", f"Speicher, {model.label('s2')}")
    model.rename("s2", "")
    await device.publish(CONFIG_TOPIC, model.configuration("s2"))
    await shows(hass, entry, group, "members", "Speicher, s2")
    assert entry.runtime_data.forget(S0)
    await shows(hass, entry, group, "members", "s0, s2")


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
