"""Reading one value of a gateway: text from MQTT, or what JSON makes of it over HTTP.

The gateway prints booleans as `true`, `false`, `1` and `0`, numbers as ArduinoJson does
(`2.012722817e7`), and `false` for a number that it does not have.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
import re
from typing import Final

from .. import ProtocolError
from ..payload import quote, quote_name, whole

MAX_TEXT: Final = 255

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?")
_ABSENT = (None, False, "", "false", "null", "nan")
_BOOLEANS: dict[object, bool] = {
    "true": True,
    "1": True,
    "false": False,
    "0": False,
    True: True,
    False: False,
}
# A clock that was never set counts from 1970.
_FIRST_YEAR = 2000


class ServiceState(StrEnum):
    """What the gateway wants the charger to do; the charger's own is `rapi.State`."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DivertMode(IntEnum):
    """Whether the charge current follows the surplus."""

    NORMAL = 1
    ECO = 2


type Scalar = float | int | str | bool | datetime | None


def number(raw: object, what: str) -> float | None:
    """Read a number; None where the gateway does not have it.

    Raises:
        ProtocolError: If it is none, or not finite.
    """
    if isinstance(raw, bool | str | None) and raw in _ABSENT:
        return None
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        raw = float(raw) if set(raw) & set(".eE") else int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ProtocolError(f"{quote_name(what)} is not a number: {quote(raw)}")
    # More than 64 bits are nothing that a gateway counts.
    if not abs(raw) < 2**64:
        raise ProtocolError(f"{quote_name(what)} is out of range")
    return raw


def scaled(factor: int = 1, divisor: int = 1) -> Callable[[object, str], float | None]:
    """Return a reader of numbers that brings them to the base unit."""

    def read(raw: object, what: str) -> float | None:
        value = number(raw, what)
        # Six digits are more than any sensor has, and less than a float's error.
        return None if value is None else round(value * factor / divisor, 6)

    return read


def integer(raw: object, what: str) -> int | None:
    """Read a whole number, which may be printed as `3.0`.

    Raises:
        ProtocolError: If it is none.
    """
    return whole(number(raw, what), what)


def boolean(raw: object, what: str) -> bool | None:
    """Read `true`, `false`, `1`, `0`.

    Raises:
        ProtocolError: If it is none of them.
    """
    if raw is None or raw in ("", "null"):
        return None
    if not isinstance(raw, str | int) or raw not in _BOOLEANS:
        raise ProtocolError(f"{quote_name(what)} is not a boolean: {quote(raw)}")
    return _BOOLEANS[raw]


def text(raw: object, what: str) -> str | None:
    """Read text; what is empty is None.

    Raises:
        ProtocolError: If it is no text, too long or not printable.
    """
    if raw is None or raw is False or raw == "":
        return None
    if not isinstance(raw, str) or len(raw) > MAX_TEXT or not raw.isprintable():
        raise ProtocolError(f"{quote_name(what)} is not text: {quote(raw)}")
    return raw


def tag(raw: object, what: str) -> str | None:
    """Read the number of a card, which is a secret: no error repeats it.

    Raises:
        ProtocolError: If it cannot be one.
    """
    try:
        return text(raw, what)
    except ProtocolError:
        raise ProtocolError(f"{quote_name(what)} is not text") from None


def topic(raw: object, what: str) -> str | None:
    """Read the name of an MQTT topic.

    Raises:
        ProtocolError: If nothing can be published there.
    """
    name = text(raw, what)
    if name is not None and not set(name).isdisjoint("+#"):
        raise ProtocolError(f"{quote_name(what)} is not a topic: {quote(raw)}")
    return name


def moment(raw: object, what: str) -> datetime | None:
    """Read a time with its zone, `2024-11-14T20:53:35Z` or `...-0700`.

    Raises:
        ProtocolError: If it is none.
    """
    written = text(raw, what)
    if written is None:
        return None
    try:
        value = datetime.fromisoformat(written)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ProtocolError(f"{quote_name(what)} is not a time: {quote(raw)}")
    return value if value.year >= _FIRST_YEAR else None


def epoch(raw: object, what: str) -> datetime | None:
    """Read a time in seconds since 1970; a clock that was never set has none.

    Raises:
        ProtocolError: If it is no number of a time.
    """
    seconds = integer(raw, what)
    if seconds is None:
        return None
    try:
        value = datetime.fromtimestamp(seconds, UTC)
    except OverflowError, OSError, ValueError:
        raise ProtocolError(f"{quote_name(what)} is not a time: {quote(raw)}") from None
    return value if value.year >= _FIRST_YEAR else None


def service_state(raw: object, what: str) -> ServiceState | None:
    """Read `active` or `disabled`; `none` and `null` are None.

    Raises:
        ProtocolError: If it is something else.
    """
    if raw is None or raw in ("", "none", "null"):
        return None
    if raw not in tuple(ServiceState):
        raise ProtocolError(f"{quote_name(what)} is no state: {quote(raw)}")
    return ServiceState(str(raw))


def divert_mode(raw: object, what: str) -> DivertMode | None:
    """Read `1` or `2`; a gateway without divert says 0.

    Raises:
        ProtocolError: If it is something else.
    """
    value = integer(raw, what)
    if value is None or value == 0:
        return None
    if value not in tuple(DivertMode):
        raise ProtocolError(f"{quote_name(what)} is no mode: {quote(str(raw))}")
    return DivertMode(value)
