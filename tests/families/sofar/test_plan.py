"""A plan handed over: what the EMS has is left alone, and each slot says what became of it.

The vendor's page (docs.eniris.be, Scheduled MQTT control): only schedules that have not
started can be deleted, and what overlaps is refused.
"""

from collections.abc import AsyncGenerator
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...simulators.sofar import Dialect, Fault, Options, SofarSimulator
from .conftest import HOUR, MINUTE, SERIAL, Act, iso, soon

FIVE = 5 * MINUTE
ALL: dict[str, Any] = {
    "device_type": "battery",
    "policy": "charge",
    "remove_overlap": True,
}


@pytest.fixture
def options() -> dict[str, Any]:
    """Read nothing beside."""
    return {"feedback_interval": 0, "timeout": 0.5}


@pytest.fixture
def ahead() -> float:
    """Give how far the EMS's clock is ahead [s]."""
    return 0.0


class Clock:
    """The EMS's."""

    def __init__(self, ahead: float) -> None:
        """Be so many seconds ahead."""
        self.ahead = ahead

    def __call__(self) -> float:
        """Give the Unix time."""
        return time.time() + self.ahead


@pytest.fixture
def clock(ahead: float) -> Clock:
    """Give the EMS's clock."""
    return Clock(ahead)


@pytest.fixture
async def simulator(
    broker: Broker, dialect: dict[str, Any], clock: Clock
) -> AsyncGenerator[SofarSimulator]:
    """Run an EMS with a clock of its own."""
    options = Options(time_zone="US/Pacific", dialect=Dialect(**dialect))
    async with SofarSimulator(options, clock=clock) as running:
        await running.start(broker.host, broker.port)
        yield running


def slots(start: float, *powers: float, length: float = FIVE) -> list[dict[str, Any]]:
    """Give slots, one after the other."""
    return [
        {
            "start": iso(start + place * length),
            "end": iso(start + (place + 1) * length),
            "power": power,
        }
        for place, power in enumerate(powers)
    ]


def results(answer: dict[str, Any]) -> list[str]:
    """Give what has become of the slots."""
    assert [item["slot"] for item in answer["slots"]] == list(
        range(1, len(answer["slots"]) + 1)
    )
    return [item["result"] for item in answer["slots"]]


async def test_a_plan_that_runs_is_handed_over_again(
    simulator: SofarSimulator, act: Act
) -> None:
    """All of it was refused: the first slot is active, and the EMS lets it not go."""
    plan = slots(soon(-60), 1000, 2000, 3000)
    first = await act("set_schedules", schedules=plan, **ALL)
    assert results(first) == ["set"] * 3
    made = [item.id for item in simulator.schedules]
    for _ in range(3):
        again = await act("set_schedules", schedules=plan, **ALL)
        assert results(again) == ["running", "unchanged", "unchanged"]
        assert [item["id"] for item in again["slots"]] == made
        assert again["schedules"] == again["deleted_ids"] == []
    assert len(simulator.requests_of("set_schedules")) == 1
    assert [item.id for item in simulator.schedules] == made


async def test_what_changes_is_sent_alone(simulator: SofarSimulator, act: Act) -> None:
    start = soon(-60)
    await act("set_schedules", schedules=slots(start, 1, 2, 3, 4), **ALL)
    answer = await act("set_schedules", schedules=slots(start, 1, 2, 5, 4), **ALL)
    assert results(answer) == ["running", "unchanged", "set", "unchanged"]
    assert answer["deleted_ids"] == [3]
    assert answer["slots"][2]["id"] == 5
    assert [item["power"] for item in answer["schedules"]] == [5]
    assert [item.id for item in simulator.schedules] == [1, 2, 5, 4]


async def test_what_differs_from_what_runs_begins_when_that_ends(
    simulator: SofarSimulator, act: Act
) -> None:
    """A shorter slot is kept out, a longer one begins late."""
    start = soon(-60)
    running = simulator.add("battery", "charge", start, start + 600, power=1)
    plan = [*slots(start, 2), *slots(start + 300, 2, 3, length=600)]
    answer = await act("set_schedules", schedules=plan, **ALL)
    assert results(answer) == ["kept_out", "set_after_running", "set"]
    assert answer["slots"][0]["id"] == running.id
    assert answer["slots"][1]["start"] == iso(start + 600)
    assert [(item.start - start, item.power) for item in simulator.schedules] == [
        (running.start - start, 1),
        (600, 2),
        (900, 3),
    ]
    again = await act("set_schedules", schedules=plan, **ALL)
    assert results(again) == ["kept_out", "unchanged", "unchanged"]
    # What runs does what is asked, but not for as long.
    plan = [*slots(start, 1, length=900), *slots(start + 900, 3, length=600)]
    answer = await act("set_schedules", schedules=plan, **ALL)
    assert results(answer) == ["set_after_running", "unchanged"]
    assert [(item.end - start, item.power) for item in simulator.schedules] == [
        (600, 1),
        (900, 1),
        (1500, 3),
    ]


