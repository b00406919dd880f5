"""Lifetime counters: what is shown of what a meter says, and what the recorder adds up.

The cases are those of meters that were seen to do so: boot, hang, lose a digit, be
replaced. In each the meter stood at 5 MWh. What the Energy dashboard makes of it is
what Home Assistant's own recorder sums (components/sensor/recorder.py, reset_detected: a
drop by more than a tenth is a new meter).

- Zeros, once or for a while: binsentsu/home-assistant-solaredge-modbus #128,
  ksheumaker/homeassistant-apsystems_ecur #245; evcc #30592, whose meter of 13,423.7 kWh
  counted all of that again.
- Half, a tenth or ten times the value, for an hour or two: nordicopen/easee_hass #440
  (35,549 kWh, 355,549 kWh, and back).
- One value that cannot be: nekorevend/esphome-emporia-vue-utility #18 (2^32 Wh).
- A start, with no or a wrong first value: home-assistant/core #115065.
"""

from datetime import datetime, timedelta
from itertools import pairwise
import math
import random
from typing import Any, Final, NamedTuple

import pytest

from custom_components.wattbus.counter import LifetimeCounter
from custom_components.wattbus.device import Device
from custom_components.wattbus.families.descriptions import SensorDescription
from custom_components.wattbus.families.quantities import MOST_POWER
from custom_components.wattbus.families.sink import DeviceKey, Value
from homeassistant.components.recorder import Recorder
from homeassistant.components.sensor import SensorStateClass
from homeassistant.const import STATE_UNKNOWN, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from .recording import summed

HOUR: Final = 3600.0
ENERGY: Final = SensorDescription(
    key="energy",
    state_class=SensorStateClass.TOTAL_INCREASING,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    resolution=0.0001,
    most_per_hour=MOST_POWER / 1000,
)
ENTITY: Final = "sensor.energy"


class Said(NamedTuple):
    """What a meter says, and when [s]."""

    moment: float
    value: Value


class Restart(NamedTuple):
    """Home Assistant is off for a while, or the entry is loaded again."""

    moment: float


type Story = list[Said | Restart]


def counting(
    begin: float,
    end: float,
    value: float,
    *,
    power: float = 3.6,
    every: float = 10.0,
) -> Story:
    """Have a meter count [kWh] at a power [kW], from one moment to another."""
    story: Story = []
    moment = begin
    while moment < end:
        counted = value + power * (moment - begin) / HOUR
        story.append(Said(moment, round(counted, 4)))
        moment += every
    return story


def standing(begin: float, end: float, value: Value, every: float = 10.0) -> Story:
    """Have a meter say the same, again and again."""
    number = math.ceil((end - begin) / every)
    return [Said(begin + index * every, value) for index in range(number)]


LIFE: Final = counting(0, 600, 5000.0)
"""Ten minutes, in which 0.59 kWh are counted."""
AFTER: Final = 5000.6


class Case(NamedTuple):
    """What happens; what has been counted then; what is shown last."""

    story: Story
    counted: float
    shown: float | None


