"""The replies to the get commands, as controllers of all versions send them."""

from collections.abc import Callable
from datetime import datetime, time

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    Boot,
    ButtonPress,
    Calibration,
    Capacity,
    EcFlag,
    Energy,
    Faults,
    Heartbeat,
    HeartbeatTrigger,
    Lock,
    Meter,
    Notification,
    NotificationKind,
    OverTemperature,
    RefusedError,
    Reply,
    Settings,
    State,
    StateChange,
    Status,
    Temperatures,
    Timer,
    Version,
    VFlag,
    WifiMode,
    WifiRequest,
    decode,
    parse_version,
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
    read_notification,
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


def test_the_sessions_energy_in_both_units() -> None:
    """Watt-seconds come back as they were sent."""
    energy = read_energy(reply("$OK 40724987 45613"))
    assert energy.session_ws == 40724987
    assert energy.session_wh == pytest.approx(11312.496)


@pytest.mark.parametrize(("line", "level"), [("$OK 32 0001", 2), ("$OK 12 0020", 1)])
def test_service_level(line: str, level: int) -> None:
    """A flag of the settings."""
    assert read_flags(reply(line)).service_level == level


# --- versions


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("D4.10.4.EU", (4, 10, 4)),
        ("8.2.3.CGMI", (8, 2, 3)),
        ("8.2.3", (8, 2, 3)),
        ("v5.1.2", (5, 1, 2)),
        ("V2.7.4", (2, 7, 4)),
        ("4.1.0.dev", (4, 1, 0)),
        ("5.1.2_modified", (5, 1, 2)),
        ("2.9", (2, 9, 0)),
        ("-", None),
        ("", None),
        (None, None),
        ("master_0145bc1", None),
        ("5", None),
        ("5.", None),
        ("5.12345.1", None),
        ("٤.١.٠", None),
    ],
)
def test_versions(text: str | None, version: tuple[int, int, int] | None) -> None:
    """Of controllers, gateways and the protocol."""
    assert parse_version(text) == version


# --- states


@pytest.mark.parametrize(
    ("number", "name", "is_fault"),
    [
        (0, "STARTING", False),
        (1, "NOT_CONNECTED", False),
        (2, "CONNECTED", False),
        (3, "CHARGING", False),
        (4, "VENT_REQUIRED", True),
        (5, "DIODE_CHECK_FAILED", True),
        (6, "GFCI_FAULT", True),
        (7, "NO_GROUND", True),
        (8, "STUCK_RELAY", True),
        (9, "GFCI_SELF_TEST_FAILED", True),
        (10, "OVER_TEMPERATURE", True),
        (11, "OVER_CURRENT", True),
        (12, "PILOT_ERROR", True),
        (13, "TEMPERATURE_SENSOR_FAULT", True),
        (14, "RELAY_CLOSURE_FAULT", True),
        (15, "PP_SHORTED", True),
        (16, "PP_MISSING", True),
        (17, "EEPROM_FAULT", True),
        (18, "UNKNOWN", False),
        (253, "UNKNOWN", False),
        (254, "SLEEPING", False),
        (255, "DISABLED", False),
        (1000, "UNKNOWN", False),
    ],
)
def test_states(number: int, name: str, is_fault: bool) -> None:
    """Four to seventeen are faults."""
    state = State(number)
    assert (state.name, state.is_fault) == (name, is_fault)


def test_a_state_is_a_number() -> None:
    """Text is no state, not even an unknown one."""
    with pytest.raises(ValueError, match="is not a valid State"):
        State("3")


# --- notifications


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("$ST 03^00", StateChange(State.CHARGING)),
        # Hexadecimal, although $GS of the same controllers is decimal.
        ("$ST fe", StateChange(State.SLEEPING)),
        (
            "$AT 01 01 32 0200^32",
            StateChange(State.NOT_CONNECTED, State.NOT_CONNECTED, 32, SESSION_ENDED),
        ),
        (
            "$AT ff 01 24 0200^34",
            StateChange(State.DISABLED, State.NOT_CONNECTED, 24, SESSION_ENDED),
        ),
        ("$AB 00 8.2.3", Boot(State.STARTING, "8.2.3")),
        ("$AB 07 8.2.3", Boot(State.NO_GROUND, "8.2.3")),
        ("$AN 1^3A", ButtonPress(True)),
        ("$AN 0", ButtonPress(False)),
        ("$WF 02^17", WifiRequest(WifiMode.ACCESS_POINT_DEFAULT)),
    ],
)
def test_notifications(line: str, value: object) -> None:
    """What the controller says by itself."""
    message = decode(line)
    assert isinstance(message, Notification)
    assert read_notification(message) == value


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("ST", ()),
        ("ST", ("x",)),
        ("AT", ("01", "01", "32")),
        ("AT", ("01", "01", "256", "0200")),
        ("AT", ("01", "01", "32", "02000")),
        ("AB", ("00",)),
        ("AN", ("2",)),
        ("AN", ()),
        ("WF", ("3",)),
        ("WF", ("02", "1")),
    ],
)
def test_notifications_that_are_none(kind: str, values: tuple[str, ...]) -> None:
    """An error, not a wrong state."""
    with pytest.raises(ProtocolError):
        read_notification(Notification(NotificationKind(kind), values))
