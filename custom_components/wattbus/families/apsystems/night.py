"""Whether the sun is up where the inverters are."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from astral import Observer  # type: ignore[import-untyped]  # it has no types
from astral.sun import elevation  # type: ignore[import-untyped]  # it has no types

from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


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
