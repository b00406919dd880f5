"""The hub's devices: what they hang below, what they are called, when they may go."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wattbus import hub as hub_module
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey, Facts
from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component

from .helpers import entity_id, until
from .toy import ONE, TWO, registered, running, says, shown

pytestmark = pytest.mark.usefixtures("toy_families")


async def test_devices_hang_below_the_main_device(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    main = registered(device_registry, entry, MAIN_DEVICE)
    assert registered(device_registry, entry).via_device_id == main.id
    assert main.via_device_id is None


async def test_a_device_hangs_below_another(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    """As a battery's module below the battery."""
    entry = await running(hass)
    await says(entry, ONE, power=1)
    await says(entry, TWO, power=1)
    entry.runtime_data.describe(TWO, Facts(via=ONE, name="Module"))
    parent = registered(device_registry, entry, ONE)
    found = registered(device_registry, entry, TWO)
    assert (found.name, found.via_device_id) == ("Module", parent.id)

    # What is described later leaves it where it is, until it is told otherwise.
    entry.runtime_data.describe(TWO, Facts(model="M 1"))
    assert registered(device_registry, entry, TWO).via_device_id == parent.id
    entry.runtime_data.describe(TWO, Facts(via=MAIN_DEVICE))
    main = registered(device_registry, entry, MAIN_DEVICE)
    assert registered(device_registry, entry, TWO).via_device_id == main.id


async def test_a_device_hangs_below_one_that_is_described_later(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    """Messages come in any order."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    hub.describe(TWO, Facts(via=ONE, name="Module"))
    hub.describe(ONE, Facts(name="Battery"))
    main = registered(device_registry, entry, MAIN_DEVICE)
    parent = registered(device_registry, entry, ONE)
    assert (parent.name, parent.via_device_id) == ("Battery", main.id)
    assert registered(device_registry, entry, TWO).via_device_id == parent.id


async def test_a_device_hangs_below_another_after_a_restart(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    entry.runtime_data.describe(TWO, Facts(via=ONE))
    parent = registered(device_registry, entry, ONE)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, TWO, power=1)
    assert registered(device_registry, entry, TWO).via_device_id == parent.id
    entry.runtime_data.describe(TWO, Facts(via=ONE))
    assert registered(device_registry, entry, TWO).via_device_id == parent.id


async def test_a_device_hangs_below_one_that_was_deleted_and_is_back(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    hub.describe(TWO, Facts(via=ONE))
    device_registry.async_remove_device(registered(device_registry, entry, ONE).id)
    assert hub.forget(ONE)
    assert registered(device_registry, entry, TWO).via_device_id is None
    hub.describe(TWO, Facts(via=ONE))
    parent = registered(device_registry, entry, ONE)
    assert registered(device_registry, entry, TWO).via_device_id == parent.id


@pytest.mark.parametrize("device", [ONE, MAIN_DEVICE], ids=["part", "main"])
async def test_a_device_never_hangs_below_itself(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, device: DeviceKey
) -> None:
    entry = await running(hass)
    await says(entry, device, x_value=1)
    before = registered(device_registry, entry, device).via_device_id
    entry.runtime_data.describe(device, Facts(via=device, name="Kitchen"))
    found = registered(device_registry, entry, device)
    assert found.name == "Kitchen"
    assert found.via_device_id == before
    assert found.via_device_id != found.id


async def test_more_devices_than_home_assistant_can_take(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "MOST_DEVICES", 2)
    entry = await running(hass)
    await says(entry, ONE, power=1)
    await says(entry, TWO, power=1)
    entry.runtime_data.describe(TWO, Facts(name="Two"))
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert len(devices) == 2
    issue = issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}")
    assert issue
    assert issue.translation_placeholders == {
        "name": "Test device",
        "entities": "9800",
        "devices": "2",
    }


# --- names --------------------------------------------------------------------------


async def test_a_name_that_comes_late(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    before = entity_id(hass, entry, ONE, "power")
    facts = Facts(name="Kitchen", model="Plug", serial_number="42", sw_version="1.0")
    hub.describe(ONE, facts)
    found = registered(device_registry, entry)
    assert (found.name, found.model, found.serial_number, found.sw_version) == (
        "Kitchen",
        "Plug",
        "42",
        "1.0",
    )
    assert entity_id(hass, entry, ONE, "power") == before
    hub.describe(ONE, Facts(sw_version="1.1"))
    assert registered(device_registry, entry).name == "Kitchen"

    # The next start knows no name until the device tells it again.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, power=1)
    found = registered(device_registry, entry)
    assert (found.name, found.sw_version) == ("Kitchen", "1.1")


async def test_the_users_own_name_stays(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    found = registered(device_registry, entry)
    device_registry.async_update_device(found.id, name_by_user="Mine")
    entry.runtime_data.describe(ONE, Facts(name="Kitchen"))
    found = registered(device_registry, entry)
    assert (found.name, found.name_by_user) == ("Kitchen", "Mine")


# --- deleted by the user ------------------------------------------------------------


async def _delete(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
    device: Any,
) -> bool:
    """Delete a device as a user does; gives whether that was allowed."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            # Newer releases have a shorter command, and this one still.
            "type": "config/device_registry/remove_config_entry",
            "config_entry_id": entry.entry_id,
            "device_id": device.id,
        }
    )
    response = await client.receive_json()
    await hass.async_block_till_done()
    return bool(response["success"])


async def test_a_device_that_is_gone_can_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass, "patient_toy", options={"patience": 0.1 / 60})
    await says(entry, power=1, hidden=1)
    await says(entry, TWO, power=1)
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    found = registered(device_registry, entry)
    assert await _delete(hass, hass_ws_client, entry, found)
    assert registered(device_registry, entry) is None
    assert shown(hass, entry, "power") is None
    assert registered(device_registry, entry, TWO)

    # It was only away for long: all of it is back with its next word.
    await says(entry, power=1)
    assert registered(device_registry, entry)
    assert shown(hass, entry, "power") == "1.0"


async def test_a_device_of_before_the_restart_can_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    entry.runtime_data.describe(TWO, Facts(name="Without any value"))
    assert await hass.config_entries.async_reload(entry.entry_id)
    for device in (ONE, TWO):
        found = registered(device_registry, entry, device)
        assert await _delete(hass, hass_ws_client, entry, found)
        assert registered(device_registry, entry, device) is None


async def test_a_device_that_speaks_cannot_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    for device in (ONE, MAIN_DEVICE):
        found = registered(device_registry, entry, device)
        assert not await _delete(hass, hass_ws_client, entry, found)
        assert registered(device_registry, entry, device)
