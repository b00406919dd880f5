"""The simulated Sofar EMS: ten messages, seven rules and all errors of the page."""

from datetime import datetime
import json
from typing import Any

import pytest

from .sofar_bench import (
    BATTERY,
    CHARGE,
    HOUR,
    MINUTE,
    NOON,
    OTHER_BATTERY,
    SERIAL,
    SITE,
    Bench,
)
from .sofar_dialect import Entries, NoSchedule


@pytest.fixture
def bench() -> Bench:
    """Return an EMS as it comes."""
    return Bench()


# --- the ten messages


def test_set_schedule(bench: Bench) -> None:
    """The whole reply, as on the page."""
    assert bench.ask("set_schedule", **CHARGE, tag="ours") == {
        "requestTime": 1_700_000_000,
        "time": NOON,
        "siteNodeId": SITE,
        "data": {
            "message_type": "set_schedule_ack",
            "state": {"schedule_id": 1, "deleted_ids": [], "tag": "ours"},
            "responseCode": 0,
        },
    }
    assert bench.state("get_schedule", id=1) == {
        "id": 1,
        "device_type": "battery",
        "start_time": NOON + 10 * MINUTE,
        "end_time": NOON + 25 * MINUTE,
        "policy": "charge",
        "power_setpoint_w": 5000,
        "created_at": NOON,
    }


@pytest.mark.parametrize("as_strings", [False, True])
def test_set_schedules(bench: Bench, as_strings: bool) -> None:
    """Entries are objects, or objects in quotes as the page prints them."""
    later = CHARGE | {"start_time": NOON + HOUR, "end_time": NOON + 2 * HOUR}
    entries: dict[str, Any] = {"0": CHARGE, "1": later | {"node_id": BATTERY}}
    if as_strings:
        entries = {key: json.dumps(entry) for key, entry in entries.items()}
    state = bench.state("set_schedules", **entries)
    assert state == {"schedule_ids": [1, 2], "deleted_ids": []}
    assert bench.state("get_schedule", id=2)["node_id"] == BATTERY


def test_active_and_next(bench: Bench) -> None:
    """A schedule is next, then active, then neither."""
    schedule_id = bench.set()
    target = {"device_type": "battery"}
    assert bench.state("get_active_schedule", **target) is None
    assert bench.state("get_next_schedule", **target)["id"] == schedule_id
    bench.now = NOON + 10 * MINUTE
    assert bench.state("get_active_schedule", **target)["id"] == schedule_id
    assert bench.state("get_next_schedule", **target) is None
    bench.now = NOON + 25 * MINUTE
    assert bench.state("get_active_schedule", **target) is None


def test_active_of_a_node(bench: Bench) -> None:
    """The schedule of a device is asked for by its node."""
    schedule_id = bench.set(node_id=BATTERY, start_time=NOON)
    found = bench.state("get_active_schedule", device_type="battery", node_id=BATTERY)
    assert found["id"] == schedule_id
    assert bench.state("get_active_schedule", device_type="battery") is None


def test_schedules_of_a_day(bench: Bench) -> None:
    """Past, active and future ones that start on the day, by the site's midnight."""
    midnight = int(datetime.fromisoformat("2025-11-22T00:00+01:00").timestamp())
    first = bench.set()
    over_midnight = bench.set(start_time=midnight - HOUR, end_time=midnight + HOUR)
    last = bench.set(start_time=midnight + HOUR, end_time=midnight + 2 * HOUR)
    bench.now = NOON + HOUR

    def ids(date: str) -> list[int]:
        found = bench.state("get_schedules", date=date)["schedules"]
        return [schedule["id"] for schedule in found]

    assert ids("21/11/2025") == [first, over_midnight]
    assert ids("22/11/2025") == [last]
    assert ids("23/11/2025") == []


def test_future_schedules(bench: Bench) -> None:
    """Only those that have not started."""
    bench.set(start_time=NOON - HOUR)
    future = bench.set(start_time=NOON + HOUR, end_time=NOON + 2 * HOUR)
    found = bench.state("get_future_schedules")["schedules"]
    assert [schedule["id"] for schedule in found] == [future]


def test_remove_schedule(bench: Bench) -> None:
    """The state is a text; an id does not come again."""
    bench.set()
    assert bench.state("remove_schedule", id=1) == "Schedule 1 removed successfully"
    assert bench.ids == []
    assert bench.set() == 2


def test_get_topology(bench: Bench) -> None:
    """Nodes within nodes; what a node has not is left out."""
    site = bench.state("get_topology")
    assert (site["nodeId"], site["nodeType"]) == (SITE, "smartgridControllerSite")
    meter, switchboard = site["children"]
    assert meter == {"nodeId": f"{SERIAL}_powerMeter_0", "nodeType": "powerMeter"}
    assert switchboard["nomCurrent"] == 40
    assert [node["nodeType"] for node in switchboard["children"]] == [
        "solarInverter",
        "battery",
        "battery",
        "evCharger",
        "heatPump",
    ]


