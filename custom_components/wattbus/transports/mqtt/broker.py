"""MQTT through a connection of our own to any broker."""

import asyncio
import contextlib
from enum import Enum, auto
import random
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, override

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import WebsocketConnectionError

from homeassistant.core import callback

from ...const import LOGGER
from ...errors import ConnectError, Reason
from .client import Message, MessageCallback, MqttClient, StateCallback, Unsubscribe
from .session import Client, HungUp, session
from .settings import MQTT_5, WEBSOCKETS, BrokerSettings
from .topics import Router

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from homeassistant.core import HomeAssistant

# A frozen broker is noticed after twice this.
KEEPALIVE: Final = 20
# Limits the broker's answers, also the one to the connect.
ANSWER_TIMEOUT: Final = 10.0
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0

# Return codes 4 and 5 of MQTT 3.1.1, as paho translates them, are MQTT 5's 134 and
# 135; 138 is "banned", 140 "bad authentication method".
_AUTH_CODES: Final = frozenset({4, 5, 134, 135, 138, 140})

# paho says ValueError, and UnicodeError, to what cannot be the name of a host.
_EXPECTED: Final = (aiomqtt.MqttError, ConnectError, ValueError)


# From here on, the codes of a SUBACK are refusals.
_REFUSED: Final = 0x80


class _Phase(Enum):
    """Where the connection is in its life; decides what is logged, and once."""

    NEW = auto()
    UP = auto()
    DOWN = auto()


class BrokerClient(MqttClient):
    """Keeps a connection to a broker up, and its subscriptions with it."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: BrokerSettings,
        will: aiomqtt.Will | None = None,
    ) -> None:
        """Prepare; `start` connects. With a will, the connection is of one use alone."""
        self.settings = settings
        self._will = will
        self._hass = hass
        self._router: Router[MessageCallback] = Router()
        self._listeners: list[StateCallback] = []
        self._client: aiomqtt.Client | None = None
        self._phase = _Phase.NEW
        self._auth_refused = False
        self._task: asyncio.Task[None] | None = None
        self._unsubscribing: set[asyncio.Task[None]] = set()

    @property
    @override
    def connected(self) -> bool:
        return self._client is not None

    @property
    @override
    def auth_refused(self) -> bool:
        return self._auth_refused

    async def start(self) -> None:
        """Connect, and stay connected. Raises ConnectError when the first try fails."""
        first: asyncio.Future[None] = self._hass.loop.create_future()
        # Not the config entry's task: other entries may use the connection longer.
        self._task = self._hass.async_create_background_task(
            self._run(first), f"wattbus mqtt {self.settings.host}:{self.settings.port}"
        )
        try:
            await first
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close the connection for good."""
        for task in tuple(self._unsubscribing):
            task.cancel()  # its answer will not come any more
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @override
    async def subscribe(
        self, topic_filter: str, listener: MessageCallback
    ) -> Unsubscribe:
        unsubscribe = self.listen(topic_filter, listener)
        try:
            await self.ask_for(topic_filter)
        except BaseException:
            unsubscribe()
            raise
        return unsubscribe

    @callback
    def listen(self, topic_filter: str, listener: MessageCallback) -> Unsubscribe:
        """Call back for what fits, as far as the broker sends it."""
        remove = self._router.add(topic_filter, listener)

        def unsubscribe() -> None:
            if remove() and self._client is not None:
                task = self._hass.async_create_background_task(
                    _quietly(self._client.unsubscribe(topic_filter)),
                    f"wattbus mqtt unsubscribe {topic_filter}",
                )
                self._unsubscribing.add(task)
                task.add_done_callback(self._unsubscribing.discard)

        return unsubscribe

    async def ask_for(self, topic_filter: str) -> None:
        """Have the broker send what fits, beginning with what it has kept.

        Also when another listener has the filter: only a SUBSCRIBE brings the retained
        messages. Without a connection it is sent on the next connect.
        """
        if self._client is not None:
            try:
                await self._send_subscribe(self._client, topic_filter)
            except aiomqtt.MqttError as err:
                LOGGER.debug("Subscribing to %s failed: %s", topic_filter, err)

    @override
    async def publish(
        self, topic: str, payload: str | bytes, qos: int = 0, *, retain: bool = False
    ) -> None:
        if self._client is None:
            raise ConnectError(Reason.CONNECTION_LOST, self.settings.host)
        try:
            await self._client.publish(topic, payload, qos, retain=retain)
        except aiomqtt.MqttError as err:
            raise ConnectError(
                Reason.CONNECTION_LOST, self.settings.host, str(err)
            ) from err

    @override
    def on_state(self, listener: StateCallback) -> Unsubscribe:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @override
    async def release(self) -> None:
        await self.stop()

    async def _run(self, first: asyncio.Future[None]) -> None:
        """Connect, listen, and connect again after a growing pause."""
        pauses = _pauses()
        while True:
            try:
                async with session(await self._prepare()) as client:
                    await self._subscribe_all(client)
                    self._up(client)
                    if not first.done():
                        first.set_result(None)
                    pauses = _pauses()
                    await self._listen(client)
            except asyncio.CancelledError:
                self._client = None
                raise
            except Exception as err:  # noqa: BLE001 # nobody shall wait for ever
                if not isinstance(err, _EXPECTED):
                    LOGGER.exception("Unexpected error with %s", self.settings.host)
                error = _explain(err, self.settings)
                self._down(error)
                if not first.done():
                    first.set_exception(error)
                    return
            await asyncio.sleep(next(pauses))

    async def _prepare(self) -> Client:
        """Make a client for one attempt; aiomqtt's cannot be used again after errors."""
        settings = self.settings
        context = await self._hass.async_add_executor_job(settings.tls_context)
        return Client(
            settings.host,
            settings.port,
            username=settings.username,
            password=settings.password,
            identifier=settings.client_id,
            protocol=aiomqtt.ProtocolVersion.V5
            if settings.protocol == MQTT_5
            else aiomqtt.ProtocolVersion.V311,
            timeout=ANSWER_TIMEOUT,
            keepalive=KEEPALIVE,
            will=self._will,
            tls_context=context,
            transport="websockets" if settings.transport == WEBSOCKETS else "tcp",
            websocket_path=settings.ws_path,
            logger=LOGGER.getChild("mqtt"),
        )

    async def _subscribe_all(self, client: aiomqtt.Client) -> None:
        sent: set[str] = set()
        # Again for those that came during the wait, when there was no connection yet
        # for whoever brought them.
        while new := [item for item in self._router.filters if item not in sent]:
            await self._send_subscribe(client, *new)
            sent.update(new)

    async def _send_subscribe(self, client: aiomqtt.Client, *filters: str) -> None:
        answers: Sequence[Any] = await client.subscribe([(item, 0) for item in filters])
        for topic_filter, answer in zip(filters, answers, strict=False):
            # Numbers with MQTT 3.1.1, objects with MQTT 5.
            if getattr(answer, "value", answer) >= _REFUSED:
                LOGGER.warning(
                    "%s does not allow to read %.100s", self.settings.host, topic_filter
                )

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic = message.topic.value
            received = Message(topic, message.payload, message.retain)
            for listener in self._router.route(topic):
                try:
                    listener(received)
                except Exception:  # noqa: BLE001 # one listener's fault is not the others'
                    LOGGER.exception("A message on %.100s could not be handled", topic)

    @callback
    def _up(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._auth_refused = False
        if self._phase is _Phase.DOWN:
            LOGGER.info("Connected again to %s", self.settings.host)
        self._phase = _Phase.UP
        self._notify(True)

    @callback
    def _down(self, error: ConnectError) -> None:
        self._client = None
        self._auth_refused = error.is_auth
        if self._phase is _Phase.UP:
            LOGGER.warning(
                "Lost the connection to %s (%s)", self.settings.host, error.reason
            )
            self._phase = _Phase.DOWN
        LOGGER.debug("%s: %s", self.settings.host, error.detail)
        self._notify(False)

    @callback
    def _notify(self, up: bool) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(up)
            except Exception:  # noqa: BLE001 # one listener's fault is not the others'
                LOGGER.exception("A listener failed on the state of the connection")


def _pauses() -> Iterator[float]:
    """Give the pauses between attempts to connect, in seconds, for ever.

    The jitter keeps the clients of a restarted broker from coming all at once.
    """
    pause = FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.75, 1.25)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _quietly(call: Coroutine[None, None, None]) -> None:
    """Wait for a call whose failure the reconnect makes good."""
    with contextlib.suppress(aiomqtt.MqttError):
        await call


