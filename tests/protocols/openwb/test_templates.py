"""Charge templates and their plans, in both generations."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import (
    FIELDS,
    PLANS,
    Generation,
    Version,
    add_plan,
    changed,
    check,
    check_old,
    field_of,
    fields,
    find,
    members,
    merged,
    named_fields,
    nested,
    put,
    remove,
    remove_plan,
    set_field,
    set_plan,
    write,
    write_lasting,
)
from custom_components.wattbus.protocols.publication import Publication

from .samples import old_template, template

V222, V230 = Version(2, 2, 2), Version(2, 3, 0)
ROWS = {
    name: row for name in FIELDS if (row := field_of(name, Generation.DOCUMENT, V222))
}


def test_the_fields_of_a_template() -> None:
    assert fields(template(), Generation.DOCUMENT, V222) == {
        "charge_mode": "pv_charging",
        "priority": False,
        "load_default": False,
        "time_charging": False,
        "instant_current": 16,
        "instant_dc_current": 145,
        "instant_limit": "none",
        "instant_limit_soc": 50,
        "instant_limit_amount": 50000,
        "instant_phases": 3,
        "pv_min_current": 6,
        "pv_dc_min_current": 145,
        "pv_dc_min_soc_current": 145,
        "pv_min_soc": 0,
        "pv_min_soc_current": 10,
        "pv_feed_in_limit": False,
        "pv_limit": "soc",
        "pv_limit_soc": 80,
        "pv_limit_amount": 50000,
        "pv_phases": 0,
        "pv_min_soc_phases": 3,
        "eco_current": 6,
        "eco_dc_current": 145,
        "eco_max_price": 0.0002,
        "eco_limit": "none",
        "eco_limit_soc": 50,
        "eco_limit_amount": 50000,
        "eco_phases": 3,
    }


def test_from_2_3_a_template_has_no_priority_and_no_feed_in_limit() -> None:
    """There is a list of priorities, and one feed-in limit (openWB/core #3812)."""
    now = template()
    del now["chargemode"]["pv_charging"]["feed_in_limit"]
    values = fields(now, Generation.DOCUMENT, V230)
    assert {name for name, value in values.items() if value is None} == {
        *("priority", "pv_feed_in_limit")
    }
    assert fields(now, Generation.DOCUMENT)["priority"] is None


def test_a_wrong_type_in_a_template_costs_that_field() -> None:
    good = fields(template(), Generation.DOCUMENT, V222)
    for name, field in ROWS.items():
        for wrong in ({}, [], None, "x" if field.rule.kind is not str else 5):
            broken = template()
            find(broken, field.path[:-1])[field.path[-1]] = wrong
            assert fields(broken, Generation.DOCUMENT, V222) == good | {name: None}
            other = "eco_current" if name == "instant_current" else "instant_current"
            after = changed(broken, {other: 10})
            assert find(after, field.path) == wrong


def test_the_fields_of_an_old_template() -> None:
    values = fields(old_template(), Generation.FIELDS)
    assert values["pv_max_soc"] == 101
    assert values["price_charging"] is False
    assert values["instant_limit"] == "none"
    assert not values.keys() & {"pv_limit", "eco_current", "instant_phases"}


CHANGES: list[tuple[str, Any]] = [
    ("charge_mode", "eco_charging"),
    ("priority", True),
    ("load_default", True),
    ("time_charging", True),
    ("instant_current", 32),
    ("instant_dc_current", 300.5),
    ("instant_limit", "amount"),
    ("instant_limit_soc", 100),
    ("instant_limit_amount", 20000),
    ("instant_phases", 0),
    ("pv_min_current", 0),
    ("pv_dc_min_current", 0),
    ("pv_dc_min_soc_current", 50),
    ("pv_min_soc", 40),
    ("pv_min_soc_current", 16),
    ("pv_feed_in_limit", True),
    ("pv_limit", "none"),
    ("pv_limit_soc", 90),
    ("pv_limit_amount", 1000),
    ("pv_phases", 1),
    ("pv_min_soc_phases", 1),
    ("eco_current", 16),
    ("eco_dc_current", 16),
    ("eco_max_price", -0.00005),
    ("eco_limit", "soc"),
    ("eco_limit_soc", 0),
    ("eco_limit_amount", 5000),
    ("eco_phases", 0),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_a_template_is_changed_in_one_place(name: str, value: Any) -> None:
    before = template()
    after = changed(before, {name: value})
    assert before == template()
    assert find(after, ROWS[name].path) == value
    differing = [
        other
        for other, was in fields(before, Generation.DOCUMENT, V222).items()
        if find(after, ROWS[other].path) != was
    ]
    assert differing == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("charge_mode", "standby"),
        ("charge_mode", "time_charging"),
        ("instant_current", 5),
        ("instant_current", 33),
        ("instant_current", 10.5),
        ("instant_current", "16"),
        ("pv_min_current", 5),
        ("instant_phases", 2),
        ("instant_limit_amount", 999),
        ("priority", 1),
        ("pv_max_soc", 80),
        ("price_charging", True),
        ("nonsense", 1),
    ],
)
def test_a_change_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ProtocolError):
        changed(template(), {name: value})


