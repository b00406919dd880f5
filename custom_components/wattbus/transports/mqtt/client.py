"""What every MQTT client of Wattbus can do."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from homeassistant.core import callback


class Message(NamedTuple):
    """A message as it arrived."""

    topic: str
    payload: bytes
    retain: bool
    """Whether the broker had kept it from before the subscription."""


type MessageCallback = Callable[[Message], None]
type StateCallback = Callable[[bool], None]
type Unsubscribe = Callable[[], None]


class MqttClient(Protocol):
    """A connection to a broker that lasts: it reconnects and subscribes again by itself.

    Callbacks run in the event loop and must neither block nor raise.
    """

    @property
    def connected(self) -> bool:
        """Whether the connection is up."""

    @property
    def auth_refused(self) -> bool:
        """Whether the last attempt failed for the credentials."""

    async def subscribe(
        self, topic_filter: str, listener: MessageCallback
    ) -> Unsubscribe:
        """Call back for every message that fits; retained ones come at once.

        With overlapping filters a message may come more than once.
        """

    async def publish(
        self, topic: str, payload: str | bytes, qos: int = 0, *, retain: bool = False
    ) -> None:
        """Send a message. Raises ConnectError when there is no way.

        Only what a device reads at a time of its own is retained, never a command.
        """

    def on_state(self, listener: StateCallback) -> Unsubscribe:
        """Call back with True and False when the connection comes up and goes down.

        False comes again for a failed attempt to connect, so that `auth_refused` can
        be looked at.
        """

    async def release(self) -> None:
        """Give the client back; the last one to do so closes the connection.

        Nothing is called back afterwards.
        """


class Subscriptions:
    """What one user of a client has subscribed to, to be ended with the use."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._endings: list[Unsubscribe] = []
        self._gone = False

    @callback
    def add(self, unsubscribe: Unsubscribe) -> Unsubscribe:
        """Keep what ends a subscription; gives the same, for ending it earlier, once."""

        def once() -> None:
            if once in self._endings:
                self._endings.remove(once)
                unsubscribe()

        self._endings.append(once)
        if self._gone:
            once()
        return once

    @callback
    def end(self) -> None:
        """End all, and from now on each new one at once."""
        self._gone = True
        for unsubscribe in tuple(self._endings):
            unsubscribe()
