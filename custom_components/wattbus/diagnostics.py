"""What a user can send along with a report of a problem, without secrets."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, cast

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import SECRETS
from .device import Device
from .families.sink import DeviceKey
from .hub import Hub, WattbusConfigEntry

# A shorter one would be found in words that have nothing to do with it.
_SHORTEST: Final = 6


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry
) -> dict[str, Any]:
    """Tell everything of an installation."""
    told: dict[str, Any] = {"data": dict(entry.data), "options": dict(entry.options)}
    # One that was never set up, being disabled, has no hub.
    hub: Hub | None = getattr(entry, "runtime_data", None)
    if hub is not None:
        told["connected"] = hub.up
        told["driver"] = hub.driver.diagnostics()
        told["devices"] = {
            f"{key.kind} {key.id}".strip(): _device(device)
            for key, device in hub.devices.items()
        }
    return _without(async_redact_data(told, SECRETS), _secrets(entry.data))


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: WattbusConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Tell everything of one device."""
    hub: Hub | None = getattr(entry, "runtime_data", None)
    if hub is None:
        return {}
    told = {
        identifier: _device(hub.devices[key])
        for _, identifier in device.identifiers
        if (key := DeviceKey.parse(identifier.removeprefix(hub.prefix))) in hub.devices
    }
    return _without(async_redact_data(told, SECRETS), _secrets(entry.data))


def _secrets(data: Mapping[str, Any]) -> list[str]:
    """Give the secrets of an entry, some of which are parts of ids and topics."""
    found = []
    for key, value in data.items():
        if isinstance(value, Mapping):
            found += _secrets(value)
        elif key in SECRETS and isinstance(value, str) and len(value) >= _SHORTEST:
            found.append(value)
    return found


def _without[T](told: T, secrets: list[str]) -> T:
    """Take secrets out of names and texts, too."""
    result: Any = told
    match told:
        case str():
            for secret in secrets:
                result = result.replace(secret, REDACTED)
        case dict():
            result = {
                _without(key, secrets): _without(value, secrets)
                for key, value in told.items()
            }
        case list():
            result = [_without(item, secrets) for item in told]
    return cast(T, result)


def _device(device: Device) -> dict[str, Any]:
    return {
        "available": device.available,
        "timeout": device.freshness and device.freshness.timeout,
        "facts": asdict(device.facts),
        "values": dict(device.values),
    }
