"""Recurring events become schedules, a number of days ahead."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import datetime, timedelta
import secrets
from typing import Final, NamedTuple

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError
from ...protocols import ProtocolError, sofar
from ...protocols.sofar import MessageType, Order, Schedule
from ..sink import Sink
from .commands import Commands
from .failures import Failures
from .recurrence import ID_FORMAT, Rule, check_rule
from .requests import NoAnswer, Refused, Unsettled
from .schedules import fulfils
from .settings import Settings

_KEY: Final = "rules"
_MOST_RULES: Final = 200

# How long what is left out is remembered when it is over.
_REMEMBERED: Final = timedelta(days=2)


class _Time(NamedTuple):
    """One of an event's times that is no schedule yet."""

    rule: Rule
    rrule: str
    recurrence_id: str
    start: datetime
    end: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Name it."""
        return self.rule.uid, self.recurrence_id


def order_of(
    settings: Settings, device_type: str, title: str, start: datetime, end: datetime
) -> Order:
    """Read an event of a device type as an order. Raises ProtocolError."""
    plan = sofar.parse_summary(title, settings.policies.get(device_type, ()))
    return Order(
        device_type=device_type,
        node_id=plan.node_id,
        start=start.timestamp(),
        end=end.timestamp(),
        policy=plan.policy,
        power=settings.power(plan.power),
        site_import=plan.site_import,
        site_export=plan.site_export,
    )


class Rules:
    """The recurring events of all calendars, kept over restarts."""

    def __init__(
        self,
        sink: Sink,
        settings: Settings,
        commands: Commands,
        changed: Callable[[], None],
        due: Callable[[float], None],
        say: Callable[[Exception], str],
        refused: Callable[[str | None, CommandError], None],
    ) -> None:
        """Take up what is remembered.

        `changed` is called when a rule has changed. `due` asks for `top_up` to be called
        in so many seconds, `say` puts an error in words, and `refused` shows one, with
        the device type for its event.
        """
        self.lock = asyncio.Lock()
        """Held while the times of a rule change."""
        self._due = due
        self._failures = Failures(say, refused)
        self._sink = sink
        self._settings = settings
        self._commands = commands
        self._schedules = commands.schedules
        self._changed = changed
        self._rules = {
            stored["uid"]: Rule.of_json(stored) for stored in sink.recall(_KEY) or ()
        }

    def of(self, device_type: str) -> Iterator[Rule]:
        """Give those of a device type."""
        for rule in self._rules.values():
            if rule.device_type == device_type:
                yield rule

    def get(self, uid: str) -> Rule | None:
        """Give a rule, None if there is none of that name."""
        return self._rules.get(uid)

    def maker(self, schedule: Schedule) -> tuple[Rule, str] | None:
        """Find the rule that a schedule was made by, and which of its times it is."""
        for rule in self._rules.values():
            for recurrence_id, schedule_id in rule.made.items():
                if schedule_id == schedule.key:
                    return rule, recurrence_id
        return None

    async def add(self, rule: Rule) -> None:
        """Keep an event that recurs, once its first schedule is made.

        That may be one that has begun, which starts now. Raises CommandError or
        ConnectError.
        """
        if len(self._rules) >= _MOST_RULES:
            raise CommandError("too_many_rules", most=str(_MOST_RULES))
        if first := self._first(rule):
            recurrence_id, order = first
            try:
                rule.made[recurrence_id] = (await self._make(order)).key
            except Unsettled as err:
                # Without the rule, it would be a schedule that nobody knows.
                LOGGER.debug("%s is looked for later: %s", rule.title, err)
        self._rules[rule.uid] = rule
        self._save()
        self._due(0.0)  # the others are made one after the other, without waiting

    async def check(self, rule: Rule, but: Collection[str]) -> None:
        """Look whether an event could be added once the schedules in `but` are gone.

        Raises CommandError or ConnectError.
        """
        if first := self._first(rule):
            await self._commands.check(first[1], but)

    def read(
        self,
        device_type: str,
        title: str,
        start: datetime,
        end: datetime,
        rrule: str,
        *,
        begun: bool = True,
    ) -> Rule:
        """Read an event that recurs; it has no time that has begun if that is off.

        Raises ProtocolError.
        """
        rule = Rule(
            uid=f"rule-{secrets.token_hex(8)}",
            device_type=device_type,
            title=title,
            start=check_rule(rrule, start),
            duration=dt_util.as_utc(end) - dt_util.as_utc(start),
            rrule=rrule,
        )
        self._order(rule, start, end)  # raises for a title that is not understood
        if not begun:
            now = dt_util.utcnow()
            rule.skipped |= {item for item, _, _ in rule.times(now, now)}
        return rule

    def _first(self, rule: Rule) -> tuple[str, Order] | None:
        """Give which schedule of an event is made before it is kept, None if none is."""
        now = dt_util.utcnow()
        for recurrence_id, begins, ends in rule.times(now, now + self._horizon):
            return recurrence_id, self._order(rule, begins, ends)
        return None

    @property
    def _horizon(self) -> timedelta:
        return timedelta(seconds=self._settings.horizon)

    async def skip(self, rule: Rule, recurrence_id: str) -> None:
        """Let an event not be at one of its times. Raises WattbusError."""
        async with self.lock:
            if (schedule_id := rule.made.get(recurrence_id)) is not None:
                await self._commands.remove(schedule_id)
            self.forget(rule, recurrence_id)

    def forget(self, rule: Rule, recurrence_id: str) -> None:
        """Let one of an event's times be none of it any more."""
        rule.made.pop(recurrence_id, None)
        rule.failed.pop(recurrence_id, None)
        rule.skipped.add(recurrence_id)
        self._save()

    def ending(
        self, rule: Rule, recurrence_id: str | None
    ) -> Iterator[tuple[str, str]]:
        """Give what `end` lets go: the times of an event, and the schedules made."""
        for made, schedule_id in sorted(rule.made.items()):
            if recurrence_id is None or made >= recurrence_id:
                yield made, schedule_id

    def runs(self, rule: Rule, recurrence_id: str | None) -> bool:
        """Whether `end` leaves one of an event's schedules that is carried out."""
        now, there = self._commands.now(), self._schedules.by_id
        found = (there.get(made) for _, made in self.ending(rule, recurrence_id))
        return any(item is not None and item.start <= now < item.end for item in found)

    async def end(self, rule: Rule, recurrence_id: str | None = None) -> None:
        """Let an event not be any more: from one of its times on, or at all.

        What has started stays. Raises WattbusError.
        """
        async with self.lock:
            await self._commands.ensure_read()
            now = self._commands.now()
            for made, schedule_id in self.ending(rule, recurrence_id):
                found = self._schedules.by_id.get(schedule_id)
                if found is not None and found.start > now:
                    await self._commands.remove(schedule_id)
                del rule.made[made]
            if recurrence_id is None or not rule.end_before(recurrence_id):
                self._rules.pop(rule.uid, None)
            self._save()

    async def replace(
        self,
        rule: Rule,
        recurrence_id: str | None,
        make: Callable[[], Awaitable[None]],
    ) -> None:
        """End an event as `end` does, and make another; or else it goes on as before.

        Not where the other one may be there. Raises WattbusError or ProtocolError.
        """
        rrule, made = rule.rrule, dict(rule.made)
        await self.end(rule, recurrence_id)
        try:
            await make()
        except Unsettled:
            raise
        except Exception:
            there = self._schedules.by_id
            # What has been removed is made again, as if it had never been.
            rule.made = {key: item for key, item in made.items() if item in there}
            rule.rrule = rrule
            self._rules[rule.uid] = rule
            self._save()
            self._due(0.0)
            raise

    async def move(self, rule: Rule, recurrence_id: str, order: Order) -> None:
        """Change the schedule that one of an event's times has become.

        Raises CommandError, ConnectError or ProtocolError.
        """
        await self._commands.ensure_read()
        made = rule.made[recurrence_id]
        old = self._schedules.by_id.get(made)
        try:
            await self._commands.move(made, order)
        except Exception:
            # Put back, it has another id.
            if old is not None and made not in self._schedules.by_id:
                again = self._commands.orders.again(old)
                for found in self._schedules:
                    if fulfils(found, again, again.start - 1):
                        rule.made[recurrence_id] = found.key
                        self._save()
            raise

    # --- making what is due -------------------------------------------------------

    async def top_up(self) -> None:
        """Make schedules of what is due within the horizon, and not over.

        What has begun starts now, for the rest of its time. Raises ConnectError.
        """
        now = dt_util.utc_from_timestamp(self._commands.now())
        self._tidy(now)
        self._failures.remind(self._rules.values(), now)
        missing = {item.key: item for item in self._missing(now)}
        self._failures.keep(missing)
        try:
            for key in self._failures.due(missing):
                async with self.lock:
                    wanted = self._is_wanted(missing[key])
                    if wanted and not await self._try(missing[key]):
                        break
        finally:
            if (pause := self._failures.pause()) is not None:
                self._due(pause)

    def _missing(self, now: datetime) -> Iterator[_Time]:
        for rule in self._rules.values():
            if rule.device_type not in self._settings.device_types:
                continue  # taken out of the list; it may come back
            for recurrence_id, start, end in rule.times(now, now + self._horizon):
                if recurrence_id not in rule.made:
                    yield _Time(rule, rule.rrule, recurrence_id, start, end)

    def _is_wanted(self, item: _Time) -> bool:
        """Whether the user has not changed it since."""
        rule = item.rule
        return (
            self._rules.get(rule.uid) is rule
            and rule.rrule == item.rrule
            and item.recurrence_id not in rule.made
            and item.recurrence_id not in rule.skipped
        )

    async def _try(self, item: _Time) -> bool:
        """Make the schedule of one time; False if nobody answers."""
        rule = item.rule
        try:
            order = self._order(rule, item.start, item.end)
            schedule = await self._make(order)
        except (CommandError, ProtocolError) as err:
            final = self._is_final(item, err)
            self._failures.failed(rule, item.recurrence_id, err, final=final)
            return not isinstance(err, NoAnswer)
        else:
            rule.made[item.recurrence_id] = schedule.key
            self._failures.worked(rule, item.recurrence_id)
            return True
        finally:
            self._save()

    def _is_final(self, item: _Time, err: Exception) -> bool:
        """Whether the EMS has refused just that: not for what may go away by itself."""
        if not isinstance(err, Refused) or err.asked != MessageType.SET_SCHEDULE:
            return False
        order = self._order(item.rule, item.start, item.end)
        return self._schedules.in_the_way(order) is None

    def _order(self, rule: Rule, start: datetime, end: datetime) -> Order:
        """Give the order that one of an event's times makes. Raises ProtocolError."""
        return order_of(self._settings, rule.device_type, rule.title, start, end)

    async def _make(self, order: Order) -> Schedule:
        """Set a schedule, unless it is there: its answer may have been lost before."""
        asked = max(order.start - 1, self._commands.now())
        for found in self._schedules:
            if fulfils(found, order, asked) and self.maker(found) is None:
                return found
        return (await self._commands.add(order))[0]

    def _tidy(self, now: datetime) -> None:
        """Take note of schedules that are over, or that somebody has removed."""
        changed = False
        for rule in self._rules.values():
            for recurrence_id, schedule_id in list(rule.made.items()):
                if schedule_id not in self._schedules.by_id:
                    # Over, or removed elsewhere; it is not made again.
                    if recurrence_id > dt_util.as_local(now).strftime(ID_FORMAT):
                        LOGGER.warning(
                            "An event of %s at %s is left out: its schedule was removed",
                            rule.device_type,
                            recurrence_id,
                        )
                    del rule.made[recurrence_id]
                    rule.skipped.add(recurrence_id)
                    changed = True
            changed |= _forget_old(rule, now)
        for uid, rule in list(self._rules.items()):
            if not rule.made and rule.is_over(now):
                del self._rules[uid]
                changed = True
        if changed:
            self._save()

    def _save(self) -> None:
        self._changed()
        self._sink.remember(_KEY, [rule.as_json() for rule in self._rules.values()])


def _forget_old(rule: Rule, now: datetime) -> bool:
    """Forget what was left out and is long over; gives whether anything was."""
    since = (dt_util.as_local(now) - rule.duration - _REMEMBERED).strftime(ID_FORMAT)
    old = {item for item in rule.skipped | rule.failed.keys() if item < since}
    rule.skipped -= old
    for item in old & rule.failed.keys():
        del rule.failed[item]
    return bool(old)
