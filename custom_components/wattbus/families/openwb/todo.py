"""openWB's own commands (`command/<client>/todo`), each done when openWB has said so."""

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any, Final

from ...errors import CommandError
from ...protocols import ProtocolError, openwb
from ...protocols.openwb.commands import FIRST_YEAR
from ...protocols.publication import Publication

# How long an answer may take [s]. To a charge point that is away openWB tries to connect
# for 5 s.
ANSWER_TIMEOUT: Final = 15.0

# Begins the names that openWB answers to. Each command has one of its own: a late answer
# is never taken for that to another, and none waits for another.
CLIENT: Final = "wattbus"

type Send = Callable[[Publication], Awaitable[None]]


class Todo:
    """Gives commands, and waits for what openWB answers to them."""

    def __init__(self, root: str, send: Send) -> None:
        """Publish with `send`, below a root topic."""
        self._root = root
        self._send = send
        self._answers: dict[str, asyncio.Queue[tuple[str, bytes]]] = {}

    def __bool__(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._answers)

    def answered(self, topic: str, payload: bytes) -> None:
        """Take what is no state: an answer to a command, perhaps."""
        if not self._answers or not payload:
            return
        client = openwb.answered_client(self._root, topic)
        if client in self._answers:
            self._answers[client].put_nowait((topic, payload))

    async def charge_log(self, year: int, month: int) -> openwb.Json:
        """Read a month's charging sessions, in openWB's own form."""
        answer = await self.do(
            openwb.charge_log, year, month, answer=openwb.charge_log_topic
        )
        try:
            return openwb.decode_charge_log(answer)
        except ProtocolError:
            raise CommandError("bad_answer", host="openWB") from None

    async def do(
        self,
        build: Callable[..., Publication],
        *arguments: Any,
        answer: Callable[[str, str], str] = openwb.messages_topic,
        silent: bool = False,
    ) -> bytes:
        """Give a command, and wait for its answer.

        To a `silent` one there is none unless it fails. openWB does one after the other:
        the answer to the next says that it has been passed on.

        Raises CommandError, also with the words of openWB when it has failed.
        """
        client = f"{CLIENT}-{token_hex(4)}"
        publication = build(self._root, client, *arguments)
        wanted = (openwb.charge_log_topic if silent else answer)(self._root, client)
        answers = self._answers[client] = asyncio.Queue()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                await self._send(publication)
                if silent:
                    # A month that no openWB has seen costs it nothing.
                    await self._send(
                        openwb.charge_log(self._root, client, FIRST_YEAR, 1)
                    )
                while True:
                    topic, payload = await answers.get()
                    self._check(client, topic, payload)
                    if topic.startswith(wanted):
                        return payload
        except TimeoutError:
            raise CommandError("openwb_no_answer") from None
        finally:
            del self._answers[client]

    def _check(self, client: str, topic: str, payload: bytes) -> None:
        """Raise what an answer says of a failure."""
        reason = None
        try:
            if topic == openwb.error_topic(self._root, client):  # up to 2.1.3
                reason = openwb.decode_error(payload)
            elif topic.startswith(openwb.messages_topic(self._root, client)):
                reason = openwb.decode_refusal(payload)
        except ProtocolError:
            raise CommandError("bad_answer", host="openWB") from None
        if reason is not None:
            raise CommandError("openwb_failed", reason=reason)