async def test_a_device_that_runs_keeps_its_type_out(
    simulator: SofarSimulator, act: Act
) -> None:
    """No overlap of a device and its type, either; others are independent."""
    start = soon(-60)
    node = f"{SERIAL}_battery_0"
    simulator.add("battery", "idle", start, start + 600, node_id=node)
    simulator.add("ev", "pause", start, start + 600)
    answer = await act("set_schedules", schedules=slots(start, 1, 2, 3), **ALL)
    assert results(answer) == ["kept_out", "kept_out", "set"]
    other = {"node_id": f"{SERIAL}_battery_1"}
    answer = await act("set_schedules", schedules=slots(start, 1, 2), **ALL, **other)
    assert results(answer) == ["set", "set"]


async def test_something_in_the_way_is_named_and_nothing_is_sent(
    simulator: SofarSimulator, act: Act
) -> None:
    start = soon(HOUR)
    old = simulator.add("battery", "idle", start + FIVE, start + 2 * FIVE)
    more = ALL | {"remove_overlap": False}
    with pytest.raises(HomeAssistantError, match=rf"Slot 2: .* already: {old.id} \("):
        await act("set_schedules", schedules=slots(start, 1, 2, 3), **more)
    assert not simulator.requests_of("set_schedules")
    answer = await act("set_schedules", schedules=slots(start, 1, 2, 3), **ALL)
    assert answer["deleted_ids"] == [old.id]


@pytest.mark.parametrize("dialect", [{}, {"error_objects": True}])
async def test_a_slot_that_the_ems_refuses(simulator: SofarSimulator, act: Act) -> None:
    """One wrong slot in the middle: it is named, and nothing is there."""
    plan = slots(soon(HOUR), 1, 2, 3, 4, 5, 6)
    for place in (2, 4, 5):
        plan[place]["policy"] = "fly"
    with pytest.raises(HomeAssistantError) as raised:
        await act("set_schedules", schedules=plan, **ALL)
    assert str(raised.value) == (
        "The EMS refused slot 3, 5-6: Invalid policy fly for device type battery. "
        "None of the 6 slots that it was asked for is set"
    )
    assert simulator.schedules == []


async def test_a_plan_that_the_ems_refuses(simulator: SofarSimulator, act: Act) -> None:
    plan = slots(soon(HOUR), 1, 2)
    with pytest.raises(HomeAssistantError) as raised:
        await act("set_schedules", schedules=plan, **ALL | {"policy": "fly"})
    assert str(raised.value) == (
        "The EMS refused: Invalid policy fly for device type battery. "
        "None of the 2 slots that it was asked for is set"
    )


@pytest.mark.parametrize("dialect", [{"partial_sets": True}])
async def test_a_part_of_a_plan(simulator: SofarSimulator, act: Act) -> None:
    """Exactly what the answer says is there."""
    plan = slots(soon(HOUR), 1, 2, 3, 4)
    plan[2]["policy"] = "fly"
    with pytest.raises(HomeAssistantError, match=r"Only 2 of the 4 .* slot 3-4: Inv"):
        await act("set_schedules", schedules=plan, **ALL)
    assert [item.power for item in simulator.schedules] == [1, 2]


@pytest.mark.parametrize("dialect", [{"capacity": 2}])
async def test_acknowledged_and_not_there(simulator: SofarSimulator, act: Act) -> None:
    """As homeassistant-alphaESS #271 tells of another device: it is read back."""
    with pytest.raises(
        HomeAssistantError, match=r"Only 2 of the 4 .* have slot 3-4, and did not say"
    ):
        await act("set_schedules", schedules=slots(soon(HOUR), 1, 2, 3, 4), **ALL)
    assert len(simulator.schedules) == 2
    with pytest.raises(HomeAssistantError, match="accepted the change, but does not"):
        await act("set_schedules", schedules=slots(soon(2 * HOUR), 3, 4), **ALL)


