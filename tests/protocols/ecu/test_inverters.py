"""0002, of every type of inverter."""

from datetime import datetime

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.ecu import (
    Channel,
    Inverter,
    decode_inverters,
    inverter_model,
)

from .frames import FRAMES, STAMP, answer, entry, report, words

YC600 = Inverter(
    "408903477644",
    "01",
    online=True,
    frequency=49.9,
    temperature=11,
    channels=(Channel(20, 228), Channel(20, 228)),
    voltages=(228,),
)
QS1 = Inverter(
    "802751953202",
    "03",
    online=True,
    frequency=59.9,
    temperature=1,
    channels=(Channel(2), Channel(1), Channel(7), Channel(6)),
    voltages=(241,),
)
DS3 = Inverter(
    "702202650371",
    "01",
    online=True,
    frequency=49.9,
    temperature=51,
    channels=(Channel(211, 240), Channel(214, 240)),
    voltages=(240,),
)
QT2 = Inverter(
    "901510568789",
    "02",
    online=True,
    frequency=49.9,
    temperature=23,
    channels=(Channel(26, 390), Channel(26, 391), Channel(27, 383), Channel(25)),
    # Between two phases.
    voltages=(390, 391, 383),
)
DS3_L = Inverter(
    "704731468281",
    "01",
    online=True,
    frequency=49.9,
    temperature=41,
    channels=(Channel(89, 231), Channel(92, 231)),
    voltages=(231,),
)


@pytest.mark.parametrize(
    ("kind", "timestamp", "count", "first"),
    [
        ("yc600", datetime(2020, 11, 24, 12, 5, 10), 7, YC600),
        ("qs1", datetime(2020, 12, 29, 15, 12, 53), 7, QS1),
        ("ds3", datetime(2024, 9, 13, 12, 59, 32), 1, DS3),
        ("qt2", datetime(2023, 11, 20, 15, 19, 34), 6, QT2),
        ("ds3l", datetime(2025, 8, 25, 18, 30), 8, DS3_L),
    ],
)
def test_real(kind: str, timestamp: datetime, count: int, first: Inverter) -> None:
    """What owners have published, all online."""
    got = decode_inverters(FRAMES[f"inverter_0002_{kind}"])
    assert got.timestamp == timestamp
    assert len(got.inverters) == count
    assert all(inverter.online for inverter in got.inverters)
    assert got.inverters[0] == first
    assert got.complete


def test_unpaired_in_the_list() -> None:
    """One has not answered, and the ECU's own id is registered as an inverter."""
    got = decode_inverters(FRAMES["inverter_0002_yc600_mixed_unpaired"]).inverters
    assert len(got) == 15
    assert sum(inverter.online for inverter in got) == 13
    # Its raw temperature of 100 would be 0 °C.
    assert got[12] == Inverter("409047276820", "01", online=False)
    assert got[-1] == Inverter("216036302323", "00", online=False)


def test_night() -> None:
    """Zeros of inverters that are off are no measurements."""
    got = decode_inverters(FRAMES["inverter_0002_qs1_night_unpaired"]).inverters
    assert len(got) == 9
    assert [inverter.type_code for inverter in got].count("00") == 4
    for inverter in got:
        assert not inverter.online
        assert inverter.power is None
        assert inverter.temperature is None
        assert inverter.frequency is None


def test_no_inverters() -> None:
    """An ECU-C of April 2026."""
    got = decode_inverters(FRAMES["inverter_0002_zero_inverters"])
    assert got.timestamp == datetime(2026, 4, 26, 15, 20)
    assert got.inverters == ()


DS3_D = entry("706000000001", "04", 500, 140, 300, 231, 290, 231)
WIDE_05 = entry("902000000001", "05", 500, 140, 300, 398, 310, 399, 320, 397, 330)
NARROW_05 = entry("902000000002", "05", 500, 140, 300, 231, 310, 232)
PLAIN = entry("702000000001", "01", 501, 130, 200, 230, 210, 230)
UNPAIRED = entry("702000000009", "00", online=False)


