"""Reading JSON from a network that is not trusted: bounds first, then strict readers."""

from collections.abc import Callable
import json
import math
from typing import Any, Final

import orjson

from . import ProtocolError

MAX_SIZE = 1_048_576
# A full EM420 (a meter with 59 values, 96 sensors, a few groups) sends some
# thousands of keys with its configuration; this leaves room for ten of them.
MAX_KEYS = 50_000
MAX_KEY_LENGTH = 255
MAX_DEPTH = 16
MAX_IDENTIFIER = 64
# Separates the parts of an entity's unique id, so no part may contain it.
ID_SEPARATOR = "|"

# What Python puts in the place of bytes that are no UTF-8.
_NO_CHARACTER: Final = "\ufffd"
# Of a whole number that fits 64 bits.
_EXACT_DIGITS: Final = 18
_LINE_CHARACTERS: Final = "\t\r\n"

# A log line shows what was sent, it does not repeat it.
_QUOTED = 24
_NAMED = 32


def quote(value: object) -> str:
    """Return a short form of something untrusted, for an error message."""
    if isinstance(value, str):
        return repr(value) if len(value) <= _QUOTED else f"{value[:_QUOTED]!r}..."
    return type(value).__name__


def decode_json(payload: bytes | str, *, limit: int = MAX_SIZE) -> object:
    """Decode JSON whose size, depth and keys are within bounds.

    A text inside of it that cannot be read costs that text, and a number that is none
    that number: both are null. A member whose name cannot be read is not there.

    Raises:
        ProtocolError: With the reason, for everything else.
    """
    if len(payload) > limit:
        raise ProtocolError(f"larger than {limit} bytes")
    strict = True
    try:
        document: object = orjson.loads(payload)
    except (ValueError, RecursionError) as error:
        strict = False
        document = _loads_leniently(payload, error)
    if isinstance(document, dict | list):
        _check_bounds(document)
    return document if strict else _readable(document)


def decode_object(payload: bytes | str, *, limit: int = MAX_SIZE) -> dict[str, object]:
    """Decode a JSON object within the same bounds.

    Raises:
        ProtocolError: With the reason, for everything else.
    """
    document = decode_json(payload, limit=limit)
    if not isinstance(document, dict):
        raise ProtocolError("not a JSON object")
    return document


def number(value: object, name: str) -> float | None:
    """Read a number as it is; null stays None.

    A number in quotes is not a number and neither is a boolean: a device that sends
    one is not the device its decoder was written for.

    Raises:
        ProtocolError: Naming what was read.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProtocolError(f"{quote_name(name)} is not a number: {quote(value)}")
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ProtocolError(f"{quote_name(name)} is out of range")
    return value


def if_readable[**P, T](
    read: Callable[P, T], *args: P.args, **kw: P.kwargs
) -> T | None:
    """Read a part without which the rest is still worth having; None: it cannot be read."""
    try:
        return read(*args, **kw)
    except ProtocolError:
        return None


def whole(value: float | None, name: str) -> int | None:
    """Take a number as a whole one, which may have been written as `3.0`.

    Raises:
        ProtocolError: Naming what was read.
    """
    if value is None:
        return None
    if value != int(value):
        raise ProtocolError(f"{quote_name(name)} is not a whole number")
    return int(value)


def identifier(value: object, what: str) -> str:
    """Read a name that becomes a part of entity and device ids.

    Raises:
        ProtocolError: If it is empty, long, not printable or has the separator in it.
    """
    if not isinstance(value, str):
        raise ProtocolError(f"{what} is not text: {quote(value)}")
    if not value or len(value) > MAX_IDENTIFIER:
        raise ProtocolError(f"{what} is empty or too long: {quote(value)}")
    if not value.isprintable() or ID_SEPARATOR in value:
        raise ProtocolError(
            f"{what} has characters that it cannot have: {quote(value)}"
        )
    return value


def quote_name(name: str) -> str:
    """Return a key's name, cut to what an error message may hold."""
    return name if len(name) <= _NAMED else f"{name[:_NAMED]}..."


def _loads_leniently(payload: bytes | str, error: Exception) -> object:
    """Decode what orjson refuses as a whole, because of one value perhaps.

    Devices copy bytes into texts that no JSON can have: serial numbers of empty chips
    (OpenEVSE's `evse_serial`), names in another encoding, control characters.

    Raises:
        ProtocolError: With the reason that `error` is of, if it is no JSON at all.
    """
    try:
        text = payload if isinstance(payload, str) else payload.decode(errors="replace")
        document: object = json.loads(
            text,
            strict=False,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_whole,
        )
    except ValueError, RecursionError:
        document = None
    if not isinstance(document, dict | list):  # a single value has no neighbours
        raise ProtocolError(_reason(payload, error))
    return document


def _no_number(_: str) -> None:
    """Take NaN and Infinity for what they say: no number."""


def _finite(written: str) -> float | None:
    """Read a number; one that does not fit a float is none."""
    value = float(written)
    return value if math.isfinite(value) else None


def _whole(written: str) -> float | None:
    """Read a whole number; as orjson does, as a float where it has many digits."""
    return int(written) if len(written) <= _EXACT_DIGITS else _finite(written)


def _readable(value: Any) -> Any:
    """Return a document, of bounded depth, with nulls for the texts that are none."""
    if isinstance(value, str):
        return value if is_readable(value) else None
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        return {key: _readable(v) for key, v in value.items() if is_readable(key)}
    return value


def is_readable(text: str) -> bool:
    """Return whether a text is one, and not bytes of something else."""
    return not any(
        character == _NO_CHARACTER
        or "\ud800" <= character <= "\udfff"  # half of a pair
        or (character < " " and character not in _LINE_CHARACTERS)
        for character in text
    )


def _reason(payload: bytes | str, error: Exception) -> str:
    """Say why a payload could not be parsed."""
    try:
        if isinstance(payload, str):
            payload.encode()
        else:
            payload.decode()
    except UnicodeError:
        return "not UTF-8"
    return f"not JSON: {error}"[:80]


def _check_bounds(document: dict[str, Any] | list[Any]) -> None:
    """Refuse what is nested too deep or has too many or too long keys.

    Level by level instead of recursive: the depth is the sender's choice. This walks
    over every message, so the loops over single values are comprehensions.
    """
    keys = 0
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for container in level:
            values = container
            if type(container) is dict:
                keys += len(container)
                if container and max(map(len, container)) > MAX_KEY_LENGTH:
                    raise ProtocolError("a key is too long")
                values = container.values()
            inner += [v for v in values if type(v) is dict or type(v) is list]
        if keys > MAX_KEYS:
            raise ProtocolError(f"more than {MAX_KEYS} keys")
        if not inner:
            return
        level = inner
    raise ProtocolError("nested too deep")
