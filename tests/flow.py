"""The config flow as a user walks through it, with an EM420."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .harness.broker import Broker
from .helpers import broker_data, fixture, make_entry
from .simulators.em420 import rest_app
from .simulators.em420_model import Em420
from .simulators.listening import WebServer

TOPICS = {"topics": ["em420/data"], "config_topics": ["em420/config"]}
ADVANCED = {"advanced": {"protocol": "3.1.1"}}
TOKEN = "right-token"


@pytest.fixture
def impatient_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a device that says nothing."""
    monkeypatch.setattr(config_flow, "PATIENCE", 2.0)
    monkeypatch.setattr(probe, "_QUIET", 0.3)


@pytest.fixture
async def rest_port(socket_enabled: None) -> AsyncGenerator[int]:
    """Run the web interface of an EM420."""
    async with WebServer(rest_app(Em420(), TOKEN)) as server:
        yield server.port


async def start(hass: HomeAssistant, *choices: str) -> ConfigFlowResult:
    """Begin as a user, and take menu options."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    for choice in choices:
        assert result["type"] is FlowResultType.MENU
        assert choice in result["menu_options"]
        result = await step(hass, result, {"next_step_id": choice})
    return result


async def step(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Take one step, and wait for what it leads to."""
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], user_input
    )
    async with asyncio.timeout(15):
        while result["type"] in (
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.SHOW_PROGRESS_DONE,
        ):
            if result["type"] is FlowResultType.SHOW_PROGRESS:
                assert result["progress_action"] == "probe"
                await asyncio.sleep(0.02)
            result = await hass.config_entries.flow.async_configure(result["flow_id"])
    await asyncio.sleep(0.01)  # a browser is not faster than the flow's own callbacks
    return result


def broker_form(broker: Broker, **changes: Any) -> dict[str, Any]:
    """Fill the broker's form in."""
    return {
        "host": broker.host,
        "port": broker.port,
        "tls": False,
        "verify": True,
        **ADVANCED,
        **changes,
    }


def rest_form(port: int, **changes: Any) -> dict[str, Any]:
    """Fill the form of the EM420's web interface in."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "token": TOKEN,
        "endpoint": "local",
        "tls": False,
        "verify": True,
        **changes,
    }


def mqtt_entry(
    hass: HomeAssistant, broker: Broker, topic: str = "em420/data", **changes: Any
) -> MockConfigEntry:
    """Make the entry that the flow makes for MQTT."""
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": [topic],
            "config_topics": [],
            "broker": broker_data(broker, **changes),
        },
        unique_id=f"em420_mqtt|{broker.host}:{broker.port}|{topic}",
    )


def rest_entry(hass: HomeAssistant, port: int, **changes: Any) -> MockConfigEntry:
    """Make the entry that the flow makes for REST."""
    return make_entry(
        hass,
        {"family": "em420", "connection": "rest", **rest_form(port)} | changes,
        unique_id=f"em420_rest|127.0.0.1:{port}|local",
    )


async def publish(device: aiomqtt.Client, *, retain: bool = True) -> None:
    """Let the device speak."""
    await device.publish("em420/data", fixture("em420/data.json"), retain=retain)
    await device.publish(
        "em420/config", fixture("em420/configuration.json"), retain=retain
    )
