"""What a user can send along with a report of a problem, without secrets."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import SECRETS
from .device import Device
from .hub import Hub, WattbusConfigEntry
from .redaction import secrets_of, without


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry
) -> dict[str, Any]:
    """Tell everything of an installation."""
    found: dict[str, Any] = {"data": dict(entry.data), "options": dict(entry.options)}
    # One that was never set up, being disabled, has no hub.
    hub: Hub | None = getattr(entry, "runtime_data", None)
    if hub is not None:
        found["connected"] = hub.up
        found["driver"] = hub.driver.diagnostics()
        found["devices"] = {
            f"{key.kind} {key.id}".strip(): _device(device)
            for key, device in hub.devices.items()
        }
    return without(async_redact_data(found, SECRETS), secrets_of(entry.data))


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Tell everything of one device."""
    hub: Hub | None = getattr(entry, "runtime_data", None)
    if hub is None:
        return {}
    found = {
        f"{hub.prefix}{key.identifier}": _device(hub.devices[key])
        for key in hub.keys_of(device)
        if key in hub.devices
    }
    return without(async_redact_data(found, SECRETS), secrets_of(entry.data))


def _device(device: Device) -> dict[str, Any]:
    return {
        "available": device.available,
        "timeout": device.freshness and device.freshness.timeout,
        "facts": asdict(device.facts),
        "values": dict(device.values),
    }
