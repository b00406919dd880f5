"""When a device is told of Home Assistant's own entities: soon, and not too often."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.wattbus import feeds
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols import ProtocolError
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .helpers import shows, state, until
from .hungry import EVERY, GRID, KILOWATT, WATT, fed, issue, told

pytestmark = pytest.mark.usefixtures("hungry_family")


# --- when it is sent ----------------------------------------------------------------


async def test_newest_value_wins(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A meter speaks many times a second; the device hears the first and the last."""
    monkeypatch.setattr(feeds, "_EVERY", 1.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 21):
        hass.states.async_set(GRID, str(watts), WATT)
        await asyncio.sleep(0)
    assert told(entry) == [0]
    await until(lambda: len(told(entry)) > 1)
    assert told(entry) == [0, 20]


async def test_messages_keep_their_distance(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 60):
        hass.states.async_set(GRID, str(watts), WATT)
        await asyncio.sleep(0.01)
    times = entry.runtime_data.driver.times
    assert len(times) >= 3
    assert min(b - a for a, b in pairwise(times)) > 0.9 * EVERY
    assert told(entry) == sorted(set(told(entry)))


async def test_an_old_charge_level_is_not_repeated_as_a_new_one(
    hass: HomeAssistant,
) -> None:
    """It is sent with its time, once; again when it was told again, or asked anew.

    openWB takes what has no newer time for what it has (openWB/core #2101, CarState in
    modules/common/component_state.py; saic-python-mqtt-gateway #425).
    """
    percent = {"unit_of_measurement": "%"}
    before = dt_util.utcnow() - timedelta(hours=3)
    hass.states.async_set("sensor.car", "50", percent, timestamp=before.timestamp())
    entry = await fed(hass, feed_vehicle_soc="sensor.car")
    hub = entry.runtime_data
    await until(lambda: told(entry, "vehicle_soc") == [50])
    assert abs(hub.driver.reported[-1] - before) < timedelta(seconds=1)
    await asyncio.sleep(0.6)  # more than its refresh
    assert told(entry, "vehicle_soc") == [50]
    hass.states.async_set("sensor.car", "50", percent)
    await until(lambda: told(entry, "vehicle_soc") == [50, 50])
    assert hub.driver.reported[-1] > before + timedelta(hours=2)
    hub.connected(False)
    hub.connected(True)
    await until(lambda: told(entry, "vehicle_soc") == [50, 50, 50])


async def test_a_charge_level_that_comes_back_as_it_went_is_not_news(
    hass: HomeAssistant,
) -> None:
    """After a restart an integration shows what it kept, as if it had just heard it."""
    percent = {"unit_of_measurement": "%"}
    hass.states.async_set("sensor.car", "50", percent)
    entry = await fed(hass, feed_vehicle_soc="sensor.car")
    driver = entry.runtime_data.driver
    await until(lambda: told(entry, "vehicle_soc") == [50])
    known = driver.reported[-1]
    hass.states.async_set("sensor.car", "unavailable", percent)
    await asyncio.sleep(0.1)
    hass.states.async_set("sensor.car", "50", percent)
    await asyncio.sleep(0.6)
    assert set(driver.reported) == {known}
    hass.states.async_set("sensor.car", "51", percent)
    await until(lambda: told(entry, "vehicle_soc")[-1] == 51)
    assert driver.reported[-1] > known


