"""Frames of the ECU's TCP port 8899: requests and the envelope of every answer.

Facts are from the vendor's test tool (github.com/crawler-john/ECU-R-PC) and from real
frames. An answer begins with `APS`, two digits for the group, and four for its length:
all bytes up to and including `END`, without the line feed that may follow. A line feed
and `END` may also stand inside of it, so that only the length tells where it ends.
There is no checksum.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from .. import ProtocolError

PORT: Final = 8899
# From `APS` to the four digits of the length.
HEAD_LENGTH: Final = 9

_START: Final = b"APS"
_END: Final = b"END"
_PAYLOAD: Final = 13
_STATUS_LENGTH: Final = 2
_ID_LENGTH: Final = 12


class Command(StrEnum):
    """What may be asked: reading only. Writing over TCP is known to crash ECUs."""

    INFO = "0001"
    INVERTERS = "0002"
    POWER_HISTORY = "0003"
    ENERGY_HISTORY = "0004"
    MAX_POWER = "0025"
    SWITCH_STATES = "0026"
    SIGNAL = "0030"
    ALARMS = "0032"


class Period(StrEnum):
    """Over which time 0004 lists energy."""

    WEEK = "00"
    MONTH = "01"
    YEAR = "02"


class NoDataError(ProtocolError):
    """The ECU answers that it has none (status x2), as after it was replaced."""


class WrongEcuError(ProtocolError):
    """The ECU answers that the id in the request is not its own (status x1)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An answer without its envelope."""

    group: str
    """`11`, or `12` in some answers of newer firmware."""
    payload: bytes
    """What stands between the command's code and `END`."""


def encode_request(
    command: str,
    ecu_id: str | None = None,
    *,
    day: date | None = None,
    period: Period = Period.WEEK,
    page: int = 0,
) -> bytes:
    """Return the bytes to send.

    All but 0001 need the 12 digits of the ECU's id; 0003 and 0032 need the day, 0004
    takes the period, 0032 the page (0 to 999). The line feed that may follow is left
    out, as the vendor's tool does.

    Raises ProtocolError if the command is not one that only reads, or lacks something.
    """
    if command not in Command:
        raise ProtocolError(f"not a command for reading: {command!r:.20}")
    payload = ""
    if command != Command.INFO:
        if ecu_id is None or len(ecu_id) != _ID_LENGTH or not is_digits(ecu_id):
            raise ProtocolError("the ECU's id is not 12 digits")
        payload = ecu_id
    match command:
        case Command.POWER_HISTORY:
            payload += f"END{_day(day)}"
        case Command.ENERGY_HISTORY:
            payload += f"END{Period(period)}"
        case Command.ALARMS:
            if not 0 <= page <= 999:
                raise ProtocolError("the page is not in 0 to 999")
            payload += f"END{_day(day)}{page:03}"
        case Command.MAX_POWER | Command.SWITCH_STATES:
            payload += "01"
    length = _PAYLOAD + len(payload) + len(_END)
    return f"APS11{length:04}{command}{payload}END".encode("ascii")


def _day(day: date | None) -> str:
    if day is None:
        raise ProtocolError("the day is missing")
    return f"{day:%Y%m%d}"


def is_digits(text: str) -> bool:
    """Tell whether these are decimal digits of ASCII, and nothing else."""
    return text.isascii() and text.isdecimal()


def frame_length(head: bytes) -> int:
    """Tell how long an answer is, in bytes from `APS` on, without the line feed.

    `head` is its first 9 bytes, or more.

    Raises ProtocolError if this is not the beginning of an answer.
    """
    length = head[5:HEAD_LENGTH]
    if not head.startswith(_START) or len(length) < 4 or not length.isdigit():
        raise ProtocolError("not the beginning of an ECU's answer")
    if (number := int(length)) < _PAYLOAD + _STATUS_LENGTH:
        raise ProtocolError("an answer that is too short")
    return number


def unwrap(frame: bytes, command: Command) -> Frame:
    """Return what is in the answer to this command, which is given whole.

    Raises:
        ProtocolError: If it is cut, has something after it, or answers another command.
    """
    length = frame_length(frame)
    if len(frame) != length and frame[length:] != b"\n":
        raise ProtocolError(f"an answer of {len(frame)} bytes that says {length}")
    if frame[HEAD_LENGTH:_PAYLOAD] != command.encode("ascii"):
        raise ProtocolError(f"not an answer to {command}")
    if not (group := frame[3:5]).isdigit():
        raise ProtocolError("an answer of an unknown group")
    payload = frame[_PAYLOAD:length]
    if payload.endswith(_END):
        payload = payload[: -len(_END)]
    elif len(payload) != _STATUS_LENGTH or payload[-1:] == b"0":
        # Only an answer without data, as of the ECU-B, comes without the `END`.
        raise ProtocolError("an answer without its END")
    return Frame(group.decode("ascii"), payload)


def unwrap_checked(frame: bytes, command: Command, status_at: int = 0) -> Frame:
    """Like `unwrap`, without the status and what is before it.

    Raises:
        NoDataError: If the ECU says that it has none.
        WrongEcuError: If the id in the request is not the ECU's.
        ProtocolError: If this is no answer to the command.
    """
    whole = unwrap(frame, command)
    after = status_at + _STATUS_LENGTH
    status = whole.payload[status_at:after]
    if len(status) < _STATUS_LENGTH or not status.isdigit():
        raise ProtocolError("an answer without a status")
    match status[-1:]:
        case b"0":
            return Frame(whole.group, whole.payload[after:])
        case b"1":
            raise WrongEcuError("the ECU does not go by this id")
        case b"2":
            raise NoDataError("the ECU has no data")
        case _:
            raise ProtocolError(f"an answer of status {status.decode('ascii')}")
