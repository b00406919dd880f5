"""The replies to the get commands, one reader per command.

Every reader takes a `Reply` and raises `ProtocolError` for one that is not an answer
to its command, `RefusedError` (a `ProtocolError`) for `$NK`. Facts are from the
controller's rapi_proc.h and rapi_proc.cpp, tags v3.5.1 to 8.2.3; where versions differ
the number of fields decides, as the firmware's own version number does not.
"""

from datetime import datetime, time

from .. import ProtocolError
from .enums import EcFlag, HeartbeatTrigger, State, VFlag
from .fields import (
    VersionNumber,
    counted,
    decimal,
    fields,
    hexadecimal,
    natural,
    parse_version,
    tenths,
)
from .framing import NO_CHARACTER, Reply
from .records import (
    Calibration,
    Capacity,
    Energy,
    Faults,
    Heartbeat,
    Lock,
    Meter,
    OverTemperature,
    Relays,
    Settings,
    Status,
    Temperatures,
    Timer,
    Version,
)

# What -1 becomes where the controller's code is compiled for a computer.
_MINUS_ONE = 2**32 - 1


def read_status(reply: Reply) -> Status:
    """Read `$GS`: the state is decimal in two fields, hexadecimal in four."""
    values = fields(reply, "$GS", 2, 4)
    elapsed = natural(values[1], "$GS elapsed")
    if len(values) == 2:
        return Status(State(natural(values[0], "$GS state", 0xFF)), elapsed)
    return Status(
        State(hexadecimal(values[0], "$GS state")),
        elapsed,
        State(hexadecimal(values[2], "$GS pilot state")),
        VFlag(hexadecimal(values[3], "$GS flags")),
    )


def read_capacity(reply: Reply) -> Capacity:
    """Read `$GC`: two fields, three in protocol 5.0.0, four since 5.1.0."""
    values = fields(reply, "$GC", 2, 3, 4)
    return Capacity(*(natural(value, "$GC", 0xFF) for value in values))


def read_energy(reply: Reply) -> Energy:
    """Read `$GU`: watt-seconds and watt-hours."""
    session, total = fields(reply, "$GU", 2)
    return Energy(natural(session, "$GU session") / 3600, natural(total, "$GU total"))


def read_faults(reply: Reply) -> Faults:
    """Read `$GF`: three hexadecimal counters."""
    return Faults(*(hexadecimal(value, "$GF") for value in fields(reply, "$GF", 3)))


def read_temperatures(
    reply: Reply, firmware: VersionNumber | None = None
) -> Temperatures:
    """Read `$GP`: tenths of a degree.

    -2560 is a missing sensor; before firmware 4.10.0 it is 0, so where the `firmware`
    is not known a 0 is taken for a temperature.
    """
    values = fields(reply, "$GP", 3)
    return Temperatures(*(tenths(value, "$GP", firmware) for value in values))


def read_meter(reply: Reply) -> Meter:
    """Read `$GG`: milliamperes and millivolts, -1 for what is not measured."""
    return Meter(*(_milli(value) for value in fields(reply, "$GG", 2)))


def read_version(reply: Reply) -> Version:
    """Read `$GV`: names of versions, such as `D4.10.4.EU` and `4.0.1`."""
    firmware, protocol = fields(reply, "$GV", 2)
    return Version(firmware, parse_version(firmware), parse_version(protocol))


def read_flags(reply: Reply) -> Settings:
    """Read `$GE`: decimal amperes and the hexadecimal flag word."""
    current, flags = fields(reply, "$GE", 2)
    return Settings(
        natural(current, "$GE current", 0xFF), EcFlag(hexadecimal(flags, "$GE flags"))
    )


def read_time(reply: Reply) -> datetime:
    """Read `$GT`: the controller's local time, without a time zone.

    A controller without a clock answers with numbers that are no date: an error.
    """
    year, month, day, hour, minute, second = (
        natural(value, "$GT", 0xFF) for value in fields(reply, "$GT", 6)
    )
    try:
        # The year has two digits.
        if year < 100:
            return datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        pass
    raise ProtocolError("$GT: not a time")


