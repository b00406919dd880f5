"""Lists of slots as planners produce them, read as orders.

A slot has a start, and an end or a duration or neither: then it ends where the next one
for the same devices begins, and the last is as long as the one before.

EMHASS publishes a list of `{"date": …, "<entity id without sensor.>": "<text>"}`, with
the power rounded to two decimals (retrieve_hass.py, get_attr_data_dict). The ids are
`p_batt_forecast`, `p_deferrable0` and so on with `publish_prefix` in front, or any that
the user has chosen (`custom_batt_forecast_id`): see emhass #572. Nothing in a slot is
left aside: what is not understood is refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ...errors import CommandError
from ...protocols import ProtocolError
from ...protocols.sofar import AmbiguousError, Order, read_watts
from .settings import Settings

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

# Two days in steps of five minutes are 576.
MOST_SLOTS: Final = 1000

_LONGEST_QUOTE: Final = 40

# A power by its name, with or without a prefix.
_POWER: Final = re.compile(
    r"(?:\w+_)?p_(?:\w+_forecast(?:_battery\d+)?|deferrable\d+|hybrid_inverter"
    r"|pv_curtailment)|power_setpoint_w",
    re.IGNORECASE,
)
# What EMHASS publishes in the same form and is no power.
_NO_POWER: Final = re.compile(r"soc|cost|price|temp|heating|state|optim", re.IGNORECASE)
_RENAMED: Final = {"date": "start", "start_time": "start", "end_time": "end"}

type Slot = Mapping[str, Any]
"""A slot with the names of ours, and values that are read."""


@dataclass(frozen=True, slots=True)
class Step:
    """A slot of a list as the order that it is."""

    number: int
    """Its place, counted from one."""
    order: Order


_POWERS: Final = ("power", "site_import", "site_export")
DETAILS: Final[dict[vol.Marker, Any]] = {
    # What is wrong with them is said in the user's language, which a schema cannot.
    **{vol.Optional(name): object for name in _POWERS},
    vol.Optional("node_id"): cv.string,
    vol.Optional("remove_overlap"): cv.boolean,
}
TARGET: Final[dict[vol.Marker, Any]] = {
    vol.Optional("device_type"): cv.string,
    vol.Optional("policy"): cv.string,
}
SLOTS: Final = vol.All(cv.ensure_list, vol.Length(1, MOST_SLOTS))

_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "start": cv.datetime,
    "end": cv.datetime,
    "duration": cv.positive_time_period,
    **dict.fromkeys(_POWERS, read_watts),
    "node_id": cv.string,
    "remove_overlap": cv.boolean,
    "device_type": cv.string,
    "policy": cv.string,
}


def with_powers(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of an action with their powers read. Raises InputError."""
    return {
        key: read_watts(value, key) if key in _POWERS else value
        for key, value in data.items()
    }


# --- a list ---------------------------------------------------------------------------


def steps(
    slots: Sequence[object], defaults: Mapping[str, Any], settings: Settings
) -> list[Step]:
    """Read the slots of a list, also those that are over.

    `defaults` has what is the same for all, `policy_negative` for those with a negative
    power, which is then sent as a positive one, and `invert`, which turns powers round.

    Raises:
        CommandError: For the first slot that cannot be; it says which that is.
    """
    read = [{**defaults, **_slot(number, slot)} for number, slot in enumerate(slots, 1)]
    found = [
        Step(number, order(_whole(number, slot), start, end, settings))
        for number, (slot, (start, end)) in enumerate(
            zip(read, _spans(read), strict=True), 1
        )
    ]
    _check_overlaps(found)
    return found


def order(slot: Slot, start: datetime, end: datetime, settings: Settings) -> Order:
    """Give the order of a slot that has a policy and a device type."""
    policy, power = str(slot["policy"]), slot.get("power")
    if power is not None and slot.get("invert"):
        power = -power
    if power is not None and power < 0 and slot.get("policy_negative"):
        policy, power = slot["policy_negative"], -power
    return Order(
        device_type=slot["device_type"],
        node_id=slot.get("node_id"),
        start=start.timestamp(),
        end=end.timestamp(),
        policy=policy,
        power=settings.power(power),
        site_import=slot.get("site_import"),
        site_export=slot.get("site_export"),
        remove_overlap=slot.get("remove_overlap", False),
        tag=slot.get("tag"),
    )


