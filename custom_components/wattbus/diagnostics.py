"""What a user can send along with a report of a problem, without secrets."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import SECRETS
from .device import Device
from .families.family import DeviceKey
from .hub import WattbusConfigEntry


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry
) -> dict[str, Any]:
    """Tell everything of an installation."""
    hub = entry.runtime_data
    return async_redact_data(
        {
            "data": dict(entry.data),
            "options": dict(entry.options),
            "connected": hub.up,
            "driver": hub.driver.diagnostics(),
            "devices": {
                f"{key.kind} {key.id}".strip(): _device(device)
                for key, device in hub.devices.items()
            },
        },
        SECRETS,
    )


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Tell everything of one device."""
    hub = entry.runtime_data
    return async_redact_data(
        {
            identifier: _device(hub.devices[key])
            for _, identifier in device.identifiers
            if (key := DeviceKey.parse(identifier.removeprefix(hub.prefix)))
            in hub.devices
        },
        SECRETS,
    )


def _device(device: Device) -> dict[str, Any]:
    return {
        "available": device.available,
        "timeout": device.freshness and device.freshness.timeout,
        "facts": asdict(device.facts),
        "values": dict(device.values),
    }
