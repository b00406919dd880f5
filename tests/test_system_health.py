"""What Home Assistant's system information tells of Wattbus."""

import asyncio

import aiomqtt
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .harness.broker import Broker
from .helpers import broker_data, fixture, make_entry, set_up, state, until

METER = DeviceKey("source", "smart-meter")


async def _told(hass: HomeAssistant) -> dict[str, object]:
    info = await get_system_health_info(hass, DOMAIN)
    return {
        key: await value if asyncio.iscoroutine(value) else value
        for key, value in info.items()
    }


async def test_it_counts_what_there_is_and_what_works(
    hass: HomeAssistant, broker: Broker
) -> None:
    entries = [
        make_entry(
            hass,
            {
                "family": "em420",
                "connection": "mqtt",
                "topics": ["em420/data"],
                "config_topics": [],
                "broker": broker_data(broker, port=port),
            },
        )
        for port in (broker.port, 1)
    ]
    assert await set_up(hass, entries[0])  # which sets all of an integration up
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    async with aiomqtt.Client(broker.host, broker.port) as device:
        await device.publish("em420/data", fixture("em420/smart_meter.json"))
        await until(lambda: state(hass, entries[0], METER, "active_power_+"))
    told = await _told(hass)
    values = told.pop("values")
    assert told == {
        "families": "em420",
        "installations": 2,
        "connected": 1,
        "devices": 2,
    }
    assert isinstance(values, int)
    assert values > 10

    broker.stop()
    await until(lambda: not entries[0].runtime_data.up)
    assert (await _told(hass))["connected"] == 0


async def test_without_an_installation(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    assert await _told(hass) == {
        "families": "",
        "installations": 0,
        "connected": 0,
        "devices": 0,
        "values": 0,
    }