async def test_an_answer_that_is_lost(simulator: SofarSimulator, act: Act) -> None:
    plan = slots(soon(HOUR), 1, 2)
    simulator.trouble.plan(Fault.LOST_REPLY, "set_schedules")
    answer = await act("set_schedules", schedules=plan, **ALL)
    assert results(answer) == ["set", "set"]
    plan = slots(soon(2 * HOUR), 1, 2)
    simulator.trouble.plan(Fault.LOST_REQUEST, "set_schedules")
    with pytest.raises(HomeAssistantError, match="did not answer in time"):
        await act("set_schedules", schedules=plan, **ALL)
    assert len(simulator.schedules) == 2
    assert len(simulator.requests_of("set_schedules")) == 2


@pytest.mark.parametrize("ahead", [240.0, -240.0])
async def test_a_clock_that_is_minutes_wrong(
    simulator: SofarSimulator, act: Act, ahead: float
) -> None:
    """What is over for the EMS was sent, and all was refused for it."""
    now = soon(0) + ahead
    plan = slots(now - 350, 1, 2, 3)
    answer = await act("set_schedules", schedules=plan, **ALL)
    assert results(answer) == ["over", "set", "set"]
    assert answer["left_out"] == 1
    again = await act("set_schedules", schedules=plan, **ALL)
    assert results(again) == ["over", "running", "unchanged"]
    other = slots(now - 350, 1, 5, 3)
    assert results(await act("set_schedules", schedules=other, **ALL)) == [
        "over",
        "kept_out",
        "unchanged",
    ]
    assert len(simulator.requests_of("set_schedules")) == 1


@pytest.mark.parametrize("ahead", [7200.0])
async def test_a_time_that_is_no_clock(simulator: SofarSimulator, act: Act) -> None:
    """The time in the answers may be another one: nothing is left out for it."""
    answer = await act("set_schedules", schedules=slots(soon(3 * HOUR), 1), **ALL)
    assert results(answer) == ["set"]


async def test_a_schedule_that_starts_on_the_way(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between reading and sending: what is left is asked for again, once more."""
    start = soon(60)
    await act("set_schedules", schedules=slots(start, 1, 2), **ALL)
    commands = entry.runtime_data.driver.commands
    send = commands.add_all

    async def later(orders: Any) -> Any:
        clock.ahead = 70
        return await send(orders)

    monkeypatch.setattr(commands, "add_all", later)
    answer = await act("set_schedules", schedules=slots(start, 3, 4), **ALL)
    assert results(answer) == ["kept_out", "set"]
    assert [item.power for item in simulator.schedules] == [1, 4]


@pytest.mark.timeout(60)
async def test_two_days_of_five_minutes(simulator: SofarSimulator, act: Act) -> None:
    """576 slots with one message, and none with the second."""
    plan = slots(soon(-60), *range(576))
    began = time.monotonic()
    assert results(await act("set_schedules", schedules=plan, **ALL)) == ["set"] * 576
    plan[300]["power"] = 9999
    answer = await act("set_schedules", schedules=plan, **ALL)
    assert results(answer).count("unchanged") == 574
    assert time.monotonic() - began < 20
    assert len(simulator.schedules) == 576


@pytest.mark.parametrize(
    "options",
    [
        {
            "policies": ["idle", "battery: charge", "battery: discharge"],
            "power_policies": ["battery: charge"],
            "timeout": 0.5,
        }
    ],
)
async def test_policies_by_device_type(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """A policy of another type is refused before it is sent, where that is known."""
    start = soon(HOUR)
    plan = slots(start, 1, 2, 3)
    plan[1]["policy"] = "limit"
    with pytest.raises(
        HomeAssistantError, match=r"Slot 2: limit is none .* battery: idle, charge, di"
    ):
        await act("set_schedules", schedules=plan, **ALL)
    plan[1] |= {"policy": "charge"}
    del plan[1]["power"]
    with pytest.raises(HomeAssistantError, match="Slot 2: The policy charge needs a p"):
        await act("set_schedules", schedules=plan, **ALL)
    one = {"start": iso(start), "duration": 60}
    with pytest.raises(HomeAssistantError, match="limit is none of the policies"):
        await act("set_schedule", device_type="battery", policy="limit", **one)
    assert not simulator.requests_of("set_schedules")
    assert not simulator.requests_of("set_schedule")
    # Of the other types nothing is known.
    await act("set_schedule", device_type="solar", policy="limit", power=1, **one)
