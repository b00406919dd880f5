"""A battery's schedules in Home Assistant's calendar, over its WebSocket commands."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sofar.calendar import CALENDAR
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...helpers import shows, state, until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import BATTERY, HOUR, MINUTE, SERIAL, Calendar, events, iso, soon


async def titles(hass: HomeAssistant, calendar: Calendar) -> list[str]:
    """List what stands in the calendar."""
    return [event["summary"] for event in await events(hass, calendar.entity)]


async def test_the_pages_example(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """Charge with 5 kW for 15 minutes, in 10 minutes."""
    start = soon(10 * MINUTE)
    end = start + 15 * MINUTE
    assert await calendar.create("charge 5 kW", iso(start), iso(end)) is None
    (made,) = simulator.schedules
    assert (made.policy, made.power, made.start, made.end) == (
        "charge",
        5000,
        start,
        end,
    )
    (event,) = await events(hass, calendar.entity)
    assert event["summary"] == "charge 5 kW"
    assert dt_util.parse_datetime(event["start"]) == dt_util.utc_from_timestamp(start)
    await until(
        lambda: (
            (shown := hass.states.get(calendar.entity)) is not None
            and shown.attributes.get("message") == "charge 5 kW"
        )
    )
    assert await calendar.delete(str(made.id)) is None
    assert simulator.schedules == []
    assert await events(hass, calendar.entity) == []


async def test_a_schedule_starts_and_ends(
    hass: HomeAssistant, entry: MockConfigEntry, calendar: Calendar
) -> None:
    error = await calendar.create("idle", iso(soon(1)), iso(soon(3)))
    assert error is None
    await shows(hass, entry, BATTERY, "schedules", "on", "calendar")
    await shows(hass, entry, BATTERY, "active_schedule", "idle")
    await shows(hass, entry, BATTERY, "schedules", "off", "calendar")
    assert await titles(hass, calendar) == ["idle"], "what was stays in the calendar"


async def test_limits_and_a_single_device(
    hass: HomeAssistant, simulator: SofarSimulator, calendar: Calendar
) -> None:
    title = f"discharge 1.5 kW import 5 kW export 0 W @{SERIAL}_battery_1"
    assert await calendar.create(title, iso(soon(HOUR)), iso(soon(2 * HOUR))) is None
    (made,) = simulator.schedules
    assert made.node_id == f"{SERIAL}_battery_1"
    assert (made.power, made.site_import, made.site_export) == (1500, 5000, 0)
    assert await titles(hass, calendar) == [title]


async def test_changes_made_elsewhere(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """Another client's acks are heard; its schedules are in the calendar at once."""
    async with simulator.other_client() as other:
        reply = await other.request(
            "set_schedule",
            {
                "device_type": "battery",
                "start_time": int(soon(HOUR)),
                "end_time": int(soon(2 * HOUR)),
                "policy": "idle",
            },
        )
        await shows(hass, entry, BATTERY, "next_schedule", "idle")
        assert await titles(hass, calendar) == ["idle"]
        event = state(hass, entry, BATTERY, "schedule_event", "event")
        assert event
        assert event.attributes["event_type"] == "added"
        schedule_id = reply["data"]["state"]["schedule_id"]
        await other.request("remove_schedule", {"id": schedule_id})
        await shows(hass, entry, BATTERY, "next_schedule", "none")
        event = state(hass, entry, BATTERY, "schedule_event", "event")
        assert event
        assert event.attributes["event_type"] == "removed"


async def test_an_event_is_changed(
    hass: HomeAssistant, simulator: SofarSimulator, calendar: Calendar
) -> None:
    """The old schedule goes by its id, and only that one."""
    simulator.add("battery", "idle", soon(3 * HOUR), soon(4 * HOUR))
    start = soon(HOUR)
    await calendar.create("charge 1 kW", iso(start), iso(start + HOUR))
    made = next(item for item in simulator.schedules if item.policy == "charge")
    error = await calendar.update(
        str(made.id), "charge 2 kW", iso(start + 600), iso(start + HOUR)
    )
    assert error is None
    assert [(item.power, item.start) for item in simulator.schedules] == [
        (2000, start + 600),
        (None, simulator.schedules[1].start),
    ]
    assert not any(
        request.fields.get("remove_overlap")
        for request in simulator.requests_of("set_schedule")
    )


