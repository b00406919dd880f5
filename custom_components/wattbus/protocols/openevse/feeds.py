"""What a gateway can be fed with: on topics that its configuration names, or `/status`.

The gateway cuts numbers with toInt(): `-1077.6` is -1077, and what is no number is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from types import MappingProxyType
from typing import Final

from .. import ProtocolError


@dataclass(frozen=True, slots=True)
class Feed:
    """One quantity that the gateway takes.

    Attributes:
        name: What it is.
        unit: The unit that the gateway expects.
        config_key: The member of its configuration that has the topic.
        status_key: The member of `POST /status`.
        minimum: The least value that makes sense.
        maximum: The greatest value that makes sense.
        decimals: How many the gateway reads.
    """

    name: str
    unit: str
    config_key: str
    status_key: str
    minimum: float
    maximum: float
    decimals: int = 0


# A megawatt, far above any connection that a charger is fed from.
_MAX_POWER: Final = 1e6

FEEDS: Final[Mapping[str, Feed]] = MappingProxyType(
    {
        feed.name: feed
        for feed in (
            # Import is positive, export negative.
            Feed("grid_power", "W", "mqtt_grid_ie", "grid_ie", -_MAX_POWER, _MAX_POWER),
            Feed("solar_power", "W", "mqtt_solar", "solar", 0, _MAX_POWER),
            Feed(
                "live_power",
                "W",
                "mqtt_live_pwr",
                "shaper_live_pwr",
                -_MAX_POWER,
                _MAX_POWER,
            ),
            Feed("voltage", "V", "mqtt_vrms", "voltage", 50, 500, 1),
            Feed("vehicle_soc", "%", "mqtt_vehicle_soc", "battery_level", 0, 100),
            # Miles where the configuration says so (mqtt_vehicle_range_miles).
            Feed("vehicle_range", "km", "mqtt_vehicle_range", "battery_range", 0, 5000),
            Feed(
                "vehicle_time_to_full",
                "s",
                "mqtt_vehicle_eta",
                "time_to_full_charge",
                0,
                7 * 86_400,
            ),
            Feed(
                "vehicle_charge_limit",
                "%",
                "mqtt_vehicle_charge_limit",
                "vehicle_charge_limit",
                0,
                100,
            ),
            Feed(
                "home_battery_soc",
                "%",
                "mqtt_home_battery_soc",
                "home_battery_soc",
                0,
                100,
            ),
            Feed(
                "home_battery_power",
                "W",
                "mqtt_home_battery_power",
                "home_battery_power",
                -_MAX_POWER,
                _MAX_POWER,
            ),
        )
    }
)


def feed_value(name: str, value: float) -> int | float:
    """Return a value as it is fed, in the feed's unit and with its decimals.

    Raises:
        ProtocolError: If there is no such feed, or the value makes no sense: nothing
            is better than a wrong 0, which the charger would go by.
    """
    feed = FEEDS.get(name)
    if feed is None:
        raise ProtocolError("no such feed")
    if not math.isfinite(value) or not feed.minimum <= value <= feed.maximum:
        raise ProtocolError(
            f"{name} is not within {feed.minimum:g} to {feed.maximum:g} {feed.unit}"
        )
    if feed.decimals:
        return round(value, feed.decimals)
    return round(value)
