"""The options: which an entry has, and that a change is heeded."""

from typing import TYPE_CHECKING

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.config_flow import WattbusConfigFlow
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.forms import options_schema
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .flow import mqtt_entry, rest_entry
from .harness.broker import Broker
from .helpers import set_up

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

pytestmark = pytest.mark.usefixtures("impatient_flow")


async def test_options(hass: HomeAssistant, rest_port: int) -> None:
    """Each way to connect has its own options; changing one reloads."""
    entry = rest_entry(hass, rest_port)
    assert await set_up(hass, entry)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert {str(key) for key in result["data_schema"].schema} == {
        "patience",
        "scan_interval",
    }
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"patience": 20, "scan_interval": 60}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options == {"patience": 20, "scan_interval": 60}
    assert entry.runtime_data.driver.interval.total_seconds() == 60


async def test_options_of_mqtt(hass: HomeAssistant, broker: Broker) -> None:
    """What is pushed has no interval."""
    entry = mqtt_entry(hass, broker)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert {str(key) for key in result["data_schema"].schema} == {"patience"}


def test_no_dialog_is_offered_that_would_be_empty() -> None:
    """Every way to connect that has something to tune offers it, and no other."""
    without = {
        (family.key, way)
        for family in FAMILIES.values()
        for way in family.connections
        if not WattbusConfigFlow.async_supports_options_flow(
            MockConfigEntry(data={"family": family.key, "connection": way})
        )
    }
    assert without == {("apsystems", "mqtt")}
    assert not options_schema(FAMILIES["apsystems"], "mqtt").schema


def test_no_text_is_required_that_may_be_empty() -> None:
    """The frontend does not send a form with an empty text in a required field."""
    for family in FAMILIES.values():
        for connection in family.connections.values():
            asked = (
                *options_schema(family, connection.key).schema,
                *connection.fields,
            )
            for marker in asked:
                if isinstance(marker, vol.Required) and callable(marker.default):
                    assert marker.default() != "", f"{family.key}: {marker}"
