"""The ten requests, key by key as the vendor's page prints them."""

from datetime import date
import json
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError, sofar
from custom_components.wattbus.protocols.sofar import Dialect, LiveFields, Order

SERIAL = "M1S240821VZLL5E230D"
NODE = f"{SERIAL}_site_0"
NOW = 1_700_000_000

CHARGE = Order(
    device_type="battery",
    node_id="BAT1",
    start=1_700_000_600,
    end=1_700_001_500,
    policy="charge",
    power=5000,
    site_import=0,
    site_export=0,
    tag="abc",
)
SOLAR = Order(
    device_type="solar", start=1_700_001_800, end=1_700_005_400, policy="limit", power=0
)
CHARGE_FIELDS = {
    "device_type": "battery",
    "node_id": "BAT1",
    "start_time": 1_700_000_600,
    "end_time": 1_700_001_500,
    "policy": "charge",
    "power_setpoint_w": 5000,
    "site_import": 0,
    "site_export": 0,
    "remove_overlap": False,
}
SOLAR_FIELDS = {
    "device_type": "solar",
    "start_time": 1_700_001_800,
    "end_time": 1_700_005_400,
    "policy": "limit",
    "power_setpoint_w": 0,
    "remove_overlap": False,
}

REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("set_schedule", sofar.set_schedule(CHARGE), {**CHARGE_FIELDS, "tag": "abc"}),
    ("set_schedule", sofar.set_schedule(SOLAR), SOLAR_FIELDS),
    (
        "set_schedules",
        sofar.set_schedules([CHARGE, SOLAR]),
        {"0": CHARGE_FIELDS, "1": SOLAR_FIELDS},
    ),
    ("get_schedule", sofar.get_schedule(12), {"id": 12}),
    (
        "get_active_schedule",
        sofar.of_group("battery"),
        {"device_type": "battery"},
    ),
    (
        "get_next_schedule",
        sofar.of_group("battery", "BAT1"),
        {"device_type": "battery", "node_id": "BAT1"},
    ),
    ("get_schedules", sofar.get_schedules(date(2026, 11, 2)), {"date": "02/11/2026"}),
    ("get_future_schedules", sofar.get_future_schedules(), {}),
    ("remove_schedule", sofar.remove_schedule(12), {"id": 12}),
    ("get_feedback", sofar.get_feedback(True), {"device": True}),
    ("get_feedback", sofar.get_feedback("BAT1"), {"device": "BAT1"}),
    ("get_topology", sofar.get_topology(), {}),
]


