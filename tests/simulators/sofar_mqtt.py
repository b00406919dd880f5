"""The simulated EMS's connection to a broker.

The vendor's page (docs.eniris.be, External Signals/MQTT/eniris-schedules-mqtt) has one topic
that the EMS listens to and one that it answers on, both with its serial number in them, at
a broker in the internet, for all clients of a site. It says nothing of quality of service,
retained messages or sessions, which are taken the unkind way:

- Replies have QoS 0 and are not retained: who is not there does not get them.
- What is published while it is away is lost: its session is a clean one.
- A command that the broker has retained is carried out at each connection.
- Messages are handled one after the other, in the order in which they come. That replies are
  lost, late, twice, cut off or another client's is in `sofar_trouble`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging

import aiomqtt

from .access import Access

_LOGGER = logging.getLogger("sofar")


@dataclass(frozen=True, slots=True)
class Topics:
    """Where commands go, and where replies come."""

    command: str
    feedback: str

    def of(self, serial: str, username: str | None) -> Topics:
        """Return them with their placeholders replaced."""

        def replace(topic: str) -> str:
            return topic.replace("{serial}", serial).replace(
                "{username}", username or ""
            )

        return Topics(replace(self.command), replace(self.feedback))


class Connection:
    """Subscribes to one topic and publishes to another; stays connected by itself.

    Args:
        on_message: Gets the payload, and whether it was retained.
    """

    def __init__(
        self,
        access: Access,
        subscribed: str,
        published: str,
        on_message: Callable[[bytes, bool], None],
        *,
        reconnect_seconds: float = 1.0,
    ) -> None:
        """Remember where to connect to."""
        self._access = access
        self._subscribed, self._published = subscribed, published
        self._on_message = on_message
        self._reconnect_seconds = reconnect_seconds
        self._session: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self.connected = asyncio.Event()

    async def start(self) -> None:
        """Connect; return when it is connected for the first time."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        connected = asyncio.create_task(self.connected.wait())
        await asyncio.wait((connected, self._task), return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()
        if self._task.done():
            await self.stop()

    async def stop(self) -> None:
        """Leave the broker."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            task, self._task = self._task, None
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def publish(self, payload: bytes) -> bool:
        """Publish, not retained; return whether there is a connection to do so."""
        if self._session is None:
            return False
        try:
            await self._session.publish(self._published, payload)
        except aiomqtt.MqttError:
            return False
        return True

    async def _run(self) -> None:
        while True:
            try:
                async with self._access.client() as client:
                    await client.subscribe(self._subscribed, qos=1)
                    _LOGGER.info("connected")
                    self._session = client
                    self.connected.set()
                    await self._receive(client)
            except aiomqtt.MqttError as error:
                _LOGGER.warning("no connection: %s", error)
            finally:
                self._session = None
                self.connected.clear()
            await asyncio.sleep(self._reconnect_seconds)

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload
            if isinstance(payload, bytes):
                self._on_message(payload, bool(message.retain))
