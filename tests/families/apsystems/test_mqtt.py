"""aps2mqtt: read in place of the ECU, and published in its place."""

import contextlib
from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.apsystems import publishing
from custom_components.wattbus.families.apsystems.const import INVERTER
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from custom_components.wattbus.transports.mqtt import broker as transport
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import broker_data, make_entry, set_up, shows, state, until
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import tcp_data

pytestmark = pytest.mark.usefixtures("ticking")

ECU = "216053089840"
ONE = DeviceKey(INVERTER, "408903477644")
STATE = {"current_power": 1349, "today_energy": 1.39, "lifetime_energy": 15144.9}
ONLINE = {
    "online": True,
    "signal": 80,
    "temperature": 16,
    "frequency": 50.0,
    "power": 16,
    "voltage": 239,
    "panel_1_power": 16,
    "panel_2_power": 0,
    "panel_1_voltage": 239,
    "panel_2_voltage": 238,
}


def mqtt_data(broker: Broker, prefix: str = "") -> dict[str, Any]:
    return {
        "family": "apsystems",
        "connection": "mqtt",
        "broker": broker_data(broker),
        "ecu_id": ECU,
        "prefix": prefix,
    }


@pytest.fixture
async def reading(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Set up an ECU that aps2mqtt publishes."""
    made = make_entry(hass, mqtt_data(broker), unique_id=ECU)
    assert await set_up(hass, made)
    return made


async def test_read(
    hass: HomeAssistant, device: aiomqtt.Client, reading: MockConfigEntry
) -> None:
    """The same devices and entities as over TCP, as far as the payloads go."""
    await device.publish("aps/status", "online", retain=True)
    await device.publish(f"aps/{ECU}", json.dumps(STATE))
    await device.publish(f"aps/{ECU}/{ONE.id}", json.dumps(ONLINE))
    await shows(hass, reading, MAIN_DEVICE, "power", "1349")
    await shows(hass, reading, MAIN_DEVICE, "energy_today", "1.39")
    await shows(hass, reading, MAIN_DEVICE, "lifetime_energy", "15144.9")
    await shows(hass, reading, ONE, "temperature", "16")
    await shows(hass, reading, ONE, "channel_1_power", "16")
    await shows(hass, reading, ONE, "online", "on", "binary_sensor")
    # At night.
    await device.publish(f"aps/{ECU}/{ONE.id}", json.dumps({"online": False}))
    await shows(hass, reading, ONE, "online", "off", "binary_sensor")
    await shows(hass, reading, ONE, "temperature", STATE_UNKNOWN)


async def test_last_will(
    hass: HomeAssistant, device: aiomqtt.Client, reading: MockConfigEntry
) -> None:
    """When aps2mqtt has gone, nothing is known of the ECU."""
    await device.publish(f"aps/{ECU}", json.dumps(STATE))
    await device.publish(f"aps/{ECU}/{ONE.id}", json.dumps(ONLINE))
    await shows(hass, reading, ONE, "power", "16")
    await device.publish("aps/status", "offline")
    await shows(hass, reading, MAIN_DEVICE, "power", STATE_UNAVAILABLE)
    await shows(hass, reading, ONE, "power", STATE_UNAVAILABLE)
    await device.publish("aps/status", "online")
    await shows(hass, reading, MAIN_DEVICE, "power", "1349")
    await shows(hass, reading, ONE, "power", "16")


async def test_before_version_2(
    hass: HomeAssistant, device: aiomqtt.Client, reading: MockConfigEntry
) -> None:
    """A topic for each value."""
    for topic, payload in (
        ("power", "1349"),
        ("energy/today", "1.39"),
        ("energy/lifetime", "15144.9"),
        (f"{ONE.id}/online", "True"),
        (f"{ONE.id}/temperature", "16"),
        (f"{ONE.id}/1/power", "15"),
    ):
        await device.publish(f"aps/{ECU}/{topic}", payload)
    await shows(hass, reading, MAIN_DEVICE, "energy_today", "1.39")
    await shows(hass, reading, ONE, "channel_1_power", "15")
    await device.publish(f"aps/{ECU}/{ONE.id}/online", "False")
    await shows(hass, reading, ONE, "channel_1_power", STATE_UNKNOWN)
    # The next morning, with a value that is as it was.
    await device.publish(f"aps/{ECU}/{ONE.id}/online", "True")
    await device.publish(f"aps/{ECU}/{ONE.id}/temperature", "16")
    await shows(hass, reading, ONE, "temperature", "16")


async def test_glitch_and_rubbish(
    hass: HomeAssistant, device: aiomqtt.Client, reading: MockConfigEntry
) -> None:
    """Energies of 0 are none; what cannot be read is left."""
    await device.publish(f"aps/{ECU}", json.dumps(STATE))
    await shows(hass, reading, MAIN_DEVICE, "lifetime_energy", "15144.9")
    await device.publish(f"aps/{ECU}", "rubbish")
    await device.publish(
        f"aps/{ECU}",
        json.dumps(
            STATE | {"lifetime_energy": 0, "today_energy": 0, "current_power": 7}
        ),
    )
    await shows(hass, reading, MAIN_DEVICE, "power", "7")
    await shows(hass, reading, MAIN_DEVICE, "lifetime_energy", "15144.9")
    await shows(hass, reading, MAIN_DEVICE, "energy_today", "1.39")


async def test_reset_at_night(
    hass: HomeAssistant, device: aiomqtt.Client, reading: MockConfigEntry
) -> None:
    """The zeros after midnight are all the same, and more than one is believed."""
    yesterday = (dt_util.now() - timedelta(days=1)).date().isoformat()
    reading.runtime_data.remember("energy_today", [1.39, yesterday])
    assert await hass.config_entries.async_reload(reading.entry_id)
    for _ in range(3):
        night = STATE | {"today_energy": 0, "current_power": 0}
        await device.publish(f"aps/{ECU}", json.dumps(night))
    await shows(hass, reading, MAIN_DEVICE, "energy_today", "0.0")


async def test_actions_need_tcp(hass: HomeAssistant, reading: MockConfigEntry) -> None:
    from custom_components.wattbus.errors import CommandError
    from custom_components.wattbus.families.apsystems.actions import ACTIONS

    for action in ACTIONS:
        with pytest.raises(CommandError, match="directly over TCP"):
            await action.run(reading.runtime_data.driver, {})


# --- publishing ---------------------------------------------------------------------


def publish_options(broker: Broker, **more: Any) -> dict[str, Any]:
    return {
        "publish": True,
        "publish_host": broker.host,
        "publish_port": broker.port,
        "publish_retain": True,
        **more,
    }


class Heard:
    """What a program hears that read aps2mqtt."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.messages: dict[str, str] = {}

    async def listen(self, client: aiomqtt.Client) -> None:
        """Note the last message of each topic."""
        with contextlib.suppress(aiomqtt.MqttError):  # the end of the test
            async for message in client.messages:
                payload = message.payload
                assert isinstance(payload, bytes)
                self.messages[message.topic.value] = payload.decode()

    def inverters(self) -> list[str]:
        """Give the topics of inverters."""
        return [topic for topic in self.messages if topic.startswith(f"aps/{ECU}/")]


@pytest.fixture
async def heard(hass: HomeAssistant, device: aiomqtt.Client) -> Heard:
    """Read all topics."""
    found = Heard()
    await device.subscribe("#")
    hass.async_create_background_task(found.listen(device), "listener")
    return found


async def test_publish(
    hass: HomeAssistant, broker: Broker, ecu: EcuSimulator, heard: Heard
) -> None:
    """Whoever read aps2mqtt goes on: status, states, and the will at the end."""
    options = publish_options(broker, publish_discovery=True)
    entry = make_entry(hass, tcp_data(ecu), options, unique_id=ECU)
    assert await set_up(hass, entry)
    await until(lambda: heard.messages.get("aps/status") == "online")
    await entry.runtime_data.driver.refresh()
    await until(lambda: f"aps/{ECU}" in heard.messages)
    told = json.loads(heard.messages[f"aps/{ECU}"])
    assert told.keys() == STATE.keys()
    assert told["lifetime_energy"] == ecu.ecu.report().lifetime / 10
    await until(lambda: len(heard.inverters()) == 3)
    found = heard.messages[
        "homeassistant/sensor/aps_216053089840_lifetime_energy/config"
    ]
    assert json.loads(found)["state_topic"] == f"aps/{ECU}"
    await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: heard.messages["aps/status"] == "offline")


