"""An OpenEVSE charger over MQTT."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.const import CONF_HOST
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval

from ...const import CONF_BROKER, LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import openevse
from ...protocols.publication import Publication
from ...transports.mqtt import Message
from ...transports.mqtt.homeassistant import HOST
from ..driver import Context, Handler, MqttDriver
from ..sink import MAIN_DEVICE, Facts
from .commands import Commands
from .const import CONF_BASE, CONF_FEED_TOPIC, CONF_POLL, DEFAULT_POLL
from .controller import Controller
from .overrides import Overrides
from .rapi import MqttRapi
from .state import State

_ANNOUNCE: Final = "openevse/announce/"
_EVENTS: Final = (
    *("/rapi/out", "/override", "/claim", "/manual_override", "/limit"),
    *("/rfid_auth", "/rfid_input"),
)

# Every generation publishes all its keys each 30 s; three times that is silence.
_SILENCE: Final = 90.0


class OpenEvseMqtt(MqttDriver):
    """Hears a gateway on its base topic, and asks the controller what it does not say."""

    def __init__(self, context: Context) -> None:
        """Prepare for the base topic that the data names."""
        super().__init__(context)
        self._base: str = self.data[CONF_BASE]
        self._rapi = MqttRapi(self._base, self._publish)
        self.state = State(self.sink, self._rapi, self._publish, self._base)
        self.controller = Controller(self.state)
        self.commands = Commands(self.state, self.controller, Overrides(self.state))
        self._link = False
        self._announced: bool | None = None
        self._announce_id: str | None = None
        self._announce_topic: str | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._topics = self._feed_topics()
        self._heard = float("-inf")
        self._poll_task: asyncio.Task[None] | None = None
        self._cancel: Any = None

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        return ((f"{self._base}/#", self._received), (f"{_ANNOUNCE}#", self._received))

    @override
    async def start(self) -> None:
        await super().start()
        interval = timedelta(seconds=self.options.get(CONF_POLL, DEFAULT_POLL))
        self._cancel = async_track_time_interval(self.hass, self._tick, interval)
        self._tick()

    @override
    async def stop(self) -> None:
        if self._cancel is not None:
            self._cancel()
        if self._poll_task is not None:
            self._poll_task.cancel()
        await self.commands.stop()
        await super().stop()

    @override
    @callback
    def linked(self, up: bool) -> None:
        self._link = up
        if not up:
            self._heard = float("-inf")
            self._announced = None
            self.state.forget()
            broker = self.data.get(CONF_BROKER) or {CONF_HOST: HOST}
            self._rapi.lost(ConnectError(Reason.CONNECTION_LOST, broker[CONF_HOST]))
        self._check_presence()

    @callback
    def _check_presence(self) -> None:
        """Tell whether the charger is there: announced, or else not silent for long."""
        silent = self.hass.loop.time() - self._heard > _SILENCE
        self.sink.connected(
            self._link and (not silent if self._announced is None else self._announced)
        )

    @callback
    def _received(self, message: Message) -> None:
        if self._is_announcement(message):
            self._announce(message)
            return
        key = message.topic[len(self._base) + 1 :]
        if key == "rapi/out":
            self._rapi.received(message.payload)
            return
        if key.startswith("rapi/") or key.endswith("/set"):
            return  # other clients' commands, and our own
        told = openevse.decode(key, message.payload, firmware=self.state.firmware)
        if (there := told.pop("gateway_connected", None)) is not None:
            # Its birth, or its last will.
            self._heard = self.hass.loop.time() if there else float("-inf")
            self._check_presence()
            self.controller.questions.forget()
            self.state.cards.forget()
        if "wifi_signal" in told or self.state.documents:
            # Gateways from 2.9 on, which also pass an answer without fields on.
            self._rapi.bare_replies = True
        if told:
            self.state.take(told, by_gateway=True, retained=message.retain)
        if "config" in told:
            self._topics = self._feed_topics()
            self._follow_announcements()

    def _is_announcement(self, message: Message) -> bool:
        """Whether a gateway says that it is there, or its last will that it is not.

        Where it does so is a setting: it may be the base topic, where old gateways say
        the same in a word (firstof9/openevse #183).
        """
        topic = message.topic
        if topic == self._base:
            return message.payload.startswith(b"{")
        # Also when the base is `openevse`.
        return topic.startswith(_ANNOUNCE) or topic == self._announce_topic

    @callback
    def _follow_announcements(self) -> None:
        """Hear what is announced where the configuration says."""
        config = self.state.config
        topic = None if config is None else config.mqtt_announce_topic
        if topic in (None, self._announce_topic):
            return
        self._announce_topic = topic
        self.hass.async_create_background_task(
            self._subscribe_to(topic), f"wattbus openevse {self._base} announcements"
        )

    async def _subscribe_to(self, topic: str) -> None:
        """Hear what is said elsewhere, beginning with what the broker has kept."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if topic.startswith(_ANNOUNCE) or topic == self._base or self.client is None:
            return
        try:
            self._unsubscribe = await self.client.subscribe(
                topic, self._receiver(self._received)
            )
        except ConnectError as err:
            LOGGER.debug("Announcements on %s are not heard: %s", topic, err)
            self._announce_topic = None  # the next configuration brings it again

    @override
    def heard(self, topic: str) -> None:
        # What others say to it is no sign of life, nor is what the broker has kept.
        key = topic.removeprefix(f"{self._base}/")
        if openevse.is_told(key) and topic not in self._topics.values():
            now = self.hass.loop.time()
            silent, self._heard = now - self._heard > _SILENCE, now
            if silent:
                self._check_presence()

    @override
    def is_event(self, topic: str) -> bool:
        # An override that is made again is not the one that has ended unheard.
        # What is heard by two filters counts for both.
        whole = topic in (self._base, self._announce_topic)
        return whole or topic.endswith(_EVENTS)

    @callback
    def _announce(self, message: Message) -> None:
        announce = openevse.decode_announce(message.payload)
        own_topic = message.topic in (self._base, self._announce_topic)
        known = announce.id == self._announce_id or (
            own_topic and self._announce_id is None
        )
        # A last will does not name the base topic.
        if announce.base_topic != self._base and (
            announce.base_topic is not None or not known
        ):
            return
        if announce.base_topic is not None:
            self._announce_id = announce.id
        if self._announced is not announce.connected:
            self.controller.questions.forget()
            self.state.cards.forget()
        self._announced = announce.connected
        self.sink.describe(
            MAIN_DEVICE,
            Facts(serial_number=announce.id, configuration_url=announce.url),
        )
        self._check_presence()

    async def _publish(self, publication: Publication) -> None:
        assert self.client is not None
        await self.client.publish(publication.topic, publication.payload)

    @callback
    def _tick(self, *_: Any) -> None:
        """Ask for what is not published, unless the last round still goes on."""
        self._check_presence()
        if self._link and (self._poll_task is None or self._poll_task.done()):
            self._poll_task = self.hass.async_create_background_task(
                self._poll(), f"wattbus openevse {self._base}"
            )

    async def _poll(self) -> None:
        try:
            await self.controller.poll()
        except WattbusError as err:
            LOGGER.debug("The controller of %s does not answer: %s", self._base, err)

    def _feed_topics(self) -> dict[str, str]:
        """Give the topics on which the gateway is told quantities, by their names.

        Its configuration has them. Older gateways do not publish that: there it is the
        topics that the user entered.
        """
        config = self.state.config
        topics = {
            name: self.options.get(f"{CONF_FEED_TOPIC}{name}")
            if config is None
            else getattr(config, feed.config_key)
            for name, feed in openevse.FEEDS.items()
        }
        return {name: topic for name, topic in topics.items() if topic}

    async def feed(self, name: str, value: float) -> None:
        """Tell the gateway a quantity. Raises CommandError where it has no topic."""
        if (topic := self._topics.get(name)) is None:
            raise CommandError("not_offered", field=f"feed_{name}")
        assert self.client is not None
        payload = str(self.state.in_its_units(name, value))
        await self.client.publish(topic, payload)

    @override
    def diagnostics(self) -> dict[str, Any]:
        version = self._rapi.version
        return super().diagnostics() | {
            "offers": sorted(self.state.offers),
            "documents": sorted(self.state.documents),
            "controller": version.firmware if version else None,
        }
