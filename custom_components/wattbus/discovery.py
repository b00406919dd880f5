"""Devices that make themselves known: of which family they are, and who they are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PORT

from .const import CONF_CONNECTION, CONF_FAMILY, CONF_TLS, LOGGER
from .errors import ConnectError
from .families import FAMILIES
from .families.family import Discovered, Family
from .probe import probe

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


async def recognise(
    hass: HomeAssistant, look: Callable[[Family], Discovered | None], patience: float
) -> tuple[Family, Discovered, str] | None:
    """Find whose device it is, and its own id; None if it is none of ours.

    One that is only suspected is asked, for `patience` seconds.
    """
    for family in FAMILIES.values():
        if found := look(family):
            unique_id = found.unique_id or await _ask(hass, family, found, patience)
            return (family, found, unique_id) if unique_id else None
    return None


async def _ask(
    hass: HomeAssistant, family: Family, found: Discovered, patience: float
) -> str | None:
    """Ask a device who it is; None if it is another."""
    data = {CONF_FAMILY: family.key, CONF_CONNECTION: found.connection, **found.data}
    try:
        answer = await probe(hass, family.connections[found.connection], data, patience)
    except ConnectError as err:
        LOGGER.debug("%s is none: %s %s", err.host, err.reason, err.detail)
        return None
    return answer.facts.serial_number if answer else None


def new_address(entry: ConfigEntry | None, found: Discovered) -> dict[str, Any] | None:
    """Give what a device that is set up and has moved tells; None: nothing of use.

    Of the port for TLS it tells nothing.
    """
    if entry is None or entry.data.get(CONF_CONNECTION) != found.connection:
        return None
    data = dict(found.data)
    if entry.data.get(CONF_TLS):
        data.pop(CONF_PORT, None)
    return data
