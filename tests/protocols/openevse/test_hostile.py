"""The gateway's decoders are given anything: a value or ProtocolError, nothing else."""

from collections.abc import Callable
from pathlib import Path
import random

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openevse import (
    KEYS,
    capabilities,
    decode,
    decode_announce,
    decode_claim,
    decode_config,
    decode_limit,
    decode_rapi,
    decode_release,
    decode_schedule,
    decode_status,
    decode_target,
    decode_update,
    decode_will,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "openevse"
PAYLOADS = [path.read_bytes() for path in sorted(FIXTURES.glob("*.json"))] + [
    b'{"state":"connected","id":"c44f","name":"x","mqtt":"y","http":"http://z/"}',
    b'{"type":"energy","value":5000,"auto_release":true}',
    b'{"state":"active","charge_current":16,"max_current":32,"auto_release":true}',
    b'[{"client":65547,"priority":500,"state":"disabled"}]',
    b'{"properties":{"state":"active"},"claims":{"state":65537}}',
    b'{"cmd":"$GS","ret":"$OK 01 1234 01 0200^26"}',
    b'{"cmd":"$FE","error":"RAPI_RESPONSE_BLOCKED"}',
    b"connected",
]
SNIPPETS = [
    b"null",
    b"{}",
    b"[]",
    b"[{}]",
    b"-1",
    b"1e400",
    b"1e30",
    b"NaN",
    b"true",
    b'"12"',
    b'"2024-11-14T20:53:35Z"',
    b'"99999-01-01T00:00:00Z"',
    b'"monday"',
    b'"\\u0000"',
    b"\xff",
    b"[" * 2000,
    b"9" * 400,
]
# Enough to meet each kind of damage many times, in about a second.
ROUNDS = 1_500


def mutate(payload: bytes, rng: random.Random) -> bytes:
    """Damage a payload in one to four places."""
    data = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) or 1)
        match rng.randrange(4):
            case 0:
                data[start : start + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[start : start + rng.randint(1, 20)]
            case 2:
                data[start:start] = rng.choice(SNIPPETS)
            case _:
                # Replace a value as a whole, so that the JSON often stays valid.
                end = data.find(b",", start)
                begin = data.rfind(b":", 0, end) + 1
                data[begin:end] = rng.choice(SNIPPETS)
    return bytes(data)


@pytest.mark.parametrize(
    "decoder",
    [
        decode_announce,
        decode_claim,
        decode_config,
        decode_limit,
        decode_rapi,
        decode_release,
        decode_schedule,
        decode_target,
        decode_status,
        decode_will,
    ],
)
def test_damaged_documents(decoder: Callable[[bytes], object]) -> None:
    """Every decoder, every document."""
    rng = random.Random(decoder.__name__)
    reasons = [""]
    for _ in range(ROUNDS):
        payload = mutate(rng.choice(PAYLOADS), rng)
        try:
            value = decoder(payload)
        except ProtocolError as error:
            reasons.append(str(error))
            continue
        if decoder is decode_config:
            capabilities(config=decode_config(payload))
        assert repr(value)
    assert max(map(len, reasons)) < 150


def test_any_scalar() -> None:
    """Every key, with what it may and what it may not be."""
    rng = random.Random("scalars")
    reasons = [""]
    keys = [*KEYS, "", "limit", "claim", "config", "schedule", "rapi/out"]
    alphabet = b'0123456789.eE+-truefalsnocd:TZ{}[]"\x00\xff'
    for _ in range(ROUNDS * 4):
        payload = rng.choice(
            [
                bytes(rng.choices(alphabet, k=rng.randrange(12))),
                rng.choice(SNIPPETS),
                mutate(rng.choice(PAYLOADS), rng),
            ]
        )
        for text in (payload, payload.decode("latin-1")):
            try:
                decode(rng.choice(keys), text, firmware=(4, 8, 0))
            except ProtocolError as error:
                reasons.append(str(error))
    assert max(map(len, reasons)) < 150


def test_any_status() -> None:
    """JSON of any kind under every key."""
    values = (
        None, True, False, 0, 1, -1, 1.5, 1e300, float("nan"), float("inf"), 10**400,
        "", "x", "1", "1e5", [], {}, [1], {"a": 1}, "2024-11-14T20:53:35Z",
    )  # fmt: skip
    for value in values:
        assert decode_status(dict.fromkeys(KEYS, value))
        decode_config({"version": value, "divert_type": value, "mqtt_solar": value})
        decode_update({"ota": value, "ota_progress": value})
