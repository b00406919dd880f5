"""Reconfiguring: an entry stays the same, at another place or in another way."""

from unittest.mock import patch

import aiomqtt
import pytest

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.families.sink import Facts
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .flow import (
    TOKEN,
    TOPICS,
    broker_form,
    mqtt_entry,
    publish,
    rest_entry,
    rest_form,
    step,
)
from .harness.broker import Broker
from .helpers import make_entry

pytestmark = pytest.mark.usefixtures("impatient_flow")


async def test_reconfigure(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Other topics: the entry stays the same, its id follows."""
    await publish(device)
    entry = mqtt_entry(hass, broker, topic="old/topic", password="kept", username="me")
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "em420"
    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["topics"] == {"suggested_value": ["old/topic"]}
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker, username="me"))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["topics"] == ["em420/data"]
    assert entry.data["broker"]["password"] == "kept"
    assert entry.unique_id == f"em420_mqtt|127.0.0.1:{broker.port}|em420/data"
    await hass.async_block_till_done()


async def test_reconfigure_does_not_send_the_password_elsewhere(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """An empty password keeps the old one only for the same host and user."""
    await publish(device)
    entry = mqtt_entry(hass, broker, host="old.example", password="x", username="me")
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_mqtt"})
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker, username="me"))
    assert result["reason"] == "reconfigure_successful"
    assert not entry.data["broker"].get("password")
    await hass.async_block_till_done()


async def test_reconfigure_to_another_way(
    hass: HomeAssistant, broker: Broker, rest_port: int
) -> None:
    """From MQTT to REST: nothing of the broker is left in the data."""
    entry = mqtt_entry(hass, broker)
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {
        "family": "em420",
        "connection": "rest",
        **rest_form(rest_port),
    }
    await hass.async_block_till_done()


async def test_reconfigure_same_settings(hass: HomeAssistant, rest_port: int) -> None:
    """The old token is kept when none is entered."""
    entry = rest_entry(hass, rest_port)
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port, token=""))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["token"] == TOKEN
    await hass.async_block_till_done()


async def test_reconfigure_into_another_entry(
    hass: HomeAssistant, rest_port: int
) -> None:
    """Two entries cannot become the same installation."""
    rest_entry(hass, rest_port)
    other = rest_entry(hass, 1)
    result = await other.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "already_configured"


async def test_reconfigure_to_another_device(
    hass: HomeAssistant, rest_port: int
) -> None:
    """A device with another id of its own is another device."""
    entry = make_entry(
        hass,
        {"family": "em420", "connection": "rest", **rest_form(rest_port)},
        unique_id="4711",
    )
    found = probe.Found(facts=Facts(serial_number="4712"))
    result = await entry.start_reconfigure_flow(hass)
    result = await step(hass, result, {"next_step_id": "em420_rest"})
    with patch.object(config_flow, "probe", return_value=found):
        result = await step(hass, result, rest_form(rest_port))
    assert result["reason"] == "wrong_device"