# --- the rules of schedule management


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({}, {}, True),
        ({}, {"device_type": "ev"}, False),
        ({"node_id": BATTERY}, {"node_id": BATTERY}, True),
        ({"node_id": BATTERY}, {"node_id": OTHER_BATTERY}, False),
        ({"node_id": BATTERY}, {}, True),
        ({}, {"node_id": BATTERY}, True),
        ({}, {"start_time": NOON + 25 * MINUTE, "end_time": NOON + HOUR}, False),
        ({}, {"start_time": NOON, "end_time": NOON + 10 * MINUTE}, False),
        ({}, {"start_time": NOON, "end_time": NOON + 10 * MINUTE + 1}, True),
        ({}, {"start_time": NOON, "end_time": NOON + HOUR}, True),
    ],
)
def test_overlap(
    bench: Bench, first: dict[str, Any], second: dict[str, Any], refused: bool
) -> None:
    """Rules 1 and 6: by device type, by device, and between the two."""
    bench.set(**first)
    if refused:
        error = bench.error("set_schedule", **CHARGE | second)
        assert error == "Schedule overlap with existing schedules: 1"
        assert bench.ids == [1]
    else:
        assert bench.set(**second) == 2


def test_remove_overlap(bench: Bench) -> None:
    """Rule 1: what is in the way is deleted, and said."""
    bench.set()
    bench.set(node_id=BATTERY, start_time=NOON + HOUR, end_time=NOON + 2 * HOUR)
    bench.set(device_type="ev")
    wide = CHARGE | {"end_time": NOON + 3 * HOUR, "remove_overlap": True}
    assert bench.state("set_schedule", **wide)["deleted_ids"] == [1, 2]
    assert sorted(bench.ids) == [3, 4]


def test_remove_overlap_of_an_active_one() -> None:
    """The page does not say whether it may: both are to be had."""
    for remove_active in (False, True):
        bench = Bench(remove_active=remove_active)
        bench.set(start_time=NOON)
        wish = CHARGE | {"start_time": NOON, "remove_overlap": True}
        if remove_active:
            assert bench.state("set_schedule", **wish)["deleted_ids"] == [1]
        else:
            assert "overlap" in bench.error("set_schedule", **wish)
            assert bench.ids == [1]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device_type": "boat"}, "Device type boat not found"),
        ({"policy": "fly"}, "Invalid policy fly for device type battery"),
        ({"node_id": "nobody"}, "Node nobody of type battery not found"),
        (
            {"node_id": f"{SERIAL}_evCharger_0"},
            f"Node {SERIAL}_evCharger_0 of type battery not found",
        ),
        ({"power_setpoint_w": "5 kW"}, "Invalid power_setpoint_w"),
        ({"site_import": None}, "Invalid site_import"),
        ({"remove_overlap": 1}, "Invalid remove_overlap"),
        ({"duration": 5}, "Unknown field duration"),
        (
            {"end_time": NOON + 10 * MINUTE},
            "Invalid time range: start must be before end",
        ),
        (
            {"start_time": NOON - HOUR, "end_time": NOON},
            "Invalid time range: start must be before end",
        ),
        (
            {"start_time": "soon"},
            "Invalid time range: start_time is no timestamp",
        ),
        (
            {"start_time": NOON * 1000},
            "Invalid time range: start_time is not in seconds",
        ),
    ],
)
def test_refused_schedules(bench: Bench, changes: dict[str, Any], error: str) -> None:
    """Rules 2 and 3, and the common errors."""
    assert bench.error("set_schedule", **CHARGE | changes) == error
    assert bench.ids == []


@pytest.mark.parametrize("missing", CHARGE)
def test_what_a_schedule_must_have(bench: Bench, missing: str) -> None:
    """Rule 2; the power only where the policy needs it."""
    fields = {key: value for key, value in CHARGE.items() if key != missing}
    assert missing in bench.error("set_schedule", **fields)
    del fields["policy" if missing != "policy" else "end_time"]
    if missing == "power_setpoint_w":
        assert bench.state("set_schedule", **fields, policy="idle")


def test_start_in_the_past(bench: Bench) -> None:
    """Rule 4: it starts now."""
    bench.set(start_time=NOON - HOUR)
    assert bench.state("get_schedule", id=1)["start_time"] == NOON
    assert bench.state("get_active_schedule", device_type="battery")["id"] == 1


def test_what_cannot_be_removed(bench: Bench) -> None:
    """Rule 5: neither what is active nor what has ended."""
    bench.set()
    bench.now = NOON + 10 * MINUTE
    error = "Schedule 1 is active, it cannot be deleted"
    assert bench.error("remove_schedule", id=1) == error
    bench.now = NOON + HOUR
    error = "Schedule 1 has ended, it cannot be deleted"
    assert bench.error("remove_schedule", id=1) == error
    assert bench.error("remove_schedule", id=2) == "Schedule ID 2 not found"
    assert bench.ids == [1]


