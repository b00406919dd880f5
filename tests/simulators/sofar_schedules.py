"""The schedules of the simulated EMS, as unkind as the vendor's page says it is.

The page is "Scheduled MQTT control" (docs.eniris.be, External Signals/MQTT/
eniris-schedules-mqtt). Its rules:

1. No two schedules at the same time for one device type, for one device, or for a
   device and its type. Device types are independent of each other.
2. With `remove_overlap`, what is in the way is deleted, and listed in `deleted_ids`;
   without it the new one is refused.
3. A schedule starts before it ends.
4. A start in the past is the present. (What has ended by the EMS's clock is then a
   schedule without a length: refused by rule 3.)
5. Only what has not started can be deleted. An active one cannot: not by
   `remove_schedule` and, as the page says nothing else, not by `remove_overlap`.
   `Dialect.remove_active` is the other reading.
6. A policy is one of the device type's: else "invalid policy for device type".
7. Tag and site limits are not in the schedule that is read back.

What the page leaves open is taken the unkind way:

- The entries of `set_schedules` are set one after the other. One with `remove_overlap`
  deletes those of the same message before it.
- One that is refused takes all of its message along, unless `Dialect.partial_sets`.
- The clock is the EMS's own, and may be minutes away from anybody else's.
- `Dialect.capacity`: a write may be acknowledged and not be there. Nobody has seen this
  EMS do it, but others of its kind do (homeassistant-alphaESS #271).
- `Dialect.ids`: an id may be a number or a text. A request has it as it was given.
- `Dialect.whole_watts`: a number may come back rounded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .sofar_dialect import Dialect
from .sofar_fields import Wish
from .sofar_refusal import Reason, Refusal


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule; times in Unix seconds, powers in W.

    Attributes:
        node_id: The device, None for all of the device type.
        created: When it was set.
        tag: The client's own word. The EMS says it once, when the schedule is set.
    """

    id: int | str
    device_type: str
    node_id: str | None
    start: int
    end: int
    policy: str
    power: float | None
    created: int
    site_import: float | None = None
    site_export: float | None = None
    tag: str | None = None

    def active(self, now: float) -> bool:
        """Return whether it has started and not ended."""
        return self.start <= now < self.end

    def document(self, unit: int = 1) -> dict[str, Any]:
        """Return the page's "standard schedule", with so many time units a second."""
        document: dict[str, Any] = {"id": self.id, "device_type": self.device_type}
        if self.node_id is not None:
            document["node_id"] = self.node_id
        document |= {
            "start_time": self.start * unit,
            "end_time": self.end * unit,
            "policy": self.policy,
        }
        if self.power is not None:
            document["power_setpoint_w"] = self.power
        return document | {"created_at": self.created * unit}


