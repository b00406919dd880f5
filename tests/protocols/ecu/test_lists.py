"""Signals, histories, alarms, limits and switches."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.ecu import (
    MaxPower,
    Period,
    decode_alarms,
    decode_energy_history,
    decode_max_power,
    decode_power_history,
    decode_signal,
    decode_switch_states,
    signal_percent,
)

from .frames import FRAMES, answer, words

ONE, TWO = bytes.fromhex("702000000001"), bytes.fromhex("702000000002")


def test_signal() -> None:
    """The raw level of each, and what it is of the best."""
    levels = decode_signal(FRAMES["signal_0030"])
    assert len(levels) == 6
    assert set(levels.values()) == {0xAB}
    assert levels["901510568789"] == 171
    assert signal_percent(171) == 67
    assert signal_percent(255) == 100


def test_signal_of_unpaired() -> None:
    """0 is no level."""
    levels = decode_signal(FRAMES["signal_0030_unpaired0"])
    assert len(levels) == 8
    assert list(levels.values()).count(0) == 4
    assert signal_percent(0) is None


def test_power_history() -> None:
    """Hour and minute in BCD, and watts, of which one is a line feed."""
    payload = b"00" + bytes.fromhex("0605") + words(10) + bytes.fromhex("1210")
    got = decode_power_history(answer("0003", payload + words(4321)))
    assert [(point.time, point.power) for point in got] == [
        (time(6, 5), 10),
        (time(12, 10), 4321),
    ]
    assert decode_power_history(answer("0003", b"00")) == ()


@pytest.mark.parametrize("group", ["11", "12"])
@pytest.mark.parametrize("width", [2, 4])
def test_energy_history(group: str, width: int) -> None:
    """Entries of 6 bytes, or of 8, which are not only in group 12."""
    payload = b"0000"
    for day in range(1, 8):
        payload += bytes.fromhex(f"202606{day:02}") + (1000 + day).to_bytes(width)
    got = decode_energy_history(answer("0004", payload, group=group))
    assert got.period is Period.WEEK
    assert len(got.points) == 7
    assert got.points[0].date == date(2026, 6, 1)
    assert got.points[-1].energy == 10.07


def test_energy_of_months() -> None:
    """A month may have no day."""
    payload = b"0002" + bytes.fromhex("20260500") + words(30000)
    got = decode_energy_history(answer("0004", payload))
    assert got.period is Period.YEAR
    assert [(point.date, point.energy) for point in got.points] == [
        (date(2026, 5, 1), 300.0)
    ]


def test_alarms() -> None:
    """64 flags, the highest bit of the first byte is number 0."""
    flags = (1 << 63 | 1 << (63 - 16) | 1 << (63 - 43) | 1).to_bytes(8)
    payload = b"00" + ONE + bytes.fromhex("120059") + flags
    (alarm,) = decode_alarms(answer("0032", payload))
    assert alarm.inverter_id == "702000000001"
    assert alarm.time == time(12, 0, 59)
    assert alarm.names == (
        "ac_frequency_high",
        "over_temperature",
        "no_data_from_inverter",
        "ac_voltage_low_stage_4_phases_b_c",
    )


@pytest.mark.parametrize(
    ("bit", "name"),
    [
        (12, "bit_12"),
        (33, "ac_voltage_high_stage_2"),
        (36, "ac_voltage_low_stage_3"),
        (37, "ac_voltage_high_stage_4"),
        (44, "ac_voltage_high_stage_1"),
        (45, "ac_voltage_low_stage_1"),
        (46, "ac_parameter_setting_error"),
        (47, "varistor_protection"),
        (48, "ac_voltage_high_stage_1_phases_a_b"),
        (55, "ac_voltage_low_stage_4_phases_a_b"),
        (56, "ac_voltage_high_stage_1_phases_b_c"),
    ],
)
def test_alarm_names(bit: int, name: str) -> None:
    """After the ECU's language file: bolkedebruin/apsystems-sunspec docs/EVENTS.md."""
    payload = b"00" + ONE + bytes.fromhex("120059") + (1 << (63 - bit)).to_bytes(8)
    (alarm,) = decode_alarms(answer("0032", payload))
    assert alarm.names == (name,)


WRONG = b"\xff" + ONE[1:]


@pytest.mark.parametrize(
    ("decode", "command", "payload"),
    [
        (decode_signal, "0030", b"00" + WRONG + b"1" + ONE + b"1"),
        (decode_max_power, "0025", b"0100" + WRONG + bytes(4) + ONE + bytes(4)),
        (decode_switch_states, "0026", b"0100" + WRONG + b"0" + ONE + b"0"),
        (
            decode_alarms,
            "0032",
            b"00" + (ONE + bytes.fromhex("250000") + bytes(8)) + ONE + bytes(11),
        ),
        (decode_power_history, "0003", b"00" + bytes.fromhex("25050001") + bytes(4)),
    ],
)
def test_a_line_that_cannot_be_read(
    decode: Callable[[bytes], Any], command: str, payload: bytes
) -> None:
    """It is left out, and the others are read."""
    assert len(decode(answer(command, payload))) == 1


def test_max_power() -> None:
    """What was asked for, and what the inverter has taken; 0 is no limit."""
    payload = b"0100" + ONE + words(300, 299) + TWO + words(0, 500)
    assert decode_max_power(answer("0025", payload)) == {
        "702000000001": MaxPower(300, 299),
        "702000000002": MaxPower(0, 500),
    }


def test_switch_states() -> None:
    """0 is on."""
    three = bytes.fromhex("702000000003")
    payload = b"0100" + ONE + b"0" + TWO + b"1" + three + b"?"
    assert decode_switch_states(answer("0026", payload)) == {
        "702000000001": True,
        "702000000002": False,
        "702000000003": None,
    }


@pytest.mark.parametrize(
    ("decode", "command", "payload"),
    [
        (decode_power_history, "0003", b"00" + bytes.fromhex("2505") + words(1)),
        (decode_power_history, "0003", b"00" + bytes.fromhex("0a05") + words(1)),
        (decode_power_history, "0003", b"00" + bytes(5)),
        (decode_energy_history, "0004", b"0007"),
        (decode_energy_history, "0004", b"0000" + bytes(6)),
        (decode_energy_history, "0004", b"0000" + bytes.fromhex("202606310001")),
        (decode_alarms, "0032", b"00" + ONE + bytes.fromhex("126000") + bytes(8)),
        (decode_signal, "0030", b"00" + bytes(8)),
    ],
)
def test_damaged(decode: object, command: str, payload: bytes) -> None:
    """Times and dates that do not exist, lists that do not divide."""
    assert callable(decode)
    with pytest.raises(ProtocolError):
        decode(answer(command, payload))
