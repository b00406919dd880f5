"""Schedules as events of a calendar, and back."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from homeassistant.components.calendar import CalendarEvent
from homeassistant.util import dt as dt_util

from ...errors import CommandError
from ...protocols import sofar
from ...protocols.sofar import Plan, Schedule
from ..descriptions import CalendarDescription, Occurrence
from ..sink import DeviceKey
from .const import GROUP, SCHEDULES, SITE_EXPORT, SITE_IMPORT
from .driver import SofarMqtt
from .recurrence import Rule, count_of, with_count
from .rules import order_of

# How far a calendar's own state looks for the next event.
_AHEAD: Final = timedelta(days=366)

type Event = Mapping[str, Any]


# --- reading --------------------------------------------------------------------------


def _read(
    driver: SofarMqtt, device: DeviceKey, start: datetime, end: datetime
) -> list[CalendarEvent]:
    """Give the schedules of a device type, and what its rules will make of the EMS's."""
    first, last = start.timestamp(), end.timestamp()
    events = [
        _event(driver, schedule)
        for schedule in driver.state.schedules
        if schedule.device_type == device.id
        and schedule.start < last
        and schedule.end > first
    ]
    events += _planned(driver, device.id, start, end)
    return sorted(events, key=_begins)


def _current(driver: SofarMqtt, device: DeviceKey) -> CalendarEvent | None:
    now = dt_util.utcnow()
    moment = now.timestamp()
    coming = [
        schedule
        for schedule in driver.state.schedules
        if schedule.device_type == device.id and schedule.end > moment
    ]
    events = [_event(driver, coming[0])] if coming else []
    events += _planned(driver, device.id, now, now + _AHEAD, first_only=True)
    return min(events, key=_begins, default=None)


def _begins(event: CalendarEvent) -> float:
    """Give a start that can be compared where the clock of the wall is put back."""
    return event.start_datetime_local.timestamp()


def _planned(
    driver: SofarMqtt,
    device_type: str,
    start: datetime,
    end: datetime,
    *,
    first_only: bool = False,
) -> list[CalendarEvent]:
    """Give the times of rules that are no schedules yet."""
    events = []
    now = dt_util.utcnow()
    for rule in driver.rules.of(device_type):
        for recurrence_id, begins, ends in rule.times(max(start, now), end):
            if recurrence_id in rule.made or begins <= now or ends <= start:
                continue
            shown_start, shown_end = _shown(begins, ends)
            events.append(
                CalendarEvent(
                    start=shown_start,
                    end=shown_end,
                    summary=rule.title,
                    uid=rule.uid,
                    recurrence_id=recurrence_id,
                    rrule=rule.rrule,
                )
            )
            if first_only:
                break
    return events


def _event(driver: SofarMqtt, schedule: Schedule) -> CalendarEvent:
    limits = driver.state.orders.of(schedule)
    plan = Plan(
        policy=schedule.policy or "?",
        power=driver.settings.power(schedule.power),
        site_import=limits[SITE_IMPORT],  # type: ignore[arg-type]  # a number
        site_export=limits[SITE_EXPORT],  # type: ignore[arg-type]  # a number
        node_id=schedule.node_id,
    )
    made = driver.rules.maker(schedule)
    rule, recurrence_id = made or (None, None)
    start, end = _shown(
        dt_util.utc_from_timestamp(schedule.start),
        dt_util.utc_from_timestamp(schedule.end),
    )
    return CalendarEvent(
        start=start,
        end=end,
        summary=sofar.format_summary(plan),
        uid=rule.uid if rule else schedule.key,
        recurrence_id=recurrence_id,
        rrule=rule.rrule if rule else None,
    )


