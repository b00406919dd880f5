"""The EM420's decoder is given anything and returns a value or raises ProtocolError."""

import random

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.em420 import (
    Configuration,
    Measurements,
    decode,
    dump,
    load,
    net_power,
)

from .messages import FIXTURES

PAYLOADS = {path.stem: path.read_bytes() for path in sorted(FIXTURES.glob("*.json"))}
# Enough to meet each kind of damage many times, in about a second.
ROUNDS = 6_000
SNIPPETS = [
    b"null",
    b"{}",
    b"[]",
    b"-1",
    b"1e400",
    b"NaN",
    b"1e308",
    b"0.5",
    b"true",
    b'"12"',
    b'"configuration":',
    b'"values":',
    b'"|"',
    b'"\\u0000"',
    b"\xff",
    b"[" * 2000,
    b"9" * 400,
]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff", "not UTF-8"),
        (b"ERROR", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no source"),
        (b'{"s0": null}', "no source"),
        (b'{"s0": {}}', "no source"),
        (b'{"s0": {"temperature": 1}}', "no source"),
        (b'{"s0": {"configuration": null}}', "no source"),
        (b'{"s0": 1}', "source s0 is not an object"),
        (b'{"s0": "x"}', "source s0 is not an object"),
        (b'{"Time": "2024-10-23", "ENERGY": {"Power": 5}}', "source Time"),
        (b'{"": {"status": 1}}', "a source id"),
        (b'{"a|b": {"status": 1}}', "a source id"),
        (b'{"a\\u0007": {"status": 1}}', "a source id"),
        (b'{"' + b"x" * 100 + b'": {"status": 1}}', "a source id"),
        (b'{"' + b"x" * 10_000 + b'": {"status": 1}}', "a key is too long"),
        (b'{"s0": {"values": []}}', "values is not an object"),
        (b'{"s0": {"values": 0}}', "values is not an object"),
        (b'{"s0": {"configuration": []}}', "source s0: configuration is not an object"),
        (b'{"s0": {"values":' + b'{"a":' * 1000 + b"1" + b"}" * 1002, "too deep"),
        (b'{"s0":' + b"[" * 100_000, "not JSON"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_refused(payload: bytes, reason: str) -> None:
    """The reason is readable and repeats little of the payload."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        decode(payload)
    assert len(str(caught.value)) < 150


def test_a_megabyte_of_keys() -> None:
    """A message with too many keys is refused before anything is kept of it."""
    values = ",".join(f'"k{i}":0' for i in range(100_000))
    payload = f'{{"s0":{{"status":1,"values":{{{values}}}}}}}'
    with pytest.raises(ProtocolError, match=r"keys|larger"):
        decode(payload)


def test_a_number_that_leaves_the_range_by_its_unit() -> None:
    """1e308 kW is a float, its watts are not."""
    record = {"configuration": {"values": {"new": {"unit": "kW"}}}, "id": "a"}
    message = decode(orjson.dumps({"s0": record}))
    assert isinstance(message, Configuration)
    message = decode(b'{"s0": {"status": 1, "new": 1e308}}', message.sources)
    assert isinstance(message, Measurements)
    assert message.sources["s0"].values == {"new": None}
    assert message.unread == ("source s0: new is out of range",)


def test_a_doubled_source() -> None:
    """A name that is there twice is one source, the last."""
    payload = b'{"s0": {"voltage_L1": 1000}, "s0": {"voltage_L1": 2000}}'
    message = decode(payload)
    assert isinstance(message, Measurements)
    assert message.sources["s0"].values == {"voltage_L1": 2.0}


def mutate(payload: bytes, rng: random.Random) -> bytes:
    """Damage a payload in one to four places."""
    data = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data))
        match rng.randrange(5):
            case 0:
                data[start] = rng.randrange(256)
            case 1:
                del data[start : start + rng.randint(1, 40)]
            case 2:
                data[start:start] = rng.choice(SNIPPETS)
            case 3:
                data[start:start] = data[start : start + rng.randint(1, 200)]
            case _:
                # Replace a value as a whole, so that the JSON often stays valid.
                end = data.find(b",", start)
                begin = data.rfind(b":", 0, end) + 1
                data[begin:end] = rng.choice(SNIPPETS)
        if not data:
            return b""
    return bytes(data)


@pytest.mark.parametrize("name", PAYLOADS)
def test_damaged_messages(name: str) -> None:
    """A value or ProtocolError; what is decoded can be used and stored."""
    rng = random.Random(f"em420 {name}")
    known = decode(PAYLOADS["configuration"])
    assert isinstance(known, Configuration)
    for _ in range(ROUNDS // len(PAYLOADS)):
        payload = mutate(PAYLOADS[name], rng)
        try:
            message = decode(payload, known.sources)
        except ProtocolError:
            continue
        if isinstance(message, Configuration):
            assert load(dump(message)) == message
        else:
            for source in message.sources.values():
                net_power(source.values)