def moment(value: datetime) -> datetime:
    """Read a time; one without a zone is Home Assistant's.

    In UTC, where an hour is always as long.
    """
    return dt_util.as_utc(value)


def _whole(number: int, slot: Slot) -> Slot:
    """Look that a slot says what is to be done, and by whom."""
    for field in ("policy", "device_type"):
        if not slot.get(field):
            raise CommandError("slot_lacks", slot=str(number), field=field)
    return slot


# --- one slot -------------------------------------------------------------------------


def _slot(number: int, slot: object) -> Slot:
    """Read a slot with the names and the values of a planner."""
    if not isinstance(slot, Mapping):
        raise CommandError("slot_no_mapping", slot=str(number))
    fields: dict[str, Any] = {}
    for key in map(str, slot):
        name = _name(key, slot)
        if name not in _READERS:
            raise CommandError(
                "slot_key_unknown", slot=str(number), name=key[:_LONGEST_QUOTE]
            )
        if name in fields:
            raise CommandError("slot_twice", slot=str(number), field=name)
        fields[name] = _value(number, name, slot[key])
    if "start" not in fields:
        raise CommandError("slot_lacks", slot=str(number), field="start")
    if "end" in fields and "duration" in fields:
        raise CommandError("slot_two_ends", slot=str(number))
    return fields


def _name(key: str, slot: Mapping[Any, Any]) -> str:
    """Give the name of ours for a planner's."""
    if key in _READERS:
        return key
    if key in _RENAMED:
        return _RENAMED[key]
    # A date and one value is EMHASS's form; the value may have any name there.
    alone = len(slot) == 2 and "date" in slot and not _NO_POWER.search(key)
    return "power" if _POWER.fullmatch(key) or alone else key


def _value(number: int, name: str, value: object) -> Any:
    quoted = str(value)[:_LONGEST_QUOTE]
    try:
        return _READERS[name](value)
    except AmbiguousError as err:
        raise CommandError(
            "slot_ambiguous", slot=str(number), field=name, value=quoted
        ) from err
    except (vol.Invalid, ProtocolError) as err:
        raise CommandError(
            "slot_value", slot=str(number), field=name, value=quoted
        ) from err


# --- times ----------------------------------------------------------------------------


def _target(slot: Slot) -> tuple[Any, Any]:
    return slot.get("device_type"), slot.get("node_id")


def _spans(slots: Sequence[Slot]) -> list[tuple[datetime, datetime]]:
    """Give start and end of each slot."""
    starts = [moment(slot["start"]) for slot in slots]
    following: dict[tuple[Any, Any], list[datetime]] = {}
    for slot, start in zip(slots, starts, strict=True):
        following.setdefault(_target(slot), []).append(start)
    nexts = {
        target: dict(pairwise(sorted(set(times))))
        for target, times in following.items()
    }
    lengths: dict[tuple[Any, Any], timedelta] = {}
    spans = []
    for number, (slot, start) in enumerate(zip(slots, starts, strict=True), 1):
        target = _target(slot)
        end = _end(slot, start, nexts[target].get(start), lengths.get(target))
        if end is None:
            raise CommandError("slot_no_end", slot=str(number))
        if end <= start:
            raise CommandError("slot_backwards", slot=str(number))
        lengths[target] = end - start
        spans.append((start, end))
    return spans


def _end(
    slot: Slot, start: datetime, following: datetime | None, length: timedelta | None
) -> datetime | None:
    if (end := slot.get("end")) is not None:
        return moment(end)
    if (duration := slot.get("duration")) is not None:
        return start + timedelta(seconds=duration.total_seconds())
    if following is not None:
        return following
    return start + length if length is not None else None


def _check_overlaps(found: Iterable[Step]) -> None:
    """Look that no device has to do two things at once."""
    by_type: dict[str, list[Step]] = {}
    for step in found:
        by_type.setdefault(step.order.device_type, []).append(step)
    for group in by_type.values():
        open_ones: list[Step] = []
        for step in sorted(group, key=lambda item: item.order.start):
            open_ones = [
                item for item in open_ones if item.order.end > step.order.start
            ]
            for other in open_ones:
                if not step.order.node_id or other.order.node_id in (
                    None,
                    step.order.node_id,
                ):
                    first, second = sorted((other.number, step.number))
                    raise CommandError(
                        "slots_overlap", slot=str(first), other=str(second)
                    )
            open_ones.append(step)
