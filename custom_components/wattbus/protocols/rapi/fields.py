"""Reading a reply's fields: decimal, hexadecimal, and versions."""

import re
from typing import Final

from .. import ProtocolError
from ..payload import quote
from .framing import Reply

type VersionNumber = tuple[int, int, int]

# Before firmware 4.10.0 a missing temperature sensor reads 0, since then -2560.
ABSENT_TEMPERATURE: Final = -2560
ABSENT_IS_MARKED_SINCE: Final = (4, 10, 0)

_DECIMAL = re.compile(r"-?[0-9]{1,10}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,4}")
# D4.10.4.EU, 8.2.3.CGMI, v5.1.2, 4.1.0.dev, 3.7.8
_VERSION = re.compile(
    r"[A-Za-z]?([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?(?![0-9])"
)


class RefusedError(ProtocolError):
    """The controller answered `$NK`."""


def fields(reply: Reply, what: str, *counts: int) -> tuple[str, ...]:
    """Return the fields of an answer that is `$OK` and has as many as it should.

    Raises:
        RefusedError: If it is `$NK`.
        ProtocolError: If there are more or fewer.
    """
    if not reply.ok:
        raise RefusedError(f"{what}: the controller answered $NK")
    return counted(reply.values, what, *counts)


def counted(values: tuple[str, ...], what: str, *counts: int) -> tuple[str, ...]:
    """Return the fields if there are as many as there should be.

    Raises:
        ProtocolError: If there are more or fewer.
    """
    if len(values) not in counts:
        expected = " or ".join(map(str, counts))
        raise ProtocolError(f"{what}: {len(values)} fields instead of {expected}")
    return values


def decimal(
    text: str, what: str, minimum: int = -(2**31), maximum: int = 2**32 - 1
) -> int:
    """Read a decimal number; the defaults are what a controller's C type can hold.

    Raises:
        ProtocolError: If it is none, or out of range.
    """
    if not _DECIMAL.fullmatch(text):
        raise ProtocolError(f"{what}: not a number: {quote(text)}")
    value = int(text)
    if not minimum <= value <= maximum:
        raise ProtocolError(f"{what}: {value} is not within {minimum} to {maximum}")
    return value


def natural(text: str, what: str, maximum: int = 2**32 - 1) -> int:
    """Read a decimal number that is not negative.

    Raises:
        ProtocolError: If it is none, or out of range.
    """
    return decimal(text, what, 0, maximum)


def hexadecimal(text: str, what: str) -> int:
    """Read a hexadecimal number of one to four digits, in either case.

    Raises:
        ProtocolError: If it is none.
    """
    if not _HEXADECIMAL.fullmatch(text):
        raise ProtocolError(f"{what}: not a hexadecimal number: {quote(text)}")
    return int(text, 16)


def parse_version(text: str | None) -> VersionNumber | None:
    """Return the number in the name of a version, None if there is none.

    `D4.10.4.EU` is 4.10.4, `v5.1.2` is 5.1.2, `2.9` is 2.9.0.
    """
    match = _VERSION.match(text or "")
    if match is None:
        return None
    major, minor, patch = match.groups()
    return int(major), int(minor), int(patch or 0)


def tenths(text: str, what: str, firmware: VersionNumber | None = None) -> float | None:
    """Read a temperature [°C] in tenths; None where there is no sensor.

    Raises:
        ProtocolError: If it is not a number, or none that 16 bits hold.
    """
    value = decimal(text, what, -0x8000, 0x7FFF)
    return temperature(value, firmware)


def temperature(value: float, firmware: VersionNumber | None = None) -> float | None:
    """Return a temperature [°C] from tenths; None where there is no sensor."""
    if value == ABSENT_TEMPERATURE:
        return None
    if value == 0 and firmware is not None and firmware < ABSENT_IS_MARKED_SINCE:
        return None
    return value / 10
