"""Times of recurring events that the EMS does not set at once: tried again, and told.

The vendor's page ("Scheduled MQTT control") has two kinds of errors: the one of a request
(`set_schedule_ack` with an error), and `general_error` "when an unrelated error occurs".
Only the first is an answer to what was asked, and of those one is about others: that of
an overlap, which may go away.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.families.sofar import driver as driver_module, failures
from custom_components.wattbus.families.sofar.recurrence import Rule
from custom_components.wattbus.families.sofar.rules import Rules
from homeassistant.core import Event, HomeAssistant
from homeassistant.util import dt as dt_util

from ...helpers import entity_id, shows, state, until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import BATTERY, HOUR, Calendar, soon
from .test_recurring import DAY, create

WAITS = "is not set yet, and is tried again until it is over: "
LEFT_OUT = " is left out: "


@pytest.fixture
def options() -> dict[str, Any]:
    """Wait not long for answers that do not come."""
    return {"timeout": 0.3, "feedback_interval": 0}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon."""
    monkeypatch.setattr(driver_module, "_RETRY", 0.1)
    monkeypatch.setattr(failures, "_FIRST_PAUSE", 0.1)
    monkeypatch.setattr(failures, "_LONGEST_PAUSE", 0.2)


@pytest.fixture
def told(hass: HomeAssistant, entry: MockConfigEntry) -> Callable[[], list[str]]:
    """Give the reasons of the battery's event, each time that it shows one."""
    found: dict[str, str | None] = {}

    def changed(event: Event[Any]) -> None:
        if event.data["entity_id"] == name and (new := event.data["new_state"]):
            found[new.state] = new.attributes.get("reason")

    name = entity_id(hass, entry, BATTERY, "schedule_event", "event")
    assert name
    hass.bus.async_listen("state_changed", changed)
    return lambda: [reason for reason in found.values() if reason]


async def last_error(hass: HomeAssistant, entry: MockConfigEntry, part: str) -> str:
    """Wait until *Last error* has some words; gives all of it."""

    def look() -> str | None:
        found = state(hass, entry, MAIN_DEVICE, "last_error")
        return found.state if found and part in found.state else None

    return str(await until(look))


def rule_of(entry: MockConfigEntry) -> Rule:
    """Give the only recurring event."""
    (rule,) = entry.runtime_data.driver.rules.of("battery")
    return rule


async def create_then(
    entry: MockConfigEntry, calendar: Calendar, meanwhile: Callable[[], Any]
) -> None:
    """Create an event of three days, of which the first is set before `meanwhile`."""
    async with entry.runtime_data.driver.rules.lock:
        await create(calendar, "FREQ=DAILY;COUNT=3")
        meanwhile()


async def test_a_passing_error_costs_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    told: Callable[[], list[str]],
) -> None:
    await create_then(
        entry,
        calendar,
        lambda: simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule"),
    )
    await until(lambda: len(simulator.schedules) == 3)
    shown = await last_error(hass, entry, WAITS)
    assert "The event charge 2 kW at " in shown
    assert shown.endswith("The EMS refused: Internal error")
    assert told() == [shown]
    await until(lambda: len(rule_of(entry).made) == 3)
    assert rule_of(entry).failed == {}


async def test_a_message_that_is_lost_once_is_not_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    await create_then(
        entry,
        calendar,
        lambda: simulator.trouble.plan(Fault.LOST_REQUEST, "set_schedule"),
    )
    await until(lambda: len(rule_of(entry).made) == 3)
    assert state(hass, entry, MAIN_DEVICE, "last_error") is None


async def test_a_question_that_is_never_answered_is_told_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    told: Callable[[], list[str]],
) -> None:
    """And goes on being asked, so that it is set when there is an answer."""
    await create_then(
        entry,
        calendar,
        lambda: simulator.trouble.plan(Fault.LOST_REQUEST, "set_schedule", times=200),
    )
    first, second = sorted(item for item, _, _ in missing(entry))
    await until(lambda: len(told()) == 2)
    await until(lambda: len(simulator.requests_of("set_schedule")) > 8)
    reasons = told()
    assert len(reasons) == 2
    for recurrence_id, reason in zip((first, second), reasons, strict=True):
        at = datetime.strptime(recurrence_id, "%Y%m%dT%H%M%S")  # local
        assert f" at {at:%Y-%m-%d %H:%M} {WAITS}" in reason
        assert "did not answer" in reason
    simulator.trouble._planned.clear()
    await until(lambda: len(rule_of(entry).made) == 3)


def missing(entry: MockConfigEntry) -> list[Any]:
    """List the times of the event that are no schedules."""
    rule = rule_of(entry)
    now = dt_util.utcnow()
    return [
        item
        for item in rule.times(now, now + timedelta(days=7))
        if item[0] not in rule.made
    ]