FIELD_TOPICS: list[tuple[str, Any, str, str]] = [
    ("charge_mode", "standby", "chargemode/selected", '"standby"'),
    ("instant_current", 16, "chargemode/instant_charging/current", "16"),
    ("instant_dc_current", 4, "chargemode/instant_charging/dc_current", "4"),
    ("pv_dc_min_current", 0, "chargemode/pv_charging/dc_min_current", "0"),
    ("pv_dc_min_soc_current", 4, "chargemode/pv_charging/dc_min_soc_current", "4"),
    ("instant_limit", "soc", "chargemode/instant_charging/limit/selected", '"soc"'),
    ("instant_limit_soc", 80, "chargemode/instant_charging/limit/soc", "80"),
    ("instant_limit_amount", 1000, "chargemode/instant_charging/limit/amount", "1000"),
    ("pv_min_current", 6, "chargemode/pv_charging/min_current", "6"),
    ("pv_min_soc", 20, "chargemode/pv_charging/min_soc", "20"),
    ("pv_min_soc_current", 10, "chargemode/pv_charging/min_soc_current", "10"),
    ("pv_max_soc", 101, "chargemode/pv_charging/max_soc", "101"),
    ("pv_feed_in_limit", True, "chargemode/pv_charging/feed_in_limit", "true"),
    ("price_charging", True, "et/active", "true"),
    ("price_charging_max_price", 0.0002, "et/max_price", "0.0002"),
    ("priority", False, "prio", "false"),
    ("load_default", True, "load_default", "true"),
    ("time_charging", True, "time_charging/active", "true"),
]


@pytest.mark.parametrize(("name", "value", "topic", "payload"), FIELD_TOPICS)
def test_up_to_2_1_7_a_field_has_a_topic(
    name: str, value: Any, topic: str, payload: str
) -> None:
    assert set_field("openWB", 4, name, value) == Publication(
        f"openWB/set/vehicle/template/charge_template/4/{topic}", payload
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("charge_mode", "eco_charging"),
        ("pv_limit", "soc"),
        ("pv_max_soc", 102),
        ("instant_dc_current", 3),
        ("pv_dc_min_current", 301),
        ("eco_dc_current", 16),
    ],
)
def test_up_to_2_1_7_other_fields_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ProtocolError):
        set_field("openWB", 4, name, value)


def test_every_field_is_tested() -> None:
    assert set(ROWS) == {name for name, _ in CHANGES}
    old = {name for name in FIELDS if field_of(name, Generation.FIELDS)}
    assert old == {name for name, *_ in FIELD_TOPICS}


def test_a_template_is_written_as_a_whole() -> None:
    publication = write("openWB", 3, template())
    assert publication.topic == "openWB/set/chargepoint/3/set/charge_template"
    assert orjson.loads(publication.payload) == template()
    assert write_lasting("openWB", 1, template()).topic == (
        "openWB/set/vehicle/template/charge_template/1"
    )


@pytest.mark.parametrize(
    "path",
    [
        ("prio",),
        ("chargemode", "selected"),
        ("chargemode", "pv_charging", "limit"),
        ("chargemode", "pv_charging", "feed_in_limit"),
        ("chargemode", "eco_charging"),
        ("chargemode", "scheduled_charging", "plans"),
        ("time_charging",),
    ],
)
def test_what_another_version_does_not_have_is_no_matter(path: tuple[str, ...]) -> None:
    """2.3 has no `feed_in_limit` in its templates (openWB/core #3812); others may follow.

    What this openWB has told is complete, and what it has told cannot be left out.
    """
    other = template()
    place = find(other, path[:-1])
    del place[path[-1]]
    after = changed(other, {"instant_current": 10})
    assert find(after, ("chargemode", "instant_charging", "current")) == 10
    assert members(after) == members(other)
    with pytest.raises(ProtocolError, match="openwb_template_unusable"):
        check(other, template())


def test_what_a_later_version_has_added_is_kept() -> None:
    later = template()
    later["chargemode"]["bidi_charging"] = {"power": 5, "new": None}
    after = changed(later, {"instant_current": 10})
    assert after["chargemode"]["bidi_charging"] == {"power": 5, "new": None}


def test_a_part_is_merged() -> None:
    after = merged(
        template(),
        {"prio": True, "chargemode": {"pv_charging": {"limit": {"soc": 70}}}},
    )
    assert after["prio"] is True
    assert after["chargemode"]["pv_charging"]["limit"] == {
        "selected": "soc",
        "amount": 50000,
        "soc": 70,
    }


