"""Reading, setting and removing schedules, each settled by what the EMS then has."""

from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Container,
    Iterable,
    Sequence,
)
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
from .book import Book, Change, fulfils
from .link import Link, NoAnswer, Refused, Unsettled
from .notes import Notes
from .settings import Settings

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


class Schedules:
    """Keeps the book, and changes what the EMS has."""

    def __init__(
        self,
        link: Link,
        settings: Settings,
        notes: Notes,
        changed: Callable[[list[Change]], None],
        say: Callable[[Exception], str],
    ) -> None:
        """Put errors in words with `say`.

        Call `changed` when the book has changed, or may have.
        """
        self.book = Book(notes.past())
        self.notes = notes
        self._link = link
        self._settings = settings
        self._changed = changed
        self._say = say
        self._generation = 0

    def now(self) -> float:
        """Give the time [Unix s] by which the EMS goes."""
        return self._link.now()

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
        changes = self.book.replace(told.values(), now)
        self.notes.keep(self.book.schedules, now)
        self._changed(changes)

    async def know(self) -> None:
        """Read if nothing was read yet: before that, what is missing may be there.

        Raises as `refresh`.
        """
        if not self.book.known:
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
        if not self.book.known:
            # What a day has may be what starts on it.
            yesterday = today - timedelta(days=1)
            questions.append(
                (MessageType.GET_SCHEDULES, sofar.get_schedules(yesterday))
            )
        for kind, fields in questions:
            listed = await self._link.read(kind, fields, sofar.read_schedules)
            told |= {item.key: item for item in listed.schedules}
            unread += listed.unread
        told |= self._as_it_was(unread, told)
        now = self.now()
        groups: dict[tuple[str, str | None], None] = dict.fromkeys(
            (name, None) for name in self._settings.device_types
        )
        for item in (*told.values(), *self.book):
            if item.end > now:
                groups[(item.device_type, item.node_id)] = None
        for item in told.values():
            if item.start <= now < item.end:
                groups.pop((item.device_type, item.node_id), None)
        for device_type, node_id in groups:
            try:
                found = await self.active(device_type, node_id)
            except Refused as err:
                LOGGER.debug("No active schedule of %s: %s", device_type, err)
            except NoAnswer:
                raise
            except CommandError as err:
                # It cannot be read: what was known of that one stays.
                LOGGER.debug("The active schedule of %s: %s", device_type, err)
                if known := self.book.active(device_type, node_id, now):
                    told[known.key] = known
            else:
                told |= {found.key: found} if found else {}
        return told

    def _as_it_was(
        self, unread: Iterable[Unreadable], told: Container[str]
    ) -> dict[str, Schedule]:
        """Give what is known of schedules that are there and cannot be read.

        If it cannot be told which they are, it may be any that are not told.
        """
        ids = set()
        for item in unread:
            LOGGER.debug("Schedule %s cannot be read: %s", item.id, item.reason)
            ids.add(None if item.id is None else str(item.id))
        return {
            key: known
            for key, known in self.book.schedules.items()
            if key not in told and (key in ids or None in ids)
        }

    async def active(self, device_type: str, node_id: str | None) -> Schedule | None:
        """Ask what is carried out. An EMS may say "none" with an error, too: Refused."""
        return await self._one(
            MessageType.GET_ACTIVE_SCHEDULE,
            sofar.get_active_schedule(device_type, node_id),
            (device_type, node_id),
        )

    async def next(self, device_type: str, node_id: str | None) -> Schedule | None:
        """Ask what comes next. An EMS may say "none" with an error, too: Refused."""
        return await self._one(
            MessageType.GET_NEXT_SCHEDULE,
            sofar.get_next_schedule(device_type, node_id),
            (device_type, node_id),
        )

    async def _one(
        self, kind: MessageType, fields: sofar.Fields, group: tuple[str, str | None]
    ) -> Schedule | None:
        def accepts(reply: Reply) -> bool:
            """Tell another client's question about another group from ours."""
            found = answers.schedule(reply)
            return found is None or (found.device_type, found.node_id) == group

        return await self._link.read(kind, fields, sofar.read_schedule, accepts)

    def told(self, schedule_id: ScheduleId) -> ScheduleId:
        """Give an id as the EMS writes it: by that alone it may find the schedule.

        Whoever asks may have turned a number into a text, or a text into a number, as
        forms and templates do. One that is not known is written as the others are.
        """
        text = str(schedule_id)
        if known := self.book.schedules.get(text):
            return known.id
        if any(isinstance(item.id, str) for item in self.book):
            return text
        return int(text) if text.isascii() and text.isdecimal() else text

    async def get(self, schedule_id: ScheduleId) -> Schedule | None:
        """Ask for one schedule."""
        key = str(schedule_id)

        def accepts(reply: Reply) -> bool:
            found = answers.schedule(reply)
            return found is None or found.key == key

        return await self._link.read(
            MessageType.GET_SCHEDULE,
            sofar.get_schedule(self.told(schedule_id)),
            sofar.read_schedule,
            accepts,
        )

    # --- setting ------------------------------------------------------------------

    async def check(self, order: Order, but: Collection[str] = ()) -> Order:
        """Look for what is wrong with an order before it is sent; gives it as it goes.

        Those in `but` are about to go, and not in the way. Raises CommandError.
        """
        settings, now = self._settings, self.now()
        settings.check(order.device_type, order.policy, order.power)
        if order.end <= now and order.start < order.end:
            raise CommandError("schedule_over")
        if order.start < order.end:
            # A whole second, so that it is not rounded into the future.
            order = replace(order, start=max(order.start, now // 1))
        sofar.set_schedule(order, settings.dialect)  # raises what cannot be sent
        await self.know()
        if not order.remove_overlap and self.book.in_the_way(order, but):
            await self.refresh()  # somebody else may have removed it
            if found := self.book.in_the_way(order, but):
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
        asked = self.now()
        order = replace(order, tag=order.tag or f"wattbus-{secrets.token_hex(6)}")
        before = set(self.book.schedules)
        reply = await self._try(
            MessageType.SET_SCHEDULE,
            sofar.set_schedule(order, self._settings.dialect),
            lambda answer: answers.tag(answer) in (None, order.tag),
        )
        created = self._created(reply)
        if created.ids and created.tag == order.tag:
            # No doubt whose answer that is: the schedule itself shows the rest.
            found = await self._look_at(created.ids[0])
            if found is not None:
                self.notes.note(found, order, by_action=by_action)
                self._changed(self.book.put(found, self.now()))
                return found, created.deleted
        await self.settle(MessageType.SET_SCHEDULE)
        (found,) = self._new([order], before, asked)
        if found is None:
            raise answers.failure(reply, MessageType.SET_SCHEDULE)
        self.notes.note(found, order, by_action=by_action)
        return found, created.deleted

    def _created(self, reply: Reply | None) -> Created:
        """Read an answer to new schedules, and let those go that are gone for them."""
        created = answers.created(reply)
        if created.deleted:
            self._changed(self.book.drop(created.deleted, self.now()))
        return created

    async def _look_at(self, schedule_id: ScheduleId) -> Schedule | None:
        """Ask for a schedule; None if that does not work out, too."""
        try:
            return await self.get(schedule_id)
        except WattbusError as err:
            LOGGER.debug("Schedule %s cannot be looked at: %s", schedule_id, err)
            return None

    async def add_all(self, orders: Sequence[Order]) -> Sent:
        """Set several schedules for an action, and look which of them are there.

        Raises CommandError, ConnectError or ProtocolError.
        """
        asked = self.now()
        before = set(self.book.schedules)
        fields = sofar.set_schedules(orders, self._settings.dialect)
        reply = await self._try(MessageType.SET_SCHEDULES, fields, lambda _: True)
        created = self._created(reply)
        # These answers have no tag: what the EMS has now is what counts.
        await self.settle(MessageType.SET_SCHEDULES)
        found = self._new(orders, before, asked)
        for schedule, order in zip(found, orders, strict=True):
            if schedule is not None:
                self.notes.note(schedule, order, by_action=True)
        return Sent(
            found,
            None if all(found) else answers.failure(reply, MessageType.SET_SCHEDULES),
            created.deleted,
        )

    def _new(
        self, orders: Iterable[Order], before: set[str], asked: float
    ) -> list[Schedule | None]:
        """Find what orders have become, among what was not there before."""
        new: dict[int, list[Schedule]] = {}
        for item in self.book:
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
        await self.know()
        key = str(schedule_id)
        known = self.book.schedules.get(key)
        if known is not None and known.start <= self.now():
            raise CommandError("schedule_started", schedule=describe(known))
        reply = await self._try(
            MessageType.REMOVE_SCHEDULE,
            sofar.remove_schedule(self.told(schedule_id)),
            lambda _: True,
        )
        if reply is not None and reply.ok and answers.names(reply, key):
            self._changed(self.book.drop([key], self.now()))
            return
        await self.settle(MessageType.REMOVE_SCHEDULE)
        if key in self.book.schedules or (
            known is None and not (reply is not None and reply.ok)
        ):
            raise answers.failure(reply, MessageType.REMOVE_SCHEDULE)

    async def ask_to_remove(self, ids: Sequence[str]) -> dict[str, Reply | None]:
        """Ask for several schedules to be removed at once; gives the answers.

        What came of it is to be read. Raises ConnectError.
        """

        def about(schedule_id: str) -> Callable[[Reply], bool]:
            return lambda reply: answers.may_be_about(reply, schedule_id, ids)

        self.touched()
        try:
            replies = await self._link.ask_at_once(
                MessageType.REMOVE_SCHEDULE,
                [(sofar.remove_schedule(self.told(item)), about(item)) for item in ids],
            )
        finally:
            self.touched()
        return dict(zip(ids, replies, strict=True))

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
        if (old := self.book.schedules.get(schedule_id)) is None:
            raise CommandError("event_unknown")
        again, by_action = self.notes.order(old), self.notes.is_of_action(old)
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

    # --- settling -----------------------------------------------------------------

    async def _try(
        self, kind: str, fields: sofar.Fields, accepts: Callable[[Reply], bool]
    ) -> Reply | None:
        """Ask for a change, once; None if there was no answer."""
        self.touched()
        try:
            return await self._link.ask(kind, fields, accepts)
        except NoAnswer as err:
            LOGGER.debug("%s; looking what came of it", err)
            return None
        finally:
            self.touched()

    async def settle(self, kind: str) -> None:
        """Read what came of a change. Raises Unsettled if that is not to be found out."""
        for last in (False, True):
            try:
                await self.refresh()
            except WattbusError as err:
                if last:
                    raise Unsettled(
                        "ems_unsettled", field=kind, reason=self._say(err)
                    ) from err
            else:
                return


def describe(schedule: Schedule) -> str:
    """Name a schedule in an error."""
    start, end = (
        dt_util.as_local(dt_util.utc_from_timestamp(moment)).strftime("%Y-%m-%d %H:%M")
        for moment in (schedule.start, schedule.end)
    )
    return f"{schedule.id} ({schedule.device_type}, {start} - {end})"
