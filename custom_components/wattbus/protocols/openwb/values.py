"""Reading the JSON of one topic into named values (topic_parser.decode_payload, pub.py).

Every reader takes what JSON made of a payload; null, and a topic that was deleted, is
None and gives every name the value None.
One that is given what it cannot read raises ProtocolError.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
import re
from typing import Any, Final, NamedTuple

from .. import ProtocolError
from ..payload import number as plain_number, quote, quote_name, whole

type Value = (
    str | int | float | bool | datetime | Mapping[str, Any] | tuple[Any, ...] | None
)
"""What a topic can say; a naive datetime is in openWB's own time zone."""


class Partly(NamedTuple):
    """What could be read of a value that has a part of the wrong type."""

    value: Value
    reason: str


type Read = Callable[[object, str], Value | Partly]
"""Reads one value; the text names it in errors."""

type Reader = Callable[[object, str], Mapping[str, Value | Partly]]
"""Reads a topic's values by name."""

PHASES: Final = ("L1", "L2", "L3")

# In km.
_MILE: Final = 1.609344
_MAX_TEXT: Final = 4096
_MAX_MOMENT: Final = 4_102_441_200  # what openWB itself takes: the year 2100
_DURATION: Final = re.compile(r"([0-9]{1,6}):([0-5][0-9])")
_HOTTEST: Final = 200
# Up to 2.1.x; see `moment`.
_MOMENT: Final = "%m/%d/%Y, %H:%M:%S"


def number(raw: object, what: str) -> float | None:
    """Read a number, in the unit that the topic has."""
    value = plain_number(raw, what)
    if value is not None and not abs(value) < 2**64:
        raise ProtocolError(f"{quote_name(what)} is out of range")
    return value


def integer(raw: object, what: str) -> int | None:
    """Read a whole number, which may be written as `3.0`."""
    return whole(number(raw, what), what)


def boolean(raw: object, what: str) -> bool | None:
    """Read `true` and `false`, or 1 and 0."""
    if raw is None:
        return None
    if not isinstance(raw, int) or raw not in (0, 1):
        raise ProtocolError(f"{quote_name(what)} is not a boolean: {quote(raw)}")
    return bool(raw)


def text(raw: object, what: str) -> str | None:
    """Read text; what is empty is None."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or len(raw) > _MAX_TEXT:
        raise ProtocolError(f"{quote_name(what)} is not text: {quote(raw)}")
    return raw


def words(raw: object, what: str) -> str | None:
    """Read text that is a number where there is none (`pv/get/fault_str` up to 2.1.7)."""
    return None if type(raw) in (int, float) else text(raw, what)


def texts(raw: object, what: str) -> tuple[str, ...] | Partly | None:
    """Read a list of texts."""
    if (told := entries(raw, what)) is None:
        return None
    found = tuple(item for item in told if isinstance(item, str))
    if len(found) < len(told):
        return Partly(found, f"{quote_name(what)} has an entry that is not text")
    return found


def entries(raw: object, what: str) -> tuple[Any, ...] | None:
    """Read a list as it is."""
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise ProtocolError(f"{quote_name(what)} is not a list: {quote(raw)}")
    return tuple(raw)


def document(raw: object, what: str) -> Mapping[str, Any] | None:
    """Read an object as it is."""
    if raw is not None and not isinstance(raw, dict):
        raise ProtocolError(f"{quote_name(what)} is not an object: {quote(raw)}")
    return raw


def evse_current(raw: object, what: str) -> float | None:
    """Read the current that a charge point allows [A]; some tell it in 0.01 A."""
    value = number(raw, what)
    return value / 100 if value is not None and 600 <= value <= 3200 else value


def temperature(raw: object, what: str) -> float | None:
    """Read a temperature [°C]; 300 is openWB's word for no sensor."""
    value = number(raw, what)
    return None if value is not None and value > _HOTTEST else value


def moment(raw: object, what: str) -> datetime | None:
    """Read a time: seconds since 1970, or `12/30/2025, 09:55:50` (up to 2.1.x).

    The text has no time zone: it is openWB's own.
    """
    if isinstance(raw, str):
        try:
            return datetime.strptime(raw, _MOMENT)
        except ValueError:
            raise ProtocolError(
                f"{quote_name(what)} is not a time: {quote(raw)}"
            ) from None
    seconds = number(raw, what)
    if seconds is None or seconds == 0:
        return None
    if not 0 < seconds <= _MAX_MOMENT:
        raise ProtocolError(f"{quote_name(what)} is not a time")
    return datetime.fromtimestamp(seconds, UTC)


def duration(raw: object, what: str) -> int | None:
    """Read a duration into seconds: `1:44` (up to 2.1.8), or seconds with a fraction."""
    if not isinstance(raw, str):
        seconds = number(raw, what)
        return None if seconds is None else round(seconds)
    if not (found := _DURATION.fullmatch(raw)):
        raise ProtocolError(f"{quote_name(what)} is not a duration: {quote(raw)}")
    return int(found[1]) * 3600 + int(found[2]) * 60


