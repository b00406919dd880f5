"""The answers of the EMS, as the vendor's page prints them."""

from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError, sofar
from custom_components.wattbus.protocols.sofar import (
    Created,
    Listed,
    Reply,
    Schedule,
    decode_reply,
)

NODE = "M1S240821VZLL5E230D_site_0"
SCHEDULE = {
    "id": 12,
    "device_type": "battery",
    "node_id": "BAT1",
    "start_time": 1_700_000_600,
    "end_time": 1_700_001_500,
    "policy": "charge",
    "power_setpoint_w": 5000,
    "created_at": 1_700_000_001,
}
READ = Schedule(
    id=12,
    device_type="battery",
    node_id="BAT1",
    start=1_700_000_600,
    end=1_700_001_500,
    policy="charge",
    power=5000,
    created_at=1_700_000_001,
)


def reply(kind: str, code: int = 0, **data: Any) -> str:
    return json.dumps(
        {
            "requestTime": 1_700_000_000,
            "time": 1_700_000_001,
            "siteNodeId": NODE,
            "data": {"message_type": kind, **data, "responseCode": code},
        }
    )


def test_envelope() -> None:
    assert sofar.decode_reply(reply("get_schedule_ack", state=SCHEDULE)) == Reply(
        message_type="get_schedule_ack",
        request_time=1_700_000_000,
        time=1_700_000_001,
        site_node_id=NODE,
        state=SCHEDULE,
        error=None,
        response_code=0,
    )


@pytest.mark.parametrize("kind", [item.value for item in sofar.MessageType])
def test_every_message_is_answered_under_its_name(kind: str) -> None:
    answer = sofar.decode_reply(reply(f"{kind}_ack", state={}))
    assert answer.ok
    assert answer.answers == kind


def test_times_may_be_in_milliseconds() -> None:
    text = reply("get_topology_ack").replace("1700000000", "1700000000250")
    answer = sofar.decode_reply(text)
    assert answer.request_time == 1_700_000_000.25
    assert answer.time == 1_700_000_001


ERRORS = [
    ("Schedule overlap with existing schedules",) * 2,
    ("Invalid time range",) * 2,
    ({"message": "Device type not found"}, "Device type not found"),
    ({"error": "Schedule ID not found", "code": 4}, "Schedule ID not found"),
    ({"code": 5}, '{"code": 5}'),
    (["Invalid policy", "for device type"], '["Invalid policy", "for device type"]'),
    ("two\n  lines", "two lines"),
    (404, "404"),
    ("x" * 5000, "x" * 200 + "…"),
]


@pytest.mark.parametrize(("body", "text"), ERRORS)
@pytest.mark.parametrize("kind", ["set_schedule_ack", "general_error"])
def test_errors_keep_the_words_of_the_ems(kind: str, body: object, text: str) -> None:
    answer = sofar.decode_reply(reply(kind, 1, error=body))
    assert not answer.ok
    assert answer.error == text
    assert answer.response_code == 1


@pytest.mark.parametrize(
    ("data", "ok"),
    [
        ({"message_type": "a_ack"}, True),
        ({"message_type": "a_ack", "error": None, "responseCode": 0}, True),
        ({"message_type": "a_ack", "error": "", "responseCode": 0}, True),
        ({"message_type": "a_ack", "error": "x", "responseCode": 0}, False),
        ({"message_type": "a_ack", "responseCode": 7}, False),
        ({"message_type": "general_error"}, False),
    ],
)
def test_what_counts_as_success(data: dict[str, Any], ok: bool) -> None:
    assert sofar.decode_reply(json.dumps({"data": data})).ok is ok


