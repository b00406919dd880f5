"""Clearing many schedules: several at once, and only those that are meant.

The vendor's page (docs.eniris.be, Scheduled MQTT control): an answer repeats the time
of its request and names the schedule in words; only what has not started goes.
"""

from itertools import pairwise
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...simulators.sofar import Fault, SofarSimulator
from .conftest import HOUR, SERIAL, Act, Calendar, iso, soon
from .test_plan import ALL, slots


@pytest.fixture
def options() -> dict[str, Any]:
    """Read nothing beside, and do not wait for long."""
    return {"feedback_interval": 0, "timeout": 0.5}


def fill(simulator: SofarSimulator, count: int, device_type: str = "battery") -> None:
    """Set schedules from elsewhere, one after the other."""
    for place in range(count):
        start = soon(HOUR + place * 60)
        simulator.add(device_type, "idle", start, start + 60)


async def test_two_hundred_take_no_time(simulator: SofarSimulator, act: Act) -> None:
    """One at a time, with the pause of a second, they took more than 200 seconds."""
    fill(simulator, 200)
    began = time.monotonic()
    answer = await act("clear_schedules")
    assert time.monotonic() - began < 10
    assert len(answer["removed_ids"]) == 200
    assert answer["kept_ids"] == simulator.schedules == []
    assert len(simulator.requests_of("remove_schedule")) == 200


@pytest.mark.parametrize(
    "options", [{"feedback_interval": 0, "spacing": 0.2, "timeout": 2}]
)
async def test_the_pause_is_one_between_ten(
    simulator: SofarSimulator, act: Act
) -> None:
    fill(simulator, 40)
    await act("clear_schedules")
    times = [item.received for item in simulator.requests_of("remove_schedule")]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert [place for place, pause in enumerate(pauses) if pause > 0.15] == [9, 19, 29]
    now = time.time()
    sent = [item.document["time"] for item in simulator.requests_of("remove_schedule")]
    assert max(sent) < now + 10, "no time is far ahead of the clock"


@pytest.mark.parametrize(
    "fault",
    [Fault.LOST_REQUEST, Fault.LOST_REPLY, Fault.GENERAL_ERROR, Fault.DUPLICATE],
)
async def test_some_that_go_wrong_are_looked_after(
    simulator: SofarSimulator, act: Act, fault: Fault
) -> None:
    """A request that was lost is sent again; a refusal without a name is one of them."""
    fill(simulator, 25)
    simulator.trouble.plan(fault, "remove_schedule", times=3)
    answer = await act("clear_schedules")
    refused = 3 if fault is Fault.GENERAL_ERROR else 0
    assert len(answer["removed_ids"]) == 25 - refused
    assert answer["kept_ids"] == [item.id for item in simulator.schedules]
    assert len(answer["kept_ids"]) == refused


async def test_another_client_in_the_same_second(
    simulator: SofarSimulator, act: Act
) -> None:
    """Its answers are about schedules of its own, or about one that is ours, too."""
    fill(simulator, 12)
    other = simulator.add("ev", "pause", soon(HOUR), soon(2 * HOUR))
    async with simulator.other_client() as client:
        await client.request("remove_schedule", {"id": other.id}, time=int(time.time()))
        answer = await act("clear_schedules", device_type="battery")
    assert len(answer["removed_ids"]) == 12
    assert simulator.schedules == []


async def test_an_ems_that_is_away(simulator: SofarSimulator, act: Act) -> None:
    fill(simulator, 3)
    await simulator.stop()
    with pytest.raises(HomeAssistantError, match="did not answer"):
        await act("clear_schedules")
    assert len(simulator.schedules) == 3


async def test_nothing_to_clear(simulator: SofarSimulator, act: Act) -> None:
    assert await act("clear_schedules") == {"removed_ids": [], "kept_ids": []}
    assert not simulator.requests_of("remove_schedule")


async def test_only_what_is_meant_goes(
    simulator: SofarSimulator, act: Act, calendar: Calendar
) -> None:
    """Those of actions, those of this Wattbus at all, and then also other programs'."""
    foreign = simulator.add("battery", "idle", soon(40 * HOUR), soon(41 * HOUR))
    await act("set_schedules", schedules=slots(soon(HOUR), 1, 2, 3), **ALL)
    one = {"device_type": "battery", "policy": "idle", "start": iso(soon(3 * HOUR))}
    single = (await act("set_schedule", **one, duration=60))["schedule"]["id"]
    at = soon(50 * HOUR)
    assert await calendar.create("idle", iso(at), iso(at + HOUR)) is None
    event = simulator.schedules[-1].id
    at = soon(5 * HOUR)
    rule = {"rrule": "FREQ=DAILY;COUNT=1"}
    assert await calendar.create("idle", iso(at), iso(at + HOUR), **rule) is None
    recurring = next(item.id for item in simulator.schedules if item.start == at)

    answer = await act("clear_schedules", made_by="actions", device_type="solar")
    assert answer["removed_ids"] == []
    answer = await act("clear_schedules", made_by="actions")
    assert len(answer["removed_ids"]) == 4
    assert single in answer["removed_ids"]
    left = {item.id for item in simulator.schedules}
    assert left == {foreign.id, event, recurring}

    answer = await act("clear_schedules", made_by="wattbus")
    assert set(answer["removed_ids"]) == {event, recurring}
    answer = await act("clear_schedules")
    assert answer["removed_ids"] == [foreign.id]


async def test_who_has_set_it_is_known_after_a_restart(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    foreign = simulator.add("battery", "idle", soon(40 * HOUR), soon(41 * HOUR))
    await act("set_schedules", schedules=slots(soon(HOUR), 1, 2), **ALL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    answer = await act("clear_schedules", made_by="actions")
    assert len(answer["removed_ids"]) == 2
    assert [item.id for item in simulator.schedules] == [foreign.id]


async def test_an_action_that_a_user_moves_becomes_the_calendars(
    simulator: SofarSimulator, act: Act, calendar: Calendar
) -> None:
    one = {"device_type": "battery", "policy": "idle", "start": iso(soon(3 * HOUR))}
    made = (await act("set_schedule", **one, duration=60))["schedule"]["id"]
    at = soon(4 * HOUR)
    assert await calendar.update(str(made), "idle", iso(at), iso(at + HOUR)) is None
    answer = await act("clear_schedules", made_by="actions")
    assert answer["removed_ids"] == []
    assert len(simulator.schedules) == 1


async def test_by_node(simulator: SofarSimulator, act: Act) -> None:
    node = f"{SERIAL}_battery_0"
    mine = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR), node_id=node)
    other = simulator.add("battery", "idle", soon(3 * HOUR), soon(4 * HOUR))
    answer = await act("clear_schedules", node_id=node)
    assert answer["removed_ids"] == [mine.id]
    assert simulator.schedules == [other]
