"""The schedules of the EMS as they were last read: what is active, next, in the way."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from ...protocols.sofar import Order, Schedule, ScheduleId
from .const import ADDED, ENDED, REMOVED, STARTED

# The EMS is asked for the schedules of today and of the future; older ones, which
# cannot change, are kept for the calendar.
_HISTORY: Final = 31 * 86_400.0

# What the EMS's clock may be ahead or behind, and a command may take on its way.
_MOMENT: Final = 120.0


class Change(NamedTuple):
    """What has become of a schedule."""

    what: str
    schedule: Schedule


class Schedules:
    """Times are Unix seconds, powers those of the EMS."""

    def __init__(self, past: Iterable[Schedule] = ()) -> None:
        """Start without having read; what is over cannot have changed."""
        self.by_id = {item.key: item for item in past}
        """By their ids as texts."""
        self.were_read = False
        """Whether they were read at all."""
        self._active: dict[str, Schedule] = {}

    def __iter__(self) -> Iterator[Schedule]:
        """Give all, in the order of their starts."""
        return iter(sorted(self.by_id.values(), key=_order))

    def read(self, told: Iterable[Schedule], now: float) -> list[Change]:
        """Take what the EMS has now; gives what is different, but not the first time."""
        first, self.were_read = not self.were_read, True
        changes = self._replace(told, now)
        return [] if first else changes

    def _replace(self, told: Iterable[Schedule], now: float) -> list[Change]:
        old, self.by_id = self.by_id, {item.key: item for item in told}
        for item in old.values():
            if item.key not in self.by_id and now - _HISTORY < item.end <= now:
                self.by_id[item.key] = item
        changes = [
            Change(what, item)
            for what, some, others in (
                (ADDED, list(self), old),
                (REMOVED, old.values(), self.by_id),
            )
            for item in some
            if item.key not in others and item.end > now
        ]
        return changes + self.tick(now)

    def put(self, schedule: Schedule, now: float) -> list[Change]:
        """Take one new schedule in."""
        return self._replace([*self.by_id.values(), schedule], now)

    def drop(self, ids: Iterable[ScheduleId], now: float) -> list[Change]:
        """Let schedules go."""
        gone = set(map(str, ids))
        left = [item for item in self.by_id.values() if item.key not in gone]
        return self._replace(left, now)

    def tick(self, now: float) -> list[Change]:
        """Give what has started and ended by the clock since the last time."""
        active = {item.key: item for item in self if item.start <= now < item.end}
        changes = [
            Change(ENDED, item)
            for item in self._active.values()
            if item.key not in active and item.end <= now
        ] + [
            Change(STARTED, item)
            for item in active.values()
            if item.key not in self._active
        ]
        self._active = active
        return changes

    def boundary(self, now: float) -> float | None:
        """Give the next time at which a schedule starts or ends."""
        times = (time for item in self for time in (item.start, item.end))
        return min((time for time in times if time > now), default=None)

    def active(
        self, device_type: str | None, node_id: str | None, now: float
    ) -> Schedule | None:
        """Give the one that is carried out for a device type, or for one device."""
        for item in self.of(device_type, node_id):
            if item.start <= now < item.end:
                return item
        return None

    def next(
        self, device_type: str | None, node_id: str | None, now: float
    ) -> Schedule | None:
        """Give the one that starts next."""
        return next(
            (item for item in self.of(device_type, node_id) if item.start > now), None
        )

    def of(self, device_type: str | None, node_id: str | None) -> Iterator[Schedule]:
        """Give those of a device type as such, or of one device.

        A device may be of several types, as hybrid inverters are: None is any.
        """
        for item in self:
            if item.node_id == node_id and device_type in (None, item.device_type):
                yield item

    def nodes(self, now: float) -> set[str]:
        """Give the nodes that have schedules which are not over."""
        return {item.node_id for item in self if item.node_id and item.end > now}

    def past_nodes(self, now: float) -> set[str]:
        """Give the nodes that had schedules: they may be there no more."""
        return {item.node_id for item in self if item.node_id and item.end <= now}

    def in_the_way(self, order: Order, but: Collection[str] = ()) -> Schedule | None:
        """Give the first that an order overlaps with, for the same type or device.

        Those in `but` are about to go.
        """
        for item in self:
            if (
                item.key not in but
                and item.device_type == order.device_type
                and item.start < order.end
                and order.start < item.end
                and shares_devices(item, order)
            ):
                return item
        return None


def _order(schedule: Schedule) -> tuple[float, int, str]:
    """Sort by the start, then 10 behind 9."""
    return schedule.start, len(schedule.key), schedule.key


def shares_devices(schedule: Schedule, order: Order) -> bool:
    """Whether a schedule and an order of the same device type meet in a device."""
    return (
        schedule.node_id is None
        or order.node_id is None
        or schedule.node_id == order.node_id
    )


def does(schedule: Schedule, order: Order) -> bool:
    """Whether a schedule has devices do what is ordered, whenever that is.

    Less than a watt may be lost where the EMS rounds.
    """
    return (schedule.device_type, schedule.node_id, schedule.policy) == (
        order.device_type,
        order.node_id,
        order.policy,
    ) and abs((schedule.power or 0) - (order.power or 0)) < 1


def fulfils(schedule: Schedule, order: Order, asked: float) -> bool:
    """Whether a schedule is what was ordered at the time `asked`.

    A start in the past becomes the present.
    """
    at_once = order.start <= asked + _MOMENT
    return (
        does(schedule, order)
        and abs(schedule.end - order.end) < 1
        and (
            abs(schedule.start - order.start) < 1
            or (at_once and order.start < schedule.start <= asked + _MOMENT)
        )
    )
