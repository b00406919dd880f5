"""Talking RAPI to the controller behind a gateway: one question at a time.

A command does not wait until a question of the poll is answered, which may never be: it
overtakes, and the question is asked anew.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, override

from ...const import LOGGER
from ...errors import CommandError, ConnectError
from ...protocols import rapi
from ...protocols.openevse import Gateway, send_rapi
from ...protocols.publication import Publication
from ...protocols.rapi import COMMANDS, Kind, Reply, Version

# The gateway itself waits half a second for the controller, behind a queue of ten.
ANSWER_TIMEOUT: Final = 3.0
# A read that got no answer is sent once more; a write never is.
READ_ATTEMPTS: Final = 2

_PATIENT: Final = ContextVar("patient", default=False)

_LAST_SEQUENCE: Final = 0xFF
_SEQUENCES_SINCE: Final = (3, 0, 0)
_VERSION: Final = "GV"


@contextmanager
def patiently() -> Iterator[None]:
    """Let what is asked meanwhile give way to everything else."""
    token = _PATIENT.set(True)
    try:
        yield
    finally:
        _PATIENT.reset(token)


class Rapi(ABC):
    """The way to the controller; what a question ends in is its own answer or an error."""

    tells_blocked = False
    """Whether the way itself says that the gateway drops a command."""

    def __init__(self) -> None:
        """Start without having heard of the controller."""
        self.gateway = Gateway()
        self.version: Version | None = None
        self._lock = asyncio.Lock()
        self._urgent = 0
        self._question: asyncio.Timeout | None = None

    async def ask(self, command: str, *parameters: str | int) -> Reply:
        """Send a command, and give the controller's answer, `$NK` too.

        Raises ProtocolError for what cannot be sent, and CommandError or ConnectError
        when there is no answer.
        """
        checked = self._checked(command, parameters)
        reads = COMMANDS[command].kind is Kind.READ
        for attempt in range(READ_ATTEMPTS if reads else 1):
            if attempt:
                LOGGER.debug("No answer to $%s, asking again", command)
            if (reply := await self._in_turn(command, checked)) is not None:
                return reply
        if not reads and await self._drops(command):
            raise CommandError("rapi_blocked", command=command)
        raise CommandError("rapi_timeout", command=command)

    async def _in_turn(
        self, command: str, parameters: tuple[str, ...] = ()
    ) -> Reply | None:
        """Exchange once: a command at once, what is asked patiently when there is time."""
        while _PATIENT.get():
            async with self._lock:
                if self._urgent:
                    continue  # that waits for the lock already, and is the next
                try:
                    async with asyncio.timeout(None) as self._question:
                        return await self._exchange(command, parameters)
                except TimeoutError:
                    LOGGER.debug("$%s is put off", command)
                finally:
                    self._question = None
        self._urgent += 1
        if self._question is not None:
            self._question.reschedule(asyncio.get_running_loop().time())
        try:
            async with self._lock:
                return await self._exchange(command, parameters)
        finally:
            self._urgent -= 1

    async def _drops(self, command: str) -> bool:
        """Whether it is this command that is not answered, and not just any."""
        if self.tells_blocked or self.gateway.blocks(command) is False:
            return False
        return await self._in_turn(_VERSION) is not None

    def _checked(
        self, command: str, parameters: tuple[str | int, ...]
    ) -> tuple[str, ...]:
        """Refuse what this controller does not take. Raises ProtocolError."""
        protocol = self.version.protocol if self.version else None
        return rapi.check(command, parameters, protocol=protocol)

    async def tell(self, command: str) -> None:
        """Send a command whose answer may be lost, as in a restart.

        Raises CommandError where the gateway drops it, and for `$NK`.
        """
        checked = self._checked(command, ())
        if self.gateway.blocks(command):
            raise CommandError("rapi_blocked", command=command)
        if (reply := await self._in_turn(command, checked)) is not None:
            _obeyed(command, reply)

    async def order(self, command: str, *parameters: str | int) -> Reply:
        """Send a command that has to be obeyed. Raises CommandError for `$NK`, too."""
        return _obeyed(command, await self.ask(command, *parameters))

    async def identify(self) -> Version:
        """Ask the controller who it is."""
        self.version = rapi.read_version(await self.order(_VERSION))
        return self.version

    @property
    def hides_refusals(self) -> bool:
        """Whether the gateway keeps a bare `$NK` to itself."""
        return False

    def is_silent(self, command: str) -> bool:
        """Whether the gateway keeps the answer to itself: only a read can prove it."""
        return False

    @abstractmethod
    async def _exchange(
        self, command: str, parameters: tuple[str, ...]
    ) -> Reply | None:
        """Send once; None if no answer came in time."""


class MqttRapi(Rapi):
    """RAPI over the gateway's topics, where an answer does not say to what.

    Controllers of protocol 3.0 and newer repeat a sequence id, which finds the answer
    among those to other clients. Older ones answer in order.
    """

    def __init__(
        self, base: str, publish: Callable[[Publication], Awaitable[None]]
    ) -> None:
        """Send below a base topic."""
        super().__init__()
        self.bare_replies = False
        """Whether the gateway passes an `$OK` without fields on."""
        self._base = base
        self._publish = publish
        self._sequence = 0
        self._out_of_step = False
        self._accepts: Callable[[Reply], bool] | None = None
        self._answer: asyncio.Future[Reply] | None = None

    def received(self, payload: bytes) -> None:
        """Take what came on `<base>/rapi/out`. Raises ProtocolError."""
        message = rapi.decode(payload)
        if not isinstance(message, Reply):
            return
        if self._accepts and self._answer and self._accepts(message):
            if not self._answer.done():
                self._answer.set_result(message)
            return
        LOGGER.debug("An answer that is to somebody else: %.40s", payload)

    def lost(self, error: ConnectError) -> None:
        """End the question under way, for no answer to it can come any more."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    @property
    @override
    def hides_refusals(self) -> bool:
        return not self.bare_replies

    @property
    def _in_sequence(self) -> bool | None:
        """Whether the controller knows sequence ids; None: not known yet."""
        if self.version is None or self.version.protocol is None:
            return None
        return self.version.protocol >= _SEQUENCES_SINCE

    @override
    def is_silent(self, command: str) -> bool:
        return (
            self._in_sequence is False
            and not self.bare_replies
            and not COMMANDS[command].reply
        )

    @override
    async def _exchange(
        self, command: str, parameters: tuple[str, ...]
    ) -> Reply | None:
        if self._in_sequence is False:
            if self._out_of_step and command != _VERSION:
                # A late answer to the last question may still come. Its own kind of
                # answer shows when everything before it is through.
                if await self._send(_VERSION, (), None, _is_version) is None:
                    return None
                self._out_of_step = False
            if self.is_silent(command):
                # The gateway keeps this answer to itself: who sends this reads back.
                await self._publish(send_rapi(self._base, command, *parameters))
                return Reply(True, (), None)
            self._out_of_step = True  # also if it is given up
            reply = await self._send(command, parameters, None, _fits(command))
            self._out_of_step = reply is None
            return reply
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        wanted = self._sequence
        known = self._in_sequence is True

        def ours(reply: Reply) -> bool:
            if reply.sequence == wanted:
                return True
            return not known and reply.sequence is None and _is_version(reply)

        return await self._send(command, parameters, wanted, ours)

    async def _send(
        self,
        command: str,
        parameters: tuple[str, ...],
        sequence: int | None,
        accepts: Callable[[Reply], bool],
    ) -> Reply | None:
        self._answer = asyncio.get_running_loop().create_future()
        self._accepts = accepts
        try:
            await self._publish(
                send_rapi(self._base, command, *parameters, sequence=sequence)
            )
            async with asyncio.timeout(ANSWER_TIMEOUT):
                return await self._answer
        except TimeoutError:
            return None
        finally:
            self._answer = self._accepts = None


def _obeyed(command: str, reply: Reply) -> Reply:
    """Give a reply that is not `$NK`. Raises CommandError."""
    if not reply.ok:
        raise CommandError(
            "rapi_refused", command=command, reason=" ".join(("$NK", *reply.values))
        )
    return reply


def _is_version(reply: Reply) -> bool:
    """Whether it looks like an answer to `$GV`, as no other does."""
    return reply.ok and len(reply.values) == 2 and reply.values[1].count(".") == 2


def _fits(command: str) -> Callable[[Reply], bool]:
    """Tell whether a reply may be one to the command, by the number of its fields."""
    most = len(COMMANDS[command].reply)

    def fits(reply: Reply) -> bool:
        if not reply.ok:
            return True
        return reply.sequence is None and bool(reply.values) == bool(most)

    return fits
