"""Answers that are a list with one line for each inverter.

A line that cannot be read is left out, and the others are read.
"""

from dataclasses import dataclass
from typing import Final

from .fields import Reader
from .framing import Command, unwrap_checked

# Where 0025 and 0026 repeat which operation was asked, before the status.
_OPERATION: Final = 2


@dataclass(frozen=True, slots=True)
class MaxPower:
    """The limit of an inverter's power, for each of its channels."""

    limit: int
    """W as asked for; 0 is no limit."""
    result: int
    """W as the inverter has confirmed it."""


def decode_signal(frame: bytes) -> dict[str, int]:
    """Read the answer to 0030: each inverter's Zigbee level, raw.

    0 is an inverter without a connection; `signal_percent` makes sense of the others.

    Raises:
        ProtocolError: If this is no such answer.
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
    return dict(
        fields.each(
            10,
            lambda entry: (
                entry.bcd(6),
                MaxPower(entry.number(2), entry.number(2)),
            ),
        )
    )


def decode_switch_states(frame: bytes) -> dict[str, bool | None]:
    """Read the answer to 0026: which inverters are switched on; None is not told.

    Raises:
        ProtocolError: If this is no such answer.
    """
    fields = Reader(unwrap_checked(frame, Command.SWITCH_STATES, _OPERATION).payload)
    states = {b"0": True, b"1": False}
    return dict(fields.each(7, lambda entry: (entry.bcd(6), states.get(entry.take(1)))))
