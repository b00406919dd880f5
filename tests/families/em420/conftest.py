"""An EM420 in Home Assistant."""

import json
import time
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import DeviceKey
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import broker_data, make_entry

TOPIC = "em420/data"
CONFIG_TOPIC = "em420/config"

METER = DeviceKey("source", "smart-meter")
S0 = DeviceKey("source", "s0")
S1 = DeviceKey("source", "s1")


def mqtt_entry(hass: HomeAssistant, broker: Broker, **more: Any) -> MockConfigEntry:
    """Make an entry for the broker, not set up yet."""
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": more.pop("topics", [TOPIC]),
            "config_topics": more.pop("config_topics", [CONFIG_TOPIC]),
            "broker": broker_data(broker),
        },
        **more,
    )


@pytest.fixture
def entry(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Give an entry, not set up yet."""
    return mqtt_entry(hass, broker, entry_id="entry")


def detailed(source: str = "s0", **values: Any) -> bytes:
    """Make a data message of the detailed format."""
    return json.dumps(
        {
            source: {
                "configuration_id": "0" * 40,
                "status": "STATUS_OK",
                "timestamp": {"seconds": int(time.time()), "nanos": 0},
                "values": values,
            }
        }
    ).encode()