def read_timer(reply: Reply) -> Timer | None:
    """Read `$GD`: hours and minutes of start and end; four zeros are no timer."""
    start_hour, start_minute, end_hour, end_minute = times = [
        natural(value, "$GD", 59) for value in fields(reply, "$GD", 4)
    ]
    if not any(times):
        return None
    try:
        return Timer(time(start_hour, start_minute), time(end_hour, end_minute))
    except ValueError:
        raise ProtocolError("$GD: not a time of day") from None


def read_time_limit(reply: Reply) -> int:
    """Read `$G3`: the session's time limit in minutes, 0 for none."""
    (quarters,) = fields(reply, "$G3", 1)
    return natural(quarters, "$G3", 0xFF) * 15


def read_energy_limit(reply: Reply) -> int:
    """Read `$GH`: the session's energy limit in kWh, 0 for none."""
    (limit,) = fields(reply, "$GH", 1)
    return natural(limit, "$GH", 0xFFFF)


def read_connected(reply: Reply) -> bool | None:
    """Read `$G0`: whether a car is connected; None while the pilot is at -12 V."""
    (state,) = fields(reply, "$G0", 1)
    return (False, True, None)[natural(state, "$G0", 2)]


def read_lock(reply: Reply) -> Lock:
    """Read `$G4` (one field) or `$G5` (two, the second is A or M)."""
    values = fields(reply, "lock", 1, 2)
    locked = bool(natural(values[0], "lock", 1))
    if len(values) == 1:
        return Lock(locked)
    if values[1] not in ("A", "M"):
        raise ProtocolError("lock: the mode is neither A nor M")
    return Lock(locked, values[1] == "M")


def read_heartbeat(reply: Reply) -> Heartbeat:
    """Read `$GY` or `$SY`; a `$NK` to a pulse says that one was missed before."""
    interval, current, trigger = counted(reply.values, "heartbeat", 3)
    return Heartbeat(
        natural(interval, "heartbeat", 0xFFFF),
        natural(current, "heartbeat", 0xFF),
        HeartbeatTrigger(natural(trigger, "heartbeat", 2)),
    )


def read_calibration(reply: Reply) -> Calibration:
    """Read `$GA` or `$GM`."""
    scale, offset = fields(reply, "calibration", 2)
    return Calibration(
        decimal(scale, "calibration scale"), decimal(offset, "calibration offset")
    )


def read_id(reply: Reply) -> str | None:
    """Read `$GI`: six characters and some hexadecimal digits, or 32 digits.

    It may not be unique on the older processor, the ATmega328P. Where that has none the
    characters are the bytes of empty memory, which are no text: None.
    """
    serial = " ".join(fields(reply, "$GI", 1, 2, 3))
    if NO_CHARACTER in serial:
        return None
    if not 10 <= len(serial) <= 32:
        raise ProtocolError("$GI: not a serial number")
    return serial


def read_over_temperature(reply: Reply) -> OverTemperature:
    """Read `$GO`: tenths of a degree, of the air and of the infrared sensor."""
    values = fields(reply, "$GO", 1, 2)
    return OverTemperature(*(decimal(v, "$GO", 0, 0x7FFF) / 10 for v in values))


def read_frequency(reply: Reply) -> float | None:
    """Read `$GZ`: the grid's frequency [Hz]; 0 is not measured."""
    (hundredths,) = fields(reply, "$GZ", 1)
    return natural(hundredths, "$GZ", 0xFFFF) / 100 or None


def read_relays(reply: Reply) -> Relays:
    """Read `$GR`: which relays are used."""
    return Relays(*(bool(natural(v, "$GR")) for v in fields(reply, "$GR", 3)))


def read_set_current(reply: Reply) -> int:
    """Read the answer to `$SC`: the current [A] that is set now.

    `$NK` carries it, too: the controller has cut what was asked for.
    """
    (current,) = counted(reply.values, "$SC", 1)
    return natural(current, "$SC", 0xFF)


def _milli(text: str) -> float | None:
    """Read a value in thousandths; what is negative is not measured."""
    value = decimal(text, "$GG")
    return None if value < 0 or value == _MINUS_ONE else value / 1000