async def test_an_ems_that_is_away_when_it_begins(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """The rest of its time is better than nothing of it."""
    simulator.trouble.shares = {Fault.LOST_REQUEST: 1}
    start = await create(calendar, "FREQ=DAILY;COUNT=1")
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    # Two hours and ten minutes later:
    rule_of(entry).start -= timedelta(hours=2, minutes=10)
    simulator.trouble.shares = {}
    (made,) = await until(lambda: simulator.schedules)
    assert soon(-60) < made.start <= soon(0)
    assert made.end == start + 1800 - 2 * HOUR - 600
    await until(lambda: list(rule_of(entry).made.values()) == [str(made.id)])


async def test_a_refusal_is_final(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    told: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is shown, and shown again after a start: nobody may have looked before."""
    await create_then(
        entry, calendar, lambda: simulator.dialect.vocabulary["battery"].pop("charge")
    )
    await until(lambda: len(rule_of(entry).skipped) == 2)
    shown = await last_error(hass, entry, LEFT_OUT)
    assert shown.endswith("Invalid policy charge for device type battery")
    await until(lambda: len(told()) == 2)
    assert len(simulator.requests_of("set_schedule")) == 3
    await entry.runtime_data.driver.rules.top_up()
    assert len(simulator.requests_of("set_schedule")) == 3
    assert caplog.text.count(LEFT_OUT) == 2
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert await last_error(hass, entry, LEFT_OUT) in told()
    assert len(simulator.requests_of("set_schedule")) == 3
    assert len(told()) == 2, "the event is of what happens, and that was before"


async def test_a_restart_between(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    told: Callable[[], list[str]],
) -> None:
    await create_then(
        entry,
        calendar,
        lambda: simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule", times=200),
    )
    await until(lambda: len(told()) == 2)
    before = dict(rule_of(entry).failed)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert rule_of(entry).failed == before
    await last_error(hass, entry, WAITS)
    simulator.trouble._planned.clear()
    await until(lambda: len(rule_of(entry).made) == 3)
    assert rule_of(entry).failed == {}
    assert len(simulator.schedules) == 3


async def test_what_is_in_the_way_may_go_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
    told: Callable[[], list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = simulator.add("battery", "idle", soon(DAY), soon(DAY + 5 * HOUR))
    await create(calendar, "FREQ=DAILY;COUNT=3")
    await until(lambda: len(rule_of(entry).made) == 2)
    shown = await last_error(hass, entry, WAITS)
    assert "a schedule already" in shown
    assert len(simulator.requests_of("set_schedule")) == 2
    assert len(told()) == 1
    assert caplog.text.count(WAITS) == 1
    simulator.remove(other.id)
    await until(lambda: len(rule_of(entry).made) == 3)


async def test_a_refusal_for_what_is_in_the_way_is_not_final(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """Another client was faster; by the page's rules, only one of two can be there."""
    handlers = simulator.ems._handlers
    real = handlers["set_schedule"]
    others: list[Any] = []

    def busy(fields: Any) -> Any:
        if not others:
            span = fields["start_time"], fields["end_time"]
            others.append(simulator.add("battery", "idle", *span))
        return real(fields)

    await create_then(
        entry, calendar, lambda: handlers.__setitem__("set_schedule", busy)
    )
    assert "overlap" in await last_error(hass, entry, WAITS)
    assert rule_of(entry).skipped == set()
    simulator.remove(others[0].id)
    await until(lambda: len(rule_of(entry).made) == 3)


async def test_what_the_user_changes_meanwhile_is_not_made(
    entry: MockConfigEntry, simulator: SofarSimulator, calendar: Calendar
) -> None:
    await create_then(
        entry,
        calendar,
        lambda: simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule", times=200),
    )
    rule = rule_of(entry)
    await until(lambda: len(rule.failed) == 2)
    assert await calendar.delete(rule.uid, recurrence_id=min(rule.failed)) is None
    simulator.trouble._planned.clear()
    await until(lambda: len(rule.made) == 2)
    assert rule.failed == {}
    assert len(simulator.schedules) == 2


async def test_what_was_deleted_while_it_goes_on_does_not_come_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What has begun is made for the rest of its time, but not what nobody wants."""
    rules: Rules = entry.runtime_data.driver.rules
    begun = dt_util.now().replace(microsecond=0) - timedelta(days=3)
    rule = Rule(
        "u",
        "battery",
        "charge 2 kW",
        begun.replace(tzinfo=None),
        timedelta(days=5),
        "FREQ=DAILY;COUNT=1",
    )
    rule.skipped.add(begun.strftime("%Y%m%dT%H%M%S"))
    rules._rules["u"] = rule
    await rules.top_up()
    assert rule.made == {}
    assert rule.skipped


def test_events_of_before_have_no_reasons() -> None:
    """As an earlier version has remembered them."""
    rule = Rule("u", "battery", "t", datetime(2026, 6, 1), timedelta(1), "FREQ=DAILY")
    stored = rule.as_json()
    del stored["failed"]
    assert Rule.of_json(stored) == rule


async def test_pauses_grow(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a minute at first, a quarter of an hour at last."""
    monkeypatch.undo()
    now = [1000.0]
    monkeypatch.setattr(failures.time, "monotonic", lambda: now[0])
    found = failures.Failures(str, lambda *_: None)
    rule = Rule("u", "battery", "t", datetime(2026, 6, 1), timedelta(1), "FREQ=DAILY")
    assert found.pause() is None
    pauses, key = [], ("u", "20260601T000000")
    for _ in range(7):
        found.failed(rule, "20260601T000000", ValueError("x"), final=False)
        assert found.due([key]) == []
        pauses.append(found.pause())
        now[0] += pauses[-1] or 0
        assert found.due([key]) == [key]
    assert pauses == [30, 60, 120, 240, 480, 900, 900]
    assert found.pause() == 30, "what is due is not asked for without a pause"
    found.keep(())
    assert found.pause() is None
