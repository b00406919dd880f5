"""The config flow: what a user meets between "Add integration" and the devices."""

from typing import Any
from unittest.mock import patch

import aiomqtt
import pytest

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.families.sink import Facts
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .flow import TOPICS, broker_form, mqtt_entry, publish, rest_form, start, step
from .harness.broker import Broker

pytestmark = pytest.mark.usefixtures("impatient_flow")


async def test_mqtt(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """A broker, a device that publishes: pick, connect, look, name, done."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    assert (result["step_id"], result["errors"]) == ("em420_mqtt", {})

    result = await step(hass, result, TOPICS)
    assert (result["step_id"], result["errors"]) == ("broker", {})

    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"
    assert result["description_placeholders"] == {
        "model": "EM420",
        "firmware": "–",
        "devices": "2",
    }

    result = await step(hass, result, {"name": "Meter cabinet"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Meter cabinet"
    assert result["data"]["family"] == "em420"
    assert result["data"]["connection"] == "mqtt"
    assert result["data"]["topics"] == ["em420/data"]
    assert result["data"]["broker"]["port"] == broker.port
    assert result["result"].unique_id == (
        f"em420_mqtt|127.0.0.1:{broker.port}|em420/data"
    )
    await hass.async_block_till_done()
    assert result["result"].state is ConfigEntryState.LOADED


@pytest.mark.usefixtures("mqtt_integration")
async def test_home_assistants_broker(
    hass: HomeAssistant, device: aiomqtt.Client
) -> None:
    """With the mqtt integration set up, its broker needs nothing to be entered."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    assert result["step_id"] == "client"
    result = await step(hass, result, {"next_step_id": "home_assistant"})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "EM420"})
    assert result["data"]["broker"] is None
    await hass.async_block_till_done()


@pytest.mark.usefixtures("mqtt_integration")
async def test_other_broker_than_home_assistants(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """With the mqtt integration set up, another broker can still be used."""
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, {"next_step_id": "broker"})
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "found"


async def test_rest(hass: HomeAssistant, rest_port: int) -> None:
    """The web interface: host and token, nothing of a broker."""
    result = await start(hass, "em420", "em420_rest")
    result = await step(hass, result, rest_form(rest_port))
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "EM420"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "broker" not in result["data"]
    assert result["result"].unique_id == f"em420_rest|127.0.0.1:{rest_port}|local"
    await hass.async_block_till_done()


async def test_one_way_only(hass: HomeAssistant) -> None:
    """A family with one way to connect does not ask which."""
    family = config_flow.FAMILIES["em420"]
    way = {"rest": family.connections["rest"]}
    with patch.dict(config_flow.FAMILIES, {"em420": _replace(family, connections=way)}):
        result = await start(hass, "em420")
    assert result["step_id"] == "em420_rest"


def _replace(family: Any, **changes: Any) -> Any:
    return type(family)(**{**vars(family), **changes})


async def test_already_configured(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """The same topics of the same broker are one installation."""
    mqtt_entry(hass, broker)
    await publish(device)
    result = await start(hass, "em420", "em420_mqtt")
    result = await step(hass, result, TOPICS)
    result = await step(hass, result, broker_form(broker))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_the_devices_own_id(hass: HomeAssistant, rest_port: int) -> None:
    """A device that tells its serial number is known by it."""
    found = probe.Found(facts=Facts(serial_number="4711", sw_version="1.2"))
    result = await start(hass, "em420", "em420_rest")
    with patch.object(config_flow, "probe", return_value=found):
        result = await step(hass, result, rest_form(rest_port))
    assert result["description_placeholders"]["firmware"] == "1.2"
    result = await step(hass, result, {"name": "EM420"})
    assert result["result"].unique_id == "4711"
    await hass.async_block_till_done()
