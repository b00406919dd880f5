"""Whether a command may be sent as it is: names, ranges, versions."""

from collections.abc import Callable, Sequence
from datetime import datetime
import re
from typing import Final

from .. import InputError, ProtocolError
from ..payload import quote
from .command import Command, Parameter, ParameterKind
from .fields import VersionNumber
from .framing import encode
from .table import COMMANDS, HEARTBEAT_COOKIE, LCD_COLUMNS

# Of a name that is none.
_SHOWN: Final = 24
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
        InputError: With the reason, which names parameters by their place; always for
            `$SC n M`.
    """
    entry = _find(command, protocol)
    given, expected = list(parameters), entry.parameters
    if expected and expected[-1].kind is ParameterKind.TEXT:
        last = len(expected) - 1
        if given[last:]:
            given[last:] = [" ".join(map(str, given[last:]))]
    needed = sum(not parameter.optional for parameter in expected)
    if not needed <= len(given) <= len(expected):
        wanted = str(needed) if needed == len(expected) else f"{needed}–{len(expected)}"
        raise InputError(
            "rapi_parameter_count", command=command, wanted=wanted, given=len(given)
        )
    if entry.never and str(given[-1]).startswith(entry.never):
        raise InputError("rapi_forever", command=command)
    values = tuple(
        _value(command, place, parameter, value)
        for place, (parameter, value) in enumerate(
            zip(expected, given, strict=False), start=1
        )
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
        raise InputError("rapi_unknown", command=command[:_SHOWN])
    if protocol is None or entry.exists_in(protocol):
        return entry
    if entry.earlier is not None and entry.earlier.exists_in(protocol):
        return entry.earlier
    version = ".".join(map(str, protocol))
    raise InputError("rapi_not_in_protocol", command=command, version=version)


def _value(command: str, place: int, parameter: Parameter, value: str | int) -> str:
    """Return one parameter as it is sent."""
    if isinstance(value, bool):
        raise ProtocolError(f"{command}: {quote(value)} is neither text nor a number")
    given = str(value)
    match parameter.kind:
        case ParameterKind.INT:
            if not _NUMBER.fullmatch(given):
                raise InputError("rapi_not_whole", command=command, place=place)
            if not parameter.minimum <= int(given) <= parameter.maximum:
                raise InputError(
                    "rapi_out_of_range",
                    command=command,
                    place=place,
                    minimum=parameter.minimum,
                    maximum=parameter.maximum,
                )
            return parameter.sent(int(given))
        case ParameterKind.CHOICE if given not in parameter.choices:
            raise InputError(
                "rapi_not_a_choice",
                command=command,
                place=place,
                choices=", ".join(parameter.choices),
            )
        case _:
            return given


def _check_text(values: tuple[str, ...]) -> None:
    """Refuse text that would leave the display's line."""
    room = LCD_COLUMNS - int(values[0])
    if len(values[2]) > room:
        raise InputError("rapi_text_too_long", command="FP", longest=room)


def _check_clock(values: tuple[str, ...]) -> None:
    """Refuse a day that the month does not have."""
    year, month, day, hour, minute, second = map(int, values)
    try:
        datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        raise InputError("rapi_no_such_day", command="S1") from None


def _check_heartbeat(values: tuple[str, ...]) -> None:
    """Refuse a single number that is not the acknowledgement."""
    if len(values) == 1 and int(values[0]) != HEARTBEAT_COOKIE:
        raise InputError("rapi_heartbeat", command="SY", cookie=HEARTBEAT_COOKIE)


_RULES: Final[dict[str, Callable[[tuple[str, ...]], None]]] = {
    "FP": _check_text,
    "S1": _check_clock,
    "SY": _check_heartbeat,
}
