"""0003 and 0004: what the ECU has kept of power and energy."""

from dataclasses import dataclass
from datetime import date, time

from .. import ProtocolError
from .fields import Reader, parse_date
from .framing import Command, Frame, Period, unwrap_checked


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
