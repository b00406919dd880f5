"""What every driver that hears MQTT does for its family."""

from collections.abc import Iterable
from typing import override

import aiomqtt
import pytest

from custom_components.wattbus.families.driver import Context, Handler, MqttDriver
from custom_components.wattbus.families.sink import Sink
from custom_components.wattbus.transports.mqtt import Message, broker as transport
from homeassistant.core import HomeAssistant

from ..harness.broker import Broker
from ..helpers import broker_data, until


class Listener(MqttDriver):
    """Keeps what it is told."""

    def __init__(self, context: Context) -> None:
        """Start with nothing."""
        super().__init__(context)
        self.taken: list[bytes] = []
        self.alive = 0

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        return [("#", self._take)]

    @override
    def heard(self, topic: str) -> None:
        self.alive += 1

    def _take(self, message: Message) -> None:
        self.taken.append(message.payload)


async def test_an_equal_payload_is_new_after_the_connection_was_lost(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made of it before may have been forgotten with the connection."""
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.05)
    driver = Listener(Context(hass, {"broker": broker_data(broker)}, {}, Sink()))
    await driver.start()
    assert driver.client is not None

    async def say(times: int) -> None:
        before = driver.alive
        async with aiomqtt.Client(broker.host, broker.port) as device:
            for _ in range(times):
                await device.publish("topic", b"same")
        await until(lambda: driver.alive == before + times)

    await say(2)
    assert driver.taken == [b"same"]
    broker.stop()
    await until(lambda: not driver.linked_up)
    broker.start()
    await until(lambda: driver.linked_up)
    await say(2)
    assert driver.taken == [b"same", b"same"]
    await driver.stop()
