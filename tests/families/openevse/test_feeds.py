"""What an OpenEVSE is fed with over MQTT, and that it is not taken for its own voice."""

import asyncio
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.openevse.feeds import FEEDS
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from ...harness.broker import Broker
from ...helpers import set_up, state, until
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import BASE, mqtt_entry
from .test_mqtt import OLD, running, shows


async def _configure(
    simulator: OpenEvseSimulator, broker: Broker, **topics: Any
) -> None:
    """Set the gateway's topics, which it subscribes to when it connects."""
    await simulator.disconnect()
    simulator.gateway.set_config(topics)
    await simulator.connect(broker.host, broker.port)


def _gone(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    found = state(hass, entry, MAIN_DEVICE, "enabled", "switch")
    return found is not None and found.state == STATE_UNAVAILABLE


@pytest.mark.parametrize("generation", OLD)
async def test_what_others_say_is_no_sign_of_life(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    """Neither commands nor feeds below its base topic keep a charger alive."""
    entry = await running(hass, broker, topic_solar_power=f"{BASE}/solar")
    driver = entry.runtime_data.driver
    await simulator.disconnect(crash=True)
    await device.publish(BASE, "disconnected")
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
    before = driver.diagnostics()["messages"]
    said = {
        "divertmode/set": "1",
        "override/set": "clear",
        "restart": '{"device":"gateway"}',
        "schedule/clear": "1",
        "rapi/in/$GS": "",
        "grid": "-1500",  # a feed of somebody else
        "solar": "2500",  # also the name of a value
    }
    for topic, payload in said.items():
        await device.publish(f"{BASE}/{topic}", payload)
    await until(lambda: driver.diagnostics()["messages"] >= before + len(said))
    with pytest.raises(TimeoutError):
        await until(lambda: not _gone(hass, entry), 0.3)
    for _ in range(2):  # also when it says what it has said before
        await device.publish(f"{BASE}/amp", "0")
        await shows(hass, entry, "enabled", "on", "switch")
        await device.publish(BASE, "disconnected")
        await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")


async def test_the_topic_of_the_configuration(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """What the gateway says counts more than what the user has entered once."""
    await _configure(simulator, broker, mqtt_grid_ie="house/grid", mqtt_solar="")
    entry = await running(
        hass, broker, topic_grid_power="old/grid", topic_solar_power="old/solar"
    )
    driver = entry.runtime_data.driver
    await until(lambda: driver.state.config and driver.state.config.mqtt_grid_ie)
    await driver.feed("grid_power", -1500)
    await until(lambda: simulator.gateway.divert.grid_ie == -1500)
    with pytest.raises(CommandError) as error:
        await driver.feed("solar_power", 2500)
    assert error.value.translation_key == "not_offered"


@pytest.mark.parametrize(
    ("settings", "feed", "why"),
    [
        ({"divert_enabled": False}, "grid_power", "divert_is_off"),
        (
            {"divert_enabled": True, "divert_type": 0},
            "grid_power",
            "divert_goes_by_other",
        ),
        ({"divert_enabled": True, "divert_type": 1}, "grid_power", None),
        (
            {"divert_enabled": True, "divert_type": 1},
            "solar_power",
            "divert_goes_by_other",
        ),
        ({"current_shaper_enabled": False}, "live_power", "shaper_is_off"),
        (
            {
                "current_shaper_enabled": True,
                "divert_enabled": False,
                "mqtt_grid_ie": "house/power",
            },
            "live_power",
            "divert_is_off",
        ),
        ({"vehicle_data_src": 3}, "vehicle_soc", "vehicle_source_is_other"),
        ({"vehicle_data_src": 2}, "vehicle_soc", None),
    ],
)
async def test_a_feed_that_the_settings_ignore(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    settings: dict[str, Any],
    feed: str,
    why: str | None,
) -> None:
    """It is not even subscribed to (subscribeTopics of mqtt.cpp, 5.1.2)."""
    await _configure(simulator, broker, mqtt_live_pwr="house/power", **settings)
    entry = mqtt_entry(hass, broker)
    assert await set_up(hass, entry)
    driver = entry.runtime_data.driver
    await until(lambda: driver.state.config and driver.state.config.mqtt_live_pwr)
    (row,) = [item for item in FEEDS if item.key == feed]
    said = row.ignored(driver)
    assert (said and said.translation_key) == why


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_a_topic_that_the_user_enters(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Gateways before 5.0.0 do not tell theirs, also not those for the vehicle."""
    await _configure(simulator, broker, mqtt_vehicle_soc="car/soc")
    entry = await running(hass, broker, topic_vehicle_soc="car/soc")
    await entry.runtime_data.driver.feed("vehicle_soc", 64)
    await shows(hass, entry, "vehicle_soc", "64")


async def test_topics_in_the_options(hass: HomeAssistant, broker: Broker) -> None:
    """A topic takes no wildcard; those of all that old gateways read can be entered."""
    entry = mqtt_entry(hass, broker)
    options = hass.config_entries.options
    result = await options.async_init(entry.entry_id)
    topics = {
        "topic_grid_power": "house/grid",
        "topic_vehicle_soc": "car/soc",
        "topic_vehicle_range": "car/range",
        "topic_vehicle_time_to_full": "car/eta",
    }
    given = {"poll": 30, "feeds": {}, **topics}
    result = await options.async_configure(
        result["flow_id"], {**given, "topic_solar_power": "openevse/#"}
    )
    assert result["errors"] == {"topic_solar_power": "base_topic_invalid"}
    result = await options.async_configure(result["flow_id"], given)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert topics.items() <= entry.options.items()
    await hass.async_block_till_done()  # it is set up with them


async def test_a_shaper_that_does_not_wait_for_long(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    """A power that stays the same is told again before the shaper pauses."""
    simulator.gateway.set_config({"current_shaper_data_maxinterval": 4})
    await _configure(simulator, broker, mqtt_live_pwr="house/power")
    hass.states.async_set("sensor.house", "900", {"unit_of_measurement": "W"})
    await device.subscribe("house/power")
    await running(hass, broker, feed_live_power="sensor.house")
    async with asyncio.timeout(20):  # it would be told again after a minute
        for _ in range(2):
            message = await anext(device.messages)
            assert message.payload == b"900"
