"""Every topic that openWB publishes its state on, and what is read of it.

One dictionary: a topic's numbers become `+`, the rest names the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .. import ProtocolError
from ..payload import decode_json
from .hierarchy import Kind, component
from .tables import (
    BATTERY,
    BATTERY_CONTROL,
    CHARGE_POINT,
    CONSUMER,
    COUNTER,
    EVSE,
    GENERAL,
    HOUSE,
    INVERTER,
    MEASURED,
    OPTIONAL,
    SMART_HOME,
    STORED,
    SYSTEM,
    SYSTEM_SETTINGS,
    VEHICLE,
)
from .values import (
    Partly,
    Reader,
    Value,
    boolean,
    document,
    flags_or_levels,
    if_any,
    integer,
    members,
    number,
    one,
    text,
)

MAX_PAYLOAD: Final = 262_144
_LONGEST_ID: Final = 6


@dataclass(frozen=True, slots=True)
class State:
    """What one topic said."""

    kind: Kind
    id: int | None
    """Which of its kind; None where there is one."""
    values: Mapping[str, Value]
    topic: str = ""
    """Without the root."""
    deleted: bool = False
    """Whether the topic is no more."""
    unread: tuple[str, ...] = ()
    """Why parts of it could not be read; the value of each is None, or lacks it."""


@dataclass(frozen=True, slots=True)
class _Row:
    kind: Kind
    reader: Reader
    lenient: bool = False
    """Whether text may come without quotes, as openWB 1.9 wrote it."""


def _sum(word: str, readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """Return readers of the sum of a kind, whose names begin with that kind."""

    def named(reader: Reader) -> Reader:
        def read(raw: object, what: str) -> Mapping[str, Value | Partly]:
            return {f"{word}_{key}": value for key, value in reader(raw, what).items()}

        return read

    return {f"{word}/get/{name}": named(reader) for name, reader in readers.items()}


def _rows(
    prefix: str, kind: Kind, readers: Mapping[str, Reader], *, lenient: bool = False
) -> dict[str, _Row]:
    return {
        f"{prefix}/{name}": _Row(kind, read, lenient) for name, read in readers.items()
    }


_TERMINALS: Final = (
    *("get/digital_input", "get/analog_input", "get/digital_output"),
    *("get/analog_output", "set/digital_output", "set/analog_output"),
)


_TOPICS: Final[Mapping[str, _Row]] = {
    **_rows("chargepoint/+", Kind.CHARGE_POINT, CHARGE_POINT),
    **_rows("counter/+", Kind.COUNTER, COUNTER),
    **_rows("pv/+", Kind.INVERTER, INVERTER),
    **_rows("bat/+", Kind.BATTERY, BATTERY),
    **_rows("vehicle/+", Kind.VEHICLE, VEHICLE),
    **_rows("consumer/+", Kind.CONSUMER, CONSUMER),
    **{
        name: _Row(Kind.SYSTEM, reader)
        for word, readers in (
            ("chargepoint", MEASURED),
            ("pv", MEASURED),
            ("bat", STORED),
            ("consumer", MEASURED),
        )
        for name, reader in _sum(word, readers).items()
    },
    **_rows("counter", Kind.SYSTEM, HOUSE),
    **_rows("bat/config", Kind.SYSTEM, BATTERY_CONTROL),
    "pv/config/configured": _Row(Kind.SYSTEM, one("pv_configured", boolean)),
    **_rows("general", Kind.SYSTEM, GENERAL),
    **{topic: _Row(Kind.SYSTEM, read) for topic, read in SYSTEM_SETTINGS.items()},
    **_rows("optional", Kind.SYSTEM, OPTIONAL),
    **_rows("system", Kind.SYSTEM, SYSTEM),
    "system/device/+/config": _Row(
        Kind.HARDWARE, members({"name": ("name", text), "type": ("type", text)})
    ),
    "system/device/+/component/+/config": _Row(Kind.COMPONENT, component),
    "vehicle/template/charge_template/+": _Row(
        Kind.CHARGE_TEMPLATE, one("charge_template", document)
    ),
    # Up to 2.1.7 the plans are not in the template.
    "vehicle/template/charge_template/+/chargemode/scheduled_charging/plans/+": _Row(
        Kind.CHARGE_TEMPLATE, one("schedule_plan", document)
    ),
    "vehicle/template/charge_template/+/time_charging/plans/+": _Row(
        Kind.CHARGE_TEMPLATE, one("time_plan", document)
    ),
    "vehicle/template/ev_template/+": _Row(
        Kind.VEHICLE_TEMPLATE, one("vehicle_template", document)
    ),
    "chargepoint/template/+": _Row(
        Kind.CHARGE_POINT_TEMPLATE, one("charge_point_template", document)
    ),
    **{
        f"io/states/+/{place}": _Row(
            Kind.IO, flags_or_levels(place.removeprefix("get/").replace("/", "_"))
        )
        for place in _TERMINALS
    },
    "system/io/+/config": _Row(
        Kind.IO, members({"name": ("name", text), "type": ("type", text)})
    ),
    **_rows("internal_chargepoint/+/get", Kind.OWN_EVSE, EVSE),
    "internal_chargepoint/+/data/parent_cp": _Row(
        Kind.OWN_EVSE, one("parent_charge_point", integer)
    ),
    **_rows("LegacySmartHome/Devices/+", Kind.SMART_HOME, SMART_HOME, lenient=True),
    "LegacySmartHome/config/get/Devices/+/device_name": _Row(
        Kind.SMART_HOME, one("name", text), lenient=True
    ),
    "LegacySmartHome/Status/wattnichtHaus": _Row(
        Kind.SYSTEM, one("smart_home_power", if_any(number)), lenient=True
    ),
    "LegacySmartHome/Status/uberschuss": _Row(
        Kind.SYSTEM, one("smart_home_surplus", if_any(number)), lenient=True
    ),
}

# Which of two numbers in a topic is the one that its value is named by.
_SECOND: Final = frozenset({"system/device/+/component/+/config"})


def decode(topic: str, payload: bytes | str, root: str = "openWB") -> State | None:
    """Read one topic; None if its topic is none that this knows.

    An empty payload is a topic that was deleted: its values are None.

    Raises:
        ProtocolError: If the payload is not what that topic has, or it is a filter.
    """
    if "+" in topic or "#" in topic:
        raise ProtocolError("not a topic but a filter")
    if not topic.startswith(f"{root}/"):
        return None
    path = topic[len(root) + 1 :]
    pattern, ids = _pattern(path)
    row = _TOPICS.get(pattern)
    if row is None:
        return None
    raw = _parse(payload, row)
    read = row.reader(raw, topic.rpartition("/")[2])
    unread = tuple(one.reason for one in read.values() if isinstance(one, Partly))
    values: dict[str, Value] = {
        name: one.value if isinstance(one, Partly) else one
        for name, one in read.items()
    }
    if row.kind is Kind.COMPONENT:
        values["hardware"] = ids[0]
    if row.kind is Kind.CHARGE_TEMPLATE and len(ids) > 1:
        values["plan"] = ids[1]
    number_of = ids[1 if pattern in _SECOND else 0] if ids else None
    return State(row.kind, number_of, values, path, not payload, unread)


def _pattern(path: str) -> tuple[str, list[int]]:
    """Give a topic's row and its numbers."""
    ids = []
    parts = path.split("/")
    for index, part in enumerate(parts):
        if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID:
            ids.append(int(part))
            parts[index] = "+"
    return "/".join(parts), ids


def _parse(payload: bytes | str, row: _Row) -> object:
    if not payload:
        return None
    try:
        return decode_json(payload, limit=MAX_PAYLOAD)
    except ProtocolError:
        if row.lenient:
            return _plain(payload)
        raise


def _plain(payload: bytes | str) -> str:
    try:
        plain = payload if isinstance(payload, str) else payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError("not UTF-8") from None
    return plain.strip()
