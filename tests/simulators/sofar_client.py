"""Another client of the simulated EMS, which uses the same topics: no device."""

import asyncio
from collections.abc import Callable
import contextlib
import json
import random
import time
from typing import Any, Self

from .access import Access
from .sofar_dialect import VOCABULARY
from .sofar_mqtt import Connection, Topics

_HOUR = 3600

type Document = dict[str, Any]


class OtherClient:
    """Sends requests, and hears all replies, its own and those to others.

    async with simulator.other_client() as other:
        reply = await other.request("get_future_schedules")

    Attributes:
        heard: All that has come on the feedback topic.
        timeout: How long it waits for a reply [s].
    """

    def __init__(
        self,
        access: Access,
        topics: Topics,
        node_id: str,
        *,
        clock: Callable[[], float] = time.time,
        timeout: float = 5.0,
    ) -> None:
        """Remember whom to talk to."""
        self._node_id = node_id
        self._clock = clock
        self.timeout = timeout
        self._last_time = 0
        self._connection = Connection(
            access, topics.feedback, topics.command, self._receive
        )
        self._waiting: dict[tuple[str, int], asyncio.Future[Document]] = {}
        self.heard: list[Document] = []

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self.stop()

    @property
    def connected(self) -> bool:
        """Return whether it is at its broker."""
        return self._connection.connected.is_set()

    async def start(self) -> None:
        """Connect; return when it is connected."""
        await self._connection.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._connection.stop()

    async def request(
        self,
        message_type: str,
        fields: Document | None = None,
        *,
        time: int | None = None,
    ) -> Document:
        """Send a request and return the reply; TimeoutError if none comes.

        A time that somebody else uses makes an ack that cannot be told from his.
        """
        time = self._unused_time() if time is None else time
        future: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        self._waiting[f"{message_type}_ack", time] = future
        self._waiting["general_error", time] = future
        try:
            message = self.message(fields or {}, time, message_type=message_type)
            await self.send(message)
            async with asyncio.timeout(self.timeout):
                return await future
        finally:
            self._waiting.pop((f"{message_type}_ack", time), None)
            self._waiting.pop(("general_error", time), None)

    async def live(self, fields: Document) -> None:
        """Send a live command."""
        await self.send(self.message(fields, self._unused_time()))

    def message(self, fields: Document, time: int, **more: Any) -> Document:
        """Return a message as the vendor's page has it."""
        tags = {"nodeId": self._node_id}
        return {"extraTags": tags, "time": time, **more, "fields": fields}

    async def send(self, message: Document | bytes) -> None:
        """Publish anything on the command topic."""
        payload = (
            message if isinstance(message, bytes) else json.dumps(message).encode()
        )
        await self._connection.publish(payload)

    async def meddle(self, chance: random.Random) -> None:
        """Set or remove a schedule at random; that the EMS refuses it is no matter."""
        with contextlib.suppress(TimeoutError):
            if chance.random() < 0.6:
                await self.request("set_schedule", self._random_schedule(chance))
                return
            reply = await self.request("get_future_schedules")
            found = reply["data"].get("state", {}).get("schedules", [])
            if found:
                chosen = chance.choice(found)["id"]
                await self.request("remove_schedule", {"id": chosen})

    async def keep_meddling(self, seconds: float, seed: int = 0) -> None:
        """Meddle now and then, until cancelled."""
        chance = random.Random(seed)
        while True:
            await asyncio.sleep(seconds)
            await self.meddle(chance)

    def _random_schedule(self, chance: random.Random) -> Document:
        device_type = chance.choice(list(VOCABULARY))
        policy = chance.choice(list(VOCABULARY[device_type]))
        start = int(self._clock()) + chance.randrange(-600, 6 * _HOUR)
        fields: Document = {
            "device_type": device_type,
            "start_time": start,
            "end_time": start + chance.randrange(300, _HOUR),
            "policy": policy,
            "remove_overlap": chance.random() < 0.2,
        }
        if VOCABULARY[device_type][policy].needs_power:
            fields["power_setpoint_w"] = chance.randrange(0, 5001, 100)
        return fields

    def _unused_time(self) -> int:
        """Return the time, or a second more than the last request's: it is its id."""
        self._last_time = max(int(self._clock()), self._last_time + 1)
        return self._last_time

    def _receive(self, payload: bytes, retained: bool) -> None:
        try:
            message = json.loads(payload)
            sent, kind = message["requestTime"], message["data"]["message_type"]
        except ValueError, KeyError, TypeError:
            return
        self.heard.append(message)
        future = self._waiting.get((kind, sent))
        if future is not None and not future.done():
            future.set_result(message)
