"""New credentials for an installation that is refused with those it has."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback

from .const import CONF_BROKER
from .families.family import Connection
from .families.fields import PASSWORD, USERNAME

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


def credentials_schema(connection: Connection, *, with_user: bool) -> vol.Schema:
    """Ask for the credentials alone: those of the broker, or of the connection."""
    if with_user:
        return vol.Schema(
            {
                vol.Optional(CONF_USERNAME): USERNAME,
                vol.Optional(CONF_PASSWORD): PASSWORD,
            }
        )
    fields: dict[vol.Marker, Any] = {
        vol.Required(name): PASSWORD for name in connection.secrets
    }
    if CONF_USERNAME in connection.fields:
        fields = {vol.Optional(CONF_USERNAME): USERNAME, **fields}
    return vol.Schema(fields)


def with_credentials(
    data: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Put them into an entry's data: into the broker's part, if it has one."""
    if not (broker := data.get(CONF_BROKER)):
        return {**data, **given}
    # Empty is none: a broker may have stopped asking for a name.
    empty = {CONF_USERNAME: None, CONF_PASSWORD: None}
    return {**data, CONF_BROKER: {**broker, **empty, **given}}


@callback
def share_credentials(
    hass: HomeAssistant,
    others: Iterable[ConfigEntry],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> None:
    """Give a broker's new credentials to all entries with the same old settings."""
    for other in others:
        if other.data.get(CONF_BROKER) == old:
            data = {**other.data, CONF_BROKER: new}
            hass.config_entries.async_update_entry(other, data=data)
            hass.config_entries.async_schedule_reload(other.entry_id)
