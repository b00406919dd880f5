"""What aps2mqtt told grows old when it says no more: its ECU may hang."""

from datetime import timedelta
import json

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.wattbus.families.apsystems.const import INVERTER, KEPT_FOR
from custom_components.wattbus.families.sink import CONNECTED, MAIN_DEVICE, DeviceKey
from custom_components.wattbus.transports.mqtt import broker as transport
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import make_entry, set_up, shows, until
from ...simulators.aps2mqtt import ECU, INVERTERS, Aps2Mqtt
from .test_mqtt import STATE, mqtt_data, reading  # noqa: F401 # a fixture

pytestmark = pytest.mark.usefixtures("ticking")

ONE = DeviceKey(INVERTER, INVERTERS[0])
A_WHILE = timedelta(minutes=5)


@pytest.fixture
async def bridge(device: aiomqtt.Client) -> Aps2Mqtt:
    """Run aps2mqtt."""
    made = Aps2Mqtt(device)
    await made.start()
    return made


def is_old(entry: MockConfigEntry) -> bool:
    """Tell whether the last report is too long ago."""
    return bool(entry.runtime_data.driver.diagnostics()["old"])


async def passes(hass: HomeAssistant, span: timedelta) -> None:
    """Let so much time pass for what waits since now."""
    async_fire_time_changed(hass, dt_util.utcnow() + span)
    await hass.async_block_till_done()


async def test_an_ecu_that_hangs(
    hass: HomeAssistant,
    bridge: Aps2Mqtt,
    reading: MockConfigEntry,  # noqa: F811
) -> None:
    """As over TCP: shown for 20 minutes, and then not any more, whatever the status.

    aps2mqtt 2.0.2, main.py: it stays `online` and publishes nothing.
    """
    await bridge.round()
    await shows(hass, reading, ONE, "power", "1250")
    bridge.hangs = True
    await bridge.round()
    await passes(hass, KEPT_FOR - A_WHILE)
    await shows(hass, reading, MAIN_DEVICE, "power", "2501")
    await passes(hass, KEPT_FOR)
    await shows(hass, reading, MAIN_DEVICE, "power", STATE_UNAVAILABLE)
    await shows(hass, reading, ONE, "power", STATE_UNAVAILABLE)
    await shows(hass, reading, MAIN_DEVICE, CONNECTED, "off", "binary_sensor")
    assert is_old(reading)
    # That the program is there is no news of the ECU.
    driver = reading.runtime_data.driver
    await bridge._client.publish("aps/status", "offline")
    await until(lambda: not driver._bridge)
    await bridge._client.publish("aps/status", "online")
    await until(lambda: driver._bridge)
    assert is_old(reading)
    bridge.hangs = False
    await bridge.round()
    await shows(hass, reading, MAIN_DEVICE, "power", "2502")
    await shows(hass, reading, ONE, "power", "1251")
    await shows(hass, reading, MAIN_DEVICE, CONNECTED, "on", "binary_sensor")


async def test_each_report_is_news(
    hass: HomeAssistant,
    bridge: Aps2Mqtt,
    reading: MockConfigEntry,  # noqa: F811
) -> None:
    """The time counts from the last one, also from one that says the same."""
    await bridge.round()
    await shows(hass, reading, ONE, "power", "1250")
    waiting = reading.runtime_data.driver._unaged
    bridge._power -= 1
    await bridge.round()
    await until(lambda: reading.runtime_data.driver._unaged is not waiting)
    await passes(hass, KEPT_FOR - A_WHILE)
    await shows(hass, reading, MAIN_DEVICE, CONNECTED, "on", "binary_sensor")


