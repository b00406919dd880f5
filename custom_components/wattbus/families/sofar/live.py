"""Live control: a command that is sent again before the EMS falls back by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HassJob, HomeAssistant, callback

from ...const import LOGGER
from ...errors import CommandError, WattbusError
from ...protocols import ProtocolError
from ...protocols.sofar import MessageType, Reply, encode_live
from ..sink import DeviceKey, Sink
from .const import CONF_LIVE_POWER, GROUP, LIVE, LIVE_POLICY, LIVE_POWER, POLICIES
from .settings import Settings

_KEY: Final = "live"


@dataclass(slots=True)
class _Wish:
    """What a group of devices is to do while its live control is on."""

    policy: str | None = None
    power: float = 0.0
    on: bool = False


class LiveControl:
    """The live control of all groups. Powers are the user's, in W."""

    def __init__(
        self,
        hass: HomeAssistant,
        sink: Sink,
        settings: Settings,
        publish: Callable[[str, str], Awaitable[None]],
        next_time: Callable[[], float],
    ) -> None:
        """Prepare; nothing is on."""
        self._hass = hass
        self._sink = sink
        self._settings = settings
        self._publish = publish
        self._next_time = next_time
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._sent: dict[str, float] = {}
        self._wishes = {name: _Wish() for name in settings.device_types}
        for name, known in dict(sink.recall(_KEY) or {}).items():
            if name in self._wishes and known.get("policy") in settings.policies[name]:
                self._wishes[name] = _Wish(known["policy"], known["power"])
        # Home Assistant's own MQTT client goes with its stop event, so that the last
        # message has to go out before.
        self._forget_job = hass.async_add_shutdown_job(HassJob(self.stop))

    @property
    def configured(self) -> bool:
        """Whether the user has named what a command has to have."""
        return bool(
            self._settings.live.policy and any(self._settings.policies.values())
        )

    def report(self) -> None:
        """Tell what there is to control."""
        if self.configured:
            for name in self._wishes:
                self._report(name)

    def check_power(self) -> None:
        """Raise CommandError if a command has no field that a set point could go in."""
        live = self._settings.live
        if live.policy and not live.power:
            raise CommandError("live_field_unset", field=CONF_LIVE_POWER)

    async def turn(self, group: str, on: bool) -> None:
        """Begin, or end: with the last command that the options name, if they do."""
        wish = self._wishes[group]
        async with self._lock:
            if on:
                if wish.policy is None:
                    raise CommandError("live_no_policy")
                await self.send(group, wish.policy, wish.power)
            was_on, wish.on = wish.on, on
            self._report(group)
            self._keep_going()
            if was_on and not on:
                # Off already: if this does not get through, the EMS falls back by
                # itself.
                await self._end(group)

    async def send(self, group: str, policy: str, power: float | None) -> None:
        """Send one command. Raises CommandError, ConnectError or ProtocolError."""
        settings = self._settings
        moment = self._next_time()
        message = encode_live(
            settings.live,
            group,
            policy,
            settings.power(power),
            serial=settings.serial,
            time=moment,
            dialect=settings.dialect,
        )
        self._sent[group] = moment
        await self._publish(settings.live_topic, message)

    def sent_at(self, reply: Reply) -> str | None:
        """Give the group whose last command had the time that an answer repeats."""
        if reply.answers in MessageType:
            return None  # to a question of the same moment
        told = reply.request_time
        if told is None:
            return None
        half = self._settings.dialect.tick / 2
        return next(
            (name for name, sent in self._sent.items() if abs(sent - told) < half), None
        )

    async def stop(self) -> None:
        """End what is on, before the connection closes."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for group, wish in self._wishes.items():
            if wish.on:
                wish.on = False
                await _quietly(group, self._end(group))
                self._report(group)

    def release(self) -> None:
        """Be no part of Home Assistant's stop any more."""
        self._forget_job()

    @callback
    def again(self) -> None:
        """Send everything again, the connection being back."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._keep_going(at_once=True)

    async def change(
        self, group: str, *, policy: str | None = None, power: float | None = None
    ) -> None:
        """Change the policy or the set point [W]; at once, if live control is on."""
        if power is not None:
            self.check_power()
        wish = self._wishes[group]
        async with self._lock:
            policy = wish.policy if policy is None else policy
            power = wish.power if power is None else power
            if wish.on:
                assert policy is not None  # else it would not be on
                await self.send(group, policy, power)
            wish.policy, wish.power = policy, power
        self._sink.remember(
            _KEY,
            {
                name: {"policy": item.policy, "power": item.power}
                for name, item in self._wishes.items()
            },
        )
        self._report(group)

    async def _end(self, group: str) -> None:
        if self._settings.live_stop:
            await self.send(group, self._settings.live_stop, 0)

    def _report(self, group: str) -> None:
        wish = self._wishes[group]
        self._sink.report(
            DeviceKey(GROUP, group),
            {
                POLICIES: list(self._settings.policies.get(group, ())),
                LIVE_POLICY: wish.policy,
                LIVE_POWER: wish.power,
                LIVE: wish.on,
            },
        )

    @callback
    def _keep_going(self, *, at_once: bool = False) -> None:
        """Have a task while something is on."""
        wanted = any(wish.on for wish in self._wishes.values())
        if wanted and self._task is None:
            self._task = self._hass.async_create_background_task(
                self._repeat(at_once), "wattbus sofar live control"
            )
        elif not wanted and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _repeat(self, at_once: bool) -> None:
        if at_once:
            await self._send_all()
        while True:
            await asyncio.sleep(self._settings.live_interval)
            await self._send_all()

    async def _send_all(self) -> None:
        for group, wish in self._wishes.items():
            if wish.on and wish.policy is not None:
                await _quietly(group, self.send(group, wish.policy, wish.power))


async def _quietly(group: str, sending: Awaitable[None]) -> None:
    """Send what fails alone: neither the other groups nor the next time suffer."""
    try:
        await sending
    except (WattbusError, ProtocolError) as err:
        LOGGER.debug("Live control of %s was not sent: %s", group, err)
    except Exception:  # noqa: BLE001 # the switch shows that it goes on
        LOGGER.exception("Live control of %s was not sent", group)
