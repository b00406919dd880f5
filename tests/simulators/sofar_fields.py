"""The fields of requests to the simulated EMS, strictly as the vendor's page has them.

A real EMS may forgive a key too many. This one does not, so that it finds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
import json
import re
from typing import Any, Final

from .sofar_dialect import Entries, Ids
from .sofar_refusal import Reason, Refusal

type Fields = Mapping[str, Any]

_SCHEDULE: Final = {"device_type", "start_time", "end_time", "policy"}
_SCHEDULE_OPTIONAL: Final = {
    "node_id",
    "power_setpoint_w",
    "site_import",
    "site_export",
    "remove_overlap",
}
# Seconds go to the year 5138 with this, milliseconds begin with 1973.
_MAX_SECONDS: Final = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A schedule that somebody wants to be set; times in Unix seconds, powers in W."""

    device_type: str
    start: int
    end: int
    policy: str
    node_id: str | None = None
    power: float | None = None
    site_import: float | None = None
    site_export: float | None = None
    remove_overlap: bool = False
    tag: str | None = None


def check_keys(fields: Fields, needed: set[str], optional: set[str]) -> None:
    """Refuse what lacks a key, or has one that the page does not know."""
    if missing := sorted(needed - fields.keys()):
        raise Refusal(Reason.INVALID_FIELD, f"Missing field {missing[0]}")
    if unknown := sorted(fields.keys() - needed - optional):
        raise Refusal(Reason.INVALID_FIELD, f"Unknown field {unknown[0]}")


def read_wish(fields: Fields, *, with_tag: bool) -> Wish:
    """Read a schedule to set; only set_schedule has a tag."""
    optional = _SCHEDULE_OPTIONAL | ({"tag"} if with_tag else set())
    check_keys(fields, _SCHEDULE, optional)
    return Wish(
        device_type=text(fields, "device_type"),
        start=timestamp(fields, "start_time"),
        end=timestamp(fields, "end_time"),
        policy=text(fields, "policy"),
        node_id=_optional_text(fields, "node_id"),
        power=_watts(fields, "power_setpoint_w"),
        site_import=_watts(fields, "site_import"),
        site_export=_watts(fields, "site_export"),
        remove_overlap=_flag(fields, "remove_overlap"),
        tag=_optional_text(fields, "tag"),
    )


def read_wishes(fields: Fields, entries: Entries) -> list[Wish]:
    """Read the entries "0", "1" ... of set_schedules."""
    keys = [str(index) for index in range(len(fields))]
    if not keys or fields.keys() != set(keys):
        raise Refusal(Reason.INVALID_FIELD, "Schedules must be numbered from 0")
    wishes = []
    for key in keys:
        entry = fields[key]
        if isinstance(entry, str) and entries is not Entries.OBJECTS:
            entry = _decoded(entry, key)
        elif entries is Entries.STRINGS:
            raise Refusal(Reason.INVALID_FIELD, f"Schedule {key} is not a string")
        if not isinstance(entry, dict):
            raise Refusal(Reason.INVALID_FIELD, f"Schedule {key} is not an object")
        wishes.append(read_wish(entry, with_tag=False))
    return wishes


def read_target(fields: Fields) -> tuple[str, str | None]:
    """Read the device type, and the node if there is one."""
    check_keys(fields, {"device_type"}, {"node_id"})
    return text(fields, "device_type"), _optional_text(fields, "node_id")


def read_id(fields: Fields, ids: Ids) -> int | str:
    """Read a schedule's id, of the type that ids have."""
    check_keys(fields, {"id"}, set())
    number: int | str = fields["id"]
    if type(number) is not type(ids.write(1)):
        raise Refusal(Reason.INVALID_FIELD, "Invalid id")
    return number


def read_date(fields: Fields) -> date:
    """Read a day of the form dd/mm/yyyy."""
    check_keys(fields, {"date"}, set())
    written = text(fields, "date")
    try:
        if re.fullmatch(r"\d\d/\d\d/\d{4}", written, re.ASCII):
            return datetime.strptime(written, "%d/%m/%Y").date()
    except ValueError:
        pass
    raise Refusal(Reason.INVALID_FIELD, f"Invalid date {written}, not dd/mm/yyyy")


def text(fields: Fields, key: str) -> str:
    """Read a text that must not be empty."""
    value = fields[key]
    if not isinstance(value, str) or not value:
        raise Refusal(Reason.INVALID_FIELD, f"Invalid {key}")
    return value


def timestamp(fields: Fields, key: str) -> int:
    """Read Unix seconds."""
    value = fields[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refusal(Reason.TIME_RANGE, f"Invalid time range: {key} is no timestamp")
    if not 0 <= value < _MAX_SECONDS:
        raise Refusal(Reason.TIME_RANGE, f"Invalid time range: {key} is not in seconds")
    return value


def number(value: object) -> float | None:
    """Return what is a number, and None for all else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None


def _decoded(entry: str, key: str) -> object:
    try:
        return json.loads(entry)
    except ValueError:
        raise Refusal(Reason.INVALID_FIELD, f"Schedule {key} is no JSON") from None


def _optional_text(fields: Fields, key: str) -> str | None:
    return None if fields.get(key) is None else text(fields, key)


def _watts(fields: Fields, key: str) -> float | None:
    if key not in fields:
        return None
    if (watts := number(fields[key])) is None:
        raise Refusal(Reason.INVALID_FIELD, f"Invalid {key}")
    return watts


def _flag(fields: Fields, key: str) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise Refusal(Reason.INVALID_FIELD, f"Invalid {key}")
    return value
