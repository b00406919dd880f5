"""How a charger is found and added."""

import asyncio
from dataclasses import replace
from ipaddress import ip_address
import json
from typing import Any

import pytest

from custom_components.wattbus import config_flow, probe
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import Facts
from homeassistant.config_entries import (
    SOURCE_MQTT,
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ...harness.broker import Broker
from ...helpers import make_entry
from .conftest import BASE

ID = "c44f330dad55"
ZEROCONF = ZeroconfServiceInfo(
    ip_address=ip_address("127.0.0.1"),
    ip_addresses=[ip_address("127.0.0.1")],
    port=80,
    hostname="openevse-ad55.local.",
    type="_openevse._tcp.local.",
    name="openevse-ad55._openevse._tcp.local.",
    properties={"id": ID, "version": "5.1.5", "type": "openevse_wifi_v1"},
)
ANNOUNCE = {
    "state": "connected",
    "id": ID,
    "name": "openevse-ad55",
    "mqtt": BASE,
    "http": "http://127.0.0.1/",
}


def announcement(**changes: Any) -> MqttServiceInfo:
    """Give what Home Assistant makes of a gateway's announcement."""
    return MqttServiceInfo(
        topic="openevse/announce/ad55",
        payload=json.dumps(ANNOUNCE | changes),
        qos=0,
        retain=True,
        subscribed_topic="openevse/announce/#",
        timestamp=0.0,
    )


async def step(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Take one step, and wait for what it leads to."""
    flow = hass.config_entries.flow
    result = await flow.async_configure(result["flow_id"], user_input)
    async with asyncio.timeout(15):
        while result["type"] in (
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.SHOW_PROGRESS_DONE,
        ):
            await asyncio.sleep(0.02)
            result = await flow.async_configure(result["flow_id"])
    await asyncio.sleep(0.01)
    return result


@pytest.mark.usefixtures("simulator")
async def test_by_hand(hass: HomeAssistant, broker: Broker) -> None:
    """Pick, enter the base topic and the broker, see what is there."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await step(hass, result, {"next_step_id": "openevse"})
    result = await step(hass, result, {"next_step_id": "openevse_mqtt"})
    result = await step(hass, result, {"base": "open#evse"})
    assert result["errors"] == {"base": "base_topic_invalid"}
    result = await step(hass, result, {"base": BASE})
    result = await step(
        hass,
        result,
        {
            "host": broker.host,
            "port": broker.port,
            "tls": False,
            "verify": True,
            "advanced": {"protocol": "3.1.1"},
        },
    )
    assert result["step_id"] == "found"
    assert "5.1.5" in result["description_placeholders"]["firmware"]
    result = await step(hass, result, {"name": "Carport"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == ID
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("mqtt_integration", "simulator")
async def test_announced_at_the_broker(hass: HomeAssistant) -> None:
    """What a gateway announces is filled in; a word of consent is all that is left."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=announcement()
    )
    assert result["step_id"] == "openevse_mqtt"
    result = await step(hass, result, {"base": BASE})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Carport"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["broker"] is None
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    "info",
    [
        announcement(state="disconnected"),
        announcement(id=None),
        replace(announcement(), payload=b"rubbish"),
    ],
)
async def test_announcements_that_are_none(
    hass: HomeAssistant, info: MqttServiceInfo
) -> None:
    """A last will, or anything else, is no charger to add."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=info
    )
    assert result["reason"] == "not_supported"


async def test_found_in_the_network(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is filled in; the id is the gateway's own."""

    async def found(*_: Any) -> probe.Found:
        return probe.Found(facts=Facts(serial_number=ID, sw_version="5.1.5"))

    monkeypatch.setattr(config_flow, "probe", found)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=ZEROCONF
    )
    assert result["step_id"] == "openevse_http"
    suggested = {str(key): key.description for key in result["data_schema"].schema}
    assert suggested["host"] == {"suggested_value": "127.0.0.1"}
    result = await step(
        hass,
        result,
        {"host": "127.0.0.1", "port": 80, "tls": False, "verify": True},
    )
    assert result["step_id"] == "found"


async def test_moved_in_the_network(hass: HomeAssistant) -> None:
    """A new address goes to the entry that is reached by HTTP, and to no other."""
    data = {"family": "openevse", "connection": "http", "host": "10.0.0.1", "port": 80}
    entry = make_entry(hass, data, unique_id=ID)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=ZEROCONF
    )
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == "127.0.0.1"


async def test_moved_behind_tls(hass: HomeAssistant) -> None:
    """It only tells the port that has none."""
    data = {"family": "openevse", "connection": "http", "host": "10.0.0.1"}
    data |= {"port": 443, "tls": True}
    entry = make_entry(hass, data, unique_id=ID)
    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=ZEROCONF
    )
    assert dict(entry.data) == data | {"host": "127.0.0.1"}


async def test_known_over_mqtt(hass: HomeAssistant) -> None:
    """One that is reached over MQTT is known, and stays as it is."""
    data = {"family": "openevse", "connection": "mqtt", "base": BASE, "broker": None}
    entry = make_entry(hass, data, unique_id=ID)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=ZEROCONF
    )
    assert result["reason"] == "already_configured"
    assert dict(entry.data) == data


@pytest.mark.parametrize(
    "changes",
    [{"type": "_http._tcp.local."}, {"properties": {}}, {"properties": {"id": ""}}],
)
async def test_other_services(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    """What has no id cannot be told from another."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=replace(ZEROCONF, **changes)
    )
    assert result["reason"] == "not_supported"
