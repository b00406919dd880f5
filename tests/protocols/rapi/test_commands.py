"""The table of commands: what may be sent, what it means, what comes back."""

from datetime import datetime

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    COMMANDS,
    Kind,
    ParameterKind,
    Reply,
    check,
    decode,
    describe,
    encode,
    is_expert,
)

FUNCTIONS = "F0 F1 FB FC FD FE FF FO FP FR FS"
SETTINGS = "S0 S1 S2 S3 S4 S5 SA SB SC SH SK SL SM ST SV SY"
OLD_SWITCHES = "SD SE SF SG SR SS"
EXPERT = "FC FF FO S0 S2 SA SB SC SK SM SO SY T0 Z0"
READINGS = "G0 G3 G4 G5 GA GC GD GE GF GG GH GI GM GO GP GR GS GT GU GV GY GZ"
TESTS = "T0 Z0"
# One- and three-phase switching of a fork.
PHASES = "G7 S7 S8"


def test_every_command_is_there() -> None:
    """Those of the guide, of the firmware's versions, and of the fork."""
    names = f"{FUNCTIONS} {SETTINGS} SO {OLD_SWITCHES} {READINGS} {TESTS} {PHASES}"
    assert sorted(COMMANDS) == sorted(names.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_rows_are_whole(name: str) -> None:
    """Ranges are not empty, optional parameters are last, reading changes nothing."""
    command = COMMANDS[name]
    assert command.name == name
    assert command.summary
    assert (command.kind is Kind.READ) == name.startswith("G")
    optional = [parameter.optional for parameter in command.parameters]
    assert optional == sorted(optional)
    for parameter in command.parameters:
        if parameter.kind is ParameterKind.INT:
            assert parameter.minimum < parameter.maximum
        assert bool(parameter.choices) == (parameter.kind is ParameterKind.CHOICE)
    if command.kind is Kind.READ:
        assert not command.expert
        assert not command.parameters
        assert command.reply


def test_what_is_for_experts() -> None:
    """What wears the EEPROM, weakens protection, or calibrates."""
    expert = {name for name, command in COMMANDS.items() if command.expert}
    assert expert == {*EXPERT.split(), *OLD_SWITCHES.split()}


# --- check


@pytest.mark.parametrize(
    ("command", "given", "sent"),
    [
        ("GS", (), ()),
        ("F0", (1,), ("1",)),
        ("FB", ("7",), ("7",)),
        ("FF", ("D", 0), ("D", "0")),
        ("FP", (0, 1, "Hello World"), ("0", "1", "Hello World")),
        ("FP", (0, 1, "Hello", "World"), ("0", "1", "Hello World")),
        ("FP", (0, 0, ""), ("0", "0", "")),
        ("FP", (15, 1, "x"), ("15", "1", "x")),
        ("FP", (0, 0, 16), ("0", "0", "16")),
        ("S1", (28, 2, 29, 23, 59, 59), ("28", "2", "29", "23", "59", "59")),
        (
            "S1",
            ("18", "10", "18", "12", "30", "00"),
            ("18", "10", "18", "12", "30", "0"),
        ),
        ("S3", (255,), ("255",)),
        ("S5", ("A",), ("A",)),
        ("SA", (182, -5), ("182", "65531")),
        ("SC", (6,), ("6",)),
        ("SC", (80, "V"), ("80", "V")),
        ("SC", (16, "N"), ("16", "N")),
        ("SC", ("016", "V"), ("16", "V")),
        ("SK", (0,), ("0",)),
        ("SL", ("A",), ("A",)),
        ("SL", (2,), ("2",)),
        ("ST", (0, 0, 0, 0), ("0", "0", "0", "0")),
        ("SV", (223576,), ("223576",)),
        ("SY", (), ()),
        ("SY", (165,), ("165",)),
        ("SY", (100, 6), ("100", "6")),
        ("Z0", (20, 128), ("20", "128")),
    ],
)
def test_what_may_be_sent(
    command: str, given: tuple[str | int, ...], sent: tuple[str, ...]
) -> None:
    """As text, without leading zeros."""
    assert check(command, given) == sent
    encode(command, *sent)


@pytest.mark.parametrize(
    ("command", "given", "reason"),
    [
        ("XX", (), "rapi_unknown: command XX"),
        ("gs", (), "rapi_unknown"),
        ("", (), "rapi_unknown"),
        ("GS", (1,), "rapi_parameter_count: command GS, wanted 0, given 1"),
        ("F0", (), "rapi_parameter_count: command F0, wanted 1, given 0"),
        ("F0", (2,), "rapi_not_a_choice: command F0, place 1, choices 0, 1"),
        ("FB", (8,), "minimum 0, maximum 7"),
        ("FB", ("red",), "rapi_not_whole"),
        (
            "FF",
            ("X", 1),
            "rapi_not_a_choice: command FF, place 1, choices B, D, E, F, G, P, R, T, V, Z",
        ),
        ("FF", ("d", 1), "rapi_not_a_choice: command FF, place 1"),
        ("FF", ("D",), "rapi_parameter_count: command FF, wanted 2, given 1"),
        ("FP", (0, 0), "rapi_parameter_count: command FP, wanted 3, given 2"),
        ("FP", (), "rapi_parameter_count: command FP, wanted 3, given 0"),
        ("FP", (16, 0, "x"), "minimum 0, maximum 15"),
        ("FP", (0, 2, "x"), "minimum 0, maximum 1"),
        ("FP", (0, 0, "x" * 17), "rapi_text_too_long: command FP, longest 16"),
        ("FP", (15, 0, "xx"), "rapi_text_too_long: command FP, longest 1"),
        ("FP", (0, 0, "a b c d e f g h"), "rapi_too_many_words: command FP, most 10"),
        ("FP", (0, 0, "5^3"), r"rapi_character: command FP, character \^"),
        ("FP", (0, 0, "Füße"), "rapi_character: command FP, character ü"),
        ("S1", (26, 2, 29, 0, 0, 0), "rapi_no_such_day"),
        ("S1", (26, 13, 1, 0, 0, 0), "rapi_out_of_range: command S1, place 2"),
        ("S1", (2026, 1, 1, 0, 0, 0), "rapi_out_of_range: command S1, place 1"),
        ("S1", (26, 1, 1, 0, 0), "rapi_parameter_count: command S1, wanted 6, given 5"),
        ("S3", (256,), "minimum 0, maximum 255"),
        ("S3", (-1,), "rapi_out_of_range"),
        ("S3", (1.5,), "rapi_not_whole"),
        ("S3", (True,), "is neither"),
        ("S3", ("",), "rapi_not_whole"),
        ("S3", ("٣",), "rapi_not_whole"),
        ("S3", ("9" * 30,), "rapi_not_whole"),
        ("SC", (5,), "minimum 6, maximum 80"),
        ("SC", (300,), "rapi_out_of_range"),
        ("SC", ("abc",), "rapi_not_whole"),
        ("SC", (16, "X"), "rapi_not_a_choice: command SC, place 2, choices V, N"),
        ("SC", (16, "v"), "rapi_not_a_choice: command SC, place 2, choices V, N"),
        ("SC", (16, "V", 1), "rapi_parameter_count: command SC, wanted 1–2, given 3"),
        ("SC", (), "rapi_parameter_count: command SC, wanted 1–2, given 0"),
        ("SC", (16, "M"), "rapi_forever"),
        ("SC", (16, "MAX"), "rapi_forever"),
        ("SC", ("M",), "rapi_forever"),
        ("SH", (256,), "rapi_out_of_range"),
        ("SV", (0,), "rapi_out_of_range"),
        ("SY", (100,), "rapi_heartbeat: command SY, cookie 165"),
        ("SY", (100, 6, 1), "rapi_parameter_count: command SY, wanted 0–2, given 3"),
    ],
)
def test_what_is_refused(
    command: str, given: tuple[str | int, ...], reason: str
) -> None:
    """The controller would take most of it, and do something else."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        check(command, given)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("command", "given", "protocol", "allowed"),
    [
        ("GS", (), (1, 0, 2), True),
        ("GU", (), (1, 0, 2), False),
        ("GU", (), (1, 0, 3), True),
        ("G3", (), (2, 0, 4), True),
        ("FF", ("D", 1), (4, 0, 0), False),
        ("FF", ("D", 1), (4, 0, 1), True),
        ("SD", (1,), (4, 0, 1), True),
        ("SD", (1,), (5, 0, 0), False),
        ("SO", (650, 700), (3, 0, 1), True),
        ("SO", (650, 700), (4, 0, 0), False),
        ("S2", (1,), (5, 2, 0), False),
        ("SY", (), (5, 0, 0), True),
        ("SY", (), (4, 0, 1), False),
        ("GI", (), (5, 1, 3), False),
        # The same name, two meanings, and a gap between them.
        ("SV", (0,), (4, 0, 1), True),
        ("SV", (230_000,), (4, 0, 1), False),
        ("SV", (230_000,), (5, 1, 3), True),
        ("SV", (230_000,), (5, 0, 0), False),
        ("SR", (1,), (4, 0, 1), True),
        ("SR", (1, 0), (4, 0, 1), False),
        ("SR", (1, 0), (6, 0, 0), True),
        ("SR", (1, 0), (5, 2, 1), False),
        # Controllers of the hardware D9.
        ("GZ", (), (6, 0, 0), True),
        ("GZ", (), (5, 2, 1), False),
        ("GR", (), (5, 2, 1), False),
        ("FC", (), (6, 0, 0), True),
        ("FO", (720,), (6, 0, 0), True),
        ("FO", (720,), (5, 2, 1), False),
    ],
)
def test_versions(
    command: str,
    given: tuple[str | int, ...],
    protocol: tuple[int, int, int],
    allowed: bool,
) -> None:
    """A command that the controller does not have is refused with its version."""
    if allowed:
        check(command, given, protocol=protocol)
    else:
        with pytest.raises(ProtocolError):
            check(command, given, protocol=protocol)


def test_a_version_is_named() -> None:
    """So that the user knows what to update."""
    with pytest.raises(
        ProtocolError, match=r"rapi_not_in_protocol: command GI, version 4\.0\.1"
    ):
        check("GI", protocol=(4, 0, 1))


@pytest.mark.parametrize(
    ("command", "given", "expert"),
    [
        ("GS", (), False),
        ("FE", (), False),
        ("FR", (), False),
        ("S3", (4,), False),
        ("SL", ("2",), False),
        ("SC", (16,), True),
        ("SC", (16, "V"), False),
        ("SY", (), False),
        ("SY", (165,), False),
        ("SY", (100, 6), True),
        ("SV", (230_000,), False),
        ("SV", (0,), True),
        ("SV", ("1",), True),
        ("FF", ("G", 0), True),
        ("SA", (220, 0), True),
        ("SK", (0,), True),
        ("S0", (1,), True),
        ("SB", (), True),
        ("SG", (0,), True),
        ("GZ", (), False),
        ("GR", (), False),
        ("FC", (), True),
        ("FO", (720,), True),
        ("SR", (3, 0), True),
        ("XX", (), True),
    ],
)
def test_expert_commands(
    command: str, given: tuple[str | int, ...], expert: bool
) -> None:
    """Safety, calibration, wear, and what is not known."""
    assert is_expert(command, given) is expert


# --- describe


DESCRIPTIONS = [
    ("G0", "$OK 2", {"connected": None}),
    ("G0", "$OK 1", {"connected": True}),
    ("G3", "$OK 10", {"time_limit": 150}),
    ("G4", "$OK 1", {"locked": True, "manual": None}),
    ("G5", "$OK 1 A", {"locked": True, "manual": False}),
    ("G7", "$OK 1", {"three_phases": "1"}),
    ("GA", "$OK 220 0", {"scale": 220, "offset": 0}),
    ("GC", "$OK 6 32", {"minimum": 6, "maximum": 32, "pilot": None, "stored": None}),
    # Of the hardware D9 (OpenEVSE_Lib, getRelayStatus() and getFrequency()).
    ("GR", "$OK 1 0 1", {"dc_1": True, "dc_2": False, "ac": True}),
    ("GR", "$OK 1 0", {"value_1": "1", "value_2": "0"}),
    ("GZ", "$OK 5002", {"frequency": 50.02}),
    ("GZ", "$OK 0", {"frequency": None}),
    ("GD", "$OK 22 30 6 0", {"start": "22:30:00", "end": "06:00:00"}),
    ("GD", "$OK 0 0 0 0", {"start": None, "end": None}),
    ("GE", "$OK 32 0201", {"current": 32, "flags": "level_2, gfci_self_test_disabled"}),
    ("GE", "$OK 32 0000", {"current": 32, "flags": None}),
    ("GF", "$OK ff a 1", {"gfci": 255, "no_ground": 10, "stuck_relay": 1}),
    ("GG", "$OK 15900 -1", {"current": 15.9, "voltage": None}),
    ("GH", "$OK 10", {"energy_limit": 10}),
    ("GI", "$OK U39832FF12", {"id": "U39832FF12"}),
    ("GM", "$OK 300 5", {"scale": 300, "offset": 5}),
    ("GO", "$OK 650 700", {"ambient": 65.0, "infrared": 70.0}),
    ("GP", "$OK -2560 247 0", {"ds3231": None, "mcp9808": 24.7, "tmp007": 0.0}),
    (
        "GS",
        "$OK fe 8751 01 0200",
        {
            "state": "sleeping",
            "elapsed": 8751,
            "pilot_state": "not_connected",
            "vflags": "session_ended",
        },
    ),
    ("GT", "$OK 26 2 28 7 5 9", {"time": datetime(2026, 2, 28, 7, 5, 9).isoformat()}),
    ("GU", "$OK 3600 45613", {"session_wh": 1.0, "total_wh": 45613}),
    (
        "GV",
        "$OK D4.10.4.EU 4.0.1",
        {"firmware": "D4.10.4.EU", "firmware_version": "4.10.4", "protocol": "4.0.1"},
    ),
    ("GY", "$OK 100 6 0", {"interval": 100, "current": 6, "trigger": "never_missed"}),
    ("SB", "$OK 0", {"fault": "0"}),
    ("SC", "$OK 13", {"current": 13}),
    ("SC", "$NK 13", {"current": 13}),
    ("SC", "$NK", {}),
    ("SY", "$NK 100 6 2", {"interval": 100, "current": 6, "trigger": "missed"}),
    ("FE", "$OK", {}),
    ("FE", "$NK", {}),
    ("S3", "$NK 1", {"value_1": "1"}),
    # No clock; not what the command answers; not a known command.
    (
        "GT",
        "$OK 165 165 165 165 165 85",
        {f"value_{n}": "165" for n in range(1, 6)} | {"value_6": "85"},
    ),
    ("GS", "$OK 1 2 3", {"value_1": "1", "value_2": "2", "value_3": "3"}),
    ("GS", "$NK", {}),
    ("G4", "$NK^21", {}),
    ("XX", "$OK 1", {"value_1": "1"}),
]


@pytest.mark.parametrize(("command", "line", "described"), DESCRIPTIONS)
def test_described(command: str, line: str, described: dict[str, object]) -> None:
    """Names for people, nothing raised."""
    reply = decode(line)
    assert isinstance(reply, Reply)
    assert describe(command, reply) == described


def test_every_reading_has_the_tables_names() -> None:
    """What the table promises is what comes, in that order."""
    for command, _, described in DESCRIPTIONS:
        if command.startswith("G") and described and "value_1" not in described:
            assert tuple(described) == COMMANDS[command].reply


def test_described_with_the_firmware() -> None:
    """An old controller's missing sensor."""
    values = describe("GP", Reply(True, ("0", "247", "0")), (4, 8, 0))
    assert values == {"ds3231": None, "mcp9808": 24.7, "tmp007": None}


@pytest.mark.parametrize(
    ("command", "given", "sent"),
    [
        ("SA", (220, -5), ("220", "65531")),
        ("SA", ("220", "-32768"), ("220", "32768")),
        ("SA", (220, 32767), ("220", "32767")),
        ("SA", (220, "-0"), ("220", "0")),
        ("SM", (298, -5), ("298", "4294967291")),
        ("SM", (298, 12_018), ("298", "12018")),
    ],
)
def test_a_negative_number(
    command: str, given: tuple[str | int, ...], sent: tuple[str, ...]
) -> None:
    """As the controller's parser, which knows no sign, reads it into its 16 or 32 bits.

    dtou32() in rapi_proc.cpp of 8.2.3; `$SA 220 65531` is -5 there, `$SA 220 -5` -25.
    """
    assert check(command, given) == sent
    encode(command, *sent, sequence=0xFF)


def test_what_may_be_negative_says_in_which_size() -> None:
    """Of all numbers of all commands; anything else cannot be sent."""
    for command in COMMANDS.values():
        for parameter in command.parameters:
            assert parameter.minimum >= 0 or parameter.bits in (16, 32)