def powers(frame: bytes) -> list[int | None]:
    """Give what each inverter produces."""
    return [inverter.power for inverter in decode_inverters(frame).inverters]


def test_type_04() -> None:
    """Laid out like 01."""
    (inverter,) = decode_inverters(report(DS3_D)).inverters
    assert inverter.channels == (Channel(300, 231), Channel(290, 231))


@pytest.mark.parametrize(
    ("wide", "total"), [(WIDE_05, 1260), (NARROW_05, 610)], ids=["QT2", "two channels"]
)
def test_type_05(wide: bytes, total: int) -> None:
    """Which layout it is, shows where the list ends, wherever it stands in it."""
    assert powers(report(wide)) == [total]
    assert powers(report(PLAIN, wide, UNPAIRED, wide, PLAIN)) == [
        410,
        total,
        None,
        total,
        410,
    ]


@pytest.mark.parametrize("extra", [0, 2, 6, 11, 14, 22])
def test_unknown_type(extra: int) -> None:
    """Of types to come it is known which are online; the others are read."""
    new = entry("970000000001", "17", 500, 140) + bytes(range(200, 200 + extra))
    for place in range(4):
        entries = [PLAIN, UNPAIRED, PLAIN]
        entries[place:place] = [new]
        got = decode_inverters(report(*entries, new))
        assert got.complete
        assert [each.inverter_id for each in got.inverters].count("970000000001") == 2
        assert sum(each.power or 0 for each in got.inverters) == 820
        assert got.inverters[-1].online


def test_unknown_type_of_any_size() -> None:
    """What stands before it and behind it is read; of itself, that it is online."""
    new = entry("970000000001", "17", 500, 140)
    got = decode_inverters(report(PLAIN, new + bytes(90), PLAIN))
    assert [each.power for each in got.inverters] == [410, None, 410]
    assert [each.online for each in got.inverters] == [True] * 3


@pytest.mark.parametrize("code", ["0A", "A1", "ZZ"])
def test_a_letter_in_the_type(code: str) -> None:
    """As of the "Unsupported inverter type" of ksheumaker #74, #85 and #110."""
    new = entry("970000000001", code, 500, 140, 100, 230)
    got = decode_inverters(report(PLAIN, new, UNPAIRED, PLAIN))
    assert got.complete
    assert [each.type_code for each in got.inverters] == ["01", code, "00", "01"]
    assert [each.power for each in got.inverters] == [410, None, None, 410]


@pytest.mark.parametrize("code", ["01", "02", "03", "05", "17", "0A"])
def test_offline_without_telemetry(code: str) -> None:
    """The entry of one that is offline may be nothing but its head, also beside others."""
    off = entry("702000000008", code, online=False)
    got = decode_inverters(report(off, PLAIN, off, UNPAIRED, off, PLAIN))
    assert got.complete
    assert [each.online for each in got.inverters] == [False, True] + [False] * 3 + [
        True
    ]
    assert sum(each.power or 0 for each in got.inverters) == 820


def test_type_05_of_both_kinds() -> None:
    """A DS3-H and a QT2 at one ECU: the size of each entry tells."""
    frame = report(WIDE_05, NARROW_05, PLAIN, NARROW_05, WIDE_05)
    assert powers(frame) == [1260, 610, 410, 610, 1260]


DAMAGED = PLAIN[:6] + b"\x07" + PLAIN[7:]


@pytest.mark.parametrize(
    ("frame", "left"),
    [
        (report(PLAIN, DAMAGED, UNPAIRED, PLAIN), [410, None, 410]),
        (report(PLAIN, b"\xff" + PLAIN[1:], PLAIN), [410, 410]),
        (report(PLAIN, PLAIN[:-3], PLAIN), [410, 410]),
        (report(PLAIN, PLAIN + b"??", PLAIN, count=4), [410, 410, 410]),
        (report(PLAIN, PLAIN, count=3), [410, 410]),
        (report(PLAIN, PLAIN, count=1), [410, 410]),
        (report(PLAIN, PLAIN, count=0), [410, 410]),
        (report(DAMAGED, PLAIN, DAMAGED), [410]),
    ],
)
def test_an_entry_that_cannot_be_read(frame: bytes, left: list[int | None]) -> None:
    """It does not take its neighbours along, and the report says that there is more."""
    got = decode_inverters(frame)
    assert [each.power for each in got.inverters] == left
    assert not got.complete


