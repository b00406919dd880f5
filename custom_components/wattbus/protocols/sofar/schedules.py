"""Schedules as the EMS tells them, and what it says of new ones."""

from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from .. import InputError, ProtocolError
from ..payload import identifier, if_readable, number, quote
from .replies import NOT_TOLD, node_id, seconds
from .requests import ScheduleId

# As many as a quarter of an hour each, for a month and ten devices.
MOST_SCHEDULES = 32_000
_LONGEST_TEXT = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A time in which the EMS has a device type, or one device, follow a policy.

    Times are Unix seconds, the end is exclusive; powers are in W.
    """

    id: ScheduleId
    """As the EMS gave it, as which it wants it back."""
    device_type: str
    start: float
    end: float
    policy: str | None = None
    power: float | None = None
    node_id: str | None = None
    created_at: float | None = None
    # These two are not in the page's schedule, but in its request.
    site_import: float | None = None
    site_export: float | None = None

    @property
    def key(self) -> str:
        """Its id as a text, which all schedules have here."""
        return str(self.id)

    @property
    def group(self) -> tuple[str, str | None]:
        """Whom it is for: a device type as such, or one device of it."""
        return self.device_type, self.node_id


class Unreadable(NamedTuple):
    """A schedule that is there, and cannot be read."""

    id: ScheduleId | None
    """None: it may be any."""
    reason: str
    """For a log."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of schedules."""

    schedules: tuple[Schedule, ...] = ()
    unread: tuple[Unreadable, ...] = ()
    """The others in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """What `set_schedule` and `set_schedules` are answered, as far as it can be read."""

    ids: tuple[ScheduleId, ...] = ()
    deleted: tuple[ScheduleId, ...] = ()
    """The ids of those that were in the way."""
    tag: str | None = None


def read_schedule(state: object) -> Schedule | None:
    """Read one schedule; None where the EMS says that there is none.

    The page does not tell how it says so: null, an empty object and an empty list
    are understood.

    Raises:
        ProtocolError: If it is something else.
    """
    if state is None or state in ({}, [], "", NOT_TOLD):
        return None
    if not isinstance(state, dict):
        raise ProtocolError(f"not a schedule: {quote(state)}")
    start = seconds(state.get("start_time"), "start_time")
    end = seconds(state.get("end_time"), "end_time")
    if start is None or end is None:
        raise ProtocolError("a schedule without a start or an end")
    node = state.get("node_id")
    return Schedule(
        id=_id(state.get("id")),
        device_type=identifier(state.get("device_type"), "device_type"),
        start=start,
        end=end,
        policy=_text(state.get("policy"), "policy"),
        power=number(state.get("power_setpoint_w"), "power_setpoint_w"),
        node_id=node_id(node, "node_id") if node not in (None, "") else None,
        # What it does and when is known without these.
        created_at=if_readable(seconds, state.get("created_at"), "created_at"),
        site_import=if_readable(number, state.get("site_import"), "site_import"),
        site_export=if_readable(number, state.get("site_export"), "site_export"),
    )


def read_schedules(state: object) -> Listed:
    """Read a list of schedules; an entry that cannot be read is there, for all that.

    Raises:
        ProtocolError: If it is no list.
    """
    # An object that has other things alone says nothing of schedules.
    entries = state
    if isinstance(state, dict) and "schedules" in state:
        entries = state["schedules"]
    if entries is None or entries == {}:
        return Listed()
    if not isinstance(entries, list):
        raise ProtocolError(f"not a list of schedules: {quote(entries)}")
    if len(entries) > MOST_SCHEDULES:
        raise ProtocolError(f"more than {MOST_SCHEDULES} schedules")
    schedules, unread = [], []
    for entry in entries:
        try:
            schedules.append(_entry(entry))
        except ProtocolError as err:
            told = entry.get("id") if isinstance(entry, dict) else None
            unread.append(Unreadable(told if is_schedule_id(told) else None, str(err)))
    return Listed(tuple(schedules), tuple(unread))


def _entry(entry: object) -> Schedule:
    if (schedule := read_schedule(entry)) is None:
        raise ProtocolError("nothing in the place of a schedule")
    return schedule


def read_created(state: object) -> Created:
    """Read the answer to new schedules.

    Raises:
        ProtocolError: If it is no object.
    """
    if not isinstance(state, dict):
        raise ProtocolError(f"no ids of schedules: {quote(state)}")
    return Created(
        ids=_ids(state.get("schedule_ids", [state.get("schedule_id")])),
        deleted=_ids(state.get("deleted_ids")),
        tag=if_readable(_text, state.get("tag"), "tag"),
    )


def _ids(value: object) -> tuple[ScheduleId, ...]:
    """Read ids, in a list or by the number of the entry that asked for them.

    Those that cannot be read are left out: what the EMS has is read anyway.
    """
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=_place)]
    return tuple(filter(is_schedule_id, value)) if isinstance(value, list) else ()


def is_schedule_id(value: object) -> TypeGuard[ScheduleId]:
    """Whether something can be the id of a schedule.

    The page prints ids without quotes, but so it prints texts.
    """
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST_TEXT and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def check_schedule_id(value: object) -> ScheduleId:
    """Take the id of a schedule from a person. Raises InputError."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not is_schedule_id(value):
        raise InputError("no_schedule_id", value=str(value)[:40])
    return value


def _place(key: str) -> tuple[int, str]:
    """Sort "10" behind "9"."""
    return len(key), key


def _id(value: object) -> ScheduleId:
    if is_schedule_id(value):
        return value
    raise ProtocolError(f"not the id of a schedule: {quote(value)}")


def _text(value: object, name: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ProtocolError(f"{name} is no text: {quote(value)}")
    return value
