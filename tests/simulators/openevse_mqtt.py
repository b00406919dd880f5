"""The simulated OpenEVSE gateway's connection to a broker.

The rules of silence of the gateways' mqtt.cpp:

- ESP8266_WiFi_v2.x up to 2.8.2 publishes an answer if it begins with `$OK` and a blank: a
  bare `$OK` reaches nobody, and `$NK`, a failure, neither. From 2.9 on both do.
- A command that is dropped, or that the controller does not answer, is answered by
  nothing.
- An answer does not say to which command it is.
"""

import asyncio
import json
import logging

import aiomqtt

from .access import Access
from .openevse_gateway import Message
from .openevse_link import Link
from .openevse_topics import Topics

_LOGGER = logging.getLogger("openevse")
# A model that lives too fast has more to say than can be said: then only what comes
# again by itself is left out.
_MAX_BACKLOG = 100


class Connection:
    """Publishes what the gateway tells, and hands in what arrives."""

    def __init__(
        self,
        link: Link,
        access: Access,
        *,
        reconnect_seconds: float = 1.0,
    ) -> None:
        """Remember where the broker is."""
        self._link = link
        self._gateway = link.gateway
        self._access = access
        self._reconnect_seconds = reconnect_seconds
        self._outbox = asyncio.Queue[Message]()
        self._restarts = asyncio.Event()
        self._reconnects = asyncio.Event()
        self._answers = set[asyncio.Task[None]]()
        self._topics = Topics(self._gateway)
        self._session: aiomqtt.Client | None = None
        self._silent = False
        self.connected = asyncio.Event()
        self._gateway.on_message.append(self._queue)
        self._gateway.on_restart.append(self._restarts.set)
        self._gateway.on_reconnect.append(self._reconnects.set)

    def _queue(self, message: Message) -> None:
        busy = self._outbox.qsize() > _MAX_BACKLOG
        if self._gateway.online and (message.lasting or not busy):
            self._outbox.put_nowait(message)

    @property
    def _is_esp32(self) -> bool:
        return self._gateway.profile.esp32

    @property
    def will_topic(self) -> str:
        """Where it says that it is there, or not."""
        if not self._is_esp32:
            return self._gateway.base
        return str(self._gateway.config.values["mqtt_announce_topic"])

    def presence(self, connected: bool) -> str:
        """Return what it says there."""
        state = "connected" if connected else "disconnected"
        if not self._is_esp32:
            return state
        gateway = self._gateway
        document = {
            "state": state,
            "id": gateway.device_id,
            "name": gateway.config.values["hostname"],
        }
        if connected:
            document |= {"mqtt": gateway.base, "http": "http://192.0.2.67/"}
        return json.dumps(document, separators=(",", ":"))

    async def crash(self) -> None:
        """Say nothing more but the last will, as one whose power is cut."""
        self._silent = True
        await self.say_will()

    async def say_will(self) -> None:
        """Do what the broker does when the device is gone without a word."""
        if self._session is not None:
            will, qos = self.presence(connected=False), 0 if self._is_esp32 else 1
            await self._session.publish(self.will_topic, will, qos, self._is_esp32)

    def detach(self) -> None:
        """Listen to the gateway no more."""
        self._gateway.on_message.remove(self._queue)
        self._gateway.on_restart.remove(self._restarts.set)
        self._gateway.on_reconnect.remove(self._reconnects.set)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            while True:
                try:
                    async with self._client() as client:
                        _LOGGER.info("connected")
                        await self._serve(client)
                except aiomqtt.MqttError as error:
                    _LOGGER.warning("no connection: %s", error)
                self._disconnected()
                await asyncio.sleep(self._reconnect_seconds)
        finally:
            self._disconnected()

    def _disconnected(self) -> None:
        self._session = None
        self._gateway.online = False
        self.connected.clear()
        self._restarts.clear()
        self._reconnects.clear()
        while not self._outbox.empty():
            self._outbox.get_nowait()
        for task in self._answers:
            task.cancel()

    def _client(self) -> aiomqtt.Client:
        """Return a client that is not connected yet."""
        will = aiomqtt.Will(
            self.will_topic,
            self.presence(connected=False),
            0 if self._is_esp32 else 1,
            retain=self._is_esp32,
        )
        return self._access.client(will)

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Say hello, and work until the connection is lost or the gateway restarts."""
        hello = self.presence(connected=True)
        await client.publish(self.will_topic, hello, 0, retain=self._is_esp32)
        for topic in self._topics.subscribed():
            await client.subscribe(topic)
        self._session = client
        self._gateway.connected()
        self.connected.set()
        work = [
            asyncio.create_task(self._publish(client)),
            asyncio.create_task(self._receive(client)),
            asyncio.create_task(self._restarts.wait()),
            asyncio.create_task(self._reconnects.wait()),
        ]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            if self._restarts.is_set():
                await self.say_will()
            elif not (work[1].done() or self._reconnects.is_set()):
                # aiomqtt keeps the reason for who reads messages; it must be taken.
                await asyncio.wait((work[1],), timeout=1)
        finally:
            for task in work:
                task.cancel()
            results = await asyncio.gather(*work, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            message = await self._outbox.get()
            payload = message.payload.encode("latin-1")
            await self._say(client, message.key, payload, message.retain)

    async def _say(
        self,
        client: aiomqtt.Client,
        key: str,
        payload: bytes | str,
        retain: bool = False,
    ) -> None:
        if not self._silent:
            await client.publish(f"{self._gateway.base}/{key}", payload, 0, retain)

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload
            text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
            try:
                command = self._topics.handle(message.topic.value, text)
            except ValueError as error:
                _LOGGER.warning("%s not understood: %s", message.topic, error)
                continue
            if command is not None:
                task = asyncio.create_task(self._rapi(client, command))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

    async def _rapi(self, client: aiomqtt.Client, command: str) -> None:
        """Pass a command on, and its answer back."""
        outcome = await self._link.send(command)
        try:
            if (foreign := self._link.others()) is not None:
                await self._say(client, "rapi/out", foreign)
            if outcome.late:
                await asyncio.sleep(self._link.trouble.delay_seconds)
            if outcome.line is not None and self._forwards(outcome.line):
                await self._say(client, "rapi/out", outcome.line.encode("latin-1"))
        except aiomqtt.MqttError:
            _LOGGER.warning("an answer is lost with the connection")

    def _forwards(self, line: str) -> bool:
        """Return whether an answer is published.

        Up to 2.8.2 only one that begins with `$OK` and a blank is; with a sequence id
        there is one. `$NK` counts as a failure.
        """
        return self._gateway.profile.bare_replies or line.startswith("$OK ")
