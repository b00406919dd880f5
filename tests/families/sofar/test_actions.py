"""The ten messages as actions, with the errors of the vendor's page."""

from datetime import timedelta
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import set_up, shows, state, until
from ...simulators.sofar import Entries, NoSchedule, SofarSimulator
from .conftest import (
    BATTERY,
    HOUR,
    MINUTE,
    SERIAL,
    SOLAR,
    Act,
    iso,
    main_id,
    sofar_entry,
    soon,
)


def fields(simulator: SofarSimulator, kind: str) -> dict[str, Any]:
    """Give the fields of the last request of a kind."""
    return dict(simulator.requests_of(kind)[-1].fields)


# --- every message ------------------------------------------------------------------


async def test_set_schedule(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """The page's own example: charge with 5 kW for 15 minutes, in 10 minutes."""
    start = soon(10 * MINUTE)
    answer = await act(
        "set_schedule",
        device_type="battery",
        policy="charge",
        power=5000,
        start=iso(start),
        duration={"minutes": 15},
        tag="mine",
    )
    (made,) = simulator.schedules
    assert (made.start, made.end, made.power) == (start, start + 15 * MINUTE, 5000)
    assert fields(simulator, "set_schedule") == {
        "device_type": "battery",
        "start_time": start,
        "end_time": start + 15 * MINUTE,
        "policy": "charge",
        "power_setpoint_w": 5000,
        "remove_overlap": False,
        "tag": "mine",
    }
    assert answer == {
        "schedule": {
            "id": made.id,
            "device_type": "battery",
            "node_id": None,
            "start": iso(start),
            "end": iso(start + 15 * MINUTE),
            "policy": "charge",
            "power": 5000,
            "created_at": iso(made.created),
            "tag": "mine",
            "site_import": None,
            "site_export": None,
        },
        "deleted_ids": [],
    }
    await shows(hass, entry, BATTERY, "next_schedule", "charge")
    await shows(hass, entry, BATTERY, "next_start", iso(start))
    request = json.loads(simulator.requests_of("set_schedule")[-1].payload)
    assert request.keys() == {"extraTags", "time", "message_type", "fields"}
    assert request["extraTags"] == {"nodeId": f"{SERIAL}_site_0"}


async def test_the_second_example_is_independent_of_the_first(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """Solar: 0 kW for an hour, in 30 minutes; the same time is free there."""
    for group, policy, power in (("battery", "charge", 5000), ("solar", "limit", 0)):
        await act(
            "set_schedule",
            device_type=group,
            policy=policy,
            power=power,
            start=iso(soon(30 * MINUTE)),
            duration={"hours": 1},
            site_import=7000,
            site_export=0,
        )
        found = await act("get_next_schedule", device_type=group)
        assert found["schedule"]["power"] == power
        # The EMS does not echo the limits: these are from memory.
        assert found["schedule"]["site_import"] == 7000
    assert fields(simulator, "set_schedule")["site_export"] == 0
    await shows(hass, entry, SOLAR, "next_schedule", "limit")
    assert len(simulator.schedules) == 2


async def test_a_schedule_starts_and_ends(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """One without a start begins now; what comes and goes by the clock is seen."""
    end = soon(3)
    await act(
        "set_schedule", device_type="battery", policy="idle", end=iso(end), tag="now"
    )
    active = await shows(hass, entry, BATTERY, "active_schedule", "idle")
    assert active.attributes["tag"] == "now"
    assert active.attributes["schedule_id"] == simulator.schedules[0].id
    assert active.attributes["end"] == dt_util.utc_from_timestamp(end)
    found = await act("get_active_schedule", device_type="battery")
    assert found["schedule"]["policy"] == "idle"
    assert await act("get_active_schedule", device_type="solar") == {"schedule": None}
    await shows(hass, entry, BATTERY, "active_schedule", "none")
    event = state(hass, entry, BATTERY, "schedule_event", "event")
    assert event
    assert event.attributes["event_type"] == "ended"
    assert event.attributes["policy"] == "idle"


async def test_a_single_device(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    node = f"{SERIAL}_battery_1"
    await act(
        "set_schedule",
        device_type="battery",
        node_id=node,
        policy="discharge",
        power=1000,
        duration="01:00:00",
    )
    found = await shows(
        hass, entry, DeviceKey("node", node), "active_schedule", "discharge"
    )
    assert found
    await shows(hass, entry, DeviceKey("node", node), "setpoint", "1000")
    answer = await act("get_active_schedule", device_type="battery", node_id=node)
    assert answer["schedule"]["node_id"] == node
    await shows(hass, entry, BATTERY, "active_schedule", "none")


@pytest.mark.parametrize(
    "dialect", [{}, {"ids_as_map": True}, {"entries": Entries.OBJECTS}]
)
async def test_set_schedules(simulator: SofarSimulator, act: Act) -> None:
    start = soon(HOUR)
    answer = await act(
        "set_schedules",
        device_type="battery",
        policy="charge",
        schedules=[
            {"start": iso(start), "duration": {"minutes": 15}, "power": 1000},
            {"start": iso(start + HOUR), "end": iso(start + 2 * HOUR), "power": 2000},
            {
                "start": iso(start),
                "duration": "00:15:00",
                "device_type": "solar",
                "policy": "off",
            },
        ],
    )
    assert [item["power"] for item in answer["schedules"]] == [1000, 2000, None]
    assert answer["left_out"] == 0
    assert fields(simulator, "set_schedules") == {
        "0": {
            "device_type": "battery",
            "start_time": start,
            "end_time": start + 15 * MINUTE,
            "policy": "charge",
            "power_setpoint_w": 1000,
            "remove_overlap": False,
        },
        "1": {
            "device_type": "battery",
            "start_time": start + HOUR,
            "end_time": start + 2 * HOUR,
            "policy": "charge",
            "power_setpoint_w": 2000,
            "remove_overlap": False,
        },
        "2": {
            "device_type": "solar",
            "start_time": start,
            "end_time": start + 15 * MINUTE,
            "policy": "off",
            "remove_overlap": False,
        },
    }


@pytest.mark.parametrize(
    "dialect",
    [
        {
            "entries": Entries.STRINGS,
            "error_objects": True,
            "milliseconds": True,
            "milliseconds_echo": True,
            "no_schedule": NoSchedule.ERROR,
        }
    ],
)
@pytest.mark.parametrize("options", [{"schedules_as_text": True, "invert": True}])
async def test_another_dialect(simulator: SofarSimulator, act: Act) -> None:
    """What the page leaves open, the other way: options, or understood either way."""
    start = soon(HOUR)
    slot = {"start": iso(start), "duration": {"minutes": 15}, "power": 1000}
    more = {"device_type": "battery", "policy": "charge"}
    answer = await act("set_schedules", schedules=[slot], **more)
    assert isinstance(fields(simulator, "set_schedules")["0"], str)
    assert simulator.schedules[0].power == -1000
    assert answer["schedules"][0]["power"] == 1000
    assert answer["schedules"][0]["start"] == iso(start)
    assert await act("get_active_schedule", device_type="ev") == {"schedule": None}
    with pytest.raises(HomeAssistantError, match="Schedule ID 99 not found"):
        await act("get_schedule", id=99)


async def test_emhass_plan(simulator: SofarSimulator, act: Act) -> None:
    """Slots have a start alone, negative power is charging, what is over is left out."""
    start = soon(HOUR)
    plan = [
        {"date": iso(start + place * 1800), "p_batt_forecast": power}
        for place, power in enumerate(("500.0", "-1500.0", "0.0"), -4)
    ]
    with pytest.raises(HomeAssistantError, match="would be over"):
        await act(
            "set_schedules", schedules=plan[:2], device_type="battery", policy="charge"
        )
    plan += [
        {"date": iso(start + place * 1800), "p_batt_forecast": power, "soc": 5}
        for place, power in enumerate(("500.0", "-1500.0", "0.0"))
    ]
    answer = await act(
        "set_schedules",
        schedules=plan,
        device_type="battery",
        policy="charge",
        policy_negative="discharge",
        invert=True,
    )
    assert answer["left_out"] == 2
    found = [
        (item.policy, item.power, item.end - item.start) for item in simulator.schedules
    ]
    assert found[-3:] == [
        ("discharge", 500, 1800),
        ("charge", 1500, 1800),
        ("charge", 0, 1800),
    ]


async def test_reading(simulator: SofarSimulator, act: Act) -> None:
    today = simulator.add("ev", "pause", soon(-1), soon(HOUR))
    later = simulator.add("ev", "charge", soon(50 * HOUR), soon(51 * HOUR), power=11000)
    assert (await act("get_schedule", id=today.id))["schedule"]["policy"] == "pause"
    found = (await act("get_future_schedules"))["schedules"]
    assert [item["id"] for item in found] == [later.id]
    found = (await act("get_schedules"))["schedules"]
    assert [item["id"] for item in found] == [today.id]
    day = dt_util.now() + timedelta(hours=50)
    found = (await act("get_schedules", date=day.date().isoformat()))["schedules"]
    assert [item["id"] for item in found] == [later.id]
    assert fields(simulator, "get_schedules")["date"]
    found = (await act("get_next_schedule", device_type="ev"))["schedule"]
    assert found["id"] == later.id


async def test_removing(simulator: SofarSimulator, act: Act) -> None:
    active = simulator.add("ev", "pause", soon(-1), soon(HOUR))
    one = simulator.add("ev", "pause", soon(2 * HOUR), soon(3 * HOUR))
    two = simulator.add("ev", "pause", soon(4 * HOUR), soon(5 * HOUR))
    other = simulator.add("solar", "off", soon(4 * HOUR), soon(5 * HOUR))
    assert await act("remove_schedule", id=one.id) == {"removed_ids": [one.id]}
    answer = await act("clear_schedules", device_type="ev")
    assert answer == {"removed_ids": [two.id], "kept_ids": []}
    answer = await act("clear_schedules")
    assert answer == {"removed_ids": [other.id], "kept_ids": []}
    assert [item.id for item in simulator.schedules] == [active.id]


async def test_removing_what_is_in_the_way(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    old = simulator.add("ev", "pause", soon(2 * HOUR), soon(3 * HOUR))
    answer = await act(
        "set_schedule",
        device_type="ev",
        policy="charge",
        power=11000,
        start=iso(soon(2 * HOUR)),
        duration={"hours": 2},
        remove_overlap=True,
    )
    assert answer["deleted_ids"] == [old.id]
    assert list(entry.runtime_data.driver.schedules.book.schedules) == [
        answer["schedule"]["id"]
    ]


async def test_feedback_and_topology(simulator: SofarSimulator, act: Act) -> None:
    answer = await act("get_feedback")
    assert answer["feedback"]["nodeType"] == "smartgridControllerSite"
    assert fields(simulator, "get_feedback") == {"device": True}
    node = f"{SERIAL}_battery_0"
    answer = await act("get_feedback", device=node)
    assert answer["feedback"]["nodeId"] == node
    await act("get_feedback", device="false")
    assert fields(simulator, "get_feedback") == {"device": False}
    topology = (await act("get_topology"))["topology"]
    assert topology["nominal_current"] == 63
    assert [item["node_id"] for item in topology["children"]] == [
        f"{SERIAL}_powerMeter_0",
        f"{SERIAL}_switchboard_0",
    ]


# --- what is refused ----------------------------------------------------------------

GOOD = {"device_type": "battery", "policy": "charge", "power": 1000}
REFUSED = [
    # The page's common errors, in the words of the EMS.
    ({"policy": "fly"}, "Invalid policy fly for device type battery"),
    ({"node_id": "nobody"}, "Node nobody of type battery not found"),
    # What is seen before it is sent.
    ({"device_type": "toaster"}, "none of the device types in the options: solar,"),
    ({"duration": {"minutes": 0}}, "ends before it starts"),
    ({"start": "2020-01-01T00:00:00"}, "would be over already"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
async def test_a_schedule_is_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    changes: dict[str, Any],
    reason: str,
) -> None:
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}, **changes}
    with pytest.raises(HomeAssistantError, match=reason):
        await act("set_schedule", **wanted)
    assert simulator.schedules == []


@pytest.mark.parametrize(
    "options", [{"device_types": ["battery", "toaster"], "power_policies": ["charge"]}]
)
async def test_a_type_that_the_ems_does_not_know(
    hass: HomeAssistant, entry: MockConfigEntry, act: Act
) -> None:
    """The user has listed it: the words are those of the EMS, in all places."""
    more = {"policy": "charge", "duration": {"minutes": 5}}
    with pytest.raises(HomeAssistantError, match="Device type toaster not found"):
        await act("set_schedule", device_type="toaster", power=1, **more)
    shown = await until(lambda: state(hass, entry, MAIN_DEVICE, "last_error"))
    assert "Device type toaster not found" in shown.state
    toaster = DeviceKey("group", "toaster")
    event = state(hass, entry, toaster, "schedule_event", "event")
    assert event
    assert event.attributes["event_type"] == "refused"
    assert "not found" in event.attributes["reason"]
    with pytest.raises(HomeAssistantError, match="policy charge needs a power"):
        await act("set_schedule", device_type="battery", **more)


async def test_overlap_is_seen_before_it_is_sent(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """Looking again first: another client may have made way."""
    old = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}}
    await entry.runtime_data.driver.schedules.refresh()
    with pytest.raises(
        HomeAssistantError, match=rf"a schedule already: {old.id} \(bat"
    ):
        await act("set_schedule", **wanted)
    assert not simulator.requests_of("set_schedule")
    simulator.remove(old.id)
    await act("set_schedule", **wanted)
    assert len(simulator.schedules) == 1


async def test_overlap_that_the_ems_sees(simulator: SofarSimulator, act: Act) -> None:
    simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}}
    with pytest.raises(HomeAssistantError, match="Schedule overlap with existing"):
        await act("set_schedule", **wanted)
    slots = [{"start": iso(soon(HOUR)), "duration": {"minutes": 5}}]
    with pytest.raises(HomeAssistantError, match="a schedule already"):
        await act("set_schedules", schedules=slots, **GOOD)


async def test_removal_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    active = simulator.add("ev", "pause", soon(-1), soon(HOUR))
    with pytest.raises(HomeAssistantError, match=f"Schedule {active.id} is active"):
        await act("remove_schedule", id=active.id)
    with pytest.raises(
        HomeAssistantError, match=r"The schedule 1 \(ev, .* has started"
    ):
        await act("remove_schedule", id=active.id)
    with pytest.raises(HomeAssistantError, match="Schedule ID 77 not found"):
        await act("remove_schedule", id=77)


async def test_some_of_several_are_set(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    simulator.dialect.partial_sets = True
    slots = [
        {"start": iso(soon(HOUR)), "duration": {"minutes": 5}},
        {"start": iso(soon(2 * HOUR)), "duration": {"minutes": 5}, "policy": "fly"},
    ]
    with pytest.raises(HomeAssistantError, match="Only 1 of 2 .*Invalid policy fly"):
        await act("set_schedules", schedules=slots, **GOOD)
    assert len(entry.runtime_data.driver.schedules.book.schedules) == 1


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("set_schedule", {**GOOD}, "An end or a duration is missing"),
        (
            "set_schedules",
            {"schedules": [{"start": iso(soon(60))}]},
            "slot alone needs",
        ),
        (
            "set_schedules",
            {"schedules": [{"start": iso(soon(60)), "duration": 60}]},
            "no policy",
        ),
        ("send_live", {**GOOD}, "field for the policy is not set"),
    ],
)
async def test_what_is_missing(
    entry: MockConfigEntry, act: Act, name: str, data: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HomeAssistantError, match=reason):
        await act(name, **data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("set_schedules", {"schedules": []}),
        ("set_schedules", {"schedules": ["soon"]}),
        ("set_schedules", {"schedules": [{"power": 5}]}),
        ("set_schedules", {"schedules": [{"date": "x", "start": "y"}]}),
        ("set_schedule", {**GOOD, "power": "lots"}),
        ("set_schedule", {**GOOD, "end": "2026-01-01", "duration": 5}),
        ("set_schedule", {"policy": "x"}),
        ("get_schedule", {"id": -1}),
    ],
)
async def test_what_cannot_be_read(
    entry: MockConfigEntry, act: Act, name: str, data: dict[str, Any]
) -> None:
    with pytest.raises((vol.Invalid, ServiceValidationError)):
        await act(name, **data)


async def test_before_anything_is_known(hass: HomeAssistant, broker: Broker) -> None:
    """An EMS that does not answer: nothing is made up, and the error says so."""
    entry = sofar_entry(hass, broker, timeout=0.1)
    assert await set_up(hass, entry)
    with pytest.raises(
        HomeAssistantError, match="did not answer in time: get_topology"
    ):
        await hass.services.async_call(
            "wattbus",
            "sofar_get_topology",
            {"device_id": main_id(hass, entry)},
            blocking=True,
            return_response=True,
        )
    assert state(hass, entry, BATTERY, "next_schedule") is None
