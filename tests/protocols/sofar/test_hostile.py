"""The decoders are given anything: a value or ProtocolError, nothing else."""

import contextlib
import json
import random
from typing import Any

from custom_components.wattbus.protocols import ProtocolError, sofar

SNIPPETS = [
    *(b"null", b"{}", b"[]", b"[{}]", b"-1", b"1e400", b"1e30", b"NaN", b"true"),
    *(b'"12"', b'"\\u0000"', b'"|"', b"\xff", b"[" * 2000, b"9" * 400, b'{"a":'),
]
NODE = {"nodeId": "B", "nodeType": "battery", "nomCurrent": 16, "children": []}
SCHEDULE = {
    "id": 12,
    "device_type": "battery",
    "node_id": "B",
    "start_time": 1_700_000_600,
    "end_time": 1_700_001_500,
    "policy": "charge",
    "power_setpoint_w": 5000,
    "created_at": 1_700_000_001,
}
STATES: dict[str, Any] = {
    "set_schedule": {"schedule_id": 12, "deleted_ids": [3, 4], "tag": "abc"},
    "set_schedules": {"schedule_ids": {"0": 1}, "deleted_ids": []},
    "get_schedule": SCHEDULE,
    "get_schedules": {"schedules": [SCHEDULE, SCHEDULE]},
    "remove_schedule": "Schedule 12 removed successfully",
    "get_feedback": {"power_W": 5, "nodes": [{"nodeId": "B", "soc_frac": 0.5}]},
    "get_topology": {**NODE, "nodeId": "A", "children": [NODE]},
}
PAYLOADS = [
    json.dumps(
        {
            "requestTime": 1_700_000_000,
            "time": 1_700_000_001,
            "siteNodeId": "SN_site_0",
            "data": {
                "message_type": f"{kind}_ack",
                "state": state,
                "error": None,
                "responseCode": 0,
            },
        }
    ).encode()
    for kind, state in STATES.items()
]
READERS = (
    sofar.read_created,
    sofar.read_schedule,
    sofar.read_schedules,
    sofar.read_topology,
    sofar.read_feedback,
)
ROUNDS = 3_000


def mutate(payload: bytes, rng: random.Random) -> bytes:
    """Damage a payload in one to four places."""
    data = bytearray(payload)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice([0, 1, 1, 5, 40]))
        data[start:end] = rng.choice([b"", rng.randbytes(1), rng.choice(SNIPPETS)])
    return bytes(data)


def _read(payload: bytes) -> int:
    """Read a payload with everything; gives how many could."""
    done = 0
    with contextlib.suppress(ProtocolError):
        reply = sofar.decode_reply(payload)
        done += 1
        for reader in READERS:
            with contextlib.suppress(ProtocolError):
                reader(reply.state)
                done += 1
    return done


def test_damaged_answers() -> None:
    rng = random.Random(20)
    done = [_read(mutate(rng.choice(PAYLOADS), rng)) for _ in range(ROUNDS)]
    assert done.count(0) > ROUNDS / 10, "the damage shows"
    assert sum(done) > ROUNDS / 10, "some can still be read"


def test_states_of_another_message() -> None:
    for state in (*STATES.values(), None, 5, "x", [], [5], {"a": [{"b": {}}]}):
        for reader in READERS:
            with contextlib.suppress(ProtocolError):
                reader(state)


def test_titles() -> None:
    rng = random.Random(21)
    pieces = [
        "charge",
        " ",
        "5",
        "kW",
        "import",
        "export",
        "@",
        "-",
        ",",
        ".",
        "²",
        "١",
    ]
    read = 0
    for _ in range(ROUNDS):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(0, 12)))
        with contextlib.suppress(ProtocolError):
            plan = sofar.parse_summary(text)
            read += 1
            assert sofar.parse_summary(sofar.format_summary(plan)) == plan
    assert read > ROUNDS / 100
