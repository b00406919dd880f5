"""Answers that are lists: of inverters, and of what the ECU has kept.

A line that cannot be read is left out, and the others are read.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Final

from .. import ProtocolError
from .fields import Reader, parse_date
from .framing import Command, Frame, Period, unwrap_checked

# Where 0025 and 0026 repeat which operation was asked, before the status.
_OPERATION: Final = 2


@dataclass(frozen=True, slots=True)
class MaxPower:
    """The limit of an inverter's power, for each of its channels."""

    limit: int
    """W as asked for; 0 is no limit."""
    result: int
    """W as the inverter has confirmed it."""


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """One point of a day's curve."""

    time: time
    """In the ECU's zone."""
    power: int
    """W."""


@dataclass(frozen=True, slots=True)
class EnergyPoint:
    """The energy of one day; for the period of a year, of one month."""

    date: date
    energy: float
    """kWh."""


@dataclass(frozen=True, slots=True)
class EnergyHistory:
    """The answer to 0004."""

    period: Period
    points: tuple[EnergyPoint, ...]


def decode_signal(frame: bytes) -> dict[str, int]:
    """Read the answer to 0030: each inverter's Zigbee level, raw.

    0 is an inverter without a connection; `signal_percent` makes sense of the others.
    Raises ProtocolError.
    """
    fields = Reader(unwrap_checked(frame, Command.SIGNAL).payload)
    return dict(fields.each(7, lambda entry: (entry.bcd(6), entry.number(1))))


def signal_percent(level: int) -> int | None:
    """Give % of the best level; None for an inverter without a connection.

    The unit of the level is not documented: clients that show dBm each have their own.
    """
    return int(level / 255 * 100) if level else None


def decode_max_power(frame: bytes) -> dict[str, MaxPower]:
    """Read the answer to 0025. Raises ProtocolError."""
    fields = Reader(unwrap_checked(frame, Command.MAX_POWER, _OPERATION).payload)

    def read(entry: Reader) -> tuple[str, MaxPower]:
        return entry.bcd(6), MaxPower(entry.number(2), entry.number(2))

    return dict(fields.each(10, read))


def decode_switch_states(frame: bytes) -> dict[str, bool | None]:
    """Read the answer to 0026: which inverters are switched on; None is not told.

    Raises ProtocolError.
    """
    fields = Reader(unwrap_checked(frame, Command.SWITCH_STATES, _OPERATION).payload)
    states = {b"0": True, b"1": False}
    return dict(fields.each(7, lambda entry: (entry.bcd(6), states.get(entry.take(1)))))


def decode_power_history(frame: bytes) -> tuple[PowerPoint, ...]:
    """Read the answer to 0003: the curve of the day that was asked for.

    Raises:
        NoDataError: If the ECU has none of that day.
        ProtocolError: If this is no such answer.
    """
    fields = Reader(unwrap_checked(frame, Command.POWER_HISTORY).payload)
    return tuple(
        fields.each(4, lambda entry: PowerPoint(entry.clock(), entry.number(2)))
    )


def decode_energy_history(frame: bytes) -> EnergyHistory:
    """Read the answer to 0004.

    Raises:
        NoDataError: If the ECU has none.
        ProtocolError: If this is no such answer.
    """
    answer = unwrap_checked(frame, Command.ENERGY_HISTORY)
    period = Reader(answer.payload).digits(2)
    if period not in Period:
        raise ProtocolError(f"energy of the unknown period {period}")
    return EnergyHistory(Period(period), _points(answer))


def _points(answer: Frame) -> tuple[EnergyPoint, ...]:
    """Read the list, whose energies have 2 bytes in group 11, and 4 in group 12.

    An ECU-R has been seen to use 4 in group 11: what is no date tells.
    """
    data = answer.payload[2:]
    lengths = (4, 2) if answer.group == "12" else (2, 4)
    try:
        return _points_of(data, lengths[0])
    except ProtocolError:
        return _points_of(data, lengths[1])


def _points_of(data: bytes, length: int) -> tuple[EnergyPoint, ...]:
    return tuple(
        EnergyPoint(parse_date(entry.bcd(4)), entry.number(length) / 100)
        for entry in Reader(data).records(4 + length)
    )