def test_a_general_error_answers_any_request() -> None:
    assert sofar.decode_reply(reply("general_error", 1)).answers is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"requestTime": 1700000000, "da', "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no data"),
        ('{"data": {}}', "not a message type"),
        ('{"data": {"message_type": 5}}', "not a message type"),
        ('{"data": {"message_type": "' + "x" * 65 + '"}}', "not a message type"),
        ('{"data": {"message_type": "set_schedule"}}', "not an answer"),
        (reply("a_ack").replace('e": 0', 'e": "no"'), "responseCode is not a number"),
        (reply("a_ack").replace('e": 0', 'e": true'), "responseCode is not a number"),
        (reply("a_ack").replace('e": 0', 'e": 0.5'), "responseCode is not a whole"),
    ],
)
def test_what_is_no_answer(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        sofar.decode_reply(text)


@pytest.mark.parametrize("time", ['"soon"', "-5", "1e300", "[]"])
def test_an_answer_with_a_time_that_cannot_be_read(time: str) -> None:
    told = sofar.decode_reply(reply("a_ack").replace("1700000000", time))
    assert (told.answers, told.request_time, told.ok) == ("a", None, True)


@pytest.mark.parametrize("code", [0, 7])
def test_a_code_may_be_a_text(code: int) -> None:
    told = sofar.decode_reply(reply("a_ack").replace('e": 0', f'e": "{code}"'))
    assert (told.response_code, told.ok) == (code, not code)


# --- schedules ----------------------------------------------------------------------


def test_schedule() -> None:
    assert sofar.read_schedule(SCHEDULE) == READ


def test_schedule_of_a_device_type_with_limits() -> None:
    told = {
        "id": 1,
        "device_type": "solar",
        "start_time": 1_700_000_600_000,
        "end_time": 1_700_001_500_500,
        "site_import": 3000,
        "site_export": 0.5,
        "something": "new",
    }
    assert sofar.read_schedule(told) == Schedule(
        id=1,
        device_type="solar",
        start=1_700_000_600,
        end=1_700_001_500.5,
        site_import=3000,
        site_export=0.5,
    )


@pytest.mark.parametrize("state", [None, {}, [], ""])
def test_no_schedule(state: object) -> None:
    assert sofar.read_schedule(state) is None
    assert sofar.read_schedules(state or None) == Listed()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "not the id"),
        ({"id": ""}, "not the id"),
        ({"id": "a\nb"}, "not the id"),
        ({"id": "x" * 200}, "not the id"),
        ({"id": True}, "not the id"),
        ({"id": -1}, "not the id"),
        ({"device_type": None}, "device_type is not text"),
        ({"device_type": "a|b"}, "device_type has characters"),
        ({"node_id": [5]}, "node_id is not text"),
        ({"node_id": True}, "node_id is not text"),
        ({"start_time": None}, "without a start or an end"),
        ({"end_time": "x"}, "end_time is not a number"),
        ({"policy": 3}, "policy is no text"),
        ({"policy": "x" * 200}, "policy is no text"),
        ({"power_setpoint_w": "5 kW"}, "power_setpoint_w is not a number"),
    ],
)
def test_what_is_no_schedule(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        sofar.read_schedule({**SCHEDULE, **changes})
    listed = {"schedules": [{**SCHEDULE, "id": 13, **changes}, SCHEDULE]}
    told = sofar.read_schedules(listed)
    assert told.schedules == (READ,)
    ((unread, why),) = told.unread
    assert unread == (None if "id" in changes else 13)
    assert reason in why


@pytest.mark.parametrize("name", ["created_at", "site_import", "site_export"])
@pytest.mark.parametrize("wrong", ["x", [], {}, True, -1e300])
def test_what_a_schedule_is_known_without(name: str, wrong: object) -> None:
    """What it does and when is taken; the page's own list has no site limits at all."""
    found = sofar.read_schedule({**SCHEDULE, name: wrong})
    assert found is not None
    known = getattr(found, name)
    assert known is None or (known == wrong and name != "created_at")
    assert replace(found, **{name: getattr(READ, name)}) == READ


def test_a_node_by_a_number() -> None:
    found = sofar.read_schedule({**SCHEDULE, "node_id": 240821})
    assert found is not None
    assert found.node_id == "240821"


def test_schedules() -> None:
    other = {**SCHEDULE, "id": 13, "node_id": None}
    told = sofar.read_schedules({"schedules": [SCHEDULE, other]})
    assert [(item.id, item.node_id) for item in told.schedules] == [
        (12, "BAT1"),
        (13, None),
    ]
    assert sofar.read_schedules([SCHEDULE]).schedules == (READ,)
    assert sofar.read_schedules({}) == Listed()
    without = json.dumps({"data": {"message_type": "get_schedules_ack"}})
    nothing = decode_reply(without).state
    assert sofar.read_schedule(nothing) is None
    for state in (
        nothing,
        "x",
        {"schedules": "x"},
        {"total": 5},
        5,
        {"schedules": [SCHEDULE] * 32_001},
    ):
        with pytest.raises(ProtocolError):
            sofar.read_schedules(state)
    with pytest.raises(ProtocolError, match="not a schedule"):
        sofar.read_schedule("12")


@pytest.mark.parametrize(
    ("state", "created"),
    [
        (
            {"schedule_id": 12, "deleted_ids": [3, 4], "tag": "abc"},
            Created(ids=(12,), deleted=(3, 4), tag="abc"),
        ),
        ({"schedule_id": 12, "deleted_ids": [], "tag": None}, Created(ids=(12,))),
        ({"schedule_id": 0}, Created(ids=(0,))),
        ({"schedule_id": 1, "tag": 5}, Created(ids=(1,))),
        (
            {"schedule_ids": [12, 13], "deleted_ids": None},
            Created(ids=(12, 13)),
        ),
        (
            {"schedule_ids": {"0": 12, "10": 22, "9": 21}},
            Created(ids=(12, 21, 22)),
        ),
        # What cannot be read costs itself.
        (
            {"schedule_id": 1, "deleted_ids": [3, None, [], "4"], "tag": "abc"},
            Created(ids=(1,), deleted=(3, "4"), tag="abc"),
        ),
        (
            {"schedule_ids": [{}, 12], "deleted_ids": [3]},
            Created(ids=(12,), deleted=(3,)),
        ),
        ({"schedule_id": "", "deleted_ids": [3]}, Created(deleted=(3,))),
        ({"schedule_ids": 5}, Created()),
        ({"schedule_id": 1, "deleted_ids": "x"}, Created(ids=(1,))),
        ({}, Created()),
        (
            {"schedule_id": "a-1", "deleted_ids": ["3"]},
            Created(ids=("a-1",), deleted=("3",)),
        ),
    ],
)
def test_created(state: object, created: Created) -> None:
    assert sofar.read_created(state) == created


@pytest.mark.parametrize("state", [None, "12", 5, [12]])
def test_what_creates_nothing(state: object) -> None:
    with pytest.raises(ProtocolError):
        sofar.read_created(state)
