"""RAPI as the simulated OpenEVSE's controller answers it: frames, versions, reading.

Written from the controller's rapi_proc.cpp (8.2.3; D9: 9.x), not from the codec that it tests: it looks
at a number's digits only, so that `$SC abc` sets 75 A where that is allowed. A character
is a byte, whatever it is: `$GI` gives those of the chip's memory, which may be empty.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import xor
from types import MappingProxyType
from typing import Final

from custom_components.wattbus.protocols.rapi import (
    Notification,
    NotificationKind,
    State,
    VFlag,
)
from custom_components.wattbus.protocols.rapi.framing import Checksum

from .openevse_commands import FUNCTIONS, NK, SETTERS, Answer, Handler, ok
from .openevse_firmware import Version
from .openevse_model import Charger, Mode

# The controller's buffer.
_MAX_FRAME: Final = 31
_MAX_TOKENS: Final = 10
_NOTIFIED: Final = (
    VFlag.AUTH_LOCKED
    | VFlag.VEHICLE_CONNECTED
    | VFlag.TIME_LIMIT
    | VFlag.CHARGE_LIMIT
    | VFlag.HARD_FAULT
)


def _capacity(charger: Charger, _: Sequence[str]) -> Answer:
    settings, protocol = charger.settings, charger.firmware.protocol
    fields = [settings.minimum, settings.maximum]
    if protocol >= (5, 0, 0):
        fields.append(charger.capacity)
    if protocol >= (5, 1, 0):
        fields.append(settings.stored)
    return ok(*fields)


def _status(charger: Charger, _: Sequence[str]) -> Answer:
    elapsed = int(charger.session.elapsed)
    if charger.firmware.protocol < (5, 0, 0):
        return ok(int(charger.state), elapsed)
    pilot, vflags = charger.pilot_state, charger.vflags
    return ok(f"{charger.state:02x}", elapsed, f"{pilot:02x}", f"{vflags:04x}")


def _connected(charger: Charger, _: Sequence[str]) -> Answer:
    return ok(2 if charger.mode is Mode.DISABLED else int(charger.connected))


def _timer(charger: Charger, _: Sequence[str]) -> Answer:
    if charger.timer is None:
        return ok(0, 0, 0, 0)
    start, end = charger.timer
    return ok(start.hour, start.minute, end.hour, end.minute)


def _faults(charger: Charger, _: Sequence[str]) -> Answer:
    states = (State.GFCI_FAULT, State.NO_GROUND, State.STUCK_RELAY)
    return ok(*(f"{min(charger.fault_counts[s], 0xFF):x}" for s in states))


def _meter(charger: Charger, _: Sequence[str]) -> Answer:
    millivolts = round(charger.voltage * 1000) if charger.voltmeter else -1
    return ok(round(charger.amps * 1000), millivolts)


def _temperatures(charger: Charger, _: Sequence[str]) -> Answer:
    absent = charger.firmware.absent_temperature
    return ok(absent, round(charger.temperature * 10), absent)


def _clock(charger: Charger, _: Sequence[str]) -> Answer:
    now = charger.clock
    return ok(now.year % 100, now.month, now.day, now.hour, now.minute, now.second)


def _heartbeat(charger: Charger, _: Sequence[str]) -> Answer:
    heart = charger.heartbeat
    return ok(heart.interval, heart.current, int(heart.trigger))


def _feature(name: str, *values: Callable[[Charger], object]) -> Handler:
    """Return a reader of what stock boards do not have."""

    def handler(charger: Charger, _: Sequence[str]) -> Answer:
        if name not in charger.features:
            return NK
        return ok(*(value(charger) for value in values))

    return handler


def _read(*values: Callable[[Charger], object]) -> Handler:
    """Return a reader of plain values."""
    return lambda charger, _: ok(*(value(charger) for value in values))


_GETTERS: Final[Mapping[str, Handler]] = {
    "G0": _connected,
    "G3": _read(lambda c: c.session.limit_quarters),
    "G4": _feature("auth_lock", lambda c: int(c.auth_locked)),
    "G5": _feature(
        "mennekes",
        lambda c: int(c.socket_locked),
        lambda c: "M" if c.socket_manual else "A",
    ),
    "G7": _feature("phases", lambda c: int(c.three_phases)),
    "GA": _read(lambda c: c.settings.scale, lambda c: c.settings.offset),
    "GC": _capacity,
    "GD": _timer,
    "GE": _read(lambda c: c.capacity, lambda c: f"{c.flags:04x}"),
    "GF": _faults,
    "GG": _meter,
    "GH": _read(lambda c: c.session.limit_kwh),
    "GI": _read(lambda c: f" {c.serial}"),
    "GM": lambda c, _: (
        ok(c.settings.voltmeter_scale, c.settings.voltmeter_offset)
        if c.voltmeter
        else NK
    ),
    "GP": _temperatures,
    "GR": _read(*(lambda c, r=relay: int(c.relays[r]) for relay in (1, 2, 3))),
    "GS": _status,
    "GT": _clock,
    "GU": _read(lambda c: int(c.session.ws), lambda c: int(c.total_wh)),
    "GV": _read(lambda c: c.firmware.name, lambda c: c.firmware.protocol_name),
    "GY": _heartbeat,
    "GZ": _read(lambda c: round(c.frequency * 100)),
}
_HANDLERS: Final = MappingProxyType({**FUNCTIONS, **SETTERS, **_GETTERS})
# The protocol versions that have a command; the others have it from 1.0.3 on.
_SINCE: Final[Mapping[str, Version]] = {
    **dict.fromkeys(("G0", "G3", "G4", "GD", "GH", "S3", "S4", "SH"), (1, 0, 5)),
    **dict.fromkeys(("F1", "FF"), (4, 0, 1)),
    **dict.fromkeys(("GY", "SY"), (5, 0, 0)),
    "GI": (5, 1, 4),
    **dict.fromkeys(("G5", "S5"), (5, 2, 0)),
    **dict.fromkeys(("GR", "GZ", "FC", "FO"), (6, 0, 0)),
}
# The first ones that do not; `SV` has another meaning since.
_UNTIL: Final[Mapping[str, Version]] = {
    **dict.fromkeys(("SD", "SE", "SF", "SG", "SS"), (4, 0, 1)),
    "S2": (5, 2, 0),
}


class Controller:
    """The controller's serial line."""

    def __init__(self, charger: Charger) -> None:
        """Listen; nothing is notified before something changes."""
        self.charger = charger
        self.received = 0
        self._seen = self._snapshot()

    def answer(self, frame: str) -> str | None:
        """Return the answer to what arrives up to a carriage return, None for none."""
        # A second `$` starts the frame anew, what is before the first is ignored.
        _, dollar, text = frame.rpartition("$")
        if not dollar or self.charger.booting > 0 or len(text) >= _MAX_FRAME:
            return None
        self.received += 1
        tokens = _tokens(f"${text}")
        if tokens is None:
            return self._encode(NK, None)
        if tokens[0] in ("OK", "NK"):
            return None
        sequence = None
        if (
            self.charger.firmware.protocol >= (3, 0, 0)
            and len(tokens) > 1
            and tokens[-1].startswith(":")
        ):
            sequence = _hex(tokens.pop()[1:]) or None
        answer = self._process(tokens)
        if self.charger.booting > 0 and self.charger.firmware.protocol < (5, 0, 0):
            # It is gone before it has answered.
            return None
        return self._encode(answer, sequence)

    def notifications(self) -> list[Notification]:
        """Return what it says by itself since the last time."""
        notices = list(self.charger.notices)
        self.charger.notices.clear()
        before, self._seen = self._seen, self._snapshot()
        if self._seen != before:
            kind = NotificationKind.ST
            if self.charger.firmware.protocol >= (5, 0, 0):
                kind = NotificationKind.AT
            notices.append(Notification(kind, self._seen))
        return notices

    def _process(self, tokens: list[str]) -> Answer:
        """Do what a command says; only the first two letters of its name count."""
        name, protocol = tokens[0][:2], self.charger.firmware.protocol
        handler = _HANDLERS.get(name)
        if handler is None or protocol < _SINCE.get(name, (0, 0, 0)):
            return NK
        if protocol >= _UNTIL.get(name, (99, 0, 0)):
            return NK
        return handler(self.charger, tokens)

    def _encode(self, answer: Answer, sequence: int | None) -> str:
        """Return the answer's frame."""
        succeeded, fields = answer
        words = ["$OK" if succeeded else "$NK", *map(str, fields)]
        if sequence is not None:
            words.append(f":{sequence:02X}")
        text = " ".join(words)
        old = self.charger.firmware.protocol < (2, 0, 0)
        return text + (Checksum.NONE if old else Checksum.XOR).of(text)

    def _snapshot(self) -> tuple[str, ...]:
        """Return the fields of a notification, which a change of any of them causes."""
        charger = self.charger
        if charger.firmware.protocol < (5, 0, 0):
            return (f"{charger.state:02x}",)
        return (
            f"{charger.state:02x}",
            f"{charger.pilot_state:02x}",
            str(charger.capacity),
            f"{charger.vflags & (_NOTIFIED | VFlag.SESSION_ENDED):04x}",
        )


def _tokens(frame: str) -> list[str] | None:
    """Return the words of a frame, None where it is damaged or has too many."""
    end = next((i for i, c in enumerate(frame) if c in "^*"), len(frame))
    text, checksum = frame[:end], frame[end:]
    data = text.encode("latin-1")
    if checksum.startswith("^") and _hex(checksum[1:]) != reduce(xor, data):
        return None
    if checksum.startswith("*") and _hex(checksum[1:]) != sum(data) & 0xFF:
        return None
    tokens = text[1:].split(" ")
    return tokens if len(tokens) <= _MAX_TOKENS else None


def _hex(text: str) -> int:
    """Read two digits as the controller does: up to the first that is none."""
    value = 0
    for digit in text[:2]:
        if digit not in "0123456789abcdefABCDEF":
            return 0
        value = value * 16 + int(digit, 16)
    return value
