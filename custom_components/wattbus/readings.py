"""What entities show, as feeds want it: the device's unit, or nothing; and since when."""

from datetime import UTC, datetime
import math
from typing import Any, Final, NamedTuple

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    Platform,
    UnitOfTime,
)
from homeassistant.core import State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .families.family import Feed
from .families.sink import Sink

# Seconds until it is on disk when an entity has told its value; it is also written when
# the entry is unloaded and when Home Assistant stops.
_REMEMBER: Final = 300.0


class Reading(NamedTuple):
    """A value, and when the entity told it."""

    value: float
    reported: datetime


class Source:
    """What one entity has told, for one feed.

    An entity that comes back, after a restart or an absence, often shows at first what
    it showed when it went: the integration has kept that, or the broker. The state is
    new then, and what it says is not. So a value that comes back as it went keeps its
    time until the entity tells it once more.
    """

    def __init__(self, feed: Feed, memory: Sink, *, inverted: bool) -> None:
        """Prepare; `recall` brings what was shown before Home Assistant started."""
        self._feed = feed
        self._memory = memory
        self._key = f"{feed.name}_reported"
        self._sign = -1 if inverted else 1
        self._known: Reading | None = None
        self._away = True
        self._returned: datetime | None = None

    @callback
    def recall(self) -> None:
        """Know what was shown before Home Assistant started."""
        if self._feed.keeps:
            self._known = _remembered(self._memory.recall(self._key))

    @callback
    def read(self, state: State | None) -> Reading | None:
        """Read what the entity shows, at each change; None: it cannot be sent."""
        value = None if state is None else _read(self._feed, state, self._sign)
        if state is None or value is None:
            self._away = True
            return None
        reported = state.last_reported
        if self._away:
            self._away, self._returned = False, reported
        before = self._known
        if before and before.value == value and reported == self._returned:
            return before
        self._known = Reading(value, reported)
        if self._feed.keeps:
            self._memory.remember(
                self._key, [value, reported.timestamp()], within=_REMEMBER
            )
        return self._known

    def silent(self, state: State | None) -> bool:
        """Whether the entity has told nothing for so long that it may be dead."""
        if self._feed.lasts is None or state is None:
            return False
        if state.domain != Platform.SENSOR:
            return False  # what somebody has set stays as it was set
        age = (dt_util.utcnow() - state.last_reported).total_seconds()
        return age > self._feed.lasts


def _remembered(stored: Any) -> Reading | None:
    """Read what was remembered."""
    try:
        value, moment = stored
        return Reading(float(value), datetime.fromtimestamp(moment, UTC))
    except TypeError, ValueError, OverflowError, OSError:
        return None


def _read(feed: Feed, state: State, sign: int) -> float | None:
    """Read what an entity shows, as the feed wants it; None: it cannot be sent."""
    value = _converted(feed, state)
    if value is None or not math.isfinite(value):
        return None
    # A whole number for a device that reads no decimals; + 0.0 turns -0.0 into 0.0.
    value = sign * value
    value = round(value, feed.decimals) + 0.0 if feed.decimals else round(value)
    return value if feed.minimum <= value <= feed.maximum else None


def _converted(feed: Feed, state: State) -> float | None:
    """Give a state's number in the feed's unit; one without a unit could be anything."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        if (
            feed.device_class is SensorDeviceClass.DURATION
            and state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP
        ):
            value, unit = _seconds_until(state.state), UnitOfTime.SECONDS
        else:
            value = float(state.state)
        if unit == feed.unit:
            return value
        converter = UNIT_CONVERTERS.get(feed.device_class)
        if converter is None or not isinstance(unit, str):
            return None
        return converter.convert(value, unit, feed.unit)
    except ValueError, HomeAssistantError:
        return None


def _seconds_until(text: str) -> float:
    """Give the seconds until a time; none are left when it is past. Raises ValueError."""
    moment = dt_util.parse_datetime(text, raise_on_error=True)
    return max(0.0, (dt_util.as_utc(moment) - dt_util.utcnow()).total_seconds())