def glitch(*values: Value, seconds: float = 150.0, restart: bool = False) -> Case:
    """Say what is not so for a while, and then go on."""
    number = len(values)
    wrong: Story = [
        said
        for index, value in enumerate(values)
        for said in standing(
            600 + index * seconds / number, 600 + (index + 1) * seconds / number, value
        )
    ]
    if restart:
        wrong.insert(len(wrong) // 2, Restart(wrong[len(wrong) // 2].moment))
    later = counting(600 + seconds, 1200 + seconds, AFTER)
    return Case([*LIFE, *wrong, *later], 1.19, 5001.19)


def first(*values: Value, every: float = 10.0) -> Case:
    """Say what is not so before anything else was ever heard."""
    said: Story = [Said(index * every, value) for index, value in enumerate(values)]
    after = len(values) * every
    return Case([*said, *counting(after, after + 600, 5000.0)], 0.59, 5000.59)


def replaced(begin: float, *, power: float = 3.6, hours: float = 0.5) -> Story:
    """Go on with another meter."""
    return [*LIFE, *counting(600, 600 + hours * HOUR, begin, power=power)]


CASES: Final[dict[str, Case]] = {
    "nothing happens": Case(LIFE, 0.59, 5000.59),
    "zero once": glitch(0, seconds=10),
    "zeros for 2.5 minutes": glitch(0.0),
    "zeros for 3 hours": glitch(0, seconds=3 * HOUR),
    "zeros, and a reload in the middle": glitch(0, restart=True),
    "half the value for 10 minutes": glitch(2500.0, seconds=600),
    "half the value, and a reload in the middle": glitch(
        2500.0, seconds=600, restart=True
    ),
    "half the value for 12 hours": glitch(2500.0, seconds=12 * HOUR),
    "falling values": glitch(4000.0, 3000.0, 2000.0, 1000.0, 10.0, seconds=600),
    "values from far apart": glitch(10.0, 1000.0, 2000.0, 4000.0, seconds=600),
    "900,000 kWh once": glitch(900_000, seconds=10),
    "900,000 kWh for an hour": glitch(900_000, seconds=HOUR),
    "900,000 kWh, and a reload": glitch(900_000, seconds=60, restart=True),
    "twice the value": glitch(10_001.2, seconds=600),
    "zeros and more than there is": glitch(0, 900_000, 0, 900_001, 0, 2500.0),
    "twice the value after a night": Case(
        [
            *LIFE,
            *standing(600, 10 * HOUR, 5000.59, 60),
            *standing(10 * HOUR, 10 * HOUR + 600, 10_001.2),
            *counting(10 * HOUR + 600, 11 * HOUR, 5000.6),
        ],
        3.59,
        5003.59,
    ),
    "null": glitch(None),
    "no number": glitch(float("nan"), float("inf"), "5000", -1),
    "negative": glitch(-5000.0, -4000.0, -3000.0, -2000.0, -1000.0, seconds=600),
    "null, a reload, and zeros": glitch(None, None, 0, 0, restart=True),
    "900,000 kWh at first": first(900_000),
    "900,000 kWh at first, for ten minutes": first(*[900_000] * 60),
    "900,000 kWh at first, from one that is asked rarely": first(900_000, every=300),
    "negative at first": first(-5000),
    "null and no number at first": first(None, float("nan")),
    "zero after a start": Case(
        [*LIFE, Restart(600), *standing(HOUR, 2 * HOUR, 0), Said(2 * HOUR, 5004.0)],
        4.0,
        5004.0,
    ),
    "900,000 kWh after a start": Case(
        [*LIFE, Restart(600), Said(HOUR, 900_000), Said(2 * HOUR, 5004.0)], 4.0, 5004.0
    ),
    "two starts, nothing said between them, and zero": Case(
        [*LIFE, Restart(600), Restart(900), *standing(910, 1500, 0), Said(1500, 5001)],
        1.0,
        5001,
    ),
    "a week in which Home Assistant was off": Case(
        [*LIFE, Restart(600), Said(168 * HOUR, 5900.0)], 900.0, 5900.0
    ),
    "all that was counted since told at once": Case(
        [*LIFE, *standing(600, 8 * HOUR, 5000.59, 60), Said(8 * HOUR, 5080.0)],
        80.0,
        5080.0,
    ),
    "counting in steps of 1 kWh": Case(
        [
            *(Said(step * 90.0, 5000.0 + step) for step in range(20)),
            *(Said(2000.0 + step * 400, 5020.0 + step) for step in range(10)),
        ],
        29.0,
        5029.0,
    ),
    "a new meter": Case(replaced(0.3), 0.59 + 2.09, 2.09),
    "a new meter that begins with zeros": Case(
        [*LIFE, *standing(600, HOUR, 0), *counting(HOUR, 2 * HOUR, 0.0)],
        0.59 + 3.59,
        3.59,
    ),
    "a new meter, and glitches of it": Case(
        [
            Said(said.moment, 0) if index % 7 == 6 else said
            for index, said in enumerate(replaced(0.0))
        ],
        0.59 + 1.79,
        1.79,
    ),
    "a new meter that counts slowly": Case(
        [*LIFE, *(Said(HOUR * (1 + step), 7.0 + step // 4) for step in range(24))],
        0.59 + 12.0,
        12.0,
    ),
    "a new meter that stands still in the night": Case(
        [
            *LIFE,
            *standing(HOUR, 11 * HOUR, 40.0, 300),
            *counting(11 * HOUR, 12 * HOUR, 40.0, every=300),
        ],
        0.59 + 43.3,
        43.3,
    ),
    "a meter with more on it": Case(replaced(8000.0), 3000.0 + 1.79, 8001.79),
    "more than weeks at first, which is so": Case(
        counting(0, HOUR, 700_000.0, every=60), 3.36, 700_003.54
    ),
}


class House:
    """A device in a Home Assistant whose clock the test sets."""

    def __init__(self, hass: HomeAssistant, begin: datetime) -> None:
        """Begin with a device of which nothing is known."""
        self.hass = hass
        self.begin = begin
        self.shown: list[float] = []
        self._device = self._make()

    def _make(self) -> Device:
        return Device(DeviceKey("main"), lambda *_: (ENERGY,))

    def tell(self, story: Story) -> None:
        """Let it happen: what the device shows becomes a state of that time."""
        for event in story:
            if isinstance(event, Restart):
                known, self._device = self._device.count("energy"), self._make()
                assert known
                self._device.restore_counter("energy", known.value, known.moment)
                self._write(STATE_UNKNOWN, event.moment)
            elif self._device.update({"energy": event.value}, event.moment):
                value = self._device.values["energy"]
                if isinstance(value, int | float):
                    self.shown.append(value)
                self._write(STATE_UNKNOWN if value is None else value, event.moment)

    def _write(self, state: Any, moment: float) -> None:
        self.hass.states.async_set(
            ENTITY,
            str(state),
            {
                "state_class": ENERGY.state_class,
                "unit_of_measurement": ENERGY.native_unit_of_measurement,
                "device_class": "energy",
            },
            timestamp=self.begin.timestamp() + moment,
        )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_what_the_energy_dashboard_counts(
    recorder_mock: Recorder, hass: HomeAssistant, case: Case
) -> None:
    assert await async_setup_component(hass, "sensor", {})
    length = case.story[-1].moment
    begin = dt_util.utcnow() - timedelta(seconds=length, minutes=10)
    begin = begin.replace(minute=begin.minute // 5 * 5, second=0, microsecond=0)
    house = House(hass, begin)
    house.tell(case.story)
    assert house.shown[-1] == pytest.approx(case.shown)
    end = begin + timedelta(seconds=length)
    total = await summed(hass, recorder_mock, ENTITY, begin, end)
    assert total == pytest.approx(case.counted, abs=0.02)


# --- the guard by itself ------------------------------------------------------------

KILOWATTS: Final = 100.0


def guard(*values: tuple[float, float]) -> LifetimeCounter:
    """Make a guard that has taken values in: `(moment, value)`."""
    counter = LifetimeCounter(KILOWATTS)
    for moment, value in values:
        counter.accept(value, moment)
    return counter


def test_it_counts_up() -> None:
    counter = guard()
    assert [counter.accept(value, value) for value in (5.0, 5.0, 6.5)] == [5, 5, 6.5]
    assert not counter.doubting


def test_it_says_nothing_before_the_first_value() -> None:
    counter = guard()
    assert counter.value is None
    assert counter.accept(-1.0, 0) is None
    assert counter.accept(KILOWATTS * 500 + 1, 0) is None, "weeks at its fastest"
    assert counter.accept(KILOWATTS * 500, 0) == KILOWATTS * 500


@pytest.mark.parametrize(
    ("seconds", "increase"), [(0, 1.6), (36, 2.6), (HOUR, 101.6), (1000 * HOUR, 201.6)]
)
def test_an_increase_is_believed_that_the_time_allows(
    seconds: float, increase: float
) -> None:
    """For a minute more than has passed, and no more than two hours."""
    counter = guard((0, 5000.0))
    assert counter.accept(5000.1 + increase, seconds) == 5000.0
    assert counter.accept(5000.0 + increase, seconds) == 5000.0 + increase


def test_the_time_begins_when_the_count_last_rose() -> None:
    """Some tell in the end what they have counted meanwhile."""
    assert guard((0, 10.0), (HOUR, 10.0)).accept(100.0, HOUR) == 100.0
    assert guard((0, 9.0), (HOUR, 10.0)).accept(100.0, HOUR) == 10.0


def test_a_zero_that_has_lasted_allows_no_life() -> None:
    """But what a new charger has charged, told when the car has gone."""
    assert guard((0, 0.0), (100 * HOUR, 0.0)).accept(5000.0, 100 * HOUR) == 0.0
    assert guard((0, 0.0), (100 * HOUR, 0.0)).accept(80.0, 100 * HOUR) == 80.0


@pytest.mark.parametrize(
    "new", [0.5, 3000.0, 9000.0], ids=["new", "used", "more on it"]
)
def test_another_meter_is_believed_after_two_minutes(new: float) -> None:
    proven: list[tuple[float | None, float]] = []
    counter = LifetimeCounter(KILOWATTS, lambda *counts: proven.append(counts))
    counter.accept(5000.0, 0)
    shown = {
        moment: counter.accept(new + moment / 1000, moment)
        for moment in range(10, 300, 10)
    }
    assert min(moment for moment in shown if shown[moment] != 5000.0) == 130
    assert proven == [(5000.0, new + 0.13)]
    assert counter.accept(0.0, 301) == new + 0.29, "and it is guarded in turn"


def test_two_minutes_are_nothing_without_three_rises() -> None:
    counter = guard((0, 5000.0))
    values = [1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0]
    assert {
        counter.accept(value, 900.0 * (1 + n)) for n, value in enumerate(values)
    } == {5000.0}
    assert counter.doubting
    assert counter.accept(4.0, 9000.0) == 4.0


def test_a_site_that_is_larger_than_any_is_late_and_does_not_stand_still() -> None:
    counter = guard((0, 0.5))
    for minute in range(1, 121):
        true = KILOWATTS * 4 * minute / 60
        assert (counter.accept(true, minute * 60.0) or 0) >= true - KILOWATTS / 2


def test_glitches_now_and_then_are_never_believed() -> None:
    counter = guard((0, 100.0))
    for number in range(1, 200):
        moment = number * 60.0
        assert counter.accept(number / 10, moment) == 99.0 + number
        assert counter.accept(100.0 + number, moment + 1) == 100.0 + number


def test_the_value_from_before_a_restart_does_not_undo_a_newer_one() -> None:
    counter = guard((0, 100.0))
    counter.restore(90.0, -HOUR)
    assert counter.accept(95.0, 1) == 100.0
    counter.restore(110.0, 0)
    assert counter.accept(105.0, 2) == 110.0


def test_what_came_before_what_was_shown_is_known_is_weighed_against_it() -> None:
    """The entity that remembers may be made after the first value."""
    for early in (0.0, 2500.0, 9000.0):
        counter = guard((HOUR, early))
        counter.restore(5000.0, 0)
        assert counter.value == 5000.0
        assert counter.accept(5001.0, HOUR + 1) == 5001.0


def test_a_clock_that_was_set_back_does_no_harm() -> None:
    counter = guard()
    counter.restore(5000.0, 1_000_000.0)
    assert counter.accept(5000.1, 0) == 5000.1


def recorded(shown: list[float]) -> float:
    """Sum as Home Assistant's recorder does: a drop by a tenth is a new meter."""
    return sum(
        after if after < 0.9 * before else after - before
        for before, after in pairwise(shown)
    )


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_meter_says_between_its_true_values_adds_nothing(seed: int) -> None:
    chance = random.Random(seed)
    counter = LifetimeCounter(KILOWATTS)
    moment, true = 0.0, chance.choice([0.3, 50.0, 5000.0, 40_000.0])
    begin, shown = true, []
    for _ in range(400):
        passed = chance.choice([1.0, 10.0, 300.0, HOUR])
        moment += passed
        true += chance.uniform(0, KILOWATTS) * passed / HOUR
        shown.append(counter.accept(true, moment))
        factor = chance.choice([0, -1, 0.001, 0.1, 0.5, 0.99, 200, 1e6])
        wrong = math.inf if chance.random() < 0.02 else true * factor
        if factor == 200 and true < 50:
            wrong = 900_000.0
        for _ in range(chance.choice([0, 0, 1, 20])):
            moment += chance.choice([1.0, 30.0])
            shown.append(counter.accept(wrong, moment))
    known = [value for value in shown if value is not None]
    assert known == sorted(known)
    assert recorded(known) == pytest.approx(true - begin, abs=KILOWATTS)
    assert counter.value == true
