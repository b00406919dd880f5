"""Whether a command may be sent as it is: names, ranges, versions."""

from collections.abc import Callable, Sequence
from datetime import datetime
import re
from typing import Final

from .. import ProtocolError
from ..payload import quote
from .command import Command, Parameter, ParameterKind
from .fields import VersionNumber
from .framing import encode
from .table import COMMANDS, HEARTBEAT_COOKIE, LCD_COLUMNS

_NUMBER = re.compile(r"-?[0-9]{1,10}")


def check(
    command: str,
    parameters: Sequence[str | int] = (),
    *,
    protocol: VersionNumber | None = None,
) -> tuple[str, ...]:
    """Return a command's parameters as they are sent, after checking each of them.

    The last parameter of `FP` is text and may come in several words. With `protocol`
    a command that this version does not have is refused, too, and one that it
    understands in another way is checked as that.

    Raises:
        ProtocolError: With the reason; always for `$SC n M`.
    """
    entry = _find(command, protocol)
    given = list(parameters)
    expected = entry.parameters
    if expected and expected[-1].kind is ParameterKind.TEXT:
        place = len(expected) - 1
        if len(given) > place:
            given[place:] = [" ".join(map(str, given[place:]))]
    needed = sum(not parameter.optional for parameter in expected)
    if not needed <= len(given) <= len(expected):
        wanted = f"{needed} to {len(expected)}" if needed < len(expected) else needed
        raise ProtocolError(f"{command} takes {wanted} parameters, not {len(given)}")
    if entry.never and str(given[-1]).startswith(entry.never):
        raise ProtocolError(f"{command}: {quote(given[-1])} is for ever: never sent")
    values = tuple(
        _value(command, parameter, value)
        for parameter, value in zip(expected, given, strict=False)
    )
    if rule := _RULES.get(command):
        rule(values)
    encode(command, *values)
    return values


def is_expert(command: str, parameters: Sequence[str | int] = ()) -> bool:
    """Return whether this use of a command is for the expert option only.

    Setting a current without storing it is not, nor are pulses of the heartbeat; every
    command that the table does not have is.
    """
    entry = COMMANDS.get(command)
    if entry is None:
        return True
    if command == "SC" and len(parameters) > 1:
        return False
    if command == "SY" and len(parameters) < 2:
        return False
    # Sent to an old controller it switches a safety check.
    if entry.earlier is not None and [str(p) for p in parameters] in (["0"], ["1"]):
        return True
    return entry.expert


def _find(command: str, protocol: VersionNumber | None) -> Command:
    """Return the row of a command, in the meaning that a protocol version has."""
    entry = COMMANDS.get(command)
    if entry is None:
        raise ProtocolError(f"no command {quote(command)}")
    if protocol is None or entry.exists_in(protocol):
        return entry
    if entry.earlier is not None and entry.earlier.exists_in(protocol):
        return entry.earlier
    version = ".".join(map(str, protocol))
    raise ProtocolError(f"{command} is not in the controller's protocol {version}")


def _value(command: str, parameter: Parameter, value: str | int) -> str:
    """Return one parameter as it is sent."""
    what = f"{command}: {parameter.name}"
    if isinstance(value, bool):
        raise ProtocolError(f"{what} is neither text nor a number")
    given = str(value)
    match parameter.kind:
        case ParameterKind.INT:
            if not _NUMBER.fullmatch(given):
                raise ProtocolError(f"{what} is not a whole number: {quote(given)}")
            if not parameter.minimum <= int(given) <= parameter.maximum:
                raise ProtocolError(
                    f"{what} is not within {parameter.minimum} to {parameter.maximum}"
                )
            return parameter.sent(int(given))
        case ParameterKind.CHOICE if given not in parameter.choices:
            choices = ", ".join(parameter.choices)
            raise ProtocolError(f"{what} is none of {choices}: {quote(given)}")
        case _:
            return given


def _check_text(values: tuple[str, ...]) -> None:
    """Refuse text that would leave the display's line."""
    room = LCD_COLUMNS - int(values[0])
    if len(values[2]) > room:
        raise ProtocolError(f"FP: the text has more than {room} characters")


def _check_clock(values: tuple[str, ...]) -> None:
    """Refuse a day that the month does not have."""
    year, month, day, hour, minute, second = map(int, values)
    try:
        datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        raise ProtocolError("S1: there is no such day") from None


def _check_heartbeat(values: tuple[str, ...]) -> None:
    """Refuse a single number that is not the acknowledgement."""
    if len(values) == 1 and int(values[0]) != HEARTBEAT_COOKIE:
        raise ProtocolError(f"SY takes two parameters, or {HEARTBEAT_COOKIE}, or none")


_RULES: Final[dict[str, Callable[[tuple[str, ...]], None]]] = {
    "FP": _check_text,
    "S1": _check_clock,
    "SY": _check_heartbeat,
}
