"""How openWB checks the payload of a set topic (helpermodules/setdata.py).

A check returns the value to publish, or raises `Refused`.
"""

from collections.abc import Callable
import json
from typing import Any

type Check = Callable[[Any], Any]
type Range = tuple[float, float]

_INF = float("inf")
POSITIVE: Range = (0, _INF)


class Refused(ValueError):
    """The payload is not what the topic takes."""


def decode(payload: bytes) -> Any:
    """Return what a payload means: JSON, or else a text."""
    text = payload.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ranged(value: Any, kind: type, ranges: tuple[Range, ...]) -> Any:
    """Check a number. In Python `true` is an int, and so it is for openWB."""
    kinds: tuple[type, ...] = (float, int) if kind is float else (kind,)
    if not any(isinstance(value, one) for one in kinds):
        raise Refused(f"{value!r} is not {kind.__name__}")
    if ranges and not any(low <= value <= high for low, high in ranges):
        raise Refused(f"{value!r} is in none of the ranges {ranges}")
    return value


def _scalar(kind: type, ranges: tuple[Range, ...]) -> Check:
    def check(value: Any) -> Any:
        return None if value is None else _ranged(value, kind, ranges)

    return check


def integer(*ranges: Range) -> Check:
    """Take an int in one of the ranges, or null."""
    return _scalar(int, ranges)


def real(*ranges: Range) -> Check:
    """Take a float or int in one of the ranges, or null."""
    return _scalar(float, ranges)


def one_of(*values: int) -> Check:
    """Take one of some ints, or null."""
    return integer(*((value, value) for value in values))


def list_of(kind: type, *ranges: Range) -> Check:
    """Take a list, of any length, whose elements are checked; none may be null."""

    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise Refused(f"{value!r} is not a list")
        return [_ranged(item, kind, ranges) for item in value]

    return check


def boolean(value: Any) -> bool:
    """Take true, false, 0 and 1, not "on" or "True"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise Refused(f"{value!r} is not a boolean")


def text(value: Any) -> Any:
    """Take a text, or null; which text is not looked at."""
    if value is None or isinstance(value, str):
        return value
    raise Refused(f"{value!r} is not a text")


def anything(value: Any) -> Any:
    """Take what can be decoded, and that is everything."""
    return value