@pytest.mark.parametrize(("kind", "fields", "expected"), REQUESTS)
def test_request(kind: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    text = sofar.encode_request(kind, fields, serial=SERIAL, time=NOW)
    assert json.loads(text) == {
        "extraTags": {"nodeId": NODE},
        "time": NOW,
        "message_type": kind,
        "fields": expected,
    }


def test_every_message_type_is_in_the_table() -> None:
    assert {kind for kind, _, _ in REQUESTS} == {
        item.value for item in sofar.MessageType
    }


def test_numbers_keep_their_types() -> None:
    """Whole watts are whole numbers, and the flag is a boolean."""
    text = sofar.encode_request(
        "set_schedule",
        sofar.set_schedule(
            Order(device_type="ev", start=1, end=2, policy="p", power=1500.0)
        ),
        serial=SERIAL,
        time=1_700_000_000.4,
    )
    assert '"power_setpoint_w": 1500,' in text
    assert '"remove_overlap": false' in text
    assert '"time": 1700000000,' in text


def test_what_is_not_given_is_not_sent() -> None:
    fields = sofar.set_schedule(Order(device_type="ev", start=1, end=2, policy="off"))
    assert fields.keys() == {
        *("device_type", "start_time", "end_time", "policy", "remove_overlap"),
    }


def test_overlapping_schedules_are_deleted_only_when_asked() -> None:
    order = Order(device_type="ev", start=1, end=2, policy="off", remove_overlap=True)
    assert sofar.set_schedule(order)["remove_overlap"] is True


def test_entries_may_be_json_in_strings() -> None:
    fields = sofar.set_schedules([CHARGE, SOLAR], Dialect(schedules_as_text=True))
    assert {key: json.loads(text) for key, text in fields.items()} == {
        "0": CHARGE_FIELDS,
        "1": SOLAR_FIELDS,
    }


def test_times_may_be_in_milliseconds() -> None:
    dialect = Dialect(milliseconds=True)
    fields = sofar.set_schedule(SOLAR, dialect)
    text = sofar.encode_request(
        "set_schedule", fields, serial=SERIAL, time=NOW + 0.25, dialect=dialect
    )
    message = json.loads(text)
    assert message["time"] == 1_700_000_000_250
    assert message["fields"]["start_time"] == 1_700_001_800_000
    assert (dialect.tick, Dialect().tick) == (0.001, 1.0)


def test_a_controller_may_have_another_site() -> None:
    text = sofar.encode_request(
        "get_topology", {}, serial=SERIAL, time=NOW, dialect=Dialect(suffix="_site_1")
    )
    assert json.loads(text)["extraTags"] == {"nodeId": f"{SERIAL}_site_1"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"end": 1_700_001_800}, "ends_before_start"),
        ({"end": 1}, "ends_before_start"),
        ({"end": float("nan")}, "not numbers"),
        ({"start": float("-inf")}, "not numbers"),
        ({"device_type": ""}, "field_empty: field device_type"),
        ({"policy": ""}, "field_empty: field policy"),
        ({"node_id": ""}, "field_empty: field node_id"),
        ({"power": float("nan")}, "power_impossible: field power"),
        ({"power": float("inf")}, "power_impossible: field power"),
        ({"site_import": 1e12}, "power_impossible: field site_import"),
    ],
)
def test_what_cannot_be_is_not_sent(changes: dict[str, Any], reason: str) -> None:
    order = Order(
        **{
            "device_type": "solar",
            "policy": "limit",
            "start": 1_700_001_800,
            "end": 1_700_005_400,
            **changes,
        }
    )
    for build in (sofar.set_schedule, lambda item: sofar.set_schedules([item])):
        with pytest.raises(ProtocolError, match=reason):
            build(order)


def test_no_schedules_are_not_sent() -> None:
    with pytest.raises(ProtocolError, match="nothing_to_set"):
        sofar.set_schedules([])


# --- live control -------------------------------------------------------------------

LIVE = LiveFields(policy="{type}_policy", power="{type}_setpoint")


@pytest.mark.parametrize(
    ("names", "power", "expected"),
    [
        (LIVE, -1500.0, {"battery_policy": "charge", "battery_setpoint": -1500}),
        (LIVE, None, {"battery_policy": "charge"}),
        (LiveFields(policy="mode"), 5, {"mode": "charge"}),
    ],
)
def test_live_command_has_the_names_of_the_user(
    names: LiveFields, power: float | None, expected: dict[str, Any]
) -> None:
    text = sofar.encode_live(names, "battery", "charge", power, serial=SERIAL, time=NOW)
    assert json.loads(text) == {
        "extraTags": {"nodeId": NODE},
        "time": NOW,
        "fields": expected,
    }


def test_live_command_may_have_a_type() -> None:
    names = LiveFields(policy="p", message_type="live")
    text = sofar.encode_live(
        names,
        *("ev", "stop", None),
        serial=SERIAL,
        time=NOW,
        dialect=Dialect(milliseconds=True, suffix="_site_2"),
    )
    assert json.loads(text) == {
        "extraTags": {"nodeId": f"{SERIAL}_site_2"},
        "time": NOW * 1000,
        "message_type": "live",
        "fields": {"p": "stop"},
    }


def test_live_command_needs_a_name_for_the_policy() -> None:
    with pytest.raises(ProtocolError, match="live_field_unset"):
        sofar.encode_live(LiveFields(policy=""), "ev", "p", 1, serial="s", time=NOW)