class Schedules:
    """All schedules that were ever set and not deleted.

    Args:
        dialect: For the vocabulary, and what remove_overlap may delete.
        nodes: The device types of the nodes that can be controlled.
    """

    def __init__(self, dialect: Dialect, nodes: Mapping[str, str]) -> None:
        """Begin without any."""
        self._dialect = dialect
        self._nodes = nodes
        self._by_id: dict[int | str, Schedule] = {}
        self._next_id = 1

    def all(self) -> list[Schedule]:
        """Return all, past ones too, in the order of their starts."""
        return sorted(
            self._by_id.values(), key=lambda found: (found.start, str(found.id))
        )

    def current(self, now: float) -> list[Schedule]:
        """Return those that have not ended."""
        return [found for found in self.all() if found.end > now]

    def future(self, now: float) -> list[Schedule]:
        """Return those that have not started."""
        return [found for found in self.all() if found.start > now]

    def between(self, start: float, end: float) -> list[Schedule]:
        """Return those that touch a span of time."""
        return [
            found for found in self.all() if found.start < end and found.end > start
        ]

    def get(self, schedule_id: int | str) -> Schedule:
        """Return one by its id."""
        if (found := self._by_id.get(schedule_id)) is None:
            raise Refusal(
                Reason.SCHEDULE_NOT_FOUND, f"Schedule ID {schedule_id} not found"
            )
        return found

    def active(
        self, now: float, device_type: str, node_id: str | None
    ) -> Schedule | None:
        """Return the one at work; without a node the one of the whole device type."""
        self._check_target(device_type, node_id)
        wanted = (device_type, node_id)
        for found in self.current(now):
            if (found.device_type, found.node_id) == wanted and found.active(now):
                return found
        return None

    def upcoming(
        self, now: float, device_type: str, node_id: str | None
    ) -> Schedule | None:
        """Return the next one to start; without a node that of the device type."""
        self._check_target(device_type, node_id)
        wanted = (device_type, node_id)
        for found in self.future(now):
            if (found.device_type, found.node_id) == wanted:
                return found
        return None

    def governing(self, now: float, node_id: str) -> Schedule | None:
        """Return the one that a device obeys, its own or its device type's."""
        for found in self.current(now):
            if found.active(now) and self._governs(found, node_id):
                return found
        return None

    def set(self, wish: Wish, now: int) -> tuple[Schedule, list[int | str]]:
        """Set a schedule; return it, and the ids of those deleted for it."""
        self._check_target(wish.device_type, wish.node_id)
        self._check_policy(wish)
        # Rules 3 and 4, in both orders: what ends before now is empty, too.
        start = max(wish.start, now)
        if wish.start >= wish.end or start >= wish.end:
            raise Refusal(
                Reason.TIME_RANGE, "Invalid time range: start must be before end"
            )
        power = wish.power
        if power is not None and self._dialect.whole_watts:
            power = round(power)
        overlapping = self._overlapping(wish, start)
        self._check_overlap(overlapping, wish, now)
        for found in overlapping:
            del self._by_id[found.id]
        schedule = Schedule(
            self._dialect.ids.write(self._next_id),
            wish.device_type,
            wish.node_id,
            start,
            wish.end,
            wish.policy,
            power,
            now,
            wish.site_import,
            wish.site_export,
            wish.tag,
        )
        capacity = self._dialect.capacity
        if capacity is None or len(self.current(now)) < capacity:
            self._by_id[schedule.id] = schedule
        self._next_id += 1
        return schedule, [found.id for found in overlapping]

    def set_all(
        self, wishes: Iterable[Wish], now: int
    ) -> tuple[list[Schedule], list[int | str]]:
        """Set several; if one is refused none is set, unless the dialect is partial."""
        before = dict(self._by_id)
        created: list[Schedule] = []
        deleted: list[int | str] = []
        try:
            for wish in wishes:
                schedule, removed = self.set(wish, now)
                created.append(schedule)
                deleted += removed
        except Refusal:
            if not self._dialect.partial_sets:
                self._by_id = before
            raise
        return created, deleted

    def remove(self, schedule_id: int | str, now: float) -> None:
        """Delete one that has not started (rule 5)."""
        found = self.get(schedule_id)
        if found.start <= now:
            state = "is active" if found.active(now) else "has ended"
            raise Refusal(
                Reason.STARTED, f"Schedule {schedule_id} {state}, it cannot be deleted"
            )
        del self._by_id[schedule_id]

    def _check_target(self, device_type: str, node_id: str | None) -> None:
        if device_type not in self._dialect.vocabulary:
            raise Refusal(
                Reason.DEVICE_TYPE_NOT_FOUND, f"Device type {device_type} not found"
            )
        if node_id is not None and self._nodes.get(node_id) != device_type:
            raise Refusal(
                Reason.NODE_NOT_FOUND, f"Node {node_id} of type {device_type} not found"
            )

    def _check_policy(self, wish: Wish) -> None:
        mode = self._dialect.vocabulary[wish.device_type].get(wish.policy)
        if mode is None:
            raise Refusal(
                Reason.INVALID_POLICY,
                f"Invalid policy {wish.policy} for device type {wish.device_type}",
            )
        if mode.needs_power and wish.power is None:
            raise Refusal(
                Reason.INVALID_FIELD, f"Policy {wish.policy} needs power_setpoint_w"
            )

    def _check_overlap(self, found: list[Schedule], wish: Wish, now: float) -> None:
        if not wish.remove_overlap:
            fixed = found
        elif self._dialect.remove_active:
            fixed = []
        else:
            fixed = [schedule for schedule in found if schedule.start <= now]
        if fixed:
            ids = ", ".join(str(schedule.id) for schedule in fixed)
            raise Refusal(
                Reason.OVERLAP, f"Schedule overlap with existing schedules: {ids}"
            )

    def _overlapping(self, wish: Wish, start: int) -> list[Schedule]:
        """Return those at the same time for the same devices (rule 1)."""
        return [
            found
            for found in self.between(start, wish.end)
            if found.device_type == wish.device_type
            and (None in {found.node_id, wish.node_id} or found.node_id == wish.node_id)
        ]

    def _governs(self, schedule: Schedule, node_id: str) -> bool:
        if schedule.node_id is not None:
            return schedule.node_id == node_id
        return schedule.device_type == self._nodes.get(node_id)
