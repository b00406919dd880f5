"""The replies to the get commands, as controllers of all versions send them."""

from collections.abc import Callable
from datetime import datetime, time

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    Calibration,
    Capacity,
    EcFlag,
    Energy,
    Faults,
    Heartbeat,
    HeartbeatTrigger,
    Lock,
    Meter,
    OverTemperature,
    RefusedError,
    Reply,
    Settings,
    State,
    Status,
    Temperatures,
    Timer,
    Version,
    VFlag,
    decode,
    read_calibration,
    read_capacity,
    read_connected,
    read_energy,
    read_energy_limit,
    read_faults,
    read_flags,
    read_heartbeat,
    read_id,
    read_lock,
    read_meter,
    read_over_temperature,
    read_set_current,
    read_status,
    read_temperatures,
    read_time,
    read_time_limit,
    read_timer,
    read_version,
)

SESSION_ENDED = VFlag.SESSION_ENDED


def reply(line: str) -> Reply:
    """Decode a reply."""
    message = decode(line)
    assert isinstance(message, Reply)
    return message


@pytest.mark.parametrize(
    ("read", "line", "value"),
    [
        # Up to firmware 5 the state is decimal, since then hexadecimal.
        (read_status, "$OK 254 8751", Status(State.SLEEPING, 8751)),
        (read_status, "$OK 10 0", Status(State.OVER_TEMPERATURE, 0)),
        (read_status, "$OK 5 1", Status(State.DIODE_CHECK_FAILED, 1)),
        (read_status, "$OK 100 1", Status(State.UNKNOWN, 1)),
        (
            read_status,
            "$OK fe 8751 01 0200",
            Status(State.SLEEPING, 8751, State.NOT_CONNECTED, SESSION_ENDED),
        ),
        (
            read_status,
            "$OK 01 1234 01 0200^26",
            Status(State.NOT_CONNECTED, 1234, State.NOT_CONNECTED, SESSION_ENDED),
        ),
        (
            read_status,
            "$OK 10 0 FF 0140",
            Status(
                State.PP_MISSING,
                0,
                State.DISABLED,
                VFlag.VEHICLE_CONNECTED | VFlag.CHARGING_ON,
            ),
        ),
        (read_capacity, "$OK 6 32", Capacity(6, 32)),
        (read_capacity, "$OK 6 32 16", Capacity(6, 32, 16)),
        (read_capacity, "$OK 6 80 32 40^1B", Capacity(6, 80, 32, 40)),
        (read_energy, "$OK 40724987 45613", Energy(40724987 / 3600, 45613)),
        (read_energy, "$OK 0 0", Energy(0, 0)),
        (read_energy, "$OK 0 4294967295", Energy(0, 4294967295)),
        (read_faults, "$OK ff a 1^50", Faults(255, 10, 1)),
        (read_faults, "$OK 0 0 10", Faults(0, 0, 16)),
        (read_temperatures, "$OK -2560 247 -2560^31", Temperatures(None, 24.7, None)),
        (read_temperatures, "$OK 0 247 230", Temperatures(0, 24.7, 23.0)),
        (read_temperatures, "$OK -55 0 0", Temperatures(-5.5, 0, 0)),
        (read_meter, "$OK 15900 -1^01", Meter(15.9, None)),
        (read_meter, "$OK 0 231123", Meter(0, 231.123)),
        (read_meter, "$OK -1 240000", Meter(None, 240)),
        (read_meter, "$OK 15900 4294967295", Meter(15.9, None)),
        (
            read_version,
            "$OK D4.10.4.EU 4.0.1^6E",
            Version("D4.10.4.EU", (4, 10, 4), (4, 0, 1)),
        ),
        (
            read_version,
            "$OK 8.2.3.CGMI 5.2.1",
            Version("8.2.3.CGMI", (8, 2, 3), (5, 2, 1)),
        ),
        (read_version, "$OK 3.7.8 1.0.3", Version("3.7.8", (3, 7, 8), (1, 0, 3))),
        (read_version, "$OK linco-work -", Version("linco-work", None, None)),
        (read_flags, "$OK 32 0001^20", Settings(32, EcFlag.LEVEL_2)),
        (
            read_flags,
            "$OK 24 0540",
            Settings(
                24,
                EcFlag.TEMPERATURE_CHECK_DISABLED
                | EcFlag.MONOCHROME_LCD
                | EcFlag.AUTO_START_DISABLED,
            ),
        ),
        (read_time, "$OK 26 2 28 7 5 9", datetime(2026, 2, 28, 7, 5, 9)),
        (read_timer, "$OK 0 0 0 0^20", None),
        (read_timer, "$OK 22 30 6 0", Timer(time(22, 30), time(6))),
        (read_timer, "$OK 0 0 0 1", Timer(time(0), time(0, 1))),
        (read_time_limit, "$OK 10", 150),
        (read_time_limit, "$OK 0", 0),
        (read_energy_limit, "$OK 10", 10),
        (read_connected, "$OK 0^30", False),
        (read_connected, "$OK 1^31", True),
        (read_connected, "$OK 2^32", None),
        (read_lock, "$OK 0^30", Lock(False)),
        (read_lock, "$OK 1^31", Lock(True)),
        (read_lock, "$OK 1 A", Lock(True, False)),
        (read_lock, "$OK 0 M", Lock(False, True)),
        (
            read_heartbeat,
            "$OK 100 6 0^37",
            Heartbeat(100, 6, HeartbeatTrigger.NEVER_MISSED),
        ),
        (read_heartbeat, "$NK 100 6 2", Heartbeat(100, 6, HeartbeatTrigger.MISSED)),
        (read_calibration, "$OK 220 -3", Calibration(220, -3)),
        (read_id, "$OK  U39832FF12", "U39832FF12"),
        (read_id, "$OK AB CD EFF123", "AB CD EFF123"),
        (read_id, "$OK 0123456789ABCDEF0123456789ABCDEF", "0123456789ABCDEF" * 2),
        (read_over_temperature, "$OK 650 700", OverTemperature(65, 70)),
        (read_over_temperature, "$OK 705", OverTemperature(70.5)),
        (read_set_current, "$OK 13^02", 13),
        (read_set_current, "$NK 6 :0A^5C", 6),
    ],
)
def test_replies(read: Callable[[Reply], object], line: str, value: object) -> None:
    """Fields to values."""
    assert read(reply(line)) == value


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (read_status, "$OK"),
        (read_status, "$OK 1"),
        (read_status, "$OK 01 0 01"),
        (read_status, "$OK fe 8751"),
        (read_status, "$OK 256 0"),
        (read_status, "$OK -1 0"),
        (read_status, "$OK 1 -1"),
        (read_status, "$OK 01 0 01 12345"),
        (read_status, "$OK 01 0 zz 0200"),
        (read_capacity, "$OK 6"),
        (read_capacity, "$OK 6 80 32 32 1"),
        (read_capacity, "$OK 6 x"),
        (read_capacity, "$OK 6 256"),
        (read_energy, "$OK -1 0"),
        (read_energy, "$OK 0 4294967296"),
        (read_energy, "$OK 0 99999999999"),
        (read_energy, "$OK 0 1.5"),
        (read_faults, "$OK 0 0"),
        (read_faults, "$OK 0 0 g"),
        (read_temperatures, "$OK 1 2"),
        (read_temperatures, "$OK 1 2 32768"),
        (read_meter, "$OK 1"),
        (read_meter, "$OK 1 x"),
        (read_version, "$OK 8.2.3"),
        (read_flags, "$OK 32"),
        (read_flags, "$OK 32 10000"),
        # What a controller without a clock answers.
        (read_time, "$OK 165 165 165 165 165 85"),
        (read_time, "$OK 0 0 0 0 0 0"),
        (read_time, "$OK 26 2 30 7 5 9"),
        (read_time, "$OK 26 2 28 7 5 60"),
        (read_time, "$OK 26 2 28 7 5"),
        (read_timer, "$OK 24 0 6 0"),
        (read_timer, "$OK 22 60 6 0"),
        (read_timer, "$OK 22 0 6"),
        (read_time_limit, "$OK 256"),
        (read_time_limit, "$OK"),
        (read_energy_limit, "$OK x"),
        (read_connected, "$OK 3"),
        (read_lock, "$OK 2"),
        (read_lock, "$OK 1 X"),
        (read_heartbeat, "$OK 100 6"),
        (read_heartbeat, "$OK 100 6 3"),
        (read_heartbeat, "$NK"),
        (read_calibration, "$OK 220"),
        (read_id, "$OK 123456789"),
        (read_id, "$OK " + "1" * 33),
        (read_over_temperature, "$OK -1"),
        (read_set_current, "$NK"),
    ],
)
def test_answers_that_are_none(read: Callable[[Reply], object], line: str) -> None:
    """A reply to another command, or nonsense."""
    with pytest.raises(ProtocolError):
        read(reply(line))