@pytest.mark.parametrize(
    "partial",
    [
        {"unknown": 1},
        {"chargemode": {"pv_charging": {"max_soc": 80}}},
        {"chargemode": 5},
        {"prio": "true"},
        {"prio": None},
        {"id": "0"},
        {"id": 1},
        {"chargemode": {"selected": "standby"}},
        {"chargemode": {"instant_charging": {"current": 99}}},
        {"chargemode": {"scheduled_charging": {"plans": "none"}}},
        {"chargemode": {"scheduled_charging": {"plans": [1]}}},
        {"chargemode": {"scheduled_charging": {"plans": [{"name": "x"}]}}},
    ],
)
def test_a_part_that_would_break_it_is_refused(partial: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        merged(template(), partial)


def test_up_to_2_1_7_a_part_is_a_change_of_fields() -> None:
    partial = {"prio": True, "chargemode": {"pv_charging": {"max_soc": 80}}}
    assert named_fields(partial) == {"priority": True, "pv_max_soc": 80}
    for unknown in ({"x": 1}, {"chargemode": {"eco_charging": {"current": 6}}}):
        with pytest.raises(ProtocolError):
            named_fields(unknown)


@pytest.mark.parametrize("value", range(-1, 19))
def test_the_minimum_current_is_none_or_6_to_16(value: int) -> None:
    """setdata.py: `[(0, 0), (6, 16)]`, in all versions that check it."""
    if value == 0 or 6 <= value <= 16:
        changed(template(), {"pv_min_current": value})
        set_field("openWB", 4, "pv_min_current", value)
        return
    with pytest.raises(ProtocolError):
        changed(template(), {"pv_min_current": value})
    with pytest.raises(ProtocolError):
        set_field("openWB", 4, "pv_min_current", value)


def plans(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = find(template(), PLANS[kind])
    return found


def test_a_plan_is_changed_by_its_name() -> None:
    before = plans("schedule")
    after = put(
        "schedule",
        before,
        "Zielladen-Standard",
        {"time": "05:30", "soc_scheduled": 70, "frequency": "weekly"},
    )
    assert before == plans("schedule")
    assert len(after) == 1
    assert after[0]["time"] == "05:30"
    assert after[0]["limit"]["soc_scheduled"] == 70
    assert after[0]["frequency"]["selected"] == "weekly"
    assert after[0]["current"] == 14


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("schedule", {"time": "05:30", "once": "2026-02-01", "limit": "amount"}),
        ("time", {"time": ["22:00", "05:00"], "weekly": [True] * 7, "soc": 60}),
    ],
)
def test_a_plan_is_added_and_removed(kind: str, changes: dict[str, Any]) -> None:
    after = put(kind, plans(kind), "Neu", changes)
    assert [plan["id"] for plan in after] == [0, 1]
    assert after[1]["name"] == "Neu"
    whole = merged(
        template(),
        {"chargemode": {"scheduled_charging": {"plans": after}}}
        if kind == "schedule"
        else {"time_charging": {"plans": after}},
    )
    assert find(whole, PLANS[kind]) == after
    assert remove(after, "Neu") == plans(kind)
    with pytest.raises(ProtocolError, match="openwb_no_plan"):
        remove(after, "Alt")


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("schedule", {"time": "25:00"}),
        ("schedule", {"time": ["05:00", "06:00"]}),
        ("schedule", {"once": "tomorrow"}),
        ("schedule", {"once": 5}),
        ("schedule", {"current": 40}),
        ("schedule", {"id": 5}),
        ("schedule", {"soc": 5}),
        ("schedule", {"weekly": [True]}),
        ("schedule", {"weekly": "daily"}),
        ("schedule", {"name": ""}),
        ("time", {"time": "05:00"}),
        ("time", {"once": ["2026-01-01"]}),
        ("time", {"soc_scheduled": 5}),
    ],
)
def test_a_plan_that_cannot_be_is_refused(kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        put(kind, plans(kind), "Neu", changes)


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: [*found, {**found[0], "id": 1}],
        lambda found: [*found, {**found[0], "name": "x"}],
        lambda found: [{**found[0], "surprise": 1}],
        lambda found: [{k: v for k, v in found[0].items() if k != "time"}],
        lambda found: found * 101,
    ],
)
def test_plans_that_openwb_could_not_work_with_are_refused(
    damage: Callable[[list[dict[str, Any]]], list[Any]],
) -> None:
    broken = template()
    found = broken["chargemode"]["scheduled_charging"]
    found["plans"] = damage(found["plans"])
    with pytest.raises(ProtocolError):
        check(broken, template())


