"""Asking the EMS: one question at a time, and the answer found among others'."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import time
from typing import Any, Final

from homeassistant.core import callback

from ...const import LOGGER
from ...errors import CommandError
from ...protocols import ProtocolError
from ...protocols.sofar import MessageType, Reply, encode_request, site_node_id
from .settings import Settings

# A question that changes nothing is asked again when there was no answer.
_READ_ATTEMPTS: Final = 2

# What other clients ask for that changes schedules.
_CHANGES: Final = frozenset(
    {
        MessageType.SET_SCHEDULE,
        MessageType.SET_SCHEDULES,
        MessageType.REMOVE_SCHEDULE,
    }
)

# A clock that is wrong by more is no clock, or the time of something else [s].
_WRONG_CLOCK: Final = 3600.0

# How far the times of live commands may be ahead of the clock, so that each has its
# own: as much as clocks differ anyway [s].
_AHEAD: Final = 5.0

type Accepts = Callable[[Reply], bool]


class NoAnswer(CommandError):
    """The EMS said nothing in time; whether it did what it was asked is not known."""


class Unsettled(NoAnswer):
    """A change went without an answer, and what came of it cannot be read either."""


class Refused(CommandError):
    """The EMS said no."""


@dataclass(slots=True)
class _Pending:
    """A question that waits for its answer."""

    kind: str
    time: float
    accepts: Accepts
    answer: asyncio.Future[Reply]
    asked: float
    """The Unix time by our clock."""


class Link:
    """Sends questions, each with a time of its own, which the answer repeats."""

    def __init__(
        self,
        settings: Settings,
        publish: Callable[[str, str], Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        """Publish with `publish`; call `changed` when another client changes schedules."""
        self._settings = settings
        self._publish = publish
        self._changed = changed
        self._lock = asyncio.Lock()
        self._pending: _Pending | None = None
        self._last_time = 0.0
        self._ahead = 0.0
        self._free_at = float("-inf")
        self._node = site_node_id(settings.serial, settings.dialect)

    async def ask(
        self, kind: str, fields: Mapping[str, Any], accepts: Accepts = lambda _: True
    ) -> Reply:
        """Ask once, and give the answer, an error too.

        `accepts` tells an answer to this question from one to another client's of the
        same moment. Raises NoAnswer, or ConnectError when nothing can be sent.
        """
        async with self._lock:
            await self._wait_for_turn()
            moment = self.next_time()
            answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
            self._pending = _Pending(kind, moment, accepts, answer, time.time())
            try:
                await self._publish(
                    self._settings.command_topic,
                    encode_request(
                        kind,
                        fields,
                        serial=self._settings.serial,
                        time=moment,
                        dialect=self._settings.dialect,
                    ),
                )
                async with asyncio.timeout(self._settings.timeout):
                    return await answer
            except TimeoutError:
                raise NoAnswer("ems_timeout", what=kind) from None
            finally:
                self._pending = None
                self._free_at = (
                    asyncio.get_running_loop().time() + self._settings.spacing
                )

    async def read[T](
        self,
        kind: str,
        fields: Mapping[str, Any],
        reader: Callable[[object], T],
        accepts: Accepts = lambda _: True,
    ) -> T:
        """Ask for something, twice if need be, and read what comes.

        Raises NoAnswer, Refused, ConnectError, or CommandError for what cannot be read.
        """
        for attempt in range(_READ_ATTEMPTS):
            try:
                reply = await self.ask(kind, fields, accepts)
            except NoAnswer:
                if attempt == _READ_ATTEMPTS - 1:
                    raise
                LOGGER.debug("No answer to %s, asking again", kind)
            else:
                break
        if not reply.ok:
            raise refusal(reply)
        try:
            return reader(reply.state)
        except ProtocolError as err:
            raise CommandError("ems_bad_answer", what=kind, reason=str(err)) from err

    def now(self) -> float:
        """Give the time [Unix s] by the clock of the EMS, as its last answer shows it.

        By it, schedules begin and end: what is over for the EMS, it refuses.
        """
        return time.time() + self._ahead

    def _compare_clocks(self, asked: float, told: float | None) -> None:
        """Take the time of an answer: that of a moment since its question was sent."""
        if told is None:
            return
        least, most = told - time.time(), told + self._settings.dialect.tick - asked
        ahead = min(max(0.0, least), most)
        self._ahead = ahead if abs(ahead) < _WRONG_CLOCK else 0.0

    def next_time(self) -> float:
        """Give a time [Unix s] that no message had before."""
        tick = self._settings.dialect.tick
        now = time.time() // tick * tick
        self._last_time = max(now, self._last_time + tick)
        return self._last_time

    def live_time(self) -> float:
        """Give a time [Unix s] for a live command, to which no answer is waited for.

        It is one that no message had before, but where these are used up faster than
        the clock goes: then it is the present.
        """
        tick = self._settings.dialect.tick
        now = time.time() // tick * tick
        return now if self._last_time + tick > now + _AHEAD else self.next_time()

    @callback
    def received(self, reply: Reply) -> bool:
        """Take an answer; gives whether it is from this site."""
        if reply.site_node_id not in (None, self._node):
            return False
        pending = self._pending
        if pending is not None and self._is_ours(pending, reply):
            if not pending.answer.done():
                self._compare_clocks(pending.asked, reply.time)
                pending.answer.set_result(reply)
        elif reply.answers in _CHANGES:
            # Another client's, or one of ours that came too late.
            self._changed()
        return True

    def _is_ours(self, pending: _Pending, reply: Reply) -> bool:
        told = reply.request_time
        same_time = told is not None and (
            abs(told - pending.time) < self._settings.dialect.tick / 2
        )
        if reply.answers is None:  # an error that does not say of what
            return same_time or told is None
        return same_time and reply.answers == pending.kind and pending.accepts(reply)

    async def _wait_for_turn(self) -> None:
        pause = self._free_at - asyncio.get_running_loop().time()
        if pause > 0:
            await asyncio.sleep(pause)


def refusal(reply: Reply) -> Refused:
    """Say no in the words of the EMS."""
    return Refused("ems_refused", reason=reply.error or f"code {reply.response_code}")
