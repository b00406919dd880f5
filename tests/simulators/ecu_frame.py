"""The ECU's frames: `APS`, group, length, command, payload, `END`, line feed.

The simulator encodes by itself and shares no code with the integration, so that a
wrong offset shows in the tests instead of cancelling out.
"""

from dataclasses import dataclass
from datetime import datetime
import re
import struct
from typing import Final

_HEAD_BYTES: Final = 13
# `END` also stands between the parts of a request: only the last one ends it.
_REQUEST: Final = re.compile(
    rb"APS(\d\d)(\d{4})(\d{4})(.*?)END[\r\n]*(?=APS\d\d|\Z)", re.DOTALL
)


@dataclass(frozen=True)
class Request:
    """What a client asked.

    Attributes:
        raw: All bytes, with the line feed if there was one.
        command: Four digits, such as `0002`.
        ecu_id: Whom it is for; empty in 0001.
        arguments: What stands behind the id, without `END`.
        declared: The length that the request says it has.
        at: When it came, by the ECU's clock.
    """

    raw: bytes
    command: str
    ecu_id: str
    arguments: str
    declared: int
    at: datetime

    @property
    def has_true_length(self) -> bool:
        """Whether it is as long as it says; the ECU answers in any case."""
        return len(self.raw.rstrip(b"\r\n")) == self.declared


def parse_requests(data: bytes, at: datetime) -> list[Request]:
    """Return the complete requests in what has come."""
    return [
        Request(
            raw=match[0],
            command=match[3].decode(),
            ecu_id=match[4][:12].decode("ascii", "replace"),
            arguments=match[4][12:].removeprefix(b"END").decode("latin-1"),
            declared=int(match[2]),
            at=at,
        )
        for match in _REQUEST.finditer(data)
    ]


def frame(
    command: str,
    payload: bytes,
    *,
    group: str = "11",
    end: bool = True,
    line_feed: bool = True,
) -> bytes:
    """Return a frame; its length counts everything but the line feed."""
    length = _HEAD_BYTES + len(payload) + 3 * end
    head = f"APS{group}{length:04}{command}".encode()
    return head + payload + b"END" * end + b"\n" * line_feed


def bcd(digits: str) -> bytes:
    """Return two decimal digits per byte."""
    return bytes.fromhex(digits)


def stamp(moment: datetime) -> bytes:
    """Return seven bytes, YYYYMMDDhhmmss in BCD: local time, no zone."""
    return bcd(f"{moment:%Y%m%d%H%M%S}")


def u16(*values: int) -> bytes:
    """Return big-endian words; what is too large wraps, as in the device."""
    return struct.pack(f">{len(values)}H", *(value & 0xFFFF for value in values))


def u32(value: int) -> bytes:
    """Return a big-endian long."""
    return struct.pack(">I", value & 0xFFFFFFFF)


def text(value: str) -> bytes:
    """Return a text behind its length in three digits."""
    return f"{len(value):03}{value}".encode()
