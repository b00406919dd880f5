"""The options: which an entry has, and that a change is heeded."""

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .flow import mqtt_entry, rest_entry
from .harness.broker import Broker
from .helpers import set_up

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
