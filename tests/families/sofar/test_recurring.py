"""Events that recur are rules, of which the EMS gets the next days."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sofar import failures, rules
from custom_components.wattbus.families.sofar.calendar import CALENDAR
from custom_components.wattbus.families.sofar.recurrence import Rule
from custom_components.wattbus.protocols import ProtocolError
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...helpers import until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import BATTERY, HOUR, Calendar, iso, soon

DAY = 24 * HOUR


async def create(calendar: Calendar, rrule: str, title: str = "charge 2 kW") -> float:
    """Create an event of half an hour that begins in two hours; gives its start."""
    start = soon(2 * HOUR)
    error = await calendar.create(title, iso(start), iso(start + 1800), rrule=rrule)
    assert error is None, error
    return start


def listed(entry: MockConfigEntry, days: float = 30) -> list[Any]:
    """Read the calendar as the page does, with what it needs to change events."""
    now = dt_util.utcnow()
    driver = entry.runtime_data.driver
    return CALENDAR.read(driver, BATTERY, now, now + timedelta(days=days))


async def test_the_next_days_are_sent(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    start = await create(calendar, "FREQ=DAILY;COUNT=10")
    await until(lambda: len(simulator.schedules) == 7)
    made = simulator.schedules
    assert [item.power for item in made] == [2000] * 7
    zone = dt_util.get_default_time_zone()
    hours = {datetime.fromtimestamp(item.start, zone).time() for item in made}
    assert hours == {datetime.fromtimestamp(start, zone).time()}
    found = listed(entry)
    assert len(found) == 10, "those that are still to be sent are shown"
    assert {(item.summary, item.rrule) for item in found} == {
        ("charge 2 kW", "FREQ=DAILY;COUNT=10")
    }
    assert len({item.uid for item in found}) == 1
    assert len({item.recurrence_id for item in found}) == 10


async def test_one_of_them_is_deleted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    await create(calendar, "FREQ=DAILY")
    await until(lambda: len(simulator.schedules) == 7)
    found = listed(entry)
    for gone in (found[1], found[20]):  # sent, and not sent yet
        error = await calendar.delete(gone.uid, recurrence_id=gone.recurrence_id)
        assert error is None
    assert len(simulator.schedules) == 6
    await entry.runtime_data.driver.rules.top_up()
    assert len(simulator.schedules) == 6, "it does not come back"
    left = {item.recurrence_id for item in listed(entry)}
    assert left == {item.recurrence_id for item in found} - {
        found[1].recurrence_id,
        found[20].recurrence_id,
    }


@pytest.mark.parametrize(("place", "left"), [(3, 3), (0, 0)])
async def test_all_future_ones_are_deleted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    place: int,
    left: int,
) -> None:
    await create(calendar, "FREQ=DAILY;COUNT=40")
    await until(lambda: len(simulator.schedules) == 7)
    chosen = listed(entry)[place]
    error = await calendar.delete(
        chosen.uid,
        recurrence_id=chosen.recurrence_id,
        recurrence_range="THISANDFUTURE",
    )
    assert error is None
    assert len(simulator.schedules) == left
    assert len(listed(entry)) == left
    assert (entry.runtime_data.driver.rules.get(chosen.uid) is None) is (left == 0)


async def test_the_whole_event_is_deleted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    await create(calendar, "FREQ=WEEKLY")
    (chosen, *_) = listed(entry)
    assert await calendar.delete(chosen.uid) is None
    assert simulator.schedules == []
    assert listed(entry) == []


async def test_one_of_them_is_changed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    start = await create(calendar, "FREQ=DAILY")
    await until(lambda: len(simulator.schedules) == 7)
    found = listed(entry)
    for place in (1, 10):
        chosen = found[place]
        moment = start + place * DAY + 2 * HOUR
        error = await calendar.update(
            chosen.uid,
            *("charge 3 kW", iso(moment), iso(moment + 1800)),
            recurrence_id=chosen.recurrence_id,
            rrule="FREQ=DAILY",
        )
        assert error is None
    assert [item.power for item in simulator.schedules].count(3000) == 2
    assert len(simulator.schedules) == 8
    changed = [item for item in listed(entry) if item.summary == "charge 3 kW"]
    assert [item.rrule for item in changed] == [None, None], "they are events alone now"


async def test_all_future_ones_are_changed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    start = await create(calendar, "FREQ=DAILY")
    await until(lambda: len(simulator.schedules) == 7)
    chosen = listed(entry)[2]
    moment = start + 2 * DAY
    error = await calendar.update(
        chosen.uid,
        *("charge 4 kW", iso(moment), iso(moment + 1800)),
        recurrence_id=chosen.recurrence_id,
        recurrence_range="THISANDFUTURE",
        rrule="FREQ=DAILY",
    )
    assert error is None
    await until(lambda: len(simulator.schedules) == 7)
    assert [item.power for item in simulator.schedules] == [2000] * 2 + [4000] * 5


async def test_an_event_becomes_one_that_recurs(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    start = soon(HOUR)
    await calendar.create("idle", iso(start), iso(start + 60))
    uid = str(simulator.schedules[0].id)
    error = await calendar.update(
        uid, "idle", iso(start), iso(start + 120), rrule="FREQ=DAILY;COUNT=3"
    )
    assert error is None
    await until(lambda: len(simulator.schedules) == 3)
    assert {item.end - item.start for item in simulator.schedules} == {120}


async def test_what_is_removed_elsewhere_is_not_made_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await create(calendar, "FREQ=DAILY;COUNT=3")
    await until(lambda: len(simulator.schedules) == 3)
    simulator.remove(simulator.schedules[1].id)
    await entry.runtime_data.driver.commands.refresh()
    await entry.runtime_data.driver.rules.top_up()
    assert len(simulator.schedules) == 2
    assert len(listed(entry)) == 2
    assert caplog.text.count("its schedule was removed") == 1


async def test_rules_are_kept_over_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    await create(calendar, "FREQ=DAILY;COUNT=20")
    await until(lambda: len(simulator.schedules) == 7)
    before = [(item.uid, item.recurrence_id, item.start) for item in listed(entry)]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: entry.runtime_data.driver.state.schedules.were_read)
    await entry.runtime_data.driver.rules.top_up()
    assert [
        (item.uid, item.recurrence_id, item.start) for item in listed(entry)
    ] == before
    assert len(simulator.schedules) == 7


async def test_a_lost_answer_does_not_make_it_twice(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failures, "_FIRST_PAUSE", 0.1)
    await create(calendar, "FREQ=DAILY;COUNT=1")
    rule = next(iter(entry.runtime_data.driver.rules.of("battery")))
    # As after a crash, before it was noted what the rule had made.
    rule.made.clear()
    await entry.runtime_data.driver.rules.top_up()
    assert list(rule.made.values()) == [str(simulator.schedules[0].id)]
    # And one that nobody hears of is tried again.
    simulator.trouble.plan(Fault.LOST_REQUEST, "set_schedule")
    simulator.remove(simulator.schedules[0].id)
    await entry.runtime_data.driver.commands.refresh()
    rule.made.clear()
    rule.skipped.clear()
    await entry.runtime_data.driver.rules.top_up()
    assert simulator.schedules == []
    await until(lambda: simulator.schedules)
    assert len(simulator.schedules) == 1


async def test_a_device_type_that_was_taken_out_rests(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await create(calendar, "FREQ=DAILY;COUNT=20")
    await until(lambda: len(simulator.schedules) == 7)
    for types, days in ((["solar"], 9), (["solar", "battery"], 9)):
        hass.config_entries.async_update_entry(
            entry, options={**entry.options, "device_types": types, "horizon": days}
        )
        assert await hass.config_entries.async_reload(entry.entry_id)
        await until(lambda: entry.runtime_data.driver.state.schedules.were_read)
        await entry.runtime_data.driver.rules.top_up()
        assert "is left out" not in caplog.text
        assert len(simulator.schedules) == (9 if "battery" in types else 7)


@pytest.mark.parametrize(
    ("title", "rrule", "reason"),
    [
        ("charge 5", "FREQ=DAILY", "5 in the title needs a unit"),
        ("fly 1 W", "FREQ=DAILY", "Invalid policy fly"),
    ],
)
async def test_what_is_no_rule_is_not_kept(
    entry: MockConfigEntry, calendar: Calendar, title: str, rrule: str, reason: str
) -> None:
    start = soon(HOUR)
    error = await calendar.create(title, iso(start), iso(start + 60), rrule=rrule)
    assert error is not None
    assert reason in error
    assert listed(entry) == []


async def test_more_rules_than_can_be(
    entry: MockConfigEntry, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_MOST_RULES", 1)
    await create(calendar, "FREQ=DAILY;COUNT=1")
    start = soon(9 * HOUR)
    error = await calendar.create(
        "idle", iso(start), iso(start + 60), rrule="FREQ=DAILY"
    )
    assert error == "There are 1 recurring events already"


# --- the times of a rule ------------------------------------------------------------


def times(rrule: str, start: datetime, days: float, **more: Any) -> list[str]:
    """Give the times of a rule of an hour from its beginning on, in local time."""
    rule = Rule("u", "battery", "t", start, timedelta(hours=1), rrule, **more)
    zone = dt_util.get_default_time_zone()
    begin = start.replace(tzinfo=zone)
    return [
        f"{first:%m-%d %H:%M%z}-{last:%H:%M%z}"
        for _, first, last in rule.times(begin, begin + timedelta(days=days))
    ]


async def test_times_are_those_of_the_clock_on_the_wall(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    assert times("FREQ=DAILY", datetime(2026, 10, 24, 12), 3) == [
        "10-24 12:00+0200-13:00+0200",
        "10-25 12:00+0100-13:00+0100",
        "10-26 12:00+0100-13:00+0100",
    ]


@pytest.mark.parametrize(
    ("rrule", "expected"),
    [
        ("FREQ=DAILY;COUNT=2", 2),
        ("FREQ=DAILY;UNTIL=20260603", 3),
        ("FREQ=DAILY;UNTIL=20260603T115959", 2),
        ("FREQ=DAILY;UNTIL=20260603T100000Z", 3),  # noon in Brussels
        ("FREQ=DAILY;UNTIL=20260603T095959Z", 2),
        ("FREQ=WEEKLY;BYDAY=MO,WE", 4),
        ("FREQ=MONTHLY;BYDAY=2TU", 1),
        ("FREQ=SECONDLY", 500),
    ],
)
async def test_rules(hass: HomeAssistant, rrule: str, expected: int) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    # The first of June 2026 is a Monday.
    assert len(times(rrule, datetime(2026, 6, 1, 12), 14)) == expected


@pytest.mark.parametrize("rrule", ["", "FREQ=OFTEN", "FREQ=DAILY;UNTIL=20269999"])
async def test_what_is_no_rule(hass: HomeAssistant, rrule: str) -> None:
    with pytest.raises(ProtocolError):
        times(rrule, datetime(2026, 6, 1, 12), 14)


async def test_a_time_that_is_none(hass: HomeAssistant) -> None:
    rule = Rule("u", "battery", "t", datetime(2026, 6, 1), timedelta(1), "FREQ=DAILY")
    with pytest.raises(ProtocolError, match="recurrence_no_time"):
        rule.end_before("soon")
