"""Reading, setting and removing schedules, each confirmed by what the EMS then has."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
import secrets
from typing import Final

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, WattbusError
from ...protocols import sofar
from ...protocols.sofar import (
    Created,
    MessageType,
    Order,
    Reply,
    Schedule,
    ScheduleId,
    Unreadable,
)
from . import answers
from .requests import Accepts, NoAnswer, Refused, Requests, Unsettled, anything
from .schedules import fulfils
from .settings import Settings
from .state import State

# Reading takes several questions. When a schedule was changed meanwhile, they are
# asked again, so many times.
_READINGS: Final = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What has come of several orders."""

    schedules: list[Schedule | None]
    """One for each order; None for those that are not there."""
    failure: CommandError | None
    """Why not all of them are there."""
    deleted: tuple[ScheduleId, ...]
    """The ids of those that were in the way."""


class Commands:
    """Changes what the EMS has, and keeps the state up to it."""

    def __init__(
        self,
        requests: Requests,
        settings: Settings,
        state: State,
        say: Callable[[Exception], str],
    ) -> None:
        """Put errors in words with `say`."""
        self.requests = requests
        self.schedules = state.schedules
        self.orders = state.orders
        self.now = state.now
        self._state = state
        self._settings = settings
        self._say = say
        self._generation = 0

    # --- reading ------------------------------------------------------------------

    async def refresh(self) -> None:
        """Read what the EMS has. Raises NoAnswer, Refused, CommandError, ConnectError."""
        for _ in range(_READINGS):
            generation = self._generation
            told = await self._read()
            if generation == self._generation:
                break
            LOGGER.debug("The schedules were changed while they were read")
        now = self.now()
        changes = self.schedules.read(told.values(), now)
        self.orders.forget_others(self.schedules.by_id, now)
        self._state.report(changes)

    async def ensure_read(self) -> None:
        """Read if nothing was read yet: before that, what is missing may be there.

        Raises as `refresh`.
        """
        if not self.schedules.were_read:
            await self.refresh()

    def touched(self) -> None:
        """Note that somebody changed a schedule: a reading under way is out of date."""
        self._generation += 1

    async def _read(self) -> dict[str, Schedule]:
        """Merge the future, today, and what is active, which may be from yesterday."""
        told: dict[str, Schedule] = {}
        unread: list[Unreadable] = []
        today = dt_util.as_local(dt_util.utc_from_timestamp(self.now())).date()
        questions = [
            (MessageType.GET_FUTURE_SCHEDULES, sofar.get_future_schedules()),
            (MessageType.GET_SCHEDULES, sofar.get_schedules(today)),
        ]
        if not self.schedules.were_read:
            # What a day has may be what starts on it.
            yesterday = sofar.get_schedules(today - timedelta(days=1))
            questions.append((MessageType.GET_SCHEDULES, yesterday))
        for kind, fields in questions:
            listed = await self.requests.read(kind, fields, sofar.read_schedules)
            told |= {item.key: item for item in listed.schedules}
            unread += listed.unread
        told |= self._as_it_was(unread, told)
        now = self.now()
        groups: dict[tuple[str, str | None], None] = dict.fromkeys(
            (name, None) for name in self._settings.device_types
        )
        for item in (*told.values(), *self.schedules):
            if item.end > now:
                groups[item.group] = None
        for item in told.values():
            if item.start <= now < item.end:
                groups.pop(item.group, None)
        for group in groups:
            if found := await self._active(*group):
                told[found.key] = found
        return told

    async def _active(self, device_type: str, node_id: str | None) -> Schedule | None:
        """Ask what is carried out; if that cannot be read, it is what is known of it."""
        kind = MessageType.GET_ACTIVE_SCHEDULE
        try:
            return await self.of_group(kind, device_type, node_id)
        except Refused as err:
            LOGGER.debug("No active schedule of %s: %s", device_type, err)
            return None
        except NoAnswer:
            raise
        except CommandError as err:
            LOGGER.debug("The active schedule of %s: %s", device_type, err)
            return self.schedules.active(device_type, node_id, self.now())

    def _as_it_was(
        self, unread: Iterable[Unreadable], told: Collection[str]
    ) -> dict[str, Schedule]:
        """Give what is known of schedules that are there and cannot be read.

        If it is not known which they are, it may be any that are not told.
        """
        ids = set()
        for item in unread:
            LOGGER.debug("Schedule %s cannot be read: %s", item.id, item.reason)
            ids.add(None if item.id is None else str(item.id))
        return {
            key: known
            for key, known in self.schedules.by_id.items()
            if key not in told and (key in ids or None in ids)
        }

    async def of_group(
        self, kind: MessageType, device_type: str, node_id: str | None
    ) -> Schedule | None:
        """Ask for the active or the next schedule of a device type, or of one device.

        An EMS may say with an error, too, that there is none: Refused.
        """
        group = (device_type, node_id)
        return await self.requests.read(
            kind,
            sofar.of_group(*group),
            sofar.read_schedule,
            # Another client may have asked about another group.
            lambda reply: (
                (found := answers.schedule(reply)) is None or found.group == group
            ),
        )

    async def get(self, schedule_id: ScheduleId) -> Schedule | None:
        """Ask for one schedule."""
        key = str(schedule_id)
        return await self.requests.read(
            MessageType.GET_SCHEDULE,
            sofar.get_schedule(self.as_given(schedule_id)),
            sofar.read_schedule,
            lambda reply: (
                (found := answers.schedule(reply)) is None or found.key == key
            ),
        )

    def as_given(self, schedule_id: ScheduleId) -> ScheduleId:
        """Give an id as the EMS writes it: by that alone it may find the schedule.

        Whoever asks may have turned a number into a text, or a text into a number, as
        forms and templates do. One that is not known is written as the others are.
        """
        text = str(schedule_id)
        if known := self.schedules.by_id.get(text):
            return known.id
        if any(isinstance(item.id, str) for item in self.schedules):
            return text
        return int(text) if text.isascii() and text.isdecimal() else text

    # --- setting ------------------------------------------------------------------

    async def check(self, order: Order, but: Collection[str] = ()) -> Order:
        """Look for what is wrong with an order before it is sent; gives it as it goes.

        Those in `but` are about to go, and not in the way. Raises CommandError.
        """
        settings, now = self._settings, self.now()
        settings.check(order.device_type, order.policy, order.power)
        if order.start < order.end:
            if order.end <= now:
                raise CommandError("schedule_over")
            # A whole second, so that it is not rounded into the future.
            order = replace(order, start=max(order.start, now // 1))
        sofar.set_schedule(order, settings.dialect)  # raises what cannot be sent
        await self.ensure_read()
        if not order.remove_overlap and self.schedules.in_the_way(order, but):
            await self.refresh()  # somebody else may have removed it
            if found := self.schedules.in_the_way(order, but):
                raise CommandError("schedule_overlap", schedule=describe(found))
        return order

    async def add(
        self, order: Order, *, by_action: bool = False
    ) -> tuple[Schedule, tuple[ScheduleId, ...]]:
        """Set one schedule; gives it, and the ids of those that were in the way.

        Who has it set, an action or the calendar, is remembered. Raises CommandError,
        ConnectError or ProtocolError.
        """
        order = await self.check(order)
        order = replace(order, tag=order.tag or f"wattbus-{secrets.token_hex(6)}")
        asked, before = self.now(), set(self.schedules.by_id)
        reply = await self._ask_once(
            MessageType.SET_SCHEDULE,
            sofar.set_schedule(order, self._settings.dialect),
            lambda answer: answers.created(answer).tag in (None, order.tag),
        )
        created, found = self._created(reply), None
        if created.ids and created.tag == order.tag:
            # No doubt whose answer that is: the schedule itself shows the rest.
            try:
                found = await self.get(created.ids[0])
            except WattbusError as err:
                LOGGER.debug("Schedule %s is not shown: %s", created.ids[0], err)
        if found is None:
            await self.settle(MessageType.SET_SCHEDULE)
            (found,) = self._new([order], before, asked)
        if found is None:
            raise answers.failure(reply, MessageType.SET_SCHEDULE)
        self.orders.remember(found, order, by_action=by_action)
        self._state.report(self.schedules.put(found, self.now()))
        return found, created.deleted

    async def add_all(self, orders: Sequence[Order]) -> Sent:
        """Set several schedules for an action, and look which of them are there.

        Raises CommandError, ConnectError or ProtocolError.
        """
        asked, before = self.now(), set(self.schedules.by_id)
        fields = sofar.set_schedules(orders, self._settings.dialect)
        reply = await self._ask_once(MessageType.SET_SCHEDULES, fields)
        created = self._created(reply)
        # These answers have no tag: what the EMS has now is what counts.
        await self.settle(MessageType.SET_SCHEDULES)
        found = self._new(orders, before, asked)
        for schedule, order in zip(found, orders, strict=True):
            if schedule is not None:
                self.orders.remember(schedule, order, by_action=True)
        failure = answers.failure(reply, MessageType.SET_SCHEDULES)
        return Sent(found, None if all(found) else failure, created.deleted)

    def _created(self, reply: Reply | None) -> Created:
        """Read an answer to new schedules, and let those go that are gone for them."""
        created = answers.created(reply)
        if created.deleted:
            self._state.report(self.schedules.drop(created.deleted, self.now()))
        return created

    def _new(
        self, orders: Iterable[Order], before: Collection[str], asked: float
    ) -> list[Schedule | None]:
        """Find what orders have become, among what was not there before."""
        new: dict[int, list[Schedule]] = {}
        for item in self.schedules:
            if item.key not in before:
                new.setdefault(round(item.end), []).append(item)
        found: list[Schedule | None] = []
        for order in orders:
            alike = new.get(round(order.end), [])
            match = next((item for item in alike if fulfils(item, order, asked)), None)
            if match is not None:
                alike.remove(match)
            found.append(match)
        return found

    # --- removing -----------------------------------------------------------------

    async def remove(self, schedule_id: ScheduleId) -> None:
        """Remove a schedule that has not started.

        Raises CommandError or ConnectError.
        """
        await self.ensure_read()
        key = str(schedule_id)
        known = self.schedules.by_id.get(key)
        if known is not None and known.start <= self.now():
            raise CommandError("schedule_started", schedule=describe(known))
        reply = await self._ask_once(
            MessageType.REMOVE_SCHEDULE, sofar.remove_schedule(self.as_given(key))
        )
        is_done = reply is not None and reply.ok
        if reply is not None and is_done and answers.names(reply, key):
            self._state.report(self.schedules.drop([key], self.now()))
            return
        await self.settle(MessageType.REMOVE_SCHEDULE)
        if key in self.schedules.by_id or (known is None and not is_done):
            raise answers.failure(reply, MessageType.REMOVE_SCHEDULE)

    async def move(self, schedule_id: str, order: Order) -> Schedule:
        """Change a schedule: remove it, set the new one, or else the old one again.

        Raises CommandError, ConnectError or ProtocolError.
        """
        await self.check(order, {schedule_id})  # before anything is removed
        found, _ = await self.replace(schedule_id, lambda: self.add(order))
        return found

    async def replace[T](self, schedule_id: str, make: Callable[[], Awaitable[T]]) -> T:
        """Remove a schedule and make something else, or else the old one again.

        Not where the other one may be there: the EMS would have both. Raises
        CommandError, ConnectError or ProtocolError.
        """
        if (old := self.schedules.by_id.get(schedule_id)) is None:
            raise CommandError("event_unknown")
        again, by_action = self.orders.again(old), self.orders.is_of_action(old)
        await self.remove(schedule_id)
        try:
            return await make()
        except Unsettled:
            raise
        except Exception as err:
            try:
                await self.add(again, by_action=by_action)
            except Unsettled:
                raise
            except WattbusError as lost:
                raise CommandError(
                    "schedule_lost", schedule=describe(old), reason=self._say(err)
                ) from lost
            raise

    # --- confirming ---------------------------------------------------------------

    async def _ask_once(
        self, kind: str, fields: sofar.Fields, accepts: Accepts = anything
    ) -> Reply | None:
        """Ask for a change; None if there was no answer."""
        self.touched()
        try:
            return await self.requests.ask(kind, fields, accepts)
        except NoAnswer as err:
            LOGGER.debug("%s; looking what came of it", err)
            return None
        finally:
            self.touched()

    async def settle(self, kind: str) -> None:
        """Read what came of a change. Raises Unsettled if that is not to be found out."""
        try:
            try:
                await self.refresh()
            except WattbusError:
                await self.refresh()
        except WattbusError as err:
            raise Unsettled("ems_unsettled", field=kind, reason=self._say(err)) from err


def describe(schedule: Schedule) -> str:
    """Name a schedule in an error."""
    start, end = (
        dt_util.as_local(dt_util.utc_from_timestamp(moment)).strftime("%Y-%m-%d %H:%M")
        for moment in (schedule.start, schedule.end)
    )
    return f"{schedule.id} ({schedule.device_type}, {start} - {end})"
