"""The night of an ECU: whether the sun is up, and when it answers nobody."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from astral import Observer  # type: ignore[import-untyped]  # it has no types
from astral.sun import elevation  # type: ignore[import-untyped]  # it has no types

from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

# "Around 02.45-03.15 AM local time", says the README of ksheumaker's integration until
# 2025: then the ECU looks for what the cloud lacks, and for new firmware.
_MAINTENANCE: Final = (time(2, 40), time(3, 25))
MAINTENANCE_LASTS: Final = timedelta(hours=1)
"""At most, from the last answer before to the first after it."""


def at_maintenance(local: datetime) -> bool:
    """Tell whether an ECU may be at its maintenance, by its own zone's time."""
    begin, end = _MAINTENANCE
    return begin <= local.time() < end


def sun_is_up(
    hass: HomeAssistant, place: Mapping[str, Any] | None, moment: datetime
) -> bool:
    """Tell whether it is day: at a place, or at Home Assistant's home."""
    if place:
        observer = Observer(place[CONF_LATITUDE], place[CONF_LONGITUDE])
    else:
        observer = Observer(
            hass.config.latitude, hass.config.longitude, hass.config.elevation
        )
    return bool(elevation(observer, moment) > 0)
