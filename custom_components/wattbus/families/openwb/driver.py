"""An openWB over MQTT: its own broker, or one that has its topics."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.const import CONF_USERNAME
from homeassistant.core import callback

from ...const import CONF_BROKER, CONF_TLS
from ...errors import Issue
from ...protocols import Unread, openwb
from ...protocols.openwb import Kind
from ...protocols.publication import Publication
from ...transports.mqtt import Message
from ..driver import Context, Handler, MqttDriver
from ..sink import DeviceKey
from .commands import Commands
from .const import CONF_ROOT
from .inputs import Inputs
from .plans import Plans
from .rights import Rights
from .state import OpenWb
from .todo import Todo

# openWB tells its time once in a control interval; so many without are silence.
_PATIENCE: Final = 3


class OpenWbMqtt(MqttDriver):
    """Hears all that openWB publishes, which the broker has kept from before."""

    def __init__(self, context: Context) -> None:
        """Prepare for the root topic that the data names."""
        super().__init__(context)
        self._root: str = self.data[CONF_ROOT]
        self.state = OpenWb(self.sink)
        self.commands = Commands(self.state, self._publish, self._root)
        self.todo = Todo(self._root, self._publish)
        self.plans = Plans(self.state, self.commands, self.todo)
        self.inputs = Inputs(self.state.told, self._publish, self._root, self.options)
        self._rights = Rights()
        self._link = False
        self._alive = False
        self._time: object = None
        self._deadline: asyncio.TimerHandle | None = None

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        return ((f"{self._root}/#", self._received),)

    @override
    async def stop(self) -> None:
        self._cancel()
        await super().stop()

    @override
    @callback
    def linked(self, up: bool) -> None:
        if up or self._link:  # not at each failed attempt
            self._wait()
        self._link = up
        self._time = None
        self._rights = Rights()
        self._set_alive(False)
        if self._refused:
            self.sink.issue(Issue.LOGIN_NEEDED, present=False)

    @override
    def is_event(self, topic: str) -> bool:
        return self.commands.waits or bool(self.todo)

    @callback
    def _received(self, message: Message) -> None:
        path = message.topic.removeprefix(f"{self._root}/")
        self._rights.take(path, self.hass.loop.time())
        state = openwb.decode(message.topic, message.payload, self._root)
        if state is None:
            if not message.retain:
                self.todo.answered(message.topic, message.payload)
            return
        self.state.take(state)
        self.commands.look(state)
        if state.kind is Kind.SYSTEM and "time" in state.values:
            self._clock(state.values["time"])
        if state.unread:  # it is mentioned; the rest of the message was taken
            raise Unread(state.unread[0])

    # --- whether openWB lives ---------------------------------------------------------

    @callback
    def _clock(self, now: object) -> None:
        """Take note of openWB's time: what the broker has kept proves nothing."""
        before, self._time = self._time, now
        if before is None or before == now or now is None or not self._link:
            return
        self._wait()
        hidden = self._managed and self._rights.hidden(
            self.hass.loop.time(), self._silence
        )
        self.sink.issue(Issue.LOGIN_NEEDED, present=hidden)
        self._set_alive(not hidden)

    @property
    def _silence(self) -> float:
        """Seconds without another time after which openWB does not live."""
        return _PATIENCE * self.state.told.control_interval

    @callback
    def _wait(self) -> None:
        self._cancel()
        self._deadline = self.hass.loop.call_later(self._silence, self._silent)

    @callback
    def _silent(self) -> None:
        self._deadline = None
        self._set_alive(False)
        if self._wrong_login:
            self.sink.issue(Issue.LOGIN_NEEDED)

    @callback
    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    @callback
    def _set_alive(self, alive: bool) -> None:
        if not alive or not self._alive:
            self.sink.connected(alive)
        self._alive = alive
        self.state.devices.live(alive)

    @override
    def forget(self, device: DeviceKey) -> None:
        self.state.devices.forget(device)

    # --- whether it shows us its values ------------------------------------------------

    @property
    def _managed(self) -> bool:
        """Whether openWB manages users, as it told last."""
        return self.state.told.value(Kind.SYSTEM, "user_management_active") is True

    @property
    @override
    def locked_out(self) -> bool:
        return self._managed and self._rights.public_only

    @property
    def _refused(self) -> bool:
        """Whether the broker refuses the login: then it is asked for already."""
        return self.client is not None and self.client.auth_refused

    @property
    def _wrong_login(self) -> bool:
        """Whether the silence of openWB's own broker may come from the login.

        While users are managed, there is none without TLS. While they are not, it tells
        nothing to those who name one.
        """
        broker = self.data.get(CONF_BROKER)
        if broker is None or self._refused:
            return False
        named = bool(broker.get(CONF_USERNAME))
        if self._link:
            return named and not self._rights.heard
        return self._managed and not named and not broker.get(CONF_TLS)

    # --- to openWB ------------------------------------------------------------------

    async def _publish(self, publication: Publication) -> None:
        assert self.client is not None
        # Without a guarantee: a command is not to wait at a bridge and arrive late.
        await self.client.publish(
            publication.topic, publication.payload, retain=publication.retain
        )

    @override
    def diagnostics(self) -> dict[str, Any]:
        version = self.state.told.version
        generation = self.state.templates.generation
        return super().diagnostics() | {
            "alive": self._alive,
            "locked_out": self.locked_out,
            "version": ".".join(map(str, version)) if version else None,
            "templates": generation.value if generation else None,
        }
