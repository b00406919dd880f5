"""What of a recurring event could not be made: when it is tried again, what is said.

Times of events are named by their rule and their recurrence id.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Final

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError
from .recurrence import ID_FORMAT, Rule
from .requests import NoAnswer

# Seconds; twice as long after each failure.
_FIRST_PAUSE: Final = 30.0
_LONGEST_PAUSE: Final = 900.0

type Key = tuple[str, str]


@dataclass(slots=True)
class _Failed:
    count: int = 0
    due: float = 0.0
    shown: str | None = None


class Failures:
    """The reasons are kept with the rules; the rest not: a start tries and says all anew."""

    def __init__(
        self,
        say: Callable[[Exception], str],
        refused: Callable[[str | None, CommandError], None],
    ) -> None:
        """Put errors in words with `say`; show one with `refused`, as of a device type."""
        self._say = say
        self._refused = refused
        self._failed: dict[Key, _Failed] = {}
        self._reminded = False

    def due(self, keys: Iterable[Key]) -> list[Key]:
        """Give those not tried yet, then those that have waited longest for it."""
        since = {
            key: found.due if (found := self._failed.get(key)) else 0.0 for key in keys
        }
        now = time.monotonic()
        return sorted(
            (key for key in since if since[key] <= now), key=since.__getitem__
        )

    def keep(self, keys: Container[Key]) -> None:
        """Forget all but these."""
        self._failed = {key: item for key, item in self._failed.items() if key in keys}

    def pause(self) -> float | None:
        """Give the seconds until it is worth looking again; None if nothing failed."""
        if not self._failed:
            return None
        due = min(found.due for found in self._failed.values())
        return max(due - time.monotonic(), _FIRST_PAUSE)

    def worked(self, rule: Rule, recurrence_id: str) -> None:
        """Take note that one time is a schedule."""
        rule.failed.pop(recurrence_id, None)
        self._failed.pop((rule.uid, recurrence_id), None)

    def failed(
        self, rule: Rule, recurrence_id: str, err: Exception, *, final: bool
    ) -> None:
        """Note and tell why one time is not set; if `final`, it is not tried again."""
        found = self._failed.setdefault((rule.uid, recurrence_id), _Failed())
        pause = min(_FIRST_PAUSE * 2**found.count, _LONGEST_PAUSE)
        found.due = time.monotonic() + pause
        found.count += 1
        reason = self._say(err)
        LOGGER.debug("%s at %s failed: %s", rule.title, recurrence_id, reason)
        if isinstance(err, NoAnswer) and found.count == 1:
            return  # a message may be lost: reading asks twice, too
        rule.failed[recurrence_id] = reason
        if final:
            rule.skipped.add(recurrence_id)
        if found.shown != reason:
            found.shown = reason
            left_out = _left_out(rule, recurrence_id)
            LOGGER.warning("%s", self._say(left_out))
            self._refused(rule.device_type, left_out)

    def remind(self, rules: Iterable[Rule], now: datetime) -> None:
        """Show after a start what was refused before it, and is not over."""
        if self._reminded:
            return
        self._reminded = True
        for rule in rules:
            earliest = (dt_util.as_local(now) - rule.duration).strftime(ID_FORMAT)
            for recurrence_id in sorted(rule.failed.keys() & rule.skipped):
                if recurrence_id > earliest:
                    self._refused(None, _left_out(rule, recurrence_id))


def _left_out(rule: Rule, recurrence_id: str) -> CommandError:
    """Say which of an event's times is not set, and why."""
    moment = datetime.strptime(recurrence_id, ID_FORMAT)  # local
    start, why = moment.strftime("%Y-%m-%d %H:%M"), rule.failed[recurrence_id]
    if recurrence_id in rule.skipped:
        return CommandError("event_left_out", event=rule.title, start=start, reason=why)
    return CommandError("event_waits", event=rule.title, start=start, reason=why)