def _shown(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Give times as a calendar shows them.

    Home Assistant takes no event that ends at an earlier hour of the wall's clock than
    it starts, as there are when that is put back.
    """
    start, end = dt_util.as_local(start), dt_util.as_local(end)
    backwards = end.replace(tzinfo=None) < start.replace(tzinfo=None)
    return start, start + timedelta(seconds=1) if backwards else end


# --- changing -------------------------------------------------------------------------


class _Wanted(NamedTuple):
    """An event as it is to be, an order or one that recurs."""

    check: Callable[[Collection[str]], Awaitable[Any]]
    """Raises CommandError if it cannot be once the schedules with these ids are gone."""
    make: Callable[[], Awaitable[Any]]


def _read_event(
    driver: SofarMqtt, device: DeviceKey, event: Event, *, begun: bool = True
) -> _Wanted:
    """Read an event. Raises ProtocolError or CommandError."""
    title, span = event["summary"], _span(event)
    if rrule := event.get("rrule"):
        rule = driver.rules.read(device.id, title, *span, rrule, begun=begun)
        rules = driver.rules
        return _Wanted(partial(rules.check, rule), partial(rules.add, rule))
    order = order_of(driver.settings, device.id, title, *span)
    commands = driver.commands
    return _Wanted(partial(commands.check, order), partial(commands.add, order))


async def _create(driver: SofarMqtt, device: DeviceKey, event: Event) -> None:
    await _read_event(driver, device, event).make()


async def _delete(
    driver: SofarMqtt, device: DeviceKey, uid: str, occurrence: Occurrence
) -> None:
    rule = driver.rules.get(uid)
    if rule is None:
        await driver.commands.remove(_schedule_id(driver, device, uid))
    elif occurrence.recurrence_id is None:
        await driver.rules.end(rule)
    elif occurrence.and_later:
        await driver.rules.end(rule, occurrence.recurrence_id)
    else:
        await driver.rules.skip(rule, occurrence.recurrence_id)


async def _update(
    driver: SofarMqtt,
    device: DeviceKey,
    uid: str,
    occurrence: Occurrence,
    event: Event,
) -> None:
    rule, recurrence_id = driver.rules.get(uid), occurrence.recurrence_id
    if rule is None:
        schedule_id = _schedule_id(driver, device, uid)
        wanted = _read_event(driver, device, event)
        await wanted.check({schedule_id})  # before anything is removed
        await driver.commands.replace(schedule_id, wanted.make)
    elif recurrence_id is None or occurrence.and_later:
        event = _rest(rule, recurrence_id, event)
        # What is carried out stays, and would be in the way of another one now.
        begun = not driver.rules.runs(rule, recurrence_id)
        wanted = _read_event(driver, device, event, begun=begun)
        await wanted.check(
            {made for _, made in driver.rules.ending(rule, recurrence_id)}
        )
        await driver.rules.replace(rule, recurrence_id, wanted.make)
    else:
        await _update_one(driver, device, rule, recurrence_id, event)


def _rest(rule: Rule, recurrence_id: str | None, event: Event) -> Event:
    """Leave only those of an event's count that are still to come, as the page shows it.

    The page gives the count of all. Another count is what the user wants from here on.
    """
    count = count_of(rule.rrule)
    if recurrence_id is None or count is None:
        return event
    if (rrule := event.get("rrule")) is None or count_of(rrule) != count:
        return event
    left = count - rule.before(recurrence_id)
    return {**event, "rrule": with_count(rrule, left)}


async def _update_one(
    driver: SofarMqtt,
    device: DeviceKey,
    rule: Rule,
    recurrence_id: str,
    event: Event,
) -> None:
    """Make one time of a rule an event of its own."""
    order = order_of(driver.settings, device.id, event["summary"], *_span(event))
    async with driver.rules.lock:
        made = rule.made.get(recurrence_id)
        if made is None:
            await driver.commands.add(order)
        else:
            await driver.rules.move(rule, recurrence_id, order)
        driver.rules.forget(rule, recurrence_id)


def _span(event: Event) -> tuple[datetime, datetime]:
    """Give an event's start and end; one of whole days is no schedule."""
    start, end = event["dtstart"], event["dtend"]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise CommandError("event_all_day")
    return dt_util.as_local(start), dt_util.as_local(end)


def _schedule_id(driver: SofarMqtt, device: DeviceKey, uid: str) -> str:
    """Find the schedule that an event is. Raises CommandError."""
    for schedule in driver.state.schedules:
        if schedule.key == uid and schedule.device_type == device.id:
            return schedule.key
    raise CommandError("event_unknown")


CALENDAR: Final = CalendarDescription(
    kind=GROUP,
    key=SCHEDULES,
    current=_current,
    read=_read,
    create=lambda driver, device, *event: driver.change(
        device.id, _create(driver, device, *event)
    ),
    delete=lambda driver, device, *which: driver.change(
        device.id, _delete(driver, device, *which)
    ),
    update=lambda driver, device, *what: driver.change(
        device.id, _update(driver, device, *what)
    ),
)
