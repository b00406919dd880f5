"""Where an OpenEVSE's gateway says that it is there: a setting (`mqtt_announce_topic`).

It is published retained, and the last will is on the same topic (mqtt.cpp of
openevse_esp32_firmware, 5.1.5); it may be the base topic (firstof9/openevse #183).
"""

import aiomqtt
import pytest

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import set_up, until
from ...simulators.openevse_simulator import OpenEvseSimulator, Options
from .conftest import BASE, mqtt_entry
from .test_mqtt import running, shows


@pytest.mark.parametrize(
    "topic", ["house/charger", BASE, f"{BASE}/announce", "openevse/announce/other"]
)
async def test_announced_elsewhere(
    hass: HomeAssistant,
    broker: Broker,
    device: aiomqtt.Client,
    simulator: OpenEvseSimulator,
    topic: str,
) -> None:
    """The charger is unavailable by its last will, and there again."""
    await simulator.disconnect()
    await device.publish("openevse/announce/ad55", b"", retain=True)
    simulator.gateway.config.values["mqtt_announce_topic"] = topic
    await simulator.connect(broker.host, broker.port)
    entry = await running(hass, broker)
    await device.publish(topic, "{}")  # what is none is passed over
    await simulator.disconnect(crash=True)
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
    await simulator.connect(broker.host, broker.port)
    await shows(hass, entry, "enabled", "on", "switch")


async def test_the_topic_is_changed(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """It is followed, from one topic to the next."""
    entry = await running(hass, broker)
    driver = entry.runtime_data.driver
    for topic in ("house/first", "house/second"):
        simulator.gateway.set_config({"mqtt_announce_topic": topic})
        await simulator.connect(broker.host, broker.port)
        await until(lambda topic=topic: topic in driver.diagnostics()["topics"])
        await simulator.disconnect(crash=True)
        await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
        await simulator.connect(broker.host, broker.port)
        await shows(hass, entry, "enabled", "on", "switch")


async def test_another_one_on_the_same_topic(
    hass: HomeAssistant,
    broker: Broker,
    device: aiomqtt.Client,
    simulator: OpenEvseSimulator,
) -> None:
    """Its last will is not this one's."""
    entry = await running(hass, broker)
    will = '{"state":"disconnected","id":"0123456789ab","name":"other"}'
    await device.publish("openevse/announce/ad55", will)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await shows(hass, entry, "enabled", "on", "switch")


async def test_a_base_topic_with_slashes(hass: HomeAssistant, broker: Broker) -> None:
    """As in emon/openevse-55ad."""
    base = "emon/garage/openevse-55ad"
    async with OpenEvseSimulator(Options(base=base, speed=30)) as simulator:
        await simulator.connect(broker.host, broker.port)
        entry = mqtt_entry(hass, broker)
        hass.config_entries.async_update_entry(entry, data={**entry.data, "base": base})
        assert await set_up(hass, entry)
        await shows(hass, entry, "enabled", "on", "switch")