def prices(raw: object, what: str) -> Mapping[str, float] | Partly | None:
    """Read prices [€/Wh] by the time that they begin at [seconds since 1970, as text]."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise ProtocolError(f"{quote_name(what)} is not an object: {quote(raw)}")
    found: dict[str, float] = {}
    reason = ""
    for key, value in raw.items():
        if not re.fullmatch(r"[0-9]{1,10}", key):
            reason = f"{quote_name(what)} has a time that is none"
            continue
        price = part(number, value, what)
        if isinstance(price, Partly):
            reason = price.reason
        elif isinstance(price, int | float):
            found[key] = price
    ordered = dict(sorted(found.items(), key=lambda item: int(item[0])))
    return Partly(ordered, reason) if reason else ordered


def newest(raw: object, what: str) -> int | None:
    """Read a count, or the last of all counts (from 2.1.9)."""
    if isinstance(raw, list):
        raw = raw[-1] if raw else None
    return integer(raw, what)


def part(read: Read, raw: object, what: str) -> Value | Partly:
    """Read a part: one that cannot be read costs itself, and not its neighbours."""
    try:
        return read(raw, what)
    except ProtocolError as error:
        return Partly(None, str(error))


def if_any(read: Read) -> Read:
    """Return a reader that takes words, such as `none`, for no value."""
    return lambda raw, what: None if isinstance(raw, str) else read(raw, what)


# --- readers of topics ------------------------------------------------------------------


def one(key: str, read: Read) -> Reader:
    """Return a reader of a topic with one value."""

    def reader(raw: object, what: str) -> Mapping[str, Value | Partly]:
        return {key: read(raw, what)}

    return reader


def phases(stem: str, suffixes: tuple[str, ...] = PHASES) -> Reader:
    """Return a reader of `[L1, L2, L3]`; openWB does not check the length."""
    names = [f"{stem}_{suffix}" for suffix in suffixes]

    def reader(raw: object, what: str) -> Mapping[str, Value | Partly]:
        if raw is None:
            return dict.fromkeys(names)
        if not isinstance(raw, list):
            raise ProtocolError(f"{quote_name(what)} is not a list: {quote(raw)}")
        return {
            name: part(number, raw[index], what) if index < len(raw) else None
            for index, name in enumerate(names)
        }

    return reader


def members(rows: Mapping[str, tuple[str, Read]], **inner: Reader) -> Reader:
    """Return a reader of an object: by member, the name and reader of its value.

    A member that is not there says nothing, and one that is not named is passed over.
    `inner` are the readers of members that are objects themselves.
    """

    def reader(raw: object, what: str) -> Mapping[str, Value | Partly]:
        if (found := document(raw, what)) is None:
            names = [key for key, _ in rows.values()]
            deeper = [key for reads in inner.values() for key in reads(None, what)]
            return dict.fromkeys((*names, *deeper))
        values: dict[str, Value | Partly] = {
            key: part(read, found[name], name)
            for name, (key, read) in rows.items()
            if name in found
        }
        for name, reads in inner.items():
            if name in found:
                values |= _inside(reads, found[name], name)
        return values

    return reader


def _inside(read: Reader, raw: object, what: str) -> Mapping[str, Value | Partly]:
    """Read an object in an object; if it is none, that costs its values alone."""
    try:
        return read(raw, what)
    except ProtocolError as error:
        return dict.fromkeys(read(None, what), Partly(None, str(error)))


_TERMINAL: Final = re.compile(r"[AD][IO][0-9]{1,2}")


def flags_or_levels(stem: str) -> Reader:
    """Return a reader of an io module's states: by terminal, whether it is on, or volts."""

    def reader(raw: object, what: str) -> Mapping[str, Value | Partly]:
        found = document(raw, what) or {}
        return {
            f"{stem}_{name}": value
            if isinstance(value, bool)
            else part(number, value, name)
            for name, value in found.items()
            if _TERMINAL.fullmatch(name)
        }

    return reader


_vehicle_members: Final = members(
    {
        "soc": ("connected_vehicle_soc", number),
        "range": ("connected_vehicle_range", number),
        "range_charged": ("range_charged", number),
        "timestamp": ("connected_vehicle_soc_timestamp", moment),
        "fault_state": ("connected_vehicle_fault_state", integer),
        "fault_str": ("connected_vehicle_fault_str", text),
    }
)


def connected_soc(raw: object, what: str) -> Mapping[str, Value | Partly]:
    """Read the state of charge [%] and the ranges [km] of the connected vehicle."""
    values = dict(_vehicle_members(raw, what))
    if isinstance(raw, dict) and raw.get("range_unit") == "mi":
        for key in ("connected_vehicle_range", "range_charged"):
            if isinstance(miles := values.get(key), int | float):
                values[key] = miles * _MILE
    return values


_by_source: Final = members(
    {name: (f"session_energy_{name}", number) for name in ("bat", "cp", "grid", "pv")}
)

_log_members: Final = members(
    {
        "chargemode_log_entry": ("session_chargemode", text),
        "imported_since_plugged": ("imported_since_plugged", number),
        "imported_since_mode_switch": ("imported_since_mode_switch", number),
        "exported_since_plugged": ("exported_since_plugged", number),
        "exported_since_mode_switch": ("exported_since_mode_switch", number),
        "range_charged": ("session_range_charged", number),
        "time_charged": ("session_time_charged", duration),
        "costs": ("session_costs", number),
        "timestamp_start_charging": ("session_start", moment),
        "soc_at_start": ("session_soc_at_start", number),
    },
    charged_energy_by_source=_by_source,
)


def session(raw: object, what: str) -> Mapping[str, Value | Partly]:
    """Read the data of a charging session: Wh, km, seconds and €."""
    values = dict(_log_members(raw, what))
    if values.get("session_chargemode") == "_":
        values["session_chargemode"] = None  # nothing charged yet
    return values