async def test_an_event_is_put_back_when_the_change_is_refused(
    hass: HomeAssistant, simulator: SofarSimulator, calendar: Calendar
) -> None:
    start = soon(HOUR)
    simulator.add("battery", "idle", start + 2 * HOUR, start + 3 * HOUR)
    await calendar.create("charge 1 kW import 4 kW", iso(start), iso(start + HOUR))
    made = next(item for item in simulator.schedules if item.policy == "charge")
    error = await calendar.update(
        str(made.id), "charge 2 kW", iso(start), iso(start + 3 * HOUR)
    )
    assert error is not None
    assert "a schedule already" in error or "overlap" in error
    assert [(s.policy, s.power, s.start, s.site_import) for s in simulator.schedules][
        0
    ] == ("charge", 1000, start, 4000)
    assert await titles(hass, calendar) == ["charge 1 kW import 4 kW", "idle"]


async def test_an_event_that_cannot_be_put_back(
    hass: HomeAssistant, simulator: SofarSimulator, calendar: Calendar
) -> None:
    start = soon(HOUR)
    await calendar.create("charge 1 kW", iso(start), iso(start + HOUR))
    (made,) = simulator.schedules
    simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule", times=2)
    error = await calendar.update(
        str(made.id), "charge 2 kW", iso(start), iso(start + HOUR)
    )
    assert error is not None
    assert "Internal error" in error
    assert "The old schedule could not be set again: 1 (battery" in error


@pytest.mark.parametrize("options", [{"timeout": 0.3, "feedback_interval": 0}])
@pytest.mark.parametrize(
    ("lost", "reason"),
    [(2, None), (20, "What came of the change is not known: Sofar EMS: set schedule")],
)
async def test_a_change_that_nobody_confirms_is_not_made_twice(
    simulator: SofarSimulator, calendar: Calendar, lost: int, reason: str | None
) -> None:
    """The old schedule is not put back where the new one may be there."""
    start = soon(HOUR)
    assert await calendar.create("charge 1 kW", iso(start), iso(start + 600)) is None
    (made,) = simulator.schedules
    simulator.trouble.plan(Fault.LOST_REPLY, "set_schedule")
    simulator.trouble.plan(Fault.LOST_REPLY, "get_future_schedules", times=lost)
    later = start + 2 * HOUR
    error = await calendar.update(
        str(made.id), "charge 2 kW", iso(later), iso(later + 600)
    )
    assert error is None if reason is None else error and reason in error
    assert [(item.power, item.start) for item in simulator.schedules] == [(2000, later)]


@pytest.mark.parametrize("options", [{"power_policies": ["charge"]}])
@pytest.mark.parametrize("rrule", [None, "FREQ=DAILY;COUNT=2"])
@pytest.mark.parametrize(
    ("title", "hours", "reason"),
    [("charge", 0, "needs a power"), ("charge 1 kW", 2, "a schedule already")],
)
async def test_a_change_that_cannot_be_removes_nothing(
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    rrule: str | None,
    title: str,
    hours: int,
    reason: str,
) -> None:
    """What is seen without the EMS is seen first; the old one is in nobody's way."""
    start = soon(HOUR)
    old = simulator.add("battery", "idle", start, start + 600)
    simulator.add("battery", "idle", start + 2 * HOUR, start + 3 * HOUR)
    await entry.runtime_data.driver.commands.refresh()
    span = (iso(start + hours * HOUR), iso(start + hours * HOUR + 300))
    error = await calendar.update(str(old.id), title, *span, rrule=rrule)
    assert error
    assert reason in error
    assert not simulator.requests_of("remove_schedule")
    assert old in simulator.schedules


async def test_a_started_schedule_cannot_be_deleted(
    hass: HomeAssistant, simulator: SofarSimulator, calendar: Calendar
) -> None:
    assert await calendar.create("idle", iso(soon(-60)), iso(soon(HOUR))) is None
    (made,) = simulator.schedules
    assert made.start >= soon(-5), "a start in the past has become now"
    error = await calendar.delete(str(made.id))
    assert error is not None
    assert "has started" in error
    assert await titles(hass, calendar) == ["idle"]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("5 kW", "The title has no policy"),
        ("charge 5", "5 in the title needs a unit: W, kW or MW"),
        ("charge lots of kW", "Invalid policy charge lots of kW for device type"),
        ("charge 5 kW @", "no node behind the @"),
    ],
)
async def test_a_title_that_is_not_understood(
    simulator: SofarSimulator, calendar: Calendar, title: str, reason: str
) -> None:
    error = await calendar.create(title, iso(soon(HOUR)), iso(soon(2 * HOUR)))
    assert error is not None
    assert reason in error
    assert simulator.schedules == []


LISTED = pytest.mark.parametrize(
    "options", [{"policies": ["charge", "idle"], "power_policies": ["charge"]}]
)


