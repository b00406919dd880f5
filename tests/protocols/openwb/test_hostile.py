"""The decoders are given anything: a value or ProtocolError, nothing else."""

from collections.abc import Callable
import random

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import (
    Generation,
    changed,
    check,
    decode,
    decode_charge_log,
    decode_error,
    decode_refusal,
    fields,
    merged,
    put,
    remove,
)
from custom_components.wattbus.protocols.openwb.plans import check_plans

from .samples import RETAINED, template

SNIPPETS = [
    *(b"null", b"{}", b"[]", b"[{}]", b"-1", b"1e400", b"1e30", b"NaN", b"true"),
    *(b'"12"', b'"\\u0000"', b"\xff", b"[" * 2000, b"9" * 400, b"", b"0", b"[[]]"),
    b'[{"children":' * 40,
    b'{"1": {"2": 3}}',
]
ROUNDS = 2_000


def mutate(payload: bytes, rng: random.Random) -> bytes:
    """Damage a payload in one to four places."""
    data = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        where = rng.randrange(len(data) + 1)
        match rng.randrange(3):
            case 0:
                data[where:where] = rng.choice(SNIPPETS)
            case 1:
                del data[where : where + rng.randint(1, 8)]
            case _:
                data[where : where + 1] = bytes([rng.randrange(256)])
    return bytes(data)


def attempt(read: Callable[..., object], *arguments: object) -> None:
    """Let something be read that may be refused, in few words, and in no other way."""
    refused: ProtocolError | None = None
    try:
        read(*arguments)
    except ProtocolError as error:
        refused = error
    assert refused is None or len(str(refused)) < 200


def test_damaged_payloads() -> None:
    rng = random.Random(1)
    topics = list(RETAINED)
    for _ in range(ROUNDS):
        topic = rng.choice(topics)
        attempt(decode, topic, mutate(RETAINED[topic].encode(), rng))


@pytest.mark.parametrize("payload", SNIPPETS)
def test_every_topic_is_given_what_it_does_not_have(payload: bytes) -> None:
    for topic in RETAINED:
        attempt(decode, topic, payload)
    attempt(decode_charge_log, payload)
    attempt(decode_error, payload)
    attempt(decode_refusal, payload)


def test_damaged_templates() -> None:
    rng = random.Random(2)
    whole = orjson.dumps(template())
    for _ in range(ROUNDS):
        try:
            broken = orjson.loads(mutate(whole, rng))
        except orjson.JSONDecodeError:
            continue
        if not isinstance(broken, dict):
            continue
        fields(broken, Generation.DOCUMENT)
        attempt(changed, broken, {"instant_current": 10})
        attempt(check, broken, template())
        attempt(merged, template(), broken)
        plans = broken.get("time_charging", {})
        plans = plans.get("plans") if isinstance(plans, dict) else None
        if isinstance(plans, list) and all(isinstance(plan, dict) for plan in plans):
            attempt(put, "time", plans, "x", {"current": 10})


@pytest.mark.parametrize(
    "plans", [1.5, {"id": 0}, "plans", [None], [[]], [{"id": "x"}]]
)
def test_plans_that_are_none(plans: object) -> None:
    """They are refused, or passed over, when one is changed or removed."""
    known = template()
    known["chargemode"]["scheduled_charging"]["plans"] = plans
    attempt(put, "schedule", plans, "Nacht", {"active": True})
    attempt(remove, plans, "Nacht")
    attempt(merged, known, {"prio": True})
    attempt(check_plans, "schedule", plans, [])
    attempt(check_plans, "schedule", [*template_plans(), plans], [plans])


def template_plans() -> list[dict[str, object]]:
    """Give the plans of charge point 3."""
    found: list[dict[str, object]] = template()["chargemode"]["scheduled_charging"][
        "plans"
    ]
    return found
