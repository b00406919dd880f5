"""Changes of recurring events that the EMS refuses: they go on as before."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.descriptions import Occurrence
from custom_components.wattbus.families.sofar.calendar import CALENDAR
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import BATTERY, HOUR, Calendar, iso, soon
from .test_recurring import DAY, create, listed

THIS_AND_FUTURE = "THISANDFUTURE"


def planned(entry: MockConfigEntry) -> list[tuple[Any, ...]]:
    """List what the calendar has, but for the ids of schedules."""
    return [
        (item.uid, item.recurrence_id, item.summary, item.rrule)
        for item in listed(entry)
    ]


@pytest.mark.parametrize("place", [0, 2])
async def test_a_refused_change_leaves_the_event_as_it_was(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    place: int,
) -> None:
    """What is in the way of the new one is not of the event itself."""
    start = await create(calendar, "FREQ=DAILY")
    await until(lambda: len(simulator.schedules) == 7)
    moment = start + place * DAY
    simulator.add("battery", "idle", moment + HOUR, moment + 2 * HOUR)
    before, chosen = planned(entry), listed(entry)[place]
    error = await calendar.update(
        chosen.uid,
        *("charge 4 kW", iso(moment), iso(moment + 2 * HOUR)),
        recurrence_id=chosen.recurrence_id,
        recurrence_range=THIS_AND_FUTURE,
        rrule="FREQ=DAILY",
    )
    assert error
    await until(lambda: len(simulator.schedules) == 8)
    assert sorted(item.power or 0 for item in simulator.schedules) == [0] + [2000] * 7
    await entry.runtime_data.driver.commands.refresh()
    assert [item for item in planned(entry) if item[2] != "idle"] == before


@pytest.mark.parametrize(
    "rrule", ["FREQ=SELDOM", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]
)
async def test_a_rule_that_is_none_costs_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    rrule: str,
) -> None:
    start = soon(HOUR)
    await calendar.create("idle", iso(start), iso(start + 60))
    (made,) = simulator.schedules
    error = await calendar.update(
        str(made.id), "idle", iso(start), iso(start + 60), rrule=rrule
    )
    assert error
    assert simulator.schedules == [made]
    assert not simulator.requests_of("remove_schedule")


@pytest.mark.parametrize("options", [{"timeout": 0.3, "feedback_interval": 0}])
@pytest.mark.parametrize("rrule", [None, "FREQ=DAILY"])
async def test_a_change_that_nobody_confirms_is_not_taken_back(
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    rrule: str | None,
) -> None:
    """The new event is there, and the old one does not come beside it."""
    start = await create(calendar, "FREQ=DAILY")
    await until(lambda: len(simulator.schedules) == 7)
    simulator.trouble.plan(Fault.LOST_REPLY, "set_schedule")
    simulator.trouble.plan(Fault.LOST_REPLY, "get_future_schedules", times=20)
    moment = start + 4 * HOUR
    error = await calendar.update(
        listed(entry)[0].uid, "charge 4 kW", iso(moment), iso(moment + 60), rrule=rrule
    )
    assert (error is None) is (rrule is not None)
    simulator.trouble._planned.clear()
    await entry.runtime_data.driver.commands.refresh()
    await entry.runtime_data.driver.rules.top_up()
    powers = [item.power for item in simulator.schedules]
    assert powers == [4000] * (7 if rrule else 1)
    assert {item.rrule for item in listed(entry)} == {rrule}


async def test_an_event_that_may_not_recur_is_put_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    start = soon(HOUR)
    await calendar.create("charge 1 kW", iso(start), iso(start + 60))
    uid = str(simulator.schedules[0].id)
    simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule")
    error = await calendar.update(
        uid, "charge 2 kW", iso(start), iso(start + 60), rrule="FREQ=DAILY"
    )
    assert error
    assert "Internal error" in error
    assert [(item.power, item.start) for item in simulator.schedules] == [(1000, start)]
    assert [item.rrule for item in listed(entry)] == [None]


async def test_one_time_that_was_put_back_is_still_one_of_the_event(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """Else it would stay behind when the event is deleted."""
    start = await create(calendar, "FREQ=DAILY;COUNT=3")
    await until(lambda: len(simulator.schedules) == 3)
    before, chosen = planned(entry), listed(entry)[1]
    simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule")
    error = await calendar.update(
        chosen.uid,
        *("charge 3 kW", iso(start + DAY), iso(start + DAY + 60)),
        recurrence_id=chosen.recurrence_id,
        rrule="FREQ=DAILY;COUNT=3",
    )
    assert error
    assert "Internal error" in error
    assert planned(entry) == before
    assert await calendar.delete(chosen.uid) is None
    assert simulator.schedules == []


@pytest.mark.parametrize("options", [{"timeout": 0.2, "feedback_interval": 0}])
async def test_nothing_is_taken_for_gone_before_it_was_looked_for(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """An event deleted while the EMS is silent would go on there, as schedules."""
    await create(calendar, "FREQ=DAILY")
    (rule,) = entry.runtime_data.driver.rules.of("battery")
    await until(lambda: len(rule.made) == 7)
    uid = rule.uid
    simulator.trouble.shares = {Fault.LOST_REQUEST: 1}
    assert await hass.config_entries.async_reload(entry.entry_id)
    driver = entry.runtime_data.driver
    with pytest.raises(HomeAssistantError, match="did not answer in time"):
        await CALENDAR.delete(driver, BATTERY, uid, Occurrence())
    assert driver.rules.get(uid)
    simulator.trouble.shares = {}
    await CALENDAR.delete(driver, BATTERY, uid, Occurrence())
    assert simulator.schedules == []


async def test_one_that_has_begun_starts_now(
    entry: MockConfigEntry, simulator: SofarSimulator, calendar: Calendar
) -> None:
    """As an event does that does not recur; and a change leaves what goes on."""
    start = soon(-600)
    span = (iso(start), iso(start + HOUR))
    rrule = "FREQ=DAILY;COUNT=4"
    assert await calendar.create("charge 2 kW", *span, rrule=rrule) is None
    (rule,) = entry.runtime_data.driver.rules.of("battery")
    await until(lambda: len(rule.made) == 4)
    first, *others = simulator.schedules
    assert soon(-60) < first.start <= soon(0)
    assert [item.start for item in others] == [start + n * DAY for n in range(1, 4)]
    error = await calendar.update(rule.uid, "charge 3 kW", *span, rrule=rrule)
    assert error is None
    (rule,) = entry.runtime_data.driver.rules.of("battery")
    await until(lambda: len(rule.made) == 3)
    assert [item.power for item in simulator.schedules] == [2000] + [3000] * 3


async def test_rules_that_are_over_are_forgotten(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """They would be too many some day."""
    rules = entry.runtime_data.driver.rules
    await create(calendar, "FREQ=DAILY;COUNT=2")
    await until(lambda: len(simulator.schedules) == 2)
    (rule,) = rules.of("battery")
    await rules.top_up()
    assert rules.get(rule.uid)
    rule.rrule = "FREQ=DAILY;UNTIL=20200101T000000"
    await rules.top_up()
    assert rules.get(rule.uid), "its schedules are still there"
    rule.made.clear()
    await rules.top_up()
    assert rules.get(rule.uid) is None


@pytest.mark.parametrize(
    ("given", "left"),
    [("FREQ=DAILY;COUNT=5", 3), ("FREQ=DAILY;COUNT=4", 4), ("FREQ=DAILY", 5)],
)
async def test_a_count_is_that_of_both_parts_together(
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    given: str,
    left: int,
) -> None:
    """The page gives the count of all with a change of "this and all future events".

    RFC 5545, 3.3.10: COUNT bounds the whole recurrence set, also what was taken out of
    it (EXDATE). Another count is what the user wants from here on.
    """
    start = await create(calendar, "FREQ=DAILY;COUNT=5")
    await until(lambda: len(simulator.schedules) == 5)
    gone, _, chosen, *_ = listed(entry)
    assert await calendar.delete(gone.uid, recurrence_id=gone.recurrence_id) is None
    moment = start + 2 * DAY
    error = await calendar.update(
        chosen.uid,
        *("charge 4 kW", iso(moment), iso(moment + 1800)),
        recurrence_id=chosen.recurrence_id,
        recurrence_range=THIS_AND_FUTURE,
        rrule=given,
    )
    assert error is None
    await until(lambda: len(simulator.schedules) == left + 1)
    found = [(item.start, item.power) for item in simulator.schedules]
    assert found == [(start + DAY, 2000)] + [
        (moment + n * DAY, 4000) for n in range(left)
    ]
    counts = {item.rrule for item in listed(entry) if item.summary == "charge 4 kW"}
    assert counts == {given.replace("COUNT=5", "COUNT=3")}
