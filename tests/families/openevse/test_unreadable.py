"""Bytes that are no text: they cost that text, and nothing beside it.

`evse_serial` is what `$GI` has answered: getSerial() of evse_monitor.cpp copies it as it is
(openevse_esp32_firmware, 4.1.7 to 5.1.5), and `/r` and `rapi/out` pass it on.
"""

from typing import Any, Final

import pytest

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import ask, registered, set_up, until
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import http_entry
from .test_mqtt import running, shows

# As boards with firmware 8.2.0.EU and 8.2.2 have it, whose chips tell no lot number:
# `"evse_serial":"X\xff\xff\xff..."` (firstof9/openevse #183, #117).
EMPTY: Final = "X\xff\xff\xff\xff\xffFF12"


@pytest.fixture
def options() -> dict[str, Any]:
    """Give it a controller with such a chip."""
    return {"serial": EMPTY}


async def test_a_configuration_over_mqtt(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The gateway is known by its configuration as if there were no such text."""
    entry = await running(hass, broker)
    await until(lambda: registered(hass, entry, MAIN_DEVICE).sw_version == "v5.1.5")
    assert entry.runtime_data.driver.state.config.evse_serial is None
    assert "Ignored a message" not in caplog.text


async def test_a_charger_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """It can be set up, and shows what it tells."""
    entry = http_entry(hass, served)
    assert await set_up(hass, entry)
    assert registered(hass, entry, MAIN_DEVICE).sw_version == "v5.1.5"
    await shows(hass, entry, "charge_current", "32", "number")


async def test_the_serial_number_itself_over_mqtt(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """`$GI` is answered, with a mark in the place of each such byte."""
    entry = await running(hass, broker)
    answer = await ask(hass, entry, "send_rapi", command="GI")
    assert answer["ok"] is True
    assert answer["values"] == ["X\ufffd\ufffd\ufffd\ufffd\ufffdFF12"]
    assert answer["fields"] == {"id": None}


async def test_the_serial_number_itself_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """As over MQTT."""
    entry = http_entry(hass, served)
    assert await set_up(hass, entry)
    answer = await ask(hass, entry, "send_rapi", command="GI")
    assert answer["values"] == ["X\ufffd\ufffd\ufffd\ufffd\ufffdFF12"]
