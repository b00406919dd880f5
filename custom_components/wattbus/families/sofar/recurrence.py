"""Events that recur: a rule of the calendar, and the times that it has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import re
from typing import Any, Final, Self

# Home Assistant's own calendar component reads rules with it.
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types

from homeassistant.util import dt as dt_util

from ...protocols import ProtocolError

ID_FORMAT: Final = "%Y%m%dT%H%M%S"
_UNTIL: Final = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?")
# A rule that has more times than that in one look is none for schedules.
_MOST: Final = 500


@dataclass(slots=True)
class Rule:
    """An event that recurs. Its times are local: at the same hour in summer and winter."""

    uid: str
    device_type: str
    title: str
    start: datetime
    """Of the first one, without a time zone."""
    duration: timedelta
    rrule: str
    made: dict[str, int] = field(default_factory=dict)
    """The ids of the schedules that it has become, by recurrence id."""
    skipped: set[str] = field(default_factory=set)
    """The recurrence ids of those that are not to be, or could not be."""

    def times(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[str, datetime, datetime]]:
        """Give id, start and end of what touches a span of time, the skipped ones not."""
        zone = dt_util.get_default_time_zone()
        first = start.astimezone(zone).replace(tzinfo=None) - self.duration
        last = end.astimezone(zone).replace(tzinfo=None)
        for count, moment in enumerate(parse(self.rrule, self.start).xafter(first)):
            if moment >= last or count >= _MOST:
                return
            recurrence_id = moment.strftime(ID_FORMAT)
            if recurrence_id not in self.skipped:
                local = moment.replace(tzinfo=zone)
                # The end by the clock of the wall, too.
                yield (
                    recurrence_id,
                    local,
                    (moment + self.duration).replace(tzinfo=zone),
                )

    def is_over(self, now: datetime) -> bool:
        """Whether it has no time any more that is not over."""
        zone = dt_util.get_default_time_zone()
        since = now.astimezone(zone).replace(tzinfo=None) - self.duration
        return next(parse(self.rrule, self.start).xafter(since), None) is None

    def end_before(self, recurrence_id: str) -> bool:
        """Let it have no times from this one on; gives whether any are left before."""
        until = _moment(recurrence_id) - timedelta(seconds=1)
        if until < self.start:
            return False
        parts = [
            part
            for part in self.rrule.split(";")
            if not part.startswith(("UNTIL=", "COUNT="))
        ]
        self.rrule = ";".join([*parts, f"UNTIL={until.strftime(ID_FORMAT)}"])
        return True

    def as_json(self) -> dict[str, Any]:
        """Write it for the next start."""
        return {
            "uid": self.uid,
            "device_type": self.device_type,
            "title": self.title,
            "start": self.start.isoformat(),
            "duration": self.duration.total_seconds(),
            "rrule": self.rrule,
            "made": dict(self.made),
            "skipped": sorted(self.skipped),
        }

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            uid=stored["uid"],
            device_type=stored["device_type"],
            title=stored["title"],
            start=datetime.fromisoformat(stored["start"]),
            duration=timedelta(seconds=stored["duration"]),
            rrule=stored["rrule"],
            made=dict(stored["made"]),
            skipped=set(stored["skipped"]),
        )


def check_rule(rrule: str, start: datetime) -> datetime:
    """Look whether a rule can be read, and has any time; gives its first, a local one.

    Raises:
        ProtocolError: If not.
    """
    zone = dt_util.get_default_time_zone()
    first = start.astimezone(zone).replace(tzinfo=None)
    if next(iter(parse(rrule, first)), None) is None:
        raise ProtocolError(f"the recurrence {rrule[:80]} has no time at all")
    return first


def parse(rrule: str, start: datetime) -> Any:
    """Read a rule that begins with a local time.

    Raises:
        ProtocolError: If it cannot be read.
    """
    try:
        return rrulestr(_UNTIL.sub(_local_until, rrule), dtstart=start)
    except (ValueError, TypeError) as err:
        raise ProtocolError(f"the recurrence {rrule[:80]} is not understood") from err


def _local_until(match: re.Match[str]) -> str:
    """Turn the end of a rule into local time, as its beginning is."""
    day, clock, is_utc = match[1], match[2] or "235959", match[3]
    moment = _moment(f"{day}T{clock}")
    if is_utc:
        zone = dt_util.get_default_time_zone()
        moment = moment.replace(tzinfo=dt_util.UTC).astimezone(zone)
    return f"UNTIL={moment.strftime(ID_FORMAT)}"


def _moment(recurrence_id: str) -> datetime:
    """Read the local time that a recurrence id is. Raises ProtocolError."""
    try:
        return datetime.strptime(recurrence_id, ID_FORMAT)  # local
    except ValueError as err:
        raise ProtocolError(f"{recurrence_id[:40]} is no time of this event") from err
