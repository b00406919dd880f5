"""The nights in which the clock is put forward or back: elapsed time is as it passes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sofar.calendar import CALENDAR
from custom_components.wattbus.families.sofar.recurrence import Rule, occurrences
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, HOUR, Act, Calendar

# In Brussels 2 becomes 3 o'clock, and half a year later 3 becomes 2 o'clock.
SPRING = "2031-03-30"
AUTUMN = "2031-10-26"


@pytest.fixture(autouse=True)
async def brussels(hass: HomeAssistant) -> None:
    """Be where the clock is changed."""
    await hass.config.async_set_time_zone("Europe/Brussels")


def wall(text: str, fold: int = 0) -> float:
    """Read a time of the clock of the wall, as Unix seconds."""
    zone = dt_util.get_default_time_zone()
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def times(rrule: str, start: str, hours: float, days: float = 400) -> list[str]:
    """Give the times of a rule, local ones."""
    first = datetime.fromisoformat(start)
    rule = Rule("u", "battery", "t", first, timedelta(hours=hours), rrule)
    begin = dt_util.utc_from_timestamp(wall(start))
    return [
        f"{first:%m-%d %H:%M%z}-{last:%d %H:%M%z}"
        for _, first, last in rule.times(begin, begin + timedelta(days=days))
    ]


async def test_a_time_that_the_clock_skips_is_none_and_does_not_count(
    hass: HomeAssistant,
) -> None:
    """RFC 5545, 3.3.10: nonexistent local times are ignored and are not counted."""
    assert times("FREQ=DAILY;COUNT=3", "2031-03-29 02:30", 1) == [
        "03-29 02:30+0100-29 03:30+0100",
        "03-31 02:30+0200-31 03:30+0200",
        "04-01 02:30+0200-01 03:30+0200",
    ]
    assert times("FREQ=DAILY;UNTIL=20310331", "2031-03-29 02:30", 1) == [
        "03-29 02:30+0100-29 03:30+0100",
        "03-31 02:30+0200-31 03:30+0200",
    ]


async def test_a_time_that_is_there_twice_is_the_first_of_the_two(
    hass: HomeAssistant,
) -> None:
    """RFC 5545, 3.3.5."""
    assert times("FREQ=DAILY;COUNT=2", "2031-10-25 02:30", 0.25)[1] == (
        "10-26 02:30+0200-26 02:45+0200"
    )


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2031-03-29 22:00", "03-29 22:00+0100-30 07:00+0200"),
        ("2031-10-25 22:00", "10-25 22:00+0200-26 05:00+0100"),
        ("2031-06-01 22:00", "06-01 22:00+0200-02 06:00+0200"),
    ],
)
async def test_all_times_of_an_event_are_as_long_as_the_first(
    hass: HomeAssistant, start: str, expected: str
) -> None:
    """RFC 5545, 3.8.5.3: with DTEND, the same exact duration applies to all."""
    assert times("FREQ=DAILY;COUNT=1", start, 8) == [expected]


async def test_what_has_begun_before_the_change_is_found_after_it(
    hass: HomeAssistant,
) -> None:
    start = datetime(2031, 10, 20, 1, 30)
    rule = Rule("u", "battery", "t", start, timedelta(hours=1), "FREQ=DAILY")
    now = dt_util.utc_from_timestamp(wall(f"{AUTUMN} 02:15"))
    found = next(rule.times(now, now + timedelta(hours=1)))
    assert found[0] == "20311026T013000"
    later = dt_util.utc_from_timestamp(wall(f"{AUTUMN} 02:15", fold=1))
    assert next(rule.times(later, later + timedelta(days=1)))[0] == "20311027T013000"


async def test_a_count_at_any_place_of_a_rule(hass: HomeAssistant) -> None:
    start = datetime(2031, 6, 1, 12)
    for rrule in ("COUNT=2;FREQ=DAILY", "FREQ=DAILY;COUNT=2;INTERVAL=3"):
        assert len(list(occurrences(rrule, start, start))) == 2
    assert len(list(occurrences("FREQ=DAILY;COUNT=0", start, start))) == 0


@pytest.mark.parametrize(
    ("day", "start", "duration"),
    [
        (SPRING, "01:30", "01:00:00"),
        (AUTUMN, "01:30", "03:00:00"),
        (AUTUMN, "00:30", {"hours": 8}),
        (SPRING, "00:30", {"hours": 8}),
    ],
)
async def test_a_duration_is_time_that_passes(
    simulator: SofarSimulator,
    act: Act,
    day: str,
    start: str,
    duration: Any,
) -> None:
    await act(
        "set_schedule",
        device_type="battery",
        policy="idle",
        start=f"{day} {start}",
        duration=duration,
    )
    (made,) = simulator.schedules
    hours = duration["hours"] if isinstance(duration, dict) else int(duration[:2])
    assert made.start == wall(f"{day} {start}")
    assert made.end - made.start == hours * HOUR


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
async def test_a_list_of_that_night_is_taken(
    simulator: SofarSimulator,
    act: Act,
    day: str,
    hours: int,
) -> None:
    """EMHASS writes times with their offset, so that all steps are of the same length."""
    first = wall(f"{day} 00:00")
    steps = [
        dt_util.as_local(dt_util.utc_from_timestamp(first + n * 1800)).isoformat()
        for n in range(2 * hours)
    ]
    answer = await act(
        "set_schedules",
        device_type="battery",
        policy="charge",
        schedules=[
            {"date": step, "p_batt_forecast": str(float(number))}
            for number, step in enumerate(steps)
        ],
    )
    assert {item["result"] for item in answer["slots"]} == {"set"}
    made = simulator.schedules
    assert [item.end - item.start for item in made] == [1800] * 2 * hours
    assert made[-1].end == wall(f"{day} 00:00") + hours * HOUR


async def test_events_of_the_hour_that_is_there_twice(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """From the first half past two to the second, and what follows, in their order."""
    first, second = (wall(f"{AUTUMN} 02:30", fold) for fold in (0, 1))
    simulator.add("battery", "idle", first, second)
    simulator.add("battery", "charge", second, second + 900, power=1000)
    driver = entry.runtime_data.driver
    await driver.commands.refresh()
    start = dt_util.utc_from_timestamp(first - HOUR)
    found = CALENDAR.read(driver, BATTERY, start, start + timedelta(hours=6))
    assert [
        (item.start.timestamp(), item.end.timestamp(), item.summary) for item in found
    ] == [(first, second, "idle"), (second, second + 900, "charge 1 kW")]


async def test_an_event_each_night(
    entry: MockConfigEntry, calendar: Calendar, simulator: SofarSimulator
) -> None:
    """From half past one to half past three is an hour in the night of the change."""
    error = await calendar.create(
        "charge 2 kW",
        f"{SPRING}T01:30:00",
        f"{SPRING}T03:30:00",
        rrule="FREQ=DAILY;COUNT=2",
    )
    assert error is None
    assert simulator.schedules == [], "it is far ahead"
    first = dt_util.utc_from_timestamp(wall(f"{SPRING} 00:00"))
    driver = entry.runtime_data.driver
    found = CALENDAR.read(driver, BATTERY, first, first + timedelta(days=9))
    assert [item.start.timestamp() for item in found] == [
        wall(f"{SPRING} 01:30"),
        wall("2031-03-31 01:30"),
    ]
    assert {item.end.timestamp() - item.start.timestamp() for item in found} == {HOUR}
