"""What every family's driver is built on.

A driver turns messages into reports to its sink, and commands into messages. It knows
Home Assistant, because connections need it, but no entity.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, override

from homeassistant.const import CONF_HOST
from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..const import CONF_BROKER, CONF_FAMILY, LOGGER
from ..errors import ConnectError, Reason
from ..protocols import ProtocolError, Unread
from ..redaction import secrets_of, without
from ..transports.mqtt import BrokerSettings, Message, MqttClient, acquire

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .sink import DeviceKey, Sink

# Bounds of what is remembered of a broker's topics.
_MOST_TOPICS: Final = 2048
_LARGEST_KEPT: Final = 262_144

# Seconds until a topic that sends rubbish is mentioned again.
_COMPLAIN_EVERY: Final = 3600.0

type Handler = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Context:
    """What a driver is given."""

    hass: HomeAssistant
    data: Mapping[str, Any]
    """Of the entry; or what the flow has so far."""
    options: Mapping[str, Any]
    sink: Sink


class Driver(ABC):
    """One running connection to a device installation."""

    def __init__(self, context: Context) -> None:
        """Prepare without a connection."""
        self.hass = context.hass
        self.data = context.data
        self.options = context.options
        self.sink = context.sink

    @abstractmethod
    async def start(self) -> None:
        """Connect and begin to report. Raises ConnectError."""

    @abstractmethod
    async def stop(self) -> None:
        """Release everything; also called after a start that failed."""

    @property
    def locked_out(self) -> bool:
        """Whether a device was heard that shows us only what everybody may see."""
        return False

    @property
    def linked_up(self) -> bool:
        """Whether the device could be heard, if it spoke."""
        return True

    def forget(self, device: DeviceKey) -> None:  # noqa: B027 # most have nothing to forget
        """Forget a device that the user deleted; it may come back when it speaks."""

    def diagnostics(self) -> dict[str, Any]:
        """Tell what helps to understand a problem; never a secret."""
        return {}


class _Last(NamedTuple):
    """The last message of a topic."""

    payload: bytes
    devices: tuple[DeviceKey, ...]


class MqttDriver(Driver):
    """A driver that is told everything by MQTT.

    A payload equal to the last one on its topic is a sign of life of the devices that
    were in it, and goes no further.
    """

    client: MqttClient | None = None

    def __init__(self, context: Context) -> None:
        """Prepare without a connection."""
        super().__init__(context)
        self._last: dict[str, _Last] = {}
        self._in_message: list[DeviceKey] = []
        self._complained: dict[str, float] = {}
        self._messages = 0

    @abstractmethod
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        """Give the topic filters and who handles what comes on them."""

    @override
    async def start(self) -> None:
        broker = self.data.get(CONF_BROKER)
        self.client = await acquire(
            self.hass, BrokerSettings.from_data(broker) if broker else None
        )
        self.client.on_state(self._connection)
        self._connection(self.client.connected)
        # One receiver for all filters of a handler, so that the transport can tell
        # that a message which fits two of them is for one.
        receivers: dict[Handler, Handler] = {}
        for topic_filter, handler in self.subscriptions():
            receiver = receivers.setdefault(handler, self._receiver(handler))
            await self.client.subscribe(topic_filter, receiver)

    @override
    async def stop(self) -> None:
        if self.client is not None:
            await self.client.release()
            self.client = None

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "connected": self.client is not None and self.client.connected,
            "messages": self._messages,
            "topics": sorted(self._last)[:200],
        }

    @property
    @override
    def linked_up(self) -> bool:
        return self.client is not None and self.client.connected

    def linked(self, up: bool) -> None:
        """Tell what the broker's connection, up or down, means for the device."""
        self.sink.connected(up)

    def heard(self, topic: str) -> None:
        """Take note of a live message, also of one that goes no further."""

    def is_event(self, topic: str) -> bool:
        """Whether a topic has answers or events, where equal ones are not the same."""
        return False

    def seen(self, device: DeviceKey, age: float = 0.0) -> None:
        """Pass a sign of life on, and note the device as one that this topic is of."""
        self._in_message.append(device)
        self.sink.seen(device, age)

    @callback
    def _connection(self, up: bool) -> None:
        self._last.clear()
        self.linked(up)
        if not up and self.client is not None and self.client.auth_refused:
            self.sink.refused()

    def _receiver(self, handler: Handler) -> Handler:
        def receive(message: Message) -> None:
            self._messages += 1
            topic, payload, retained = message
            last = self._last.get(topic)
            if not retained:
                self.heard(topic)
            if (
                last is not None
                and last.payload == payload
                and not retained
                and not self.is_event(topic)
            ):
                for device in last.devices:
                    self.sink.seen(device)
                return
            self._in_message = []
            try:
                handler(message)
            except ProtocolError as err:
                self._complain(topic, err)
            if len(payload) <= _LARGEST_KEPT:
                if len(self._last) >= _MOST_TOPICS:
                    self._last.clear()
                self._last[topic] = _Last(payload, tuple(self._in_message))

        return receive

    def _complain(self, topic: str, err: ProtocolError) -> None:
        """Mention a message that cannot be read, once an hour and topic."""
        now = self.hass.loop.time()
        if now - self._complained.get(topic, -_COMPLAIN_EVERY) < _COMPLAIN_EVERY:
            return
        if len(self._complained) >= _MOST_TOPICS:
            self._complained.clear()
        self._complained[topic] = now
        secrets = secrets_of(self.data)
        LOGGER.warning(
            "Ignored a %s on %.100s: %s",
            "part of a message" if isinstance(err, Unread) else "message",
            without(topic, secrets),
            without(str(err), secrets),
        )


