"""The ten messages as actions, with the errors of the vendor's page."""

from datetime import timedelta
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ...helpers import shows, state
from ...simulators.sofar import Entries, NoSchedule, SofarSimulator
from .conftest import BATTERY, HOUR, MINUTE, SERIAL, SOLAR, Act, iso, soon


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
    assert found.attributes["setpoint"] == 1000
    await shows(hass, entry, DeviceKey("node", node), "setpoint", "1000")
    answer = await act("get_active_schedule", device_type="battery", node_id=node)
    assert answer["schedule"]["node_id"] == node
    await shows(hass, entry, BATTERY, "active_schedule", "none")


async def test_a_single_device_has_none_any_more(
    hass: HomeAssistant, entry: MockConfigEntry, act: Act
) -> None:
    node = f"{SERIAL}_battery_1"
    answer = await act(
        "set_schedule",
        device_type="battery",
        node_id=node,
        policy="idle",
        start=iso(soon(HOUR)),
        duration="01:00:00",
    )
    await shows(hass, entry, DeviceKey("node", node), "next_schedule", "idle")
    await act("remove_schedule", id=answer["schedule"]["id"])
    await shows(hass, entry, DeviceKey("node", node), "next_schedule", "none")


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
    answer = await act("get_active_schedule", device_type="ev")
    assert answer["schedule"] is None
    assert answer["reason"].startswith("The EMS refused: No ")
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
        {"date": iso(start + place * 1800), "p_batt_forecast": power}
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
    assert list(entry.runtime_data.driver.state.schedules.by_id) == [
        str(answer["schedule"]["id"])
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
