"""The named fields of any reply, for people."""

from collections.abc import Callable, Mapping
from dataclasses import fields as fields_of, is_dataclass
from datetime import datetime, time
from enum import Enum, IntFlag
from typing import Any, Final

from .. import ProtocolError
from .command import Kind
from .fields import VersionNumber
from .framing import Reply
from .readers import (
    read_calibration,
    read_capacity,
    read_connected,
    read_energy,
    read_energy_limit,
    read_faults,
    read_flags,
    read_frequency,
    read_heartbeat,
    read_id,
    read_lock,
    read_meter,
    read_over_temperature,
    read_relays,
    read_set_current,
    read_status,
    read_temperatures,
    read_time,
    read_time_limit,
    read_timer,
    read_version,
)
from .table import COMMANDS

type Described = int | float | str | None

_READERS: Final[Mapping[str, Callable[[Reply], Any]]] = {
    "G0": read_connected,
    "G3": read_time_limit,
    "G4": read_lock,
    "G5": read_lock,
    "GA": read_calibration,
    "GC": read_capacity,
    "GD": read_timer,
    "GE": read_flags,
    "GF": read_faults,
    "GG": read_meter,
    "GH": read_energy_limit,
    "GI": read_id,
    "GM": read_calibration,
    "GO": read_over_temperature,
    "GR": read_relays,
    "GS": read_status,
    "GT": read_time,
    "GU": read_energy,
    "GV": read_version,
    "GY": read_heartbeat,
    "GZ": read_frequency,
    "SC": read_set_current,
    "SY": read_heartbeat,
}


def describe(
    command: str, reply: Reply, firmware: VersionNumber | None = None
) -> dict[str, Described]:
    """Return the fields of a reply by name, in the units of the readers.

    Enumerations and flags become names, times ISO 8601. A reply that is not what the
    command's answer should be, or of an unknown command, has `value_1`, `value_2`...;
    nothing is raised. `firmware` tells apart 0 °C and a missing sensor.
    """
    entry = COMMANDS.get(command)
    names = entry.reply if entry is not None else ()
    reader = _READERS.get(command)
    try:
        if command == "GP":
            return _named(names, read_temperatures(reply, firmware))
        if reader is not None:
            return _named(names, reader(reply))
    except ProtocolError:
        names = ()
    if entry is not None and entry.kind is Kind.WRITE and not reply.ok:
        names = ()
    if len(names) < len(reply.values):
        names = tuple(f"value_{n + 1}" for n in range(len(reply.values)))
    return dict(zip(names, reply.values, strict=False))


def _named(names: tuple[str, ...], record: object) -> dict[str, Described]:
    """Return what a reader gave under the names of the table."""
    if is_dataclass(record):
        values = [getattr(record, field.name) for field in fields_of(record)]
    else:
        values = [record]
    values += [None] * (len(names) - len(values))
    return {name: _plain(value) for name, value in zip(names, values, strict=True)}


def _plain(value: Any) -> Described:
    """Return a value as JSON has it."""
    match value:
        case IntFlag():
            return ", ".join(flag.name.lower() for flag in value if flag.name) or None
        case Enum():
            return value.name.lower()
        case datetime() | time():
            return value.isoformat()
        case tuple():
            return ".".join(map(str, value))
    plain: Described = value
    return plain
