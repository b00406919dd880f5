"""Another client at the same broker, whose answers look like ours."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.exceptions import HomeAssistantError

from ...simulators.sofar import SofarSimulator
from .conftest import HOUR, Act, iso, soon


@pytest.fixture
def options() -> dict[str, Any]:
    """Read nothing beside."""
    return {"timeout": 0.5, "feedback_interval": 0}


@pytest.fixture
def same_second(entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let all our requests have one time, which the other client takes, too."""
    moment = soon(0)
    monkeypatch.setattr(entry.runtime_data.driver.requests, "next_time", lambda: moment)
    return int(moment)


async def test_schedules_of_the_same_second(
    simulator: SofarSimulator, act: Act, same_second: int
) -> None:
    """Our tag tells our answer from theirs."""
    async with simulator.other_client() as other:
        for place in range(10):
            start = soon((place + 1) * HOUR)
            theirs = {
                "device_type": "solar",
                "start_time": int(start),
                "end_time": int(start) + 60,
                "policy": "off",
                "tag": "theirs",
            }
            ours, reply = await asyncio.gather(
                act(
                    "set_schedule",
                    device_type="battery",
                    policy="idle",
                    start=iso(start),
                    duration={"minutes": 1},
                ),
                other.request("set_schedule", theirs, time=same_second),
            )
            assert ours["schedule"]["device_type"] == "battery"
            assert reply["data"]["responseCode"] == 0
    assert len(simulator.schedules) == 20


async def test_a_refusal_of_the_same_second_that_is_theirs(
    simulator: SofarSimulator, act: Act, same_second: int
) -> None:
    """An error has no tag: what the EMS has decides."""
    start = soon(HOUR)
    async with simulator.other_client() as other:
        for place in range(5):
            begin = start + place * HOUR
            ours, _ = await asyncio.gather(
                act(
                    "set_schedule",
                    device_type="battery",
                    policy="idle",
                    start=iso(begin),
                    duration={"minutes": 1},
                ),
                other.send(other.message({}, same_second, message_type="set_schedule")),
            )
            assert ours["schedule"]["start"] == iso(begin)
    assert len(simulator.schedules) == 5


async def test_removals_of_the_same_second(
    simulator: SofarSimulator, act: Act, same_second: int
) -> None:
    """The words of the answer say which schedule it is about."""
    async with simulator.other_client() as other:
        for place in range(1, 6):
            start = soon(place * HOUR)
            ours = simulator.add("battery", "idle", start, start + 60)
            theirs = simulator.add("solar", "off", start, start + 60)
            await asyncio.gather(
                act("remove_schedule", id=ours.id),
                other.request("remove_schedule", {"id": theirs.id}, time=same_second),
            )
    assert simulator.schedules == []


async def test_questions_of_the_same_second(
    simulator: SofarSimulator, act: Act, same_second: int
) -> None:
    """An answer about another schedule or another group is not ours."""
    start = soon(HOUR)
    ours = simulator.add("battery", "idle", start, start + 60)
    theirs = simulator.add("solar", "off", start, start + 60)
    async with simulator.other_client() as other:
        for _ in range(5):
            answer, _ = await asyncio.gather(
                act("get_schedule", id=ours.id),
                other.request("get_schedule", {"id": theirs.id}, time=same_second),
            )
            assert answer["schedule"]["id"] == ours.id
            answer, _ = await asyncio.gather(
                act("get_next_schedule", device_type="battery"),
                other.request(
                    "get_next_schedule", {"device_type": "solar"}, time=same_second
                ),
            )
            assert answer["schedule"]["id"] == ours.id


async def test_the_first_to_ask_has_it(
    entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """Both want the same time: the EMS decides, and its words are shown."""
    start = soon(HOUR)
    theirs = {
        "device_type": "battery",
        "start_time": int(start),
        "end_time": int(start) + 60,
        "policy": "charge",
        "power_setpoint_w": 1000,
    }
    async with simulator.other_client() as other:
        await other.request("set_schedule", theirs)
        with pytest.raises(
            HomeAssistantError, match=r"overlap with|a schedule already"
        ):
            await act(
                "set_schedule",
                device_type="battery",
                policy="idle",
                start=iso(start),
                duration={"minutes": 1},
            )
    assert [item.policy for item in simulator.schedules] == ["charge"]
    assert len(entry.runtime_data.driver.state.schedules.by_id) == 1
