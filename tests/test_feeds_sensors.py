"""The sensors that show what a device was told."""

import pytest

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .helpers import entity_id, shows
from .hungry import GRID, KILOWATT, WATT, fed

pytestmark = pytest.mark.usefixtures("hungry_family")


async def test_sensor_shows_what_was_sent(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    hass.states.async_set(GRID, "1.2", KILOWATT)
    entry = await fed(hass, feed_grid_power=GRID)
    shown = await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1200")
    assert shown.attributes["unit_of_measurement"] == "W"
    assert shown.attributes["device_class"] == "power"
    assert shown.name == "Charger Grid power feed"
    found = entity_registry.async_get(shown.entity_id)
    assert found
    assert found.entity_category is EntityCategory.DIAGNOSTIC
    assert entity_id(hass, entry, MAIN_DEVICE, "feed_voltage") is None


async def test_sensor_goes_with_its_feed(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1")
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entity_id(hass, entry, MAIN_DEVICE, "feed_grid_power") is None
