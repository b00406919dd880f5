"""Two clients, lost and late answers: what is shown is what the EMS has."""

import asyncio
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import HOUR, Act, iso, soon

POLICIES = {"battery": ["charge", "discharge"], "solar": ["limit"], "ev": ["charge"]}


@pytest.fixture
def options() -> dict[str, Any]:
    """Wait less long for answers that are lost, and read rarely by itself."""
    return {"timeout": 0.05, "refresh": 60, "feedback_interval": 0}


async def one(act: Act, chance: random.Random, view: dict[int, Any]) -> None:
    """Ask for one change, as an automation would; it may be refused or unheard."""
    device_type = chance.choice(list(POLICIES))
    start = soon(chance.randrange(0, 24) * HOUR + chance.randrange(60, HOUR))
    wanted = {
        "device_type": device_type,
        "policy": chance.choice(POLICIES[device_type]),
        "power": chance.randrange(0, 5000, 100),
        "start": iso(start),
        "duration": {"minutes": chance.randrange(5, 90)},
        "remove_overlap": chance.random() < 0.3,
    }
    try:
        match chance.random():
            case x if x < 0.55:
                answer = await act("set_schedule", **wanted)
                assert answer["schedule"]["power"] == wanted["power"]
            case x if x < 0.65:
                slot = {key: wanted.pop(key) for key in ("start", "duration")}
                later = {"start": iso(start + 6 * HOUR), "duration": {"minutes": 5}}
                answer = await act("set_schedules", schedules=[slot, later], **wanted)
                assert len(answer["schedules"]) == 2
            case x if x < 0.95 and view:
                chosen = chance.choice(list(view))
                await act("remove_schedule", id=chosen)
            case _:
                await act("get_future_schedules")
    except HomeAssistantError:
        pass


@pytest.mark.timeout(120)
async def test_two_hundred_changes(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    chance = random.Random(5)
    book = entry.runtime_data.driver.state.schedules
    simulator.trouble.shares = {
        Fault.LOST_REPLY: 0.04,
        Fault.LOST_REQUEST: 0.02,
        Fault.SLOW: 0.02,
        Fault.WRONG_REQUEST_TIME: 0.01,
        Fault.DUPLICATE: 0.05,
        Fault.HALF_JSON: 0.01,
    }
    simulator.trouble.slow_seconds = 0.1

    async def ours() -> None:
        for _ in range(120):
            await one(act, chance, dict(book.by_id))

    async def others() -> None:
        other = random.Random(6)
        async with simulator.other_client() as client:
            client.timeout = 0.1
            for _ in range(80):
                await client.meddle(other)

    await asyncio.gather(ours(), others())
    simulator.trouble.shares = {}
    changes = simulator.requests_of("set_schedule") + simulator.requests_of(
        "remove_schedule"
    )
    assert len(changes) > 120

    async with asyncio.timeout(10):
        await asyncio.sleep(0.5)  # answers that are late
        await entry.runtime_data.driver.commands.refresh()

    def view() -> list[tuple[Any, ...]]:
        return sorted(
            (item.id, item.device_type, item.start, item.end, item.policy, item.power)
            for item in book
        )

    def truth() -> list[tuple[Any, ...]]:
        return sorted(
            (item.id, item.device_type, item.start, item.end, item.policy, item.power)
            for item in simulator.schedules
        )

    await until(lambda: view() == truth())
    assert len(truth()) > 10
    # None is there twice.
    assert len({item[1:] for item in truth()}) == len(truth())
