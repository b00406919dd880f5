"""The actions of all families: finds the device, runs the action, gives the answer."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr

from .const import DOMAIN
from .families import FAMILIES
from .families.family import DEVICE, Action, Family
from .families.sink import MAIN_DEVICE, DeviceKey
from .hub import Hub

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_TARGET: Final[Mapping[vol.Marker, Any]] = {
    vol.Required(ATTR_DEVICE_ID): vol.All(cv.ensure_list, [cv.string])
}


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register every family's actions, whether it is set up or not."""
    for family in FAMILIES.values():
        for action in family.actions:
            hass.services.async_register(
                DOMAIN,
                action.name,
                partial(_run, hass, family, action),
                schema=vol.Schema({**_TARGET, **action.fields}),
                supports_response=SupportsResponse.ONLY
                if action.reads
                else SupportsResponse.OPTIONAL,
            )


async def _run(
    hass: HomeAssistant, family: Family, action: Action, call: ServiceCall
) -> ServiceResponse:
    """Run an action for each device; the answers are by device, if there are several."""
    data = dict(call.data)
    devices: list[str] = data.pop(ATTR_DEVICE_ID)
    # All are looked up before the first is asked, so that a wrong one does no harm; and
    # what is of the installation is done once, whichever of its devices are named.
    asked: dict[tuple[Hub, DeviceKey | None], str] = {}
    for device in devices:
        asked.setdefault(_asked(hass, family, action, device), device)
    answers: dict[str, Any] = {
        device: await hub.command(
            partial(action.run, hub.driver, {**data, DEVICE: key} if key else data),
            key or MAIN_DEVICE,
            alone=action.alone,
        )
        for (hub, key), device in asked.items()
    }
    if not call.return_response:
        return None
    return answers if len(answers) > 1 else next(iter(answers.values()))


def _asked(
    hass: HomeAssistant, family: Family, action: Action, device_id: str
) -> tuple[Hub, DeviceKey | None]:
    """Find the hub of a device and, where the action is one of a kind, its key."""
    hub = _hub(hass, family, device_id)
    if not action.kinds:
        return hub, None
    for key, device in hub.devices.items():
        if device.registry_id == device_id and key.kind in action.kinds:
            return hub, key
    raise _refusal("other_kind", family)


def _hub(hass: HomeAssistant, family: Family, device_id: str) -> Hub:
    """Find the running hub of a device."""
    device = dr.async_get(hass).async_get(device_id)
    entry_id = getattr(device, "config_entry_id", None)
    entry = hass.config_entries.async_get_entry(entry_id) if entry_id else None
    if entry is None or entry.domain != DOMAIN:
        raise _refusal("not_a_device", family)
    if entry.state is not ConfigEntryState.LOADED:
        raise _refusal("not_loaded", family, name=entry.title)
    hub: Hub = entry.runtime_data
    if hub.family is not family:
        raise _refusal("not_a_device", family)
    return hub


def _refusal(key: str, family: Family, **more: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"family": family.name, **more},
    )