class PollingDriver(Driver):
    """A driver that asks its device at an interval."""

    _coordinator: DataUpdateCoordinator[None] | None = None
    _answered: datetime | None = None
    works = False
    """Whether the last time it was asked, the device answered."""

    def __init__(self, context: Context) -> None:
        """Prepare without a connection."""
        super().__init__(context)
        self._polls: set[asyncio.Task[Any]] = set()

    @property
    @abstractmethod
    def interval(self) -> timedelta:
        """How long to wait until asking next."""

    @property
    def tolerance(self) -> timedelta:
        """For how long the last values are shown while there is no answer."""
        return timedelta(0)

    @abstractmethod
    async def poll(self) -> None:
        """Ask once and report.

        Raises ConnectError or ProtocolError; Unread when there was something to report.
        """

    @override
    async def start(self) -> None:
        await self.refresh()
        self._coordinator = DataUpdateCoordinator(
            self.hass,
            LOGGER,
            config_entry=None,  # the flow's probe has none
            name=f"{self.data[CONF_FAMILY]} at {self.data[CONF_HOST]}",
            update_method=self._update,
            update_interval=self.interval,
        )
        # A coordinator without listeners does not poll.
        self._unlisten = self._coordinator.async_add_listener(self._updated)

    @override
    async def stop(self) -> None:
        if self._coordinator is not None:
            # First: a refresh under way would else plan the next one after the end.
            self._unlisten()
            await self._coordinator.async_shutdown()
        polls = list(self._polls)
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "interval": self.interval.total_seconds(),
            "last_poll_worked": self.works,
        }

    async def refresh(self) -> None:
        """Ask now instead of at the next interval. Raises ConnectError."""
        task = asyncio.current_task()
        assert task is not None
        self._polls.add(task)
        try:
            await self.poll()
        except Unread as err:
            LOGGER.debug("Ignored a part of an answer: %s", err)
        except ProtocolError as err:
            raise ConnectError(
                Reason.BAD_ANSWER, self.data[CONF_HOST], str(err)
            ) from err
        finally:
            self._polls.discard(task)
        self._answered = dt_util.utcnow()
        self.works = True
        self.sink.connected(True)

    async def _update(self) -> None:
        """Ask; the hub's log tells of silence once, so the coordinator hears of none."""
        try:
            try:
                await self.refresh()
            finally:
                if self._coordinator is not None:
                    self._coordinator.update_interval = self.interval
        except ConnectError as err:
            if err.is_auth:
                self.sink.refused()
            self._silent(err)

    @callback
    def _updated(self) -> None:
        if self._coordinator is not None and not self._coordinator.last_update_success:
            self._silent(self._coordinator.last_exception)

    @callback
    def _silent(self, why: object) -> None:
        """Let the last values go when they are too old."""
        self.works = False
        answered = self._answered
        if answered is None or dt_util.utcnow() - answered >= self.tolerance:
            self.sink.connected(False, why)
