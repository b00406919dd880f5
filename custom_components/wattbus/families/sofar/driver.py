"""A Sofar EMS over MQTT."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, override

from homeassistant.core import callback

from ...const import CONF_FAMILY, LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import ProtocolError, sofar
from ...texts import reason
from ...transports.mqtt import Message
from ..driver import Context, Handler, MqttDriver
from ..sink import MAIN_DEVICE, DeviceKey, Facts
from .commands import Commands
from .const import LAST_ERROR, NODE, REFUSED, SCHEDULES
from .live import LiveControl
from .requests import NoAnswer, Requests, refusal
from .rules import Rules
from .settings import Settings
from .site import Site
from .state import State

# A reading that failed is tried again after so many seconds.
_RETRY: Final = 30.0
# The topology hardly ever changes.
_TOPOLOGY_EVERY: Final = 86_400.0
# Other clients' changes come in bursts: one reading is for all of them.
_SETTLE: Final = 1.0


class SofarMqtt(MqttDriver):
    """Asks the EMS at intervals and hears what it answers, to others too."""

    requests: Requests
    site: Site
    state: State
    commands: Commands
    rules: Rules
    live: LiveControl

    def __init__(self, context: Context) -> None:
        """Prepare for the site that the data names."""
        super().__init__(context)
        self.settings = Settings(self.data, self.options)
        self._link_up = False
        self._present = False
        self._jobs: dict[str, tuple[Callable[[], Awaitable[None]], float]] = {}
        self._due: dict[str, float] = {}
        self._unanswered: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # --- life ---------------------------------------------------------------------

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        return ((self.settings.feedback_topic, self._received),)

    @override
    def is_event(self, topic: str) -> bool:
        return True

    @override
    async def start(self) -> None:
        settings, sink = self.settings, self.sink
        self.requests = Requests(settings, self._publish, self._read_again)
        self.live = LiveControl(
            self.hass, sink, settings, self._publish, self.requests.live_time
        )
        self.site = Site(self.requests, sink, settings)
        self.state = State(
            self.hass, sink, settings, self.site, self.requests.now, self.live.report
        )
        self.commands = Commands(self.requests, settings, self.state, self.say)
        self.rules = Rules(
            sink,
            settings,
            self.commands,
            changed=self.state.recurring_changed,
            due=lambda delay: self._hurry(SCHEDULES, delay),
            say=self.say,
            refused=self._refused,
        )
        self._jobs = {
            "topology": (self._read_topology, _TOPOLOGY_EVERY),
            SCHEDULES: (self._read_schedules, settings.refresh),
        }
        if settings.feedback_interval:
            reading = self.site.read_feedback
            self._jobs["feedback"] = reading, settings.feedback_interval
        node = sofar.site_node_id(settings.serial, settings.dialect)
        sink.describe(MAIN_DEVICE, Facts(serial_number=node))
        await super().start()
        self._task = self.hass.async_create_background_task(
            self._keep_asking(), "wattbus sofar"
        )

    @override
    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if hasattr(self, "state"):
            self.state.stop()
            self.live.release()
            await self.live.stop()
        await super().stop()

    @override
    def forget(self, device: DeviceKey) -> None:
        self.site.devices.discard(device)
        self.state.forget(device)

    @override
    def diagnostics(self) -> dict[str, Any]:
        found = super().diagnostics()
        del found["topics"]  # which have the serial number in them
        return found | {
            "answers": self._present,
            "schedules": len(self.state.schedules.by_id),
            "rules": sum(
                1 for name in self.settings.device_types for _ in self.rules.of(name)
            ),
        }

    # --- presence -----------------------------------------------------------------

    @override
    @callback
    def linked(self, up: bool) -> None:
        self._link_up = up
        if not up:
            self._set_present(False)
            return
        self._due = dict.fromkeys(self._jobs, 0.0)
        self._wake.set()
        self.live.again()

    @callback
    def _set_present(self, present: bool) -> None:
        """Tell whether the EMS answers."""
        if present and self._present:
            return
        self._present = present
        self.sink.connected(present)
        for device in self.site.devices if present else ():
            self.sink.seen(device)

    @callback
    def _received(self, message: Message) -> None:
        if message.retain:
            return  # from another time
        reply = sofar.decode_reply(message.payload)
        if not self.requests.received(reply):
            return
        self._set_present(True)
        if reply.ok:
            return
        group = self.live.sent_at(reply)
        if group is not None or reply.message_type == sofar.LIVE:
            self._refused(group, refusal(reply))

    async def _publish(self, topic: str, payload: str) -> None:
        if self.client is None:  # a command outlives the entry's unloading
            raise ConnectError(Reason.CONNECTION_LOST, "MQTT")
        if not topic or set(topic) & set("+#"):
            raise CommandError("topic_unusable", topic=topic)
        # With a higher quality of service, a command that was given up could still
        # arrive after the connection has come back.
        await self.client.publish(topic, payload)

    # --- asking -------------------------------------------------------------------

    async def _keep_asking(self) -> None:
        """Do what is due, one after the other, for ever."""
        while True:
            self._wake.clear()
            loop = self.hass.loop
            if self._link_up:
                for name, (job, interval) in self._jobs.items():
                    if self._due.get(name, 0.0) <= loop.time():
                        # Before it begins: a change meanwhile makes it due again.
                        self._due[name] = loop.time() + interval
                        if not await self._attempt(name, job):
                            retry = loop.time() + _RETRY
                            self._due[name] = min(self._due[name], retry)
            due = min(self._due.values(), default=loop.time())
            pause = max(due - loop.time(), 0.0) if self._link_up else None
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _attempt(self, name: str, job: Callable[[], Awaitable[None]]) -> bool:
        try:
            await job()
        except NoAnswer as err:
            LOGGER.debug("The EMS does not answer: %s", err)
            if name == SCHEDULES:
                self._set_present(False)
            elif name not in self._unanswered:
                # Not each EMS knows all questions. Whether it is there at all, that
                # shows which is what it is for.
                self._unanswered.add(name)
                self._hurry(SCHEDULES)
        except ConnectError as err:
            LOGGER.debug("The EMS cannot be asked: %s", err)
        except CommandError as err:
            LOGGER.debug("Reading %s failed: %s", name, err)
            self._refused(None, err)
        except Exception:  # noqa: BLE001 # the asking must go on
            LOGGER.exception("Reading %s failed", name)
        else:
            self._unanswered.discard(name)
            return True
        return False

    async def _read_topology(self) -> None:
        """Read the nodes, and let those go that nothing tells of any more."""
        told = await self.site.read_topology()
        if told is None:
            return
        schedules, now = self.state.schedules, self.requests.now()
        told |= {self.site.key(name) for name in schedules.nodes(now)}
        for device in self.site.devices - told:
            if device.kind == NODE:
                self.sink.gone(device)
                self.forget(device)

    async def _read_schedules(self) -> None:
        await self.commands.refresh()
        await self.rules.top_up()

    @callback
    def _hurry(self, name: str, delay: float = 0.0) -> None:
        """Have something read soon."""
        due = self.hass.loop.time() + delay
        self._due[name] = min(self._due.get(name, due), due)
        self._wake.set()

    @callback
    def _read_again(self) -> None:
        self.commands.touched()
        self._hurry(SCHEDULES, _SETTLE)

    # --- telling ------------------------------------------------------------------

    async def change[T](self, device_type: str | None, call: Awaitable[T]) -> T:
        """Run a change of schedules; a refusal is shown in the last error, too.

        All is read again afterwards: what the EMS has is what counts.
        """
        try:
            return await call
        except (WattbusError, ProtocolError) as err:
            self._refused(device_type, err)
            raise
        finally:
            self._read_again()

    def say(self, err: Exception) -> str:
        """Put an error in the user's words, to stand within a sentence."""
        return reason(self.hass, self.data[CONF_FAMILY], err).rstrip(".")

    @callback
    def _refused(self, group: str | None, err: Exception) -> None:
        """Show what was refused or failed, as an event of the device type, too."""
        why = self.say(err)
        self.sink.report(MAIN_DEVICE, {LAST_ERROR: why})
        self.state.happened(group, REFUSED, {"reason": why})
