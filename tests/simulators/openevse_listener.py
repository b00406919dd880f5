"""A client that hears what a simulated OpenEVSE publishes, and commands it: no device."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiomqtt

from custom_components.wattbus.protocols.openevse import (
    decode,
    decode_announce,
    send_rapi,
)
from custom_components.wattbus.protocols.publication import Publication
from custom_components.wattbus.protocols.rapi import State
from tests.harness.broker import Broker

from .openevse import Generation, OpenEvseSimulator, Options

BASE = "openevse"
ANNOUNCE = "openevse/announce/ad55"


class Listener:
    """What a client at the broker has heard, as text and as Wattbus decodes it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        """Hear nothing yet."""
        self.client = client
        self.texts: dict[str, list[str]] = {}
        self.values: dict[str, Any] = {}
        self.retained: set[str] = set()
        self._heard = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Hear everything from now on."""
        await self.client.subscribe("#")
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hear nothing more."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _listen(self) -> None:
        async for message in self.client.messages:
            topic, payload = message.topic.value, message.payload
            assert isinstance(payload, bytes)
            self.texts.setdefault(topic, []).append(payload.decode())
            key = topic.removeprefix(BASE)
            if key != topic and not key.endswith("/set"):
                self.values |= decode(key.removeprefix("/"), payload)
            if message.retain:
                self.retained.add(topic)
            self._heard.set()

    def last(self, key: str) -> str | None:
        """Return the last text on a topic below the base."""
        return self.texts.get(f"{BASE}/{key}", [None])[-1]

    @property
    def announced(self) -> bool:
        """Return whether the gateway says that it is there."""
        return decode_announce(self.texts[ANNOUNCE][-1]).connected

    @property
    def replies(self) -> list[str]:
        """Return all answers to RAPI commands."""
        return self.texts.get(f"{BASE}/rapi/out", [])

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(30):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    async def until_state(self, *states: State) -> None:
        """Wait until the charger says that it is in one of some states."""
        await self.until(lambda: self.values.get("state") in states)

    async def send(self, publication: Publication) -> None:
        """Publish a command."""
        await self.client.publish(publication.topic, publication.payload)

    async def rapi(self, command: str, *parameters: str | int, **options: int) -> str:
        """Send a RAPI command and return what comes next."""
        before = len(self.replies)
        await self.send(send_rapi(BASE, command, *parameters, **options))
        await self.until(lambda: len(self.replies) > before)
        return self.replies[before]


@asynccontextmanager
async def simulated(
    broker: Broker, generation: str, speed: float = 100, **options: Any
) -> AsyncIterator[OpenEvseSimulator]:
    """Run a simulator at a broker."""
    wanted = Options(Generation(generation), speed=speed, **options)
    async with OpenEvseSimulator(wanted) as simulator:
        await simulator.connect(broker.host, broker.port)
        yield simulator
