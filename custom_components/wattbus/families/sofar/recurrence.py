"""Events that recur: a rule of the calendar, and the times that it has.

By RFC 5545, section 3.3.10, a time that the clock of the wall skips is none, and does
not count; by 3.3.5, one that is there twice is the first of the two; and by 3.8.5.3,
all last exactly as long as the first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, takewhile
import re
from typing import Any, Final, Self

# Home Assistant's own calendar component reads rules with it.
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types

from homeassistant.util import dt as dt_util

from ...protocols import InputError

ID_FORMAT: Final = "%Y%m%dT%H%M%S"
_UNTIL: Final = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?")
_COUNT: Final = re.compile(r";?\bCOUNT=(\d+)")
# What clocks are changed by at most.
_CHANGE: Final = timedelta(hours=2)
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
    """In time that passes, which the clock of the wall does not always show."""
    rrule: str
    made: dict[str, str] = field(default_factory=dict)
    """The ids, as texts, of the schedules that it has become, by recurrence id."""
    skipped: set[str] = field(default_factory=set)
    """The recurrence ids of those that are not to be, or could not be."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why those could not be that are not there, by recurrence id.

    Those that are not skipped are tried again until they are over.
    """

    def times(
        self, start: datetime, end: datetime
    ) -> Iterator[tuple[str, datetime, datetime]]:
        """Give id, start and end of what touches a span of time, the skipped ones not."""
        since = dt_util.as_utc(start) - self.duration
        for moment, begins in self._from(since):
            if begins >= end:
                return
            recurrence_id = moment.strftime(ID_FORMAT)
            ends = begins + self.duration
            if recurrence_id not in self.skipped and ends > start:
                yield recurrence_id, dt_util.as_local(begins), dt_util.as_local(ends)

    def is_over(self, now: datetime) -> bool:
        """Whether it has no time any more that is not over."""
        return next(self._from(dt_util.as_utc(now) - self.duration), None) is None

    def _from(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give times after one (UTC), on the wall and in UTC."""
        local = dt_util.as_local(since).replace(tzinfo=None)
        # The wall may show less than an hour before.
        found = occurrences(self.rrule, self.start, local - _CHANGE)
        return islice((item for item in found if item[1] > since), _MOST)

    def before(self, recurrence_id: str) -> int:
        """Count the times before one, also those that are skipped."""
        until = _moment(recurrence_id)
        found = occurrences(self.rrule, self.start, self.start - _CHANGE)
        return sum(1 for _ in takewhile(lambda item: item[0] < until, found))

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
            "failed": dict(self.failed),
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
            made={key: str(made) for key, made in stored["made"].items()},
            skipped=set(stored["skipped"]),
            failed=dict(stored.get("failed", {})),  # not kept in the beginning
        )


def check_rule(rrule: str, start: datetime) -> datetime:
    """Look whether a rule can be read, and has any time; gives its first, a local one.

    Raises:
        ProtocolError: If not.
    """
    zone = dt_util.get_default_time_zone()
    first = start.astimezone(zone).replace(tzinfo=None)
    if next(occurrences(rrule, first, first - _CHANGE), None) is None:
        raise InputError("recurrence_never", rule=rrule[:80])
    return first


def occurrences(
    rrule: str, start: datetime, since: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Give the times of a rule that begins with a local time, on the wall and in UTC.

    Those before `since`, a local time too, are left out.

    Raises:
        ProtocolError: If it cannot be read.
    """
    # A count is ours to keep: times that are none do not count.
    count = count_of(rrule)
    found = _parse(_COUNT.sub("", rrule).strip(";"), start)
    # Without a count, what is long ago need not be gone through.
    moments = iter(found) if count is not None else found.xafter(since, inc=True)
    real = ((moment, utc) for moment in moments if (utc := _utc(moment)) is not None)
    return (item for item in islice(real, count) if item[0] >= since)


def with_count(rrule: str, count: int) -> str:
    """Give a rule with another count."""
    return _COUNT.sub(f";COUNT={count}", rrule).strip(";")


def count_of(rrule: str) -> int | None:
    """Give how often a rule has an event; None if it does not say."""
    return int(match[1]) if (match := _COUNT.search(rrule)) else None


def _utc(moment: datetime) -> datetime | None:
    """Turn a time of the wall into UTC; None if the wall skips it."""
    utc = moment.replace(tzinfo=dt_util.get_default_time_zone()).astimezone(dt_util.UTC)
    return utc if dt_util.as_local(utc).replace(tzinfo=None) == moment else None


def _parse(rrule: str, start: datetime) -> Any:
    try:
        return rrulestr(_UNTIL.sub(_local_until, rrule), dtstart=start)
    except (ValueError, TypeError) as err:
        raise InputError("recurrence_unreadable", rule=rrule[:80]) from err


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
        raise InputError("recurrence_no_time", time=recurrence_id[:40]) from err
