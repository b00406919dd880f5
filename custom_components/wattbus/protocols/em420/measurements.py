"""The data messages of both formats, and the recognition of what a message is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .. import ProtocolError
from ..payload import decode_object, identifier, number, quote_name
from .configuration import (
    Configuration,
    SourceConfiguration,
    checked,
    plain_divisors,
    read_configuration,
    read_id,
    read_records,
)
from .enums import STATUSES, Status, read
from .keys import KEY_SCALES, KEYS, Scale

_DIVISORS: Final = plain_divisors(KEY_SCALES)
_NANOS: Final = 1_000_000_000
# Seconds that large are in the year 5138: the number is in milliseconds.
_MILLISECONDS: Final = 100_000_000_000
# The end of the year 9999, the last that Python's datetime knows.
_LAST_SECOND: Final = 253_402_300_799

_PHASE_SUFFIXES: Final = ("", "_L1", "_L2", "_L3")
_NET_KEYS: Final = tuple(
    (f"active_power{suffix}", f"active_power_+{suffix}", f"active_power_-{suffix}")
    for suffix in _PHASE_SUFFIXES
)


@dataclass(frozen=True, slots=True)
class Source:
    """What one source measured.

    `timestamp` is in Unix seconds. `values` are in base units (W, Wh, VA, VAh, var,
    varh, V, A, Hz, 1) under the device's own keys; a value that the device does not
    have is None.
    """

    status: Status | None
    timestamp: float | None
    configuration_id: str | None
    values: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Measurements:
    """A data message; `unread` says what in it could not be read, and why."""

    sources: dict[str, Source]
    unread: tuple[str, ...] = field(default=(), compare=False)


def decode(
    payload: bytes | str,
    configurations: Mapping[str, SourceConfiguration] | None = None,
) -> Measurements | Configuration:
    """Decode a message of either format; which one it is shows in the message.

    Args:
        payload: The message: an object with one entry per source.
        configurations: What is known of the sources. It is used for a source whose
            data names it, or whose data is flat and names none.

    A part that cannot be read costs that part: a value is then None, a source without
    readable values is left out.

    Raises ProtocolError if nothing in it is a message of an EM420.
    """
    unread: list[str] = []
    records = read_records(decode_object(payload), unread)
    configuration = read_configuration(records, unread)
    if configuration.sources:
        return configuration
    configurations = configurations or {}
    sources = {
        source_id: source
        for source_id, record in records.items()
        if _is_source(record)
        and (
            source := _source(source_id, record, configurations.get(source_id), unread)
        )
    }
    if not sources:
        raise ProtocolError(unread[0] if unread else "no source of an EM420 in it")
    return Measurements(sources, tuple(unread))


def unit(key: str, configuration: SourceConfiguration | None = None) -> str | None:
    """Return the base unit that `decode` gives a key's values in, None for raw ones."""
    scale = (configuration.scales if configuration else KEY_SCALES).get(key)
    return scale.unit if scale else None


def net_power(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return the net active power [W], import minus export, total and by phase.

    Sensors often have the one direction only, which then is all there is. Null is
    not zero: without one of the two the difference is not known.
    """
    result: dict[str, float | None] = {}
    for net, plus, minus in _NET_KEYS:
        if plus not in values and minus not in values:
            continue
        imported = values.get(plus, 0.0)
        exported = values.get(minus, 0.0)
        if imported is None or exported is None:
            result[net] = None
        else:
            # The device has 0.1 W; adding 0.0 turns a negative zero into a plain one.
            result[net] = round(imported - exported, 6) + 0.0
    return result


def _is_source(record: dict[str, Any]) -> bool:
    """Return whether this is a record of the detailed or the flat data format."""
    return (
        "values" in record
        or "configuration_id" in record
        or "status" in record
        or "timestamp" in record
        or not KEYS.keys().isdisjoint(record)
    )


def _source(
    source_id: str,
    record: dict[str, Any],
    configuration: SourceConfiguration | None,
    unread: list[str],
) -> Source | None:
    """Read one source's data; None if there is no telling what it measured."""
    where = f"source {quote_name(source_id)}:"
    configuration_id = None
    if "values" in record or "configuration_id" in record:
        configuration_id = read_id(
            record.get("configuration_id"), f"{where} configuration_id", unread
        )
        values = record.get("values")
        if (
            values is not None
            and checked(values, dict, f"{where} values", unread) is None
        ):
            return None
        # A source without values, one that is in error, may have none at all.
        values = values or {}
        if configuration is not None and configuration.id != configuration_id:
            configuration = None
    else:
        values = {k: v for k, v in record.items() if k not in ("status", "timestamp")}
    return Source(
        None if (status := record.get("status")) is None else read(STATUSES, status),
        _timestamp(record.get("timestamp")),
        configuration_id,
        _values(where, values, configuration, unread),
    )


def _values(
    where: str,
    raw: dict[str, Any],
    configuration: SourceConfiguration | None,
    unread: list[str],
) -> dict[str, float | None]:
    """Bring a source's values to base units."""
    if configuration is None:
        scales: Mapping[str, Scale] = KEY_SCALES
        divisors: Mapping[str, int] = _DIVISORS
    else:
        scales = configuration.scales
        divisors = configuration.divisors
    values: dict[str, float | None] = {}
    for key, value in raw.items():
        # Nearly all of a device's values take this path, some thousand a second.
        if type(value) is int and key in divisors:
            values[key] = value / divisors[key]
        elif (scale := scales.get(key)) is not None:
            try:
                values[key] = _scaled(scale, value, key)
            except ProtocolError as error:
                values[key] = None
                unread.append(f"{where} {error}")
        elif value is None or type(value) in (int, float):
            try:
                values[identifier(key, f"{where} a value key")] = value
            except ProtocolError as error:
                unread.append(str(error))
        # Else it is text or more under a key that nothing is known of (TQ's records
        # may carry such): not a measurement.
    return values


def _scaled(scale: Scale, value: object, key: str) -> float | None:
    """Bring a value to its base unit. Raises ProtocolError."""
    read = number(value, key)
    return None if read is None else number(scale.apply(read), key)


def _timestamp(value: object) -> float | None:
    """Read Unix seconds: an integer when flat, seconds and nanos when detailed.

    Zero is a clock that was never set.
    """
    whole, nanos = value, None
    if isinstance(value, dict):
        whole, nanos = value.get("seconds"), value.get("nanos")
    if type(whole) is not int or whole <= 0:
        return None
    seconds: float = whole / 1000 if whole > _MILLISECONDS else whole
    if seconds > _LAST_SECOND:
        return None
    if type(nanos) is int and 0 < nanos < _NANOS:
        seconds += nanos / _NANOS
    return seconds
