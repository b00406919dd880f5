"""The EM420 over MQTT, in Home Assistant, with a real broker."""

import aiomqtt

from custom_components.wattbus.families.family import DeviceKey
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ...harness.broker import Broker
from ...helpers import broker_data, fixture, make_entry, set_up, state, until

METER = DeviceKey("source", "smart-meter")
TOPIC = "em420/data"


def em420(hass: HomeAssistant, broker: Broker, **more) -> MockConfigEntry:
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": [TOPIC],
            "config_topics": ["em420/config"],
            "broker": broker_data(broker),
        },
        **more,
    )


async def test_real_record(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """The record of evcc issue 16765 gives what its reporter's meter showed."""
    entry = em420(hass, broker)
    assert await set_up(hass, entry)
    await device.publish(TOPIC, fixture("em420/smart_meter.json"))
    power = await until(lambda: state(hass, entry, METER, "active_power_+"))
    assert power.state == "6730.1"
    assert power.attributes["unit_of_measurement"] == "W"
    energy = state(hass, entry, METER, "active_energy_+")
    assert energy.state == "124.5963"
    assert energy.attributes["unit_of_measurement"] == "kWh"