def test_hundred_inverters() -> None:
    """More than any client that reads 1024 bytes can take."""
    entries = [
        entry(f"7020{n:08}", "01", 500, 140, n, 230, n + 1, 230) for n in range(100)
    ]
    frame = report(*entries)
    assert len(frame) == 2130
    assert powers(frame) == [2 * n + 1 for n in range(100)]


def test_three_phases_with_a_weak_first_channel() -> None:
    """A YC1000 is read as it is."""
    frame = report(entry("502000000001", "02", 500, 140, 3, 229, 80, 231, 81, 240, 82))
    (inverter,) = decode_inverters(frame).inverters
    assert [channel.power for channel in inverter.channels] == [3, 80, 81, 82]
    assert inverter.voltages == (229, 231, 240)
    assert inverter.model == "YC1000"


def test_online_without_grid() -> None:
    """0 V and 65 Hz, as a QS1 told that just started, are no measurements."""
    frame = report(entry("802000000001", "03", 650, 0, 0, 0, 0, 0, 0))
    (inverter,) = decode_inverters(frame).inverters
    assert inverter.online
    assert inverter.power == 0
    assert inverter.voltages == (None,)
    assert inverter.frequency is None
    assert inverter.temperature is None


def test_waking_up() -> None:
    """5 V and 65.0 Hz of a QS1 that wakes up (ksheumaker #74) are no grid."""
    frame = report(entry("802000000001", "03", 650, 110, 0, 5, 0, 0, 0))
    (inverter,) = decode_inverters(frame).inverters
    assert (inverter.frequency, inverter.voltages) == (None, (None,))
    assert inverter.temperature == 10


def test_oldest_layout() -> None:
    """No count, nothing about who is online, no types."""
    serials = [bytes.fromhex(f"40890000000{n}") for n in range(2)]
    payload = b"0001" + STAMP
    payload += serials[0] + words(499, 111, 20, 228, 21, 228)
    payload += serials[1] + bytes(12)
    got = decode_inverters(answer("0002", payload))
    assert got.timestamp == datetime(2026, 6, 15, 12, 30)
    on, off = got.inverters
    assert (on.online, on.power, on.type_code) == (True, 41, None)
    assert not off.online
    assert off.power is None


def test_optimizers() -> None:
    """The ECU-R-RS has optimizers instead, whose entries are not read."""
    one = bytes.fromhex("702000000001") + bytes(51)
    assert decode_inverters(report(one, layout="02")).inverters == ()
    with pytest.raises(ProtocolError, match="does not fit"):
        decode_inverters(report(one, count=2, layout="02"))


@pytest.mark.parametrize(
    "frame",
    [
        report(PLAIN[:-1]),
        report(b"\xff" + PLAIN[1:]),
        report(PLAIN[:6] + b"\x02" + PLAIN[7:]),
        report(UNPAIRED, layout="07"),
        answer("0002", b"0001" + words(0) + bytes.fromhex("20261315123000")),
        answer("0002", b"0001" + STAMP + bytes(17)),
    ],
)
def test_damaged(frame: bytes) -> None:
    """Nothing that can be read, ids that are none, dates that do not exist."""
    with pytest.raises(ProtocolError):
        decode_inverters(frame)


@pytest.mark.parametrize(
    ("serial", "model"),
    [
        ("406000000001", "YC600"),
        ("502000000001", "YC1000"),
        ("702000000001", "DS3"),
        ("705000000001", "DS3-H"),
        ("801000000001", "QS1"),
        ("804000000001", "QS1A"),
        ("901000000001", "QT2"),
        ("970000000001", None),
    ],
)
def test_models(serial: str, model: str | None) -> None:
    """By how the id begins."""
    assert inverter_model(serial) == model