async def test_same_value_is_not_sent_again(hass: HomeAssistant) -> None:
    """Not when only what the device does not read has changed."""
    hass.states.async_set(GRID, "100", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for _ in range(3):
        await asyncio.sleep(EVERY)
        hass.states.async_set(GRID, "100.3", WATT)
        await asyncio.sleep(EVERY)
        hass.states.async_set(GRID, "0.1", KILOWATT)
    assert told(entry) == [100]


async def test_value_is_repeated_before_it_is_stale(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    await until(lambda: len(told(entry, "solar_power")) >= 3)
    assert set(told(entry, "solar_power")) == {100}
    first, second = pairwise(entry.runtime_data.driver.times[:3])
    for a, b in (first, second):
        assert 0.4 < b - a < 2.0


async def test_slow_device_is_told_one_after_the_other(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.driver.open.clear()
    hass.states.async_set(GRID, "1", WATT)
    await until(lambda: told(entry) == [0, 1])
    hass.states.async_set(GRID, "2", WATT)
    await asyncio.sleep(2 * EVERY)
    assert told(entry) == [0, 1]
    hass.states.async_set(GRID, "3", WATT)
    entry.runtime_data.driver.open.set()
    await until(lambda: told(entry) == [0, 1, 3])


@pytest.mark.parametrize(
    "error", [CommandError("toy"), ProtocolError("toy"), RuntimeError("toy")]
)
async def test_what_fails_is_tried_again(
    hass: HomeAssistant, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """With the next value, or when it is time to repeat this one."""
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    await shows(hass, entry, MAIN_DEVICE, "feed_solar_power", "100")
    entry.runtime_data.driver.error = error
    hass.states.async_set("sensor.sun", "200", WATT)
    await until(lambda: told(entry, "solar_power")[-2:] == [200, 200])
    shown = state(hass, entry, MAIN_DEVICE, "feed_solar_power")
    assert shown
    assert shown.state == "100"
    entry.runtime_data.driver.error = None
    await shows(hass, entry, MAIN_DEVICE, "feed_solar_power", "200")
    assert issue(hass, entry, "solar_power") is None
    levels = {item.levelname for item in caplog.records if "sent" in item.message}
    assert levels == {"ERROR" if isinstance(error, RuntimeError) else "DEBUG"}
    caplog.clear()


async def test_what_fails_for_long_is_told(hass: HomeAssistant) -> None:
    """As where nobody has said on which topic the device reads it."""
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    driver = entry.runtime_data.driver
    driver.error = CommandError("not_offered", field="solar power")
    hass.states.async_set("sensor.sun", "200", WATT)
    name = f"feed_failing_{entry.entry_id}_solar_power"
    registry = ir.async_get(hass)
    found = await until(lambda: registry.async_get_issue(DOMAIN, name))
    assert found.translation_placeholders
    assert found.translation_placeholders["feed"] == "Solar power"
    assert "solar power" in found.translation_placeholders["reason"]
    driver.error = None
    await until(lambda: registry.async_get_issue(DOMAIN, name) is None)


async def test_what_fails_is_not_told_any_more_after_the_end(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    entry.runtime_data.driver.error = CommandError("not_offered", field="solar power")
    hass.states.async_set("sensor.sun", "200", WATT)
    await until(lambda: ir.async_get(hass).issues)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not ir.async_get(hass).issues


async def test_nothing_is_sent_while_the_connection_is_down(
    hass: HomeAssistant,
) -> None:
    """Where it would wait in a queue; what is true then is told when it is back."""
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.connected(False)
    for watts in ("2", "3", "1"):
        hass.states.async_set(GRID, watts, WATT)
        await asyncio.sleep(1.5 * EVERY)
    assert told(entry) == [1]
    entry.runtime_data.connected(True)
    await until(lambda: told(entry) == [1, 1])


# --- the end ------------------------------------------------------------------------


async def test_unload_ends_feeds_and_issues(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID, feed_voltage="sensor.none")
    driver = entry.runtime_data.driver
    await until(lambda: issue(hass, entry, "voltage"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issue(hass, entry, "voltage") is None
    hass.states.async_set(GRID, "2", WATT)
    await asyncio.sleep(2 * EVERY)
    assert driver.told == [("grid_power", 1), ("stopped", 0)]


async def test_feeds_end_before_the_driver_when_home_assistant_stops(
    hass: HomeAssistant,
) -> None:
    """Also one that is being sent."""
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.driver.open.clear()
    hass.states.async_set(GRID, "2", WATT)
    await until(lambda: told(entry) == [1, 2])
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert entry.runtime_data.driver.told[-1] == ("stopped", 0)