def test_a_version_without_a_member_of_plans_is_not_given_it() -> None:
    before = [{k: v for k, v in plans("schedule")[0].items() if k != "et_active"}]
    assert put("schedule", before, "Zielladen-Standard", {"time": "05:00"})
    with pytest.raises(ProtocolError, match="openwb_plan_without"):
        put("schedule", before, "Zielladen-Standard", {"et_active": True})


def test_what_a_plan_had_already_is_not_looked_at() -> None:
    """Up to 2.1.7 a new schedule plan has two dates, until it is given its own."""
    plan = plans("schedule")[0]
    plan["frequency"]["once"] = ["2021-11-01", "2021-11-05"]
    after = put("schedule", [plan], plan["name"], {"time": "05:00"})
    assert after == [{**plan, "time": "05:00"}]
    with pytest.raises(ProtocolError, match="not_a_date: field date"):
        put("schedule", [plan], plan["name"], {"frequency": "once"})
    changes = {"frequency": "once", "once": "2026-07-01"}
    frequency = put("schedule", [plan], plan["name"], changes)[0]["frequency"]
    assert (frequency["selected"], frequency["once"]) == ("once", "2026-07-01")


@pytest.mark.parametrize("kind", PLANS)
def test_a_wrong_plan_costs_that_plan(kind: str) -> None:
    """Whatever its neighbour is, a plan is changed, added and removed."""
    plan = plans(kind)[0] | {"id": 7, "name": "Neu"}
    wrong: list[Any] = [5, None, "x", [], {}]
    other = {**plan, "id": 3, "name": "Alt"}
    wrong += [{**other, name: bad} for name in plan for bad in ({}, [5], None)]
    for neighbour in wrong:
        before = [neighbour, plan, neighbour]
        after = put(kind, before, "Neu", {"current": 11})
        assert after == [neighbour, {**plan, "current": 11}, neighbour]
        assert put(kind, before, "Mehr", {"current": 11})[:3] == before
        whole = merged(template(), nested(PLANS[kind], plans(kind)))
        find(whole, PLANS[kind][:-1])["plans"] = before
        assert find(merged(whole, nested(PLANS[kind], after)), PLANS[kind]) == after
        assert remove(before, "Neu") == [neighbour, neighbour]


def test_time_plans_know_the_home_battery_from_2_3() -> None:
    """`TimeChargingPlan.min_bat_soc`, null at first (upgrade_datastore_132)."""
    before = plans("time")
    with pytest.raises(ProtocolError, match="openwb_plan_without: field min_bat_soc"):
        put("time", before, "Neu", {"min_bat_soc": 40}, V222)
    assert "min_bat_soc" not in put("time", before, "Neu", {}, V222)[-1]
    assert put("time", before, "Neu", {}, V230)[-1]["min_bat_soc"] is None
    after = put("time", before, "Neu", {"min_bat_soc": 40}, V230)
    assert after[-1]["min_bat_soc"] == 40
    after = put("time", after, "Neu", {"min_bat_soc": None}, V230)
    assert after[-1]["min_bat_soc"] is None
    # Where one plan has it, others can.
    later = put("time", after, "Mehr", {"min_bat_soc": 30})
    assert later[-1]["min_bat_soc"] == 30
    for wrong in (101, -1, "40", True):
        with pytest.raises(ProtocolError):
            put("time", before, "Neu", {"min_bat_soc": wrong}, V230)
    with pytest.raises(ProtocolError):
        put("schedule", plans("schedule"), "Neu", {"min_bat_soc": 40}, V230)


def test_up_to_2_1_7_plans_have_no_phases() -> None:
    check_old({"time": "05:00", "current": 16})
    for name in ("phases_to_use", "phases_to_use_pv", "et_active"):
        with pytest.raises(ProtocolError, match="openwb_plan_without"):
            check_old({"time": "05:00", name: 1})


def test_up_to_2_1_7_a_plan_has_a_topic() -> None:
    plan = plans("schedule")[0]
    publication = set_plan("openWB", 4, "schedule", 0, plan)
    base = "openWB/set/vehicle/template/charge_template/4"
    assert publication.topic == f"{base}/chargemode/scheduled_charging/plans/0"
    assert orjson.loads(publication.payload) == plan
    time_plan = plans("time")[0]
    assert set_plan("openWB", 4, "time", 0, time_plan).topic == (
        f"{base}/time_charging/plans/0"
    )
    assert orjson.loads(add_plan("openWB", "ha", 4, "time").payload) == {
        "command": "addChargeTemplateTimeChargingPlan",
        "data": {"template": 4},
    }
    assert orjson.loads(remove_plan("openWB", "ha", 4, "schedule", 2).payload) == {
        "command": "removeChargeTemplateSchedulePlan",
        "data": {"template": 4, "plan": 2},
    }
