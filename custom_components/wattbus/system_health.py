"""What Home Assistant's system information tells of Wattbus."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import CONF_FAMILY, DOMAIN
from .hub import Hub


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Offer the information."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Count what there is, and what works."""
    entries = hass.config_entries.async_entries(DOMAIN)
    hubs: list[Hub] = [
        entry.runtime_data
        for entry in entries
        if entry.state is ConfigEntryState.LOADED
    ]
    return {
        "families": ", ".join(sorted({entry.data[CONF_FAMILY] for entry in entries})),
        "installations": len(entries),
        "connected": sum(hub.up for hub in hubs),
        "devices": sum(len(hub.devices) for hub in hubs),
        "values": sum(
            len(device.values) for hub in hubs for device in hub.devices.values()
        ),
    }