def test_set_schedules_is_one_act() -> None:
    """One bad entry and none is set; or those before it are, as the page is silent."""
    entries = {"0": CHARGE, "1": CHARGE}
    for partial, ids in ((False, []), (True, [1])):
        bench = Bench(partial_sets=partial)
        assert "overlap" in bench.error("set_schedules", **entries)
        assert bench.ids == ids


@pytest.mark.parametrize(
    ("message_type", "fields", "error"),
    [
        ("get_schedule", {"id": 1}, "Schedule ID 1 not found"),
        ("get_schedule", {"id": "1"}, "Invalid id"),
        ("get_schedule", {}, "Missing field id"),
        ("get_active_schedule", {"device_type": "boat"}, "Device type boat not found"),
        ("get_next_schedule", {"device_type": ""}, "Invalid device_type"),
        ("get_schedules", {"date": "2025-11-21"}, "Invalid date 2025-11-21"),
        ("get_schedules", {"date": "1/1/2025"}, "Invalid date 1/1/2025"),
        ("get_schedules", {"date": "31/02/2025"}, "Invalid date 31/02/2025"),
        ("get_schedules", {"date": "31/12/9999"}, "Invalid date"),
        ("get_future_schedules", {"x": 1}, "Unknown field x"),
        ("get_feedback", {"device": 5}, "Invalid device"),
        ("get_feedback", {"device": "nobody"}, "Node nobody not found"),
        ("set_schedules", {}, "Schedules must be numbered from 0"),
        ("set_schedules", {"1": CHARGE}, "Schedules must be numbered from 0"),
        ("set_schedules", {"0": "{"}, "Schedule 0 is no JSON"),
        ("set_schedules", {"0": 5}, "Schedule 0 is not an object"),
        ("set_schedules", {"0": CHARGE | {"tag": "x"}}, "Unknown field tag"),
    ],
)
def test_refused_requests(
    bench: Bench, message_type: str, fields: dict[str, Any], error: str
) -> None:
    """The EMS says what it does not like."""
    assert bench.error(message_type, **fields).startswith(error)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"message_type": "make_coffee"}, "Unknown message type make_coffee"),
        ({"extraTags": {"nodeId": SERIAL}}, "Node of extraTags not found"),
        ({"time": "now"}, "Invalid time"),
        ({"fields": []}, "Invalid fields"),
        ({"id": 5}, "Unknown field id"),
    ],
)
def test_unrelated_errors(bench: Bench, changes: dict[str, Any], error: str) -> None:
    """What belongs to no message is a general_error."""
    message = {
        "extraTags": {"nodeId": SITE},
        "time": 7,
        "message_type": "get_topology",
        "fields": {},
    }
    reply = bench.ems.answer(json.dumps(message | changes))
    assert reply is not None
    assert reply["data"] == {
        "message_type": "general_error",
        "error": error,
        "responseCode": 1,
    }
    assert reply["requestTime"] == changes.get("time", 7)


@pytest.mark.parametrize("payload", [b"{", b"[]", b"\xff", b""])
def test_what_is_no_message(bench: Bench, payload: bytes) -> None:
    """Such a thing has no requestTime."""
    reply = bench.ems.answer(payload)
    assert reply is not None
    assert reply["requestTime"] is None
    assert reply["data"]["message_type"] == "general_error"


# --- what the page leaves open


def test_error_objects() -> None:
    """An error body may be an object."""
    error = Bench(error_objects=True).error("remove_schedule", id=9)
    assert error == {"code": "schedule_not_found", "message": "Schedule ID 9 not found"}


def test_milliseconds() -> None:
    """All times of replies may be in milliseconds."""
    bench = Bench(milliseconds=True, milliseconds_echo=True)
    bench.set()
    reply = bench.ask("get_schedule", id=1)
    assert reply["requestTime"] == 1_700_000_000_000
    assert reply["time"] == NOON * 1000
    state = reply["data"]["state"]
    assert (state["start_time"], state["created_at"]) == (
        CHARGE["start_time"] * 1000,
        NOON * 1000,
    )


def test_no_schedule() -> None:
    """None of them: null, an empty object, or an error."""
    target = {"device_type": "battery"}
    bench = Bench(no_schedule=NoSchedule.EMPTY)
    assert bench.state("get_next_schedule", **target) == {}
    bench = Bench(no_schedule=NoSchedule.ERROR)
    assert bench.error("get_active_schedule", **target) == "No active schedule"


def test_entries_and_ids() -> None:
    """set_schedules may insist on one form, and answer with a map."""
    bench = Bench(entries=Entries.STRINGS, ids_as_map=True)
    assert "not a string" in bench.error("set_schedules", **{"0": CHARGE})
    state = bench.state("set_schedules", **{"0": json.dumps(CHARGE)})
    assert state["schedule_ids"] == {"0": 1}
    bench = Bench(entries=Entries.OBJECTS)
    entries = {"0": json.dumps(CHARGE)}
    assert "not an object" in bench.error("set_schedules", **entries)
