"""Whatever the decoders are given, they return a value or raise ProtocolError."""

import random
from typing import Final

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.ecu import (
    decode_alarms,
    decode_energy_history,
    decode_info,
    decode_inverters,
    decode_max_power,
    decode_power_history,
    decode_signal,
    decode_switch_states,
)

from .frames import FRAMES, answer, entry, report, words

SERIAL: Final = bytes.fromhex("702000000001")
MADE: Final = [
    report(*[entry(f"7020{n:08}", "05", *[500] * 9) for n in range(4)]),
    report(*[entry(f"9700{n:08}", f"1{n}", *[500] * n) for n in range(4)]),
    answer("0003", b"00" + bytes.fromhex("0605") + words(10)),
    answer("0004", b"0000" + bytes.fromhex("20260601") + words(10)),
    answer("0025", b"0100" + SERIAL + words(300, 300)),
    answer("0026", b"0100" + SERIAL + b"0"),
    answer("0032", b"00" + SERIAL + bytes.fromhex("120000") + bytes(8)),
]
ALL: Final = [*FRAMES.values(), *MADE]
DECODERS: Final = {
    b"0001": decode_info,
    b"0002": decode_inverters,
    b"0003": decode_power_history,
    b"0004": decode_energy_history,
    b"0025": decode_max_power,
    b"0026": decode_switch_states,
    b"0030": decode_signal,
    b"0032": decode_alarms,
}
# 200,000 in all, in parts that can run side by side.
PARTS: Final = 8
EACH: Final = 25_000


def mutated(rng: random.Random) -> bytes:
    """Damage a frame; mostly so that its length still fits."""
    frame = bytearray(rng.choice(ALL))
    for _ in range(rng.randrange(1, 4)):
        frame[rng.randrange(13, len(frame))] = rng.randrange(256)
    match rng.randrange(8):
        case 0:
            del frame[rng.randrange(len(frame)) :]
        case 1:
            frame += rng.choice(ALL)
        case 2:
            frame[rng.randrange(13)] ^= 1 << rng.randrange(8)
        case 3:
            # Cut or stretched, with the length made to fit.
            at = rng.randrange(13, len(frame))
            frame[at : at + rng.randrange(4)] = rng.randbytes(rng.randrange(4))
            frame[5:9] = b"%04d" % len(frame.rstrip(b"\n"))
    return bytes(frame)


@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_frames(part: int) -> None:
    """Cut, doubled, concatenated, bit-flipped, stretched."""
    rng = random.Random(f"ecu {part}")
    read = 0
    for _ in range(EACH):
        frame = mutated(rng)
        decode = DECODERS.get(frame[9:13], decode_info)
        try:
            decode(frame)
        except ProtocolError:
            continue
        read += 1
    assert read > 1000


def test_search_is_bounded() -> None:
    """Many unknown types in one list do not keep anyone busy for long."""
    rng = random.Random("busy")
    for _ in range(20):
        entries = [
            entry(f"9700{n:08}", f"{10 + n % 89}") + rng.randbytes(20)
            for n in range(99)
        ]
        got = decode_inverters(report(*entries))
        assert len(got.inverters) <= 99


def test_noise() -> None:
    """Not even a frame."""
    rng = random.Random("noise")
    for _ in range(2000):
        noise = rng.randbytes(rng.randrange(60))
        for decode in DECODERS.values():
            with pytest.raises(ProtocolError):
                decode(noise)


@pytest.mark.parametrize("stamp", ["00010101000000", "99991231235959"])
def test_a_clock_that_is_no_clock(stamp: str) -> None:
    """Such a time cannot be told in another zone: Python refuses it."""
    frame = answer("0002", b"0001" + words(0) + bytes.fromhex(stamp))
    with pytest.raises(ProtocolError):
        decode_inverters(frame)
