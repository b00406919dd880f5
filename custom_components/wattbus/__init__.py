"""Wattbus: chargers, meters, inverters and batteries that speak their own protocols."""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .actions import async_setup_actions
from .const import CONF_FAMILY, DOMAIN
from .errors import ConnectError
from .families import FAMILIES
from .hub import Hub, WattbusConfigEntry
from .issues import end_issues
from .memory import Memory

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.LOCK,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
    Platform.TIME,
    Platform.UPDATE,
)
CONFIG_SCHEMA: Final = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which are there before any installation."""
    async_setup_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WattbusConfigEntry) -> bool:
    """Set up one installation."""
    hub = Hub(hass, entry, FAMILIES[entry.data[CONF_FAMILY]])
    entry.runtime_data = hub
    _remove_outdated_devices(hass, entry, hub)
    await hub.prepare()
    try:
        await hub.start()
    except ConnectError as err:
        failure = ConfigEntryAuthFailed if err.is_auth else ConfigEntryNotReady
        raise failure(
            translation_domain=err.translation_domain,
            translation_key=err.translation_key,
            translation_placeholders=err.translation_placeholders,
        ) from err
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    hub.release()
    return True


def _remove_outdated_devices(
    hass: HomeAssistant, entry: WattbusConfigEntry, hub: Hub
) -> None:
    """Let devices go that the options no longer have, before they are taken up."""
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        if any(hub.family.outdated(key, entry.options) for key in hub.keys_of(device)):
            registry.async_remove_device(device.id)


async def async_unload_entry(hass: HomeAssistant, entry: WattbusConfigEntry) -> bool:
    """Unload one installation; what was set up for it ends with the entry's callbacks."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: WattbusConfigEntry) -> None:
    """Delete what was kept for an installation that is removed."""
    end_issues(hass, entry, ignored=True)
    await Memory(hass, entry.entry_id).remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: WattbusConfigEntry, device: DeviceEntry
) -> bool:
    """Let the user delete a device that is gone."""
    hub: Hub | None = getattr(entry, "runtime_data", None)
    return hub is None or all(map(hub.forget, hub.keys_of(device)))
