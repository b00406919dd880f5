"""The feeds in the form of the options."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er

from .helpers import until
from .hungry import FEEDS, GRID, WATT, fed, hungry, told

pytestmark = pytest.mark.usefixtures("hungry_family")


async def test_options_form(hass: HomeAssistant) -> None:
    """The feeds are a section of the form, and one level in the options."""
    entry = await fed(hass, feed_grid_power="sensor.old", feed_voltage="sensor.volt")
    result = await hass.config_entries.options.async_init(entry.entry_id)
    (section,) = result["data_schema"].schema.values()
    assert section.options == {"collapsed": True}
    fields = {str(key): key for key in section.schema.schema}
    assert fields.keys() == {"feed_grid_inverted", *(feed.name for feed in FEEDS)}
    suggested = {
        name: key.description["suggested_value"]
        for name, key in fields.items()
        if key.description
    }
    assert suggested == {"feed_grid_power": "sensor.old", "feed_voltage": "sensor.volt"}

    hass.states.async_set(GRID, "1", WATT)
    given = {"feed_grid_power": GRID, "feed_grid_inverted": True}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"feeds": given}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == given, "what was emptied is gone"
    await until(lambda: told(entry) == [-1])


async def test_options_form_offers_entities_that_fit(hass: HomeAssistant) -> None:
    entry = hungry(hass)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    (section,) = result["data_schema"].schema.values()
    offered = {
        str(key): selector.config["filter"]
        for key, selector in section.schema.schema.items()
        if hasattr(selector, "config") and "filter" in selector.config
    }
    domains, helpers = ["sensor", "number"], {"domain": ["input_number"]}
    assert offered["feed_grid_power"] == [
        {"domain": domains, "device_class": ["power"]},
        helpers,
    ]
    assert offered["feed_vehicle_time_to_full"] == [
        {"domain": domains, "device_class": ["duration", "timestamp"]},
        helpers,
    ]
    assert offered["feed_vehicle_charge_limit"] == [
        {"domain": domains, "unit_of_measurement": ["%"]},
        helpers,
    ]


async def test_options_form_refuses_what_is_no_entity(hass: HomeAssistant) -> None:
    entry = hungry(hass)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    given = {"feeds": {"feed_grid_power": "the meter"}}
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(result["flow_id"], given)


async def test_entity_gets_another_id(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """The feed goes on with it, also after a restart."""
    source = entity_registry.async_get_or_create("sensor", "toy", "grid")
    hass.states.async_set(source.entity_id, "100", WATT)
    entry = await fed(hass, feed_grid_power=source.entity_id, feed_voltage="sensor.v")
    await until(lambda: told(entry) == [100])
    entity_registry.async_update_entity(source.entity_id, name="Renamed only")
    entity_registry.async_update_entity(source.entity_id, new_entity_id=GRID)
    hass.states.async_remove(source.entity_id)
    hass.states.async_set(GRID, "200", WATT)
    await until(lambda: told(entry) == [100, 200])
    assert entry.options == {"feed_grid_power": GRID, "feed_voltage": "sensor.v"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: told(entry) == [200])
