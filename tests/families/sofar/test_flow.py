"""How an EMS is added."""

from typing import Any

import pytest

from custom_components.wattbus import config_flow
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ...flow import start, step
from ...harness.broker import Broker
from ...simulators.sofar import Options, SofarSimulator
from .conftest import SERIAL

COMMANDS = "ems/{username}/{serial}/commands"
ANSWERS = "ems/{username}/{serial}/answers"


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Give what a form has filled in."""
    schema = result["data_schema"]
    assert schema
    return {
        str(key): (key.description or {}).get("suggested_value")
        for key in schema.schema
    }


def site(**changes: str) -> dict[str, str]:
    """Fill the form for the EMS in."""
    return {
        "serial": SERIAL,
        "command_topic": COMMANDS,
        "feedback_topic": ANSWERS,
        "suffix": "_site_0",
        **changes,
    }


def broker_form(broker: Broker) -> dict[str, Any]:
    """Fill the form for the broker in."""
    return {
        "host": broker.host,
        "port": broker.port,
        "tls": False,
        "verify": True,
        "username": "me",
        "password": "secret",
        "advanced": {"protocol": "3.1.1"},
    }


async def test_by_hand(hass: HomeAssistant, broker: Broker) -> None:
    """Serial number and topics, the vendor's broker filled in, see what is there."""
    options = Options(command_topic=COMMANDS, feedback_topic=ANSWERS)
    async with SofarSimulator(options) as simulator:
        await simulator.start(
            broker.host, broker.port, username="me", password="secret"
        )
        result = await start(hass, "sofar")
        assert result["step_id"] == "sofar_mqtt"
        result = await step(hass, result, site(serial="a#b", command_topic="x/+"))
        assert result["errors"] == {
            "serial": "base_topic_invalid",
            "command_topic": "base_topic_invalid",
        }
        result = await step(hass, result, site())
        assert result["step_id"] == "broker"
        filled = suggested(result)
        assert (filled["host"], filled["port"]) == ("mqtt.eniris.be", 1883)
        result = await step(hass, result, broker_form(broker))
        assert result["step_id"] == "found", result
        placeholders = result["description_placeholders"]
        assert placeholders
        assert int(placeholders["devices"]) >= 7
        result = await step(hass, result, {"name": "House"})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].unique_id == f"{SERIAL}_site_0"
        await hass.async_block_till_done()
        await hass.config_entries.async_unload(result["result"].entry_id)
        assert not simulator.requests_of("set_schedule")
        assert simulator.live == []


async def test_wrong_topics(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers: the topics can be corrected."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.3)
    result = await start(hass, "sofar")
    result = await step(hass, result, site())
    result = await step(hass, result, broker_form(broker))
    assert result["step_id"] == "silent"
    result = await step(hass, result, {"next_step_id": "sofar_mqtt"})
    assert suggested(result)["command_topic"] == COMMANDS


async def test_a_site_whose_node_is_the_serial_number(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suffix is filled in at first, and stays cleared when the user clears it."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.3)
    result = await start(hass, "sofar")
    assert suggested(result)["suffix"] == "_site_0"
    cleared = site()
    del cleared["suffix"]
    result = await step(hass, result, cleared)
    result = await step(hass, result, broker_form(broker))
    result = await step(hass, result, {"next_step_id": "sofar_mqtt"})
    assert suggested(result)["suffix"] == ""
    result = await step(hass, result, cleared)
    result = await step(hass, result, broker_form(broker))
    result = await step(hass, result, {"next_step_id": "found"})
    result = await step(hass, result, {"name": "House"})
    assert result["result"].unique_id == SERIAL
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


async def test_an_ems_that_is_silent_is_the_same_one(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished without an answer, it cannot be added again when there is one."""
    monkeypatch.setattr(config_flow, "PATIENCE", 0.3)
    result = await start(hass, "sofar")
    result = await step(hass, result, site())
    result = await step(hass, result, broker_form(broker))
    result = await step(hass, result, {"next_step_id": "found"})
    result = await step(hass, result, {"name": "House"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == f"{SERIAL}_site_0"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)