@pytest.mark.parametrize("stops", [True, False])
async def test_the_night(
    hass: HomeAssistant,
    device: aiomqtt.Client,
    reading: MockConfigEntry,  # noqa: F811
    stops: bool,
) -> None:
    """A last report without an inverter online stays: nothing changes until the morning.

    aps2mqtt 2.0.2, ECU.py: with STOP_AT_NIGHT it asks nothing then.
    """
    bridge = Aps2Mqtt(device, stops=stops)
    await bridge.start()
    await bridge.round()
    await shows(hass, reading, ONE, "power", "1250")
    bridge.night = True
    await bridge.round()
    await shows(hass, reading, ONE, "online", "off", "binary_sensor")
    bridge.hangs = not stops
    await bridge.round()
    await passes(hass, timedelta(hours=10))
    assert not is_old(reading)
    await shows(hass, reading, MAIN_DEVICE, "power", "0")
    await shows(hass, reading, MAIN_DEVICE, "energy_today", "9.1")
    await shows(hass, reading, ONE, "online", "off", "binary_sensor")


async def test_an_inverter_that_was_taken_off_is_not_online(
    hass: HomeAssistant,
    device: aiomqtt.Client,
    bridge: Aps2Mqtt,
    reading: MockConfigEntry,  # noqa: F811
) -> None:
    """What counts is the last report, and it is not in that."""
    gone = f"aps/{ECU}/999000000001"
    await device.publish(gone, json.dumps({"online": True, "power": 7}))
    await shows(hass, reading, DeviceKey(INVERTER, gone[-12:]), "power", "7")
    bridge.night = True
    await bridge.round()
    await shows(hass, reading, ONE, "online", "off", "binary_sensor")
    await passes(hass, timedelta(hours=10))
    assert not is_old(reading)
    await shows(hass, reading, MAIN_DEVICE, "power", "0")


async def test_what_the_broker_has_kept_is_no_news(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is shown for a while, for nobody knows how old it is; then it is not.

    aps2mqtt 2.0.2, mqtthandler.py: with MQTT_RETAIN, its states are kept.
    """
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.05)
    async with aiomqtt.Client(broker.host, broker.port) as client:
        bridge = Aps2Mqtt(client, retain=True)
        await bridge.start()
        await bridge.round()
        # What the broker confirms comes after all that was sent before it: else some
        # of that could still come as news.
        await client.publish("sent", qos=1)
    entry = make_entry(hass, mqtt_data(broker), unique_id=ECU)
    assert await set_up(hass, entry)
    await shows(hass, entry, ONE, "power", "1250")
    driver = entry.runtime_data.driver
    started, messages = driver._unaged, driver._messages
    # The broker comes back, and tells all of it once more.
    broker.restart()
    await until(lambda: driver._messages >= messages + 2 + len(INVERTERS))
    assert driver._unaged is started
    await passes(hass, KEPT_FOR + A_WHILE)
    await shows(hass, entry, MAIN_DEVICE, "power", STATE_UNAVAILABLE)


async def test_an_ecu_without_inverters(
    hass: HomeAssistant,
    device: aiomqtt.Client,
    reading: MockConfigEntry,  # noqa: F811
) -> None:
    """Its power grows old, too; one that has told nothing has nothing old."""
    await passes(hass, KEPT_FOR + A_WHILE)
    await shows(hass, reading, MAIN_DEVICE, CONNECTED, "on", "binary_sensor")
    await device.publish(f"aps/{ECU}", json.dumps(STATE))
    await shows(hass, reading, MAIN_DEVICE, "power", "1349")
    await passes(hass, KEPT_FOR + A_WHILE)
    await shows(hass, reading, MAIN_DEVICE, "power", STATE_UNAVAILABLE)


async def test_a_wrong_value_costs_that_value(
    hass: HomeAssistant,
    device: aiomqtt.Client,
    reading: MockConfigEntry,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others are shown, and the log says which it was.

    aps2mqtt 2.0.2, mqtthandler.py: `_parse_data` writes whatever was read, unchecked.
    """
    wrong = STATE | {"today_energy": "much"}
    await device.publish(f"aps/{ECU}", json.dumps(wrong))
    inverter = {"online": "yes", "temperature": [], "power": 16}
    await device.publish(f"aps/{ECU}/{ONE.id}", json.dumps(inverter))
    await shows(hass, reading, ONE, "power", "16")
    await shows(hass, reading, MAIN_DEVICE, "power", "1349")
    assert "today_energy is not a number" in caplog.text
    assert "online is not a boolean" in caplog.text