async def test_the_will_is_kept_for_whoever_comes_later(
    hass: HomeAssistant,
    broker: Broker,
    ecu: EcuSimulator,
    heard: Heard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant's host loses power: no last word, but the broker's."""
    monkeypatch.setattr(transport, "FIRST_PAUSE", 60.0)
    entry = make_entry(hass, tcp_data(ecu), publish_options(broker), unique_id=ECU)
    assert await set_up(hass, entry)
    await until(lambda: heard.messages.get("aps/status") == "online")
    connection = entry.runtime_data.driver.publisher._client._client
    connection.close()
    await until(lambda: heard.messages["aps/status"] == "offline")
    async with aiomqtt.Client(broker.host, broker.port) as late:
        await late.subscribe("aps/status")
        message = await anext(late.messages)
    assert (message.payload, message.retain) == (b"offline", True)


async def test_zeros_by_mistake_are_not_published(
    hass: HomeAssistant, broker: Broker, ecu: EcuSimulator, heard: Heard
) -> None:
    """Whoever reads the topics would count twice what was counted already."""
    options = publish_options(broker)
    entry = make_entry(hass, tcp_data(ecu), options, unique_id=ECU)
    ecu.pin(replace(ecu.ecu.report(), today=510))
    assert await set_up(hass, entry)
    await until(lambda: heard.messages.get("aps/status") == "online")
    ecu.pin(replace(ecu.ecu.report(), power=7))
    ecu.misbehave(Quirk.LIFETIME_ZERO, command="0001")
    ecu.misbehave(Quirk.TODAY_ZERO, command="0001")
    await entry.runtime_data.driver.refresh()

    def told() -> Any:
        return json.loads(heard.messages.get(f"aps/{ECU}", "{}"))

    await until(lambda: told().get("current_power") == 7)
    assert told()["today_energy"] == 5.1
    assert told()["lifetime_energy"] == ecu.ecu.report().lifetime / 10


async def test_published_with_a_prefix_and_offline(
    hass: HomeAssistant, broker: Broker, ecu: EcuSimulator, heard: Heard
) -> None:
    """An inverter that is offline says only that."""
    for inverter in ecu.ecu.inverters:
        inverter.seen = False
    ecu.ecu._report = None
    options = publish_options(broker, publish_prefix="roof")
    entry = make_entry(hass, tcp_data(ecu), options, unique_id=ECU)
    assert await set_up(hass, entry)
    await until(lambda: heard.messages.get("roof/aps/status") == "online")
    await entry.runtime_data.driver.refresh()
    inverter = ecu.ecu.inverters[0].inverter_id
    topic = f"roof/aps/{ECU}/{inverter}"
    await until(lambda: topic in heard.messages)
    assert json.loads(heard.messages[topic]) == {"online": False}


async def test_broker_that_is_not_there_yet(
    hass: HomeAssistant,
    broker: Broker,
    ecu: EcuSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ECU is read all the same, and published when the broker is there."""
    monkeypatch.setattr(publishing, "TRY_AGAIN", 0.05)
    broker.stop()
    entry = make_entry(hass, tcp_data(ecu), publish_options(broker), unique_id=ECU)
    assert await set_up(hass, entry)
    await until(lambda: state(hass, entry, MAIN_DEVICE, "power"))
    broker.start()
    publisher = entry.runtime_data.driver.publisher
    await until(lambda: publisher._client.connected)


async def test_never_published_to_ourselves(
    hass: HomeAssistant, broker: Broker, ecu: EcuSimulator, reading: MockConfigEntry
) -> None:
    """The status would be that of the other's aps2mqtt."""
    entry = make_entry(hass, tcp_data(ecu), publish_options(broker), title="Second")
    assert await set_up(hass, entry)
    assert entry.runtime_data.driver.publisher._client is None
    issues = {item.translation_key for item in ir.async_get(hass).issues.values()}
    assert "published_to_self" in issues
    ecu.misbehave(Quirk.EMPTY)
