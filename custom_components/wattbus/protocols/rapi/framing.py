"""RAPI frames: text on one line, from `$` on, with an optional checksum.

Facts are from the controller's own source (github.com/OpenEVSE/open_evse, rapi_proc.h
and rapi_proc.cpp, 8.2.3): a frame longer than 31 characters is dropped without a word,
more than ten tokens or a wrong checksum are answered with a bare `$NK`. The checksum
covers everything from `$` up to its own mark.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import xor
import re
from typing import Final

from .. import InputError, ProtocolError
from ..payload import quote

# The controller's buffer holds 32 bytes, one of them for the end of the text.
MAX_FRAME: Final = 31
MAX_TOKENS: Final = 10
# The gateway's buffer for a reply; the longest reply known has 40 characters.
MAX_REPLY: Final = 128
# Stands for a byte that no field of RAPI has, as a serial number of an empty chip does.
NO_CHARACTER: Final = "\ufffd"
# The display prints it as a blank, and it does not separate tokens (rapi_proc.h).
SAFE_SPACE: Final = "\x11"

_COMMAND = re.compile(r"[A-Z][A-Z0-9]")
_SIGNED = re.compile(r"[+-][0-9]+")
_HEX_BYTE = re.compile(r"[0-9A-Fa-f]{2}")
# A frame ends there, whatever is in it.
_ENDS: Final = "\0\t\r\n"
_MARKS = re.compile(r"[\^*]")
# Which parameter is free text, counted from 0: it may be empty and have blanks in it.
_TEXT_PARAMETER: Final = {"FP": 2}


class Checksum(StrEnum):
    """How a frame is protected; the value is the mark before the two digits."""

    XOR = "^"
    SUM = "*"
    NONE = ""

    def of(self, text: str) -> str:
        """Return the checksum of a frame's text, with its mark."""
        data = text.encode("latin-1")
        match self:
            case Checksum.XOR:
                return f"^{reduce(xor, data, 0):02X}"
            case Checksum.SUM:
                return f"*{sum(data) & 0xFF:02X}"
            case _:
                return ""


class NotificationKind(StrEnum):
    """What the controller says by itself; it never has a sequence id."""

    # State transition, up to firmware 5; `AT` replaces it.
    ST = "ST"
    AT = "AT"
    # Boot.
    AB = "AB"
    # The button, where it is disabled.
    AN = "AN"
    # A Wi-Fi mode is asked for.
    WF = "WF"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `$OK` or `$NK`, its fields, and the sequence id it echoes."""

    ok: bool
    values: tuple[str, ...] = ()
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that answers nothing."""

    kind: NotificationKind
    values: tuple[str, ...] = ()


def encode(
    command: str,
    *parameters: str | int,
    checksum: Checksum = Checksum.XOR,
    sequence: int | None = None,
) -> str:
    """Return the frame of a command, from `$`, without the carriage return.

    The form is checked, not the meaning: that is what `check` does. `sequence` (1 to
    255) needs protocol 3.0.0.

    Raises:
        InputError: If the controller could not take the frame as it is meant.
        ProtocolError: For what no frame has, and for `$SC n M`, which sets the maximum
            of the hardware once and for all.
    """
    text = " ".join((f"${command}", *_tokens(command, parameters, sequence)))
    _check_length(text, text + checksum.of(text))
    return text + checksum.of(text)


def payload(command: str, *parameters: str | int, sequence: int | None = None) -> str:
    """Return what to publish to the topic `<base>/rapi/in/$<command>`.

    The gateway joins the topic's end and the payload and appends a checksum of its
    own, so there is none in here: the controller stops at the first.

    Raises:
        ProtocolError: As `encode` does, of the frame that the gateway makes.
    """
    encode(command, *parameters, sequence=sequence)
    return " ".join(_tokens(command, parameters, sequence))


def decode(line: str | bytes) -> Reply | Notification:
    """Decode what the controller sends, with or without its checksum.

    Controllers before protocol 2.0.0 send none. A carriage return at the end is fine.
    Text is taken as Latin-1, one character for each byte. What is none of RAPI's has
    `NO_CHARACTER` in its field: `$GI` answers with the bytes of the chip's memory.

    Raises:
        ProtocolError: If it is neither a reply nor a notification, or damaged.
    """
    text, _ = _verified(line)
    head, *tokens = text[1:].split(" ")
    if head in ("OK", "NK"):
        sequence = None
        if tokens and tokens[-1].startswith(":"):
            sequence = _sequence(tokens.pop())
        values = tuple(_legible(token) for token in tokens if token)
        return Reply(head == "OK", values, sequence)
    values = tuple(_legible(token) for token in tokens if token)
    # The command that sets the timer has the name of the old notification.
    if head in NotificationKind and (head != "ST" or len(values) == 1):
        return Notification(NotificationKind(head), values)
    raise ProtocolError(f"neither a reply nor a notification: {quote(text)}")


