"""A planner that hands its plan over every five minutes, for a day.

EMHASS publishes the rest of its horizon from the step that is nearest to now, which is
mostly the one that runs (docs/publish_data.md), and users run it every five minutes
(emhass #348). The EMS lets no active schedule go.
"""

from collections.abc import AsyncGenerator, Mapping
import random
from typing import Any

import pytest

from custom_components.wattbus.families.sofar import requests

from ...harness.broker import Broker
from ...simulators.sofar import Dialect, Options, SofarSimulator
from .conftest import HOUR, MINUTE, Act, iso

FIVE = 5 * MINUTE
# Seconds into the five minutes at which the plan comes: also just before their end.
DELAYS = (0, 1, 40, 298)


@pytest.fixture
def options() -> dict[str, Any]:
    """Read nothing beside."""
    return {"feedback_interval": 0, "refresh": 1440, "device_types": ["battery"]}


class Clock:
    """What the time is, for Wattbus and for the EMS."""

    def __init__(self) -> None:
        """Begin on a Saturday morning."""
        self.now = 1_795_244_400.0  # 21 November 2026, 07:00 UTC

    def time(self) -> float:
        """Give Unix seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock of the schedules, but not of the connection, that of the test."""
    clock = Clock()
    monkeypatch.setattr(requests, "time", clock)
    return clock


@pytest.fixture
async def simulator(broker: Broker, clock: Clock) -> AsyncGenerator[SofarSimulator]:
    """Run an EMS whose clock is the test's."""
    options = Options(time_zone="US/Pacific", dialect=Dialect(whole_watts=True))
    async with SofarSimulator(options, clock=clock.time) as running:
        await running.start(broker.host, broker.port)
        yield running


class Planner:
    """Has a power for each step, and changes its mind now and then."""

    def __init__(self, step: int, horizon: int) -> None:
        """Plan `horizon` steps of `step` seconds."""
        self._random = random.Random(7)
        self._step, self._horizon = step, horizon
        self.powers: dict[int, float] = {}

    def plan(self, now: float) -> dict[int, float]:
        """Give the powers from the step that runs on, by their starts."""
        first = int(now // self._step * self._step)
        for start in range(first, first + self._horizon * self._step, self._step):
            if start not in self.powers or self._random.random() < 0.02:
                # Two decimals, as EMHASS rounds; positive is discharging.
                self.powers[start] = round(self._random.uniform(-3000, 3000), 2)
        last = first + self._horizon * self._step
        return {start: self.powers[start] for start in range(first, last, self._step)}


def ordered(power: float) -> tuple[str, int]:
    """Give what a step of EMHASS is to the EMS, which keeps whole watts."""
    return ("discharge" if power > 0 else "charge"), round(abs(power))


def kept(simulator: SofarSimulator, now: float) -> dict[int, tuple[int, str, int, int]]:
    """Give id, policy, power and end of what has not started, by its start."""
    return {
        item.start: (item.id, item.policy, int(item.power or 0), item.end)
        for item in simulator.schedules
        if item.start > now
    }


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("step", "horizon", "hours"), [(FIVE, 24, 24), (6 * FIVE, 20, 8)]
)
async def test_a_day_of_hand_overs_every_five_minutes(
    simulator: SofarSimulator,
    act: Act,
    clock: Clock,
    step: int,
    horizon: int,
    hours: int,
) -> None:
    """What the EMS has is the plan, at each time, and what did not change stays."""
    planner = Planner(step, horizon)
    begin = clock.now
    before: Mapping[int, tuple[int, str, int, int]] = {}
    ran: dict[int, tuple[str, int]] = {}
    sent = 0
    for place in range(hours * HOUR // FIVE):
        now = clock.now = begin + place * FIVE + DELAYS[place % len(DELAYS)]
        plan = planner.plan(now)
        answer = await act(
            "set_schedules",
            device_type="battery",
            policy="charge",
            policy_negative="discharge",
            invert=True,
            remove_overlap=True,
            schedules=[
                {"date": iso(start), "mpc_p_batt_forecast": str(power)}
                for start, power in plan.items()
            ],
        )
        # What the EMS is going to do is the plan ...
        there = kept(simulator, now)
        soon_started = {start for start in plan if start <= now + 5}
        for start, power in plan.items():
            if start > now + 5:
                assert there[start][1:] == (*ordered(power), start + step)
        assert there.keys() <= plan.keys()
        # ... what did not change was not touched ...
        for start, item in there.items():
            if start in before and before[start][1:] == item[1:]:
                assert item == before[start]
        # ... what runs is what the plan said when it began ...
        running = simulator.ems.schedules.active(now, "battery", None)
        assert running is not None
        if place == 0:
            ran[running.start] = (running.policy, int(running.power or 0))
        expected = ran.get(running.start) or before[running.start][1:3]
        assert (running.policy, running.power) == expected
        ran[running.start] = expected
        # ... and the answer says so.
        results = {item["slot"]: item["result"] for item in answer["slots"]}
        assert len(results) == horizon
        first = ordered(plan[min(plan)])
        if place:
            assert results[1] == ("running" if first == expected else "kept_out")
        changed = {
            start
            for start in plan
            if start not in soon_started and there[start] != before.get(start)
        }
        assert len(answer["schedules"]) >= len(changed)
        assert all(
            results[number] == ("set" if start in changed else "unchanged")
            for number, start in enumerate(plan, 1)
            if start not in soon_started
        )
        sent += bool(answer["schedules"])
        before = there
    assert not [reply for reply in simulator.replies if b'"responseCode": 1' in reply]
    # A plan that is the same is not sent at all.
    assert len(simulator.requests_of("set_schedules")) == sent
