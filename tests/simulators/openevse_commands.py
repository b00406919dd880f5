"""The RAPI commands that change something, as the controller's source has them.

It checks the number of words, where it does, and next to nothing of what they say
(open_evse, rapi_proc.cpp 8.2.3): no range, no sign, no letters.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Final

from custom_components.wattbus.protocols.rapi import (
    HEARTBEAT_COOKIE,
    EcFlag,
    HeartbeatTrigger,
    LcdColour,
)

from .openevse_model import Charger

# Whether it is `$OK`, and the fields.
type Answer = tuple[bool, tuple[object, ...]]
type Handler = Callable[[Charger, Sequence[str]], Answer]

NK: Final[Answer] = (False, ())
_OK: Final[Answer] = (True, ())
# What a feature's letter switches; the flags say that a check is off.
_CHECKS: Final[Mapping[str, EcFlag]] = {
    "B": EcFlag.BUTTON_DISABLED,
    "D": EcFlag.DIODE_CHECK_DISABLED,
    "F": EcFlag.GFCI_SELF_TEST_DISABLED,
    "G": EcFlag.GROUND_CHECK_DISABLED,
    "R": EcFlag.STUCK_RELAY_CHECK_DISABLED,
    "T": EcFlag.TEMPERATURE_CHECK_DISABLED,
    "V": EcFlag.VENT_CHECK_DISABLED,
}


def ok(*fields: object) -> Answer:
    """Return `$OK` with fields."""
    return True, fields


def _number(token: str, bits: int = 32) -> int:
    """Read a number as dtou32() does: digit by digit, whatever they are.

    A sign is a digit, too: `-5` is -25.
    """
    value = 0
    for character in token:
        value = (value * 10 + ord(character) - ord("0")) & 0xFFFFFFFF
    return value & (1 << bits) - 1


def signed(token: str, bits: int) -> int:
    """Read a number into one of so many bits that may be negative."""
    half = 1 << bits - 1
    return (_number(token) + half) % (2 * half) - half


def _byte(token: str) -> int:
    return _number(token, 8)


def _do(action: Callable[[Charger], object]) -> Handler:
    """Return a command without parameters; words after it do not matter."""

    def handler(charger: Charger, _: Sequence[str]) -> Answer:
        action(charger)
        return _OK

    return handler


def _counted(words: int, action: Callable[[Charger, Sequence[str]], object]) -> Handler:
    """Return a command that is refused with another number of words.

    The action refuses by returning False.
    """

    def handler(charger: Charger, tokens: Sequence[str]) -> Answer:
        if len(tokens) != words or action(charger, tokens) is False:
            return NK
        return _OK

    return handler


def _give_display(charger: Charger, tokens: Sequence[str]) -> None:
    charger.display.given_away = tokens[1].startswith("0")
    if not charger.display.given_away:
        charger.display.colour = None


def _set_colour(charger: Charger, tokens: Sequence[str]) -> None:
    charger.display.colour = LcdColour(_byte(tokens[1]) & 7)


def _print(charger: Charger, tokens: Sequence[str]) -> Answer:
    if len(tokens) < 4 or charger.state.is_fault:
        return NK
    x, y = _byte(tokens[1]), _byte(tokens[2])
    charger.display.print(x, y, " ".join(tokens[3:]))
    return _OK


def _switch_feature(charger: Charger, tokens: Sequence[str]) -> bool:
    feature, value = tokens[1][:1], ord(tokens[2][:1] or "\0") - ord("0")
    if value not in (0, 1):
        return False
    # The echo is on now whatever was asked for, and seen by nobody.
    if feature == "E":
        return True
    if feature == "B" and charger.firmware.protocol < (5, 1, 0):
        return False
    if (flag := _CHECKS.get(feature)) is None:
        return False
    charger.settings.switch(flag, not value)
    return True


def _old_switch(flag: EcFlag) -> Handler:
    return _counted(2, lambda c, t: c.settings.switch(flag, on=t[1].startswith("0")))


def _set_current(charger: Charger, tokens: Sequence[str]) -> Answer:
    if len(tokens) not in (2, 3):
        return NK
    amps = _byte(tokens[1])
    for_ever = len(tokens) == 3 and tokens[2].startswith("M")
    if for_ever and charger.firmware.protocol >= (5, 1, 2):
        settings = charger.settings
        if settings.hardware_maximum is None:
            settings.hardware_maximum = amps
            settings.writes += 1
        return settings.hardware_maximum == amps, (settings.hardware_maximum,)
    exact = charger.set_capacity(amps, volatile=len(tokens) == 3)
    return exact, (charger.capacity,)


def _set_clock(charger: Charger, tokens: Sequence[str]) -> None:
    year, month, day, hour, minute, second = map(_byte, tokens[1:])
    try:
        charger.clock = datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        # The chip would count on from there; this one keeps its time.
        return


def _set_level(charger: Charger, tokens: Sequence[str]) -> bool:
    level = tokens[1][:1]
    if level in ("1", "2"):
        charger.set_service_level(int(level))
    elif level == "A":
        charger.settings.switch(EcFlag.AUTO_SERVICE_LEVEL_DISABLED, on=False)
    else:
        return False
    return True


def _set_timer(charger: Charger, tokens: Sequence[str]) -> None:
    hours = [_byte(token) for token in tokens[1:]]
    timer = None
    if any(hours):
        start = time(hours[0] % 24, hours[1] % 60)
        timer = start, time(hours[2] % 24, hours[3] % 60)
    charger.set_timer(timer)


def _set_total(charger: Charger, tokens: Sequence[str]) -> Answer:
    # The number of words is not checked.
    charger.total_wh = _number(tokens[1]) if len(tokens) > 1 else 0
    charger.settings.writes += 1
    return _OK


def _calibrate_ammeter(charger: Charger, tokens: Sequence[str]) -> None:
    settings = charger.settings
    settings.scale, settings.offset = signed(tokens[1], 16), signed(tokens[2], 16)
    settings.writes += 1


def _calibrate_voltmeter(charger: Charger, tokens: Sequence[str]) -> bool:
    settings = charger.settings
    if charger.voltmeter:
        settings.voltmeter_scale = _number(tokens[1], 16)
        settings.voltmeter_offset = signed(tokens[2], 32)  # printed as `%ld`
        settings.writes += 1
    return charger.voltmeter


def _switch_relay(charger: Charger, tokens: Sequence[str]) -> Answer:
    protocol = charger.firmware.protocol
    if protocol < (5, 0, 0):
        return _old_switch(EcFlag.STUCK_RELAY_CHECK_DISABLED)(charger, tokens)
    if protocol < (6, 0, 0) or len(tokens) != 3:
        return NK
    charger.relays[_byte(tokens[1])] = tokens[2].startswith("1")
    return _OK


def _set_voltage(charger: Charger, tokens: Sequence[str]) -> Answer:
    protocol = charger.firmware.protocol
    if protocol < (4, 0, 1):
        return _old_switch(EcFlag.VENT_CHECK_DISABLED)(charger, tokens)
    if protocol < (5, 1, 3) or charger.voltmeter or len(tokens) != 2:
        return NK
    charger.voltage = _number(tokens[1]) / 1000
    return _OK


def _beat(charger: Charger, tokens: Sequence[str]) -> Answer:
    heart, succeeded = charger.heartbeat, True
    if len(tokens) == 3:
        heart.arm(_number(tokens[1], 16), _byte(tokens[2]))
        charger.settings.writes += 1
    elif len(tokens) == 2:
        succeeded = _number(tokens[1]) == HEARTBEAT_COOKIE
        if succeeded and heart.trigger is HeartbeatTrigger.MISSED:
            heart.trigger = HeartbeatTrigger.MISSED_AND_ACKNOWLEDGED
            heart.age = 0.0
    elif len(tokens) == 1:
        succeeded = heart.trigger is not HeartbeatTrigger.MISSED
        heart.age = 0.0
    else:
        return NK
    return succeeded, (heart.interval, heart.current, int(heart.trigger))


def _lock(charger: Charger, tokens: Sequence[str]) -> bool:
    charger.auth_locked = bool(_byte(tokens[1]))
    return True


def _lock_socket(charger: Charger, tokens: Sequence[str]) -> bool:
    mode = tokens[1][:1]
    if mode in ("A", "M"):
        charger.socket_manual = mode == "M"
    elif mode in ("0", "1") and charger.socket_manual:
        charger.socket_locked = mode == "1"
    else:
        return False
    return True


def _choose_phases(charger: Charger, tokens: Sequence[str]) -> bool:
    charger.three_phases = tokens[1].startswith("1")
    return True


def _optional(feature: str, handler: Handler) -> Handler:
    """Return a command that stock boards do not have."""
    return lambda c, t: handler(c, t) if feature in c.features else NK


FUNCTIONS: Final[Mapping[str, Handler]] = {
    "F0": _counted(2, _give_display),
    "F1": _do(Charger.press_button),
    "FB": _counted(2, _set_colour),
    "FC": _do(lambda c: c.fault_counts.clear()),
    "FD": _do(Charger.disable),
    "FE": _do(Charger.enable),
    "FF": _counted(3, _switch_feature),
    "FO": _counted(2, lambda c, t: setattr(c, "panic", _number(t[1]) / 10)),
    "FP": _print,
    "FR": _do(Charger.reboot),
    "FS": _do(Charger.sleep),
}
SETTERS: Final[Mapping[str, Handler]] = {
    "S0": _counted(
        2,
        lambda c, t: c.settings.switch(EcFlag.MONOCHROME_LCD, t[1].startswith("0")),
    ),
    "S1": _counted(7, _set_clock),
    "S2": _counted(2, lambda c, t: None),
    "S3": _counted(2, lambda c, t: c.set_time_limit(_byte(t[1]))),
    "S4": _optional("auth_lock", _counted(2, _lock)),
    "S5": _optional("mennekes", _counted(2, _lock_socket)),
    "S7": _optional("phases", _counted(2, _choose_phases)),
    "S8": _optional("phases", _counted(2, lambda c, t: None)),
    "SA": _counted(3, _calibrate_ammeter),
    "SC": _set_current,
    "SD": _old_switch(EcFlag.DIODE_CHECK_DISABLED),
    "SE": _counted(2, lambda c, t: None),
    "SF": _old_switch(EcFlag.GFCI_SELF_TEST_DISABLED),
    "SG": _old_switch(EcFlag.GROUND_CHECK_DISABLED),
    "SH": _counted(2, lambda c, t: c.set_energy_limit(_byte(t[1]))),
    "SK": _set_total,
    "SL": _counted(2, _set_level),
    "SM": _counted(3, _calibrate_voltmeter),
    "SR": _switch_relay,
    "SS": _old_switch(EcFlag.GFCI_SELF_TEST_DISABLED),
    "ST": _counted(5, _set_timer),
    "SV": _set_voltage,
    "SY": _beat,
}