@pytest.mark.parametrize(
    "read",
    [
        read_status,
        read_capacity,
        read_energy,
        read_faults,
        read_temperatures,
        read_meter,
        read_version,
        read_flags,
        read_time,
        read_timer,
        read_time_limit,
        read_energy_limit,
        read_connected,
        read_lock,
        read_calibration,
        read_id,
        read_over_temperature,
    ],
)
def test_refusals(read: Callable[[Reply], object]) -> None:
    """A controller without the part answers $NK."""
    with pytest.raises(RefusedError, match=r"answered \$NK"):
        read(reply("$NK^21"))


@pytest.mark.parametrize(
    ("firmware", "rtc"),
    [(None, 0.0), ((4, 10, 0), 0.0), ((8, 2, 3), 0.0), ((4, 9, 1), None)],
)
def test_zero_degrees(firmware: tuple[int, int, int] | None, rtc: float | None) -> None:
    """Before firmware 4.10.0 it is a missing sensor."""
    values = read_temperatures(reply("$OK 0 247 -2560"), firmware)
    assert values == Temperatures(rtc, 24.7, None)


def test_the_most_current_that_can_be_set() -> None:
    """The stored capacity, which V cannot exceed, if the controller tells it."""
    assert read_capacity(reply("$OK 6 32")).limit == 32
    assert read_capacity(reply("$OK 6 80 13 16")).limit == 16


def test_the_sessions_energy() -> None:
    """It comes in watt-seconds, the total in watt-hours."""
    energy = read_energy(reply("$OK 40724987 45613"))
    assert energy.session_wh == pytest.approx(11312.496)
    assert energy.total_wh == 45613
