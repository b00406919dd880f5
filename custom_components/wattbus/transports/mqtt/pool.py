"""Entries with the same broker settings share one connection."""

import asyncio
from typing import TYPE_CHECKING, override

from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from .broker import BrokerClient
from .client import (
    MessageCallback,
    MqttClient,
    StateCallback,
    Subscriptions,
    Unsubscribe,
)
from .settings import BrokerSettings

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_POOL: HassKey[dict[BrokerSettings, _Shared]] = HassKey(f"{DOMAIN}_mqtt")


class _Shared:
    """A connection and who uses it."""

    def __init__(self, hass: HomeAssistant, settings: BrokerSettings) -> None:
        self.client = BrokerClient(hass, settings)
        self.users = 0
        self.lock = asyncio.Lock()
        self.started = False


class _Lease(MqttClient):
    """One user's part of a shared connection: ends its subscriptions when released."""

    def __init__(self, hass: HomeAssistant, shared: _Shared) -> None:
        self._hass = hass
        self._shared = shared
        self._subscriptions = Subscriptions()
        self._released = False

    @property
    @override
    def connected(self) -> bool:
        return self._shared.client.connected

    @property
    @override
    def auth_refused(self) -> bool:
        return self._shared.client.auth_refused

    @override
    async def subscribe(
        self, topic_filter: str, listener: MessageCallback
    ) -> Unsubscribe:
        client = self._shared.client
        # Noted before the wait: a lease released meanwhile must take it along.
        unsubscribe = self._subscriptions.add(client.listen(topic_filter, listener))
        await client.ask_for(topic_filter)
        return unsubscribe

    @override
    async def publish(
        self, topic: str, payload: str | bytes, qos: int = 0, *, retain: bool = False
    ) -> None:
        await self._shared.client.publish(topic, payload, qos, retain=retain)

    @override
    def on_state(self, listener: StateCallback) -> Unsubscribe:
        return self._subscriptions.add(self._shared.client.on_state(listener))

    @override
    async def release(self) -> None:
        if self._released:
            return
        self._released = True
        try:
            await _give_back(self._hass, self._shared)
        finally:
            # After that, so that a connection just closed is not told to unsubscribe.
            self._subscriptions.end()


async def acquire_broker(hass: HomeAssistant, settings: BrokerSettings) -> MqttClient:
    """Give a lease on the connection with these settings. Raises ConnectError."""
    pool = hass.data.setdefault(_POOL, {})
    shared = pool.get(settings) or pool.setdefault(settings, _Shared(hass, settings))
    shared.users += 1
    try:
        async with shared.lock:  # the second user waits for the first one's connect
            if not shared.started:
                await shared.client.start()
                shared.started = True
    except BaseException:
        await _give_back(hass, shared)
        raise
    return _Lease(hass, shared)


async def _give_back(hass: HomeAssistant, shared: _Shared) -> None:
    shared.users -= 1
    if shared.users == 0:
        hass.data[_POOL].pop(shared.client.settings, None)
        await shared.client.stop()
