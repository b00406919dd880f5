"""Asking the EMS, and finding the answers among those to others."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
"""Tells an answer to a question from one to another client's of the same moment."""


def anything(_: Reply) -> bool:
    """Accept any answer of the right kind."""
    return True


class NoAnswer(CommandError):
    """The EMS said nothing in time; whether it did what it was asked is not known."""


class Unsettled(NoAnswer):
    """A change went without an answer, and what came of it cannot be read either."""


class Refused(CommandError):
    """The EMS said no."""

    asked: str | None = None
    """The type of the request that it refused; None if it did not say of what."""


@dataclass(slots=True)
class _Pending:
    """A question that waits for its answer."""

    kind: str
    time: float
    accepts: Accepts
    answer: asyncio.Future[Reply]
    asked: float
    """The Unix time by our clock."""


class Requests:
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
        self._pending: list[_Pending] = []
        self._last_time = 0.0
        self._ahead = 0.0
        self._free_at = float("-inf")
        self._node = site_node_id(settings.serial, settings.dialect)

    async def ask(
        self, kind: str, fields: Mapping[str, Any], accepts: Accepts = anything
    ) -> Reply:
        """Ask once, and give the answer, an error too.

        Raises NoAnswer, or ConnectError when nothing can be sent.
        """
        (reply,) = await self.ask_at_once(kind, [(fields, accepts)])
        if reply is None:
            raise NoAnswer("ems_timeout", field=kind)
        return reply

    async def ask_at_once(
        self, kind: str, questions: Sequence[tuple[Mapping[str, Any], Accepts]]
    ) -> list[Reply | None]:
        """Ask several things of a kind, each once; None where there was no answer.

        An answer that several would accept is that of the first. Raises ConnectError
        when nothing can be sent.
        """
        loop = asyncio.get_running_loop()
        async with self._lock:
            await asyncio.sleep(max(self._free_at - loop.time(), 0))
            # Times of their own would soon be far ahead of the clock.
            moment = self.next_time if len(questions) == 1 else self.live_time
            self._pending = [
                _Pending(kind, moment(), accepts, loop.create_future(), time.time())
                for _, accepts in questions
            ]
            pending = self._pending
            try:
                for (fields, _), item in zip(questions, pending, strict=True):
                    await self._publish(
                        self._settings.command_topic,
                        encode_request(
                            kind,
                            fields,
                            serial=self._settings.serial,
                            time=item.time,
                            dialect=self._settings.dialect,
                        ),
                    )
                await asyncio.wait(
                    [item.answer for item in pending], timeout=self._settings.timeout
                )
            finally:
                self._pending = []
                self._free_at = loop.time() + self._settings.spacing
        return [
            item.answer.result() if item.answer.done() else None for item in pending
        ]

    async def read[T](
        self,
        kind: str,
        fields: Mapping[str, Any],
        reader: Callable[[object], T],
        accepts: Accepts = anything,
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
            LOGGER.debug("The answer to %s: %s", kind, err)
            raise CommandError("ems_bad_answer", field=kind) from err

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
        told = reply.site_node_id
        # Where ours is no number, a number does not name a site.
        names_site = told is not None and (
            not told.isdecimal() or self._node.isdecimal()
        )
        if names_site and told != self._node:
            return False
        ours = [item for item in self._pending if self._is_ours(item, reply)]
        if ours:
            waiting = (item for item in ours if not item.answer.done())
            if pending := next(waiting, None):
                self._compare_clocks(pending.asked, reply.time)
                pending.answer.set_result(reply)
        elif reply.answers in _CHANGES:
            # Another client's, or one of ours that came too late.
            self._changed()
        return True

    def _is_ours(self, pending: _Pending, reply: Reply) -> bool:
        told, half = reply.request_time, self._settings.dialect.tick / 2
        # A time that cannot be read does not say that it is another's.
        if told is not None and abs(told - pending.time) >= half:
            return False
        return reply.answers is None or (  # an error that does not say of what
            reply.answers == pending.kind and pending.accepts(reply)
        )


def refusal(reply: Reply) -> Refused:
    """Say no in the words of the EMS."""
    said = (
        Refused("ems_refused", reason=reply.error)
        if reply.error
        else Refused("ems_refused_code", code=str(reply.response_code))
    )
    said.asked = reply.answers
    return said
