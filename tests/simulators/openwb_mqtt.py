"""The simulated openWB's connection to a broker.

The rules of openWB/core (helpermodules/pub.py, 2.2.2): what it publishes is JSON, retained,
with QoS 0. Other than with it, no bridge is between it and the broker: what is published
while there is no connection is dropped, and each connection begins with everything.
"""

import asyncio
import contextlib
import logging

import aiomqtt

from .access import Access
from .openwb_model import OpenWb
from .openwb_store import Message

_LOGGER = logging.getLogger("openwb")
# After so long all retained topics have come [s].
_SILENCE = 0.5


class Connection:
    """Publishes what the model has to say, and hands in set topics."""

    def __init__(
        self,
        model: OpenWb,
        access: Access,
        *,
        root: str = "openWB",
        reconnect_seconds: float = 1.0,
        resume: bool = False,
    ) -> None:
        """Remember where the broker is."""
        self._model = model
        self._access = access
        self._root = root
        self._reconnect_seconds = reconnect_seconds
        self._resumes = resume
        self._client: aiomqtt.Client | None = None
        self._publishing = asyncio.Lock()
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                async with self._access.client() as client:
                    await self._serve(client)
            except aiomqtt.MqttError as error:
                _LOGGER.warning("no connection: %s", error)
            finally:
                self._client = None
                self.connected.clear()
            await asyncio.sleep(self._reconnect_seconds)

    async def _resume(self, client: aiomqtt.Client) -> None:
        """Go on with the counters that the broker has kept: openWB does not forget."""
        topic = f"{self._root}/#"
        await client.subscribe(topic)
        kept: dict[str, bytes] = {}
        with contextlib.suppress(TimeoutError):
            while True:
                received = await asyncio.wait_for(anext(client.messages), _SILENCE)
                if isinstance(received.payload, bytes):
                    key = received.topic.value.removeprefix(f"{self._root}/")
                    kept[key] = received.payload
        await client.unsubscribe(topic)
        self._model.resume(kept)

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Publish all that is retained, and take set topics."""
        if self._resumes:
            self._resumes = False
            await self._resume(client)
        # Who sees the topics may write at once: be there before.
        prefix = f"{self._root}/set/"
        await client.subscribe(f"{prefix}#", 2)
        async with self._publishing:
            # From now on changes wait until all is published.
            self._client = client
            self._model.store.take()
            for message in self._model.store.everything():
                await self._publish(client, message)
        _LOGGER.info("connected")
        self.connected.set()
        async for received in client.messages:
            payload, topic = received.payload, received.topic.value
            if isinstance(payload, bytes) and topic.startswith(prefix):
                self._model.sets.handle(topic.removeprefix(prefix), payload)
                await self.flush()

    async def flush(self) -> None:
        """Publish what is waiting, in its order; without a connection it is dropped.

        The next connection publishes everything anyway.
        """
        async with self._publishing:
            if (client := self._client) is None:
                self._model.store.take()
                return
            for message in self._model.store.take():
                with contextlib.suppress(aiomqtt.MqttError):
                    await self._publish(client, message)

    async def _publish(self, client: aiomqtt.Client, message: Message) -> None:
        topic = f"{self._root}/{message.topic}"
        # A connection whose loss nobody has noticed yet would hang for longer.
        await client.publish(topic, message.payload, 0, message.retain, timeout=1)