@LISTED
@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Birthday", "Birthday is none of the policies in the options: charge, idle"),
        ("charge", "The policy charge needs a power"),
    ],
)
async def test_listed_policies(
    simulator: SofarSimulator, calendar: Calendar, title: str, reason: str
) -> None:
    error = await calendar.create(title, iso(soon(HOUR)), iso(soon(2 * HOUR)))
    assert error is not None
    assert reason in error
    assert not simulator.requests_of("set_schedule")


@LISTED
async def test_capitals_of_listed_policies_do_not_matter(
    simulator: SofarSimulator, calendar: Calendar
) -> None:
    start = soon(HOUR)
    assert await calendar.create("Charge 1 kW", iso(start), iso(start + 60)) is None
    assert simulator.schedules[0].policy == "charge"


async def test_whole_days_are_refused(calendar: Calendar) -> None:
    error = await calendar.create("charge 1 kW", "2026-11-25", "2026-11-26")
    assert error == (
        "An event of whole days cannot be a schedule. Give it a start and an end"
    )


@pytest.mark.parametrize("uid", ["99", "x", "rule-x"])
async def test_an_event_that_is_gone(calendar: Calendar, uid: str) -> None:
    gone = "The EMS does not have this schedule any more"
    start = soon(HOUR)
    assert await calendar.delete(uid) == gone
    assert await calendar.update(uid, "idle", iso(start), iso(start + 60)) == gone


@pytest.mark.parametrize("options", [{"timeout": 0.3, "feedback_interval": 0}])
async def test_lost_answers_are_settled_by_reading(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """A schedule is neither lost nor made twice."""
    start = soon(HOUR)
    simulator.trouble.plan(Fault.LOST_REPLY, "set_schedule")
    assert await calendar.create("idle", iso(start), iso(start + 60)) is None
    assert len(simulator.requests_of("set_schedule")) == 1
    (made,) = simulator.schedules
    simulator.trouble.plan(Fault.LOST_REPLY, "remove_schedule")
    assert await calendar.delete(str(made.id)) is None
    assert len(simulator.requests_of("remove_schedule")) == 1
    simulator.trouble.plan(Fault.LOST_REQUEST, "set_schedule")
    error = await calendar.create("idle", iso(start), iso(start + 60))
    assert error == "The EMS did not answer in time: Sofar EMS: set schedule"
    assert simulator.schedules == []
    simulator.trouble.plan(Fault.LOST_REQUEST, "remove_schedule")
    assert await calendar.create("idle", iso(start), iso(start + 60)) is None
    error = await calendar.delete(str(simulator.schedules[0].id))
    assert error == "The EMS did not answer in time: Sofar EMS: remove schedule"
    assert await titles(hass, calendar) == ["idle"]


async def test_what_began_before_the_page_is_on_it(
    hass: HomeAssistant, entry: MockConfigEntry, calendar: Calendar
) -> None:
    """An event over midnight is one of both days, whether it was sent or not."""
    start = soon(HOUR)
    error = await calendar.create(
        "idle", iso(start), iso(start + 2 * HOUR), rrule="FREQ=DAILY"
    )
    assert error is None
    for day in (0, 10):
        moment = dt_util.utc_from_timestamp(start + day * 24 * HOUR + HOUR)
        found = CALENDAR.read(
            entry.runtime_data.driver, BATTERY, moment, moment + timedelta(minutes=5)
        )
        assert [item.summary for item in found] == ["idle"], day


async def test_clocks_that_are_changed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """An hour is there twice, another one is not: no page fails for it.

    RFC 5545, 3.3.10: a time of a rule that does not exist is none.
    """
    await hass.config.async_set_time_zone("Europe/Brussels")
    start = datetime(2035, 10, 28, 0, 30, tzinfo=UTC)
    simulator.add("battery", "idle", start.timestamp(), start.timestamp() + 2700)
    driver = entry.runtime_data.driver
    await driver.commands.refresh()
    (event,) = CALENDAR.read(driver, BATTERY, start, start + timedelta(days=1))
    assert event.start.strftime("%d %H:%M") == "28 02:30"
    await calendar.create(
        *("idle", "2034-01-01T02:15:00+01:00", "2034-01-01T02:45:00+01:00"),
        rrule="FREQ=DAILY",
    )
    spring = datetime(2035, 3, 24, 12, tzinfo=UTC)
    days = CALENDAR.read(driver, BATTERY, spring, spring + timedelta(days=3))
    assert [item.start.strftime("%d %H:%M") for item in days] == [
        "26 02:15",
        "27 02:15",
    ]


async def test_its_events_are_kept_with_what_happened(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """The history of an event entity would be a list of times without it."""
    found = state(hass, entry, BATTERY, "schedule_event", "event")
    assert found
    assert found.state_info
    assert "*" not in found.state_info["unrecorded_attributes"]
