"""How an openWB is found and added."""

from typing import Any

import aiomqtt
import pytest

from custom_components.wattbus.const import DOMAIN
from homeassistant.config_entries import SOURCE_MQTT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo

from ...flow import broker_form, start, step
from ...harness.broker import Broker

pytestmark = pytest.mark.usefixtures("impatient_flow")

SERIAL = "sn20074098"


def serial(payload: str = f'"{SERIAL}"', root: str = "openWB") -> MqttServiceInfo:
    """Give what Home Assistant makes of the topic with the serial number."""
    return MqttServiceInfo(
        topic=f"{root}/system/serial_number",
        payload=payload,
        qos=0,
        retain=True,
        subscribed_topic="openWB/system/serial_number",
        timestamp=0.0,
    )


async def publish_a_little(device: aiomqtt.Client, root: str = "openWB") -> None:
    """Be an openWB that has not told its serial number."""
    for topic, payload in (
        ("chargepoint/3/config", '{"name": "Box"}'),
        ("chargepoint/3/get/power", "5"),
        ("system/version", '"2.1.7"'),
    ):
        await device.publish(f"{root}/{topic}", payload, retain=True)


@pytest.mark.usefixtures("simulator")
async def test_by_hand(hass: HomeAssistant, broker: Broker) -> None:
    """Enter the root topic and the broker, see what is there."""
    result = await start(hass, "openwb")
    assert result["step_id"] == "openwb_mqtt"
    result = await step(hass, result, {"root": "openWB/#"})
    assert result["errors"] == {"root": "base_topic_invalid"}
    result = await step(hass, result, {"root": "openWB"})
    assert result["step_id"] == "broker"
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"
    shown = result["description_placeholders"]
    assert (shown["firmware"], shown["devices"]) == ("2.2.2", "8")
    result = await step(hass, result, {"name": "Wallbox"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == SERIAL
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("mqtt_integration", "simulator")
async def test_its_topics_are_at_the_broker(hass: HomeAssistant) -> None:
    """A bridge has brought them: a word of consent is all that is left."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=serial()
    )
    assert result["step_id"] == "openwb_mqtt"
    result = await step(hass, result, {"root": "openWB"})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Wallbox"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["broker"] is None
    assert result["data"]["root"] == "openWB"
    await hass.async_block_till_done()
    again = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=serial()
    )
    assert again["reason"] == "already_configured"


@pytest.mark.parametrize("payload", ["", "null", "5", '"a\\u0000b"', "x" * 90, "[]"])
async def test_what_is_no_serial_number_is_not_taken_up(
    hass: HomeAssistant, payload: Any
) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=serial(payload)
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_supported"


async def test_an_openwb_that_tells_no_serial_number(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """It is told by its broker and root topic."""
    await publish_a_little(device)
    result = await start(hass, "openwb")
    result = await step(hass, result, {"root": "openWB"})
    result = await step(hass, result, broker_form(broker))
    result = await step(hass, result, {"name": "Wallbox"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == (
        f"openwb_mqtt|{broker.host}:{broker.port}|openWB"
    )
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("mqtt_integration")
@pytest.mark.parametrize(
    ("root", "unique_id"),
    [("openWB", SERIAL), ("other", "openwb_mqtt|homeassistant|other")],
)
async def test_its_serial_number_comes_late(
    hass: HomeAssistant, device: aiomqtt.Client, root: str, unique_id: str
) -> None:
    """What was discovered is known by it, unless the user names another openWB."""
    await publish_a_little(device, root)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=serial()
    )
    result = await step(hass, result, {"root": root})
    result = await step(hass, result, {"name": "Wallbox"})
    assert result["result"].unique_id == unique_id
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)
