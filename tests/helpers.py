"""What many tests do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .harness.broker import Broker
from .harness.waiting import until

FIXTURES = Path(__file__).parent / "fixtures"


def broker_data(broker: Broker, **changes: Any) -> dict[str, Any]:
    """Give the broker part of an entry's data."""
    return {
        "host": broker.host,
        "port": broker.port,
        "tls": False,
        "verify": True,
        "protocol": "3.1.1",
    } | changes


def make_entry(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    **more: Any,
) -> MockConfigEntry:
    """Make an entry, not set up yet."""
    more.setdefault("title", "Test device")
    entry = MockConfigEntry(
        domain=DOMAIN, data=dict(data), options=dict(options or {}), **more
    )
    entry.add_to_hass(hass)
    return entry


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Set an entry up."""
    done = await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return done


def entity_id(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: DeviceKey,
    key: str,
    platform: str = "sensor",
) -> str | None:
    """Find an entity by the value it shows."""
    unique_id = f"{entry.entry_id}|{device.identifier}|{key}"
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)


def state(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: DeviceKey,
    key: str,
    platform: str = "sensor",
) -> State | None:
    """Give the state of an entity, None while there is no such entity."""
    found = entity_id(hass, entry, device, key, platform)
    return hass.states.get(found) if found else None


async def shows(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: DeviceKey,
    key: str,
    expected: str,
    platform: str = "sensor",
) -> State:
    """Wait until an entity shows something."""

    def look() -> State | None:
        found = state(hass, entry, device, key, platform)
        return found if found and found.state == expected else None

    try:
        return await until(look)
    except TimeoutError:
        pytest.fail(
            f"{key} is {state(hass, entry, device, key, platform)}, not {expected}"
        )


def registered(
    hass: HomeAssistant, entry: MockConfigEntry, device: DeviceKey
) -> dr.DeviceEntry:
    """Give a device of the entry."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{entry.entry_id}|{device.identifier}"), entry.entry_id
    )
    assert found
    return found


async def use(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    action: str,
    key: str,
    device: DeviceKey = MAIN_DEVICE,
    **data: Any,
) -> None:
    """Use a control as a user does."""
    platform, _, name = action.partition(".")
    entity = await until(lambda: entity_id(hass, entry, device, key, platform))
    await hass.services.async_call(
        platform, name, {"entity_id": entity, **data}, blocking=True
    )


async def ask(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    action: str,
    of: DeviceKey = MAIN_DEVICE,
    /,
    **data: Any,
) -> Any:
    """Run an action of the entry's family on a device, and give its answer."""
    device = registered(hass, entry, of)
    return await hass.services.async_call(
        DOMAIN,
        f"{entry.data['family']}_{action}",
        {"device_id": device.id, **data},
        blocking=True,
        return_response=True,
    )


def fixture(name: str) -> bytes:
    """Read a fixture."""
    return (FIXTURES / name).read_bytes()