def _tokens(
    command: str, parameters: tuple[object, ...], sequence: int | None
) -> list[str]:
    """Return what follows the command's name, checked one by one."""
    if not _COMMAND.fullmatch(command):
        raise ProtocolError(f"not the name of a command: {quote(command)}")
    tokens = []
    for place, parameter in enumerate(parameters):
        if isinstance(parameter, bool) or not isinstance(parameter, str | int):
            raise ProtocolError(f"{command}: not a parameter: {quote(parameter)}")
        token = str(parameter)
        text = place == _TEXT_PARAMETER.get(command)
        if not text and _SIGNED.fullmatch(token):
            raise ProtocolError(f"{command}: the controller reads no sign: {token:.16}")
        if not token and not text:
            raise ProtocolError(f"{command}: a parameter is empty")
        if character := _unsendable(token, text=text):
            raise InputError("rapi_character", command=command, character=character)
        tokens.append(token)
    # The controller looks at the first letter only.
    if command == "SC" and len(tokens) > 1 and tokens[1].startswith("M"):
        raise ProtocolError("SC: M sets the hardware's maximum for ever: never sent")
    if sequence is not None:
        tokens.append(_sequence_token(sequence))
    elif tokens and tokens[-1].rpartition(" ")[2].startswith(":"):
        # The controller would take the end for a sequence id.
        raise InputError("rapi_colon", command=command)
    return tokens


def _unsendable(token: str, *, text: bool = False) -> str | None:
    """Name a character that would end the frame, break it in two or get lost."""
    for character in token:
        allowed = "!" <= character <= "~" or (text and character in (" ", SAFE_SPACE))
        if character in "^*$" or not allowed:
            shown = character.isprintable() and not character.isspace()
            return character if shown else f"U+{ord(character):04X}"
    return None


def _check_length(text: str, frame: str) -> None:
    """Refuse what does not fit into the controller's buffers."""
    command = text[1:3]
    if text.count(" ") >= MAX_TOKENS:
        raise InputError("rapi_too_many_words", command=command, most=MAX_TOKENS)
    if len(frame) > MAX_FRAME:
        raise InputError("rapi_too_long", command=command, longest=MAX_FRAME)


def _sequence_token(sequence: object) -> str:
    """Return the last token of a frame with a sequence id."""
    if isinstance(sequence, bool) or not isinstance(sequence, int):
        raise ProtocolError(f"not a sequence id: {quote(sequence)}")
    if not 1 <= sequence <= 0xFF:
        raise ProtocolError("a sequence id is a number from 1 to 255")
    return f":{sequence:02X}"


def _sequence(token: str) -> int:
    """Read the last token of a frame with a sequence id."""
    digits = token[1:]
    if not _HEX_BYTE.fullmatch(digits) or digits == "00":
        raise ProtocolError(f"not a sequence id: {quote(token)}")
    return int(digits, 16)


def _is_rapi(character: str) -> bool:
    """Return whether it is one that a frame is made of."""
    return " " <= character <= "~" or character == SAFE_SPACE


def _legible(token: str) -> str:
    """Return a field with a mark for each byte that none of its fields should have."""
    return "".join(c if _is_rapi(c) else NO_CHARACTER for c in token)


def _verified(line: str | bytes) -> tuple[str, str]:
    """Return a frame's text and its checksum, or "" for none, after comparing it."""
    if len(line) > MAX_REPLY:
        raise ProtocolError(f"longer than {MAX_REPLY} characters")
    text = line.decode("latin-1") if isinstance(line, bytes) else line
    text = text.rstrip("\r\n")
    if not text.startswith("$") or "$" in text[1:]:
        raise ProtocolError(f"not a frame: {quote(text)}")
    if any(character in _ENDS or character > "\xff" for character in text):
        raise ProtocolError("characters in it that no controller sends")
    mark = _MARKS.search(text)
    if mark is None:
        return text, ""
    text, checksum = text[: mark.start()], text[mark.start() :]
    if not _HEX_BYTE.fullmatch(checksum[1:]):
        raise ProtocolError(f"not a checksum: {quote(checksum)}")
    if Checksum(checksum[0]).of(text) != checksum.upper():
        raise ProtocolError(f"wrong checksum {checksum} of {quote(text)}")
    return text, checksum