def _explain(err: Exception, settings: BrokerSettings) -> ConnectError:
    """Find out why a connection failed; aiomqtt hides the cause in the context."""
    if isinstance(err, ConnectError):
        return err
    cause = err.__cause__ or err.__context__
    if isinstance(err, aiomqtt.MqttCodeError):
        code = getattr(err.rc, "value", err.rc)
        if isinstance(err, MqttConnectError):
            reason = (
                Reason.INVALID_AUTH if code in _AUTH_CODES else Reason.BROKER_REJECTED
            )
        else:
            reason = Reason.CONNECTION_LOST
    elif isinstance(cause, ssl.SSLCertVerificationError):
        reason = Reason.TLS_UNTRUSTED
    elif isinstance(cause, ssl.SSLError) or (
        settings.tls and isinstance(cause, ConnectionResetError)
    ):
        reason = Reason.TLS_FAILED
    elif isinstance(cause, WebsocketConnectionError):
        reason = Reason.NO_WEBSOCKET
    elif isinstance(cause, socket.gaierror):
        reason = Reason.HOST_UNKNOWN
    elif isinstance(cause, TimeoutError):
        reason = Reason.TIMEOUT
    elif isinstance(cause, OSError):
        reason = Reason.REFUSED
    elif isinstance(err, ValueError):
        reason = Reason.HOST_UNKNOWN
    elif isinstance(err, HungUp):
        reason = Reason.TLS_FAILED if settings.tls else Reason.BROKER_REJECTED
    elif "timed out" in str(err):
        reason = Reason.TIMEOUT
    else:
        reason = Reason.CONNECTION_LOST
    return ConnectError(reason, settings.host, str(err))
