"""What follows from what an OpenEVSE's gateway tells, where it does not tell it itself.

The rules are openevse_esp32_firmware's: current_shaper.cpp, divert.cpp, evse_monitor.cpp,
input.cpp (4.1.7 and 5.1.5).
"""

from typing import Any

import aiomqtt
import pytest

from custom_components.wattbus.families.openevse.deduced import Deduced
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.openevse import Config, DivertMode
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import entity_id, set_up, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from . import test_http
from .conftest import mqtt_entry
from .test_mqtt import running, shows

OFF = Config(current_shaper_enabled=False, current_shaper_max_pwr=9000)
ON = Config(current_shaper_enabled=True, current_shaper_max_pwr=9000)
THREE = Config(is_threephase=True)


def told(
    *messages: dict[str, Any], published: set[str] | None = None
) -> dict[str, Any]:
    """Tell one thing after the other; give what is known in the end."""
    deduced, config = Deduced(), None
    known: dict[str, Any] = {}
    for message in messages:
        message = dict(message)
        config = message.get("config", config)
        deduced.revise(message, known, config, published or set())
        known |= message
    return known


@pytest.mark.parametrize(
    ("messages", "active"),
    [
        ([{"config": ON}], True),
        ([{"config": OFF}], False),
        ([{"config": Config()}], None),
        # `shaper/set` does not change what is configured.
        ([{"shaper_active": True}, {"config": OFF}], True),
        ([{"config": OFF}, {"shaper_active": True}, {"config": OFF}], True),
        ([{"config": ON, "shaper_active": False}, {"config": ON}], False),
        ([{"config": OFF}, {"shaper_active": False}, {"config": ON}], True),
        # It begins as configured again.
        (
            [{"config": OFF, "uptime": 60}, {"shaper_active": True}, {"uptime": 1}],
            False,
        ),
        (
            [{"config": OFF, "uptime": 60}, {"shaper_active": True}, {"uptime": 90}],
            True,
        ),
        ([{"uptime": 60}, {"shaper_active": True}, {"uptime": None}], True),
    ],
)
def test_shaper(messages: list[dict[str, Any]], active: bool | None) -> None:
    assert told(*messages).get("shaper_active") is active


@pytest.mark.parametrize(
    ("config", "voltage", "expected"),
    [
        (THREE, 720.0, 240.0),
        (THREE, 360.0, 120.0),
        (THREE, 240.0, 240.0),
        (THREE, None, None),
        # Before 5.0.0 MQTT does not tell how many phases there are.
        (None, 690.0, 230.0),
        (Config(is_threephase=False), 400.0, 400.0),
    ],
)
def test_voltage(
    config: Config | None, voltage: float | None, expected: float | None
) -> None:
    """The surplus' event has it times 3 (divert.cpp; firmware PR #1114)."""
    assert told({"config": config}, {"voltage": voltage})["voltage"] == expected


@pytest.mark.parametrize(
    ("messages", "power"),
    [
        ([{"current": 10.0, "voltage": 230.0}], 2300.0),
        ([{"voltage": 230.0}, {"current": 10.0}], 2300.0),
        ([{"config": THREE}, {"current": 10.0}, {"voltage": 230.0}], 6900.0),
        ([{"phases": "3"}, {"current": 10.0, "voltage": 230.0}], 6900.0),
        # The voltage is a phase's, whatever the surplus' event says.
        ([{"config": THREE}, {"current": 10.0, "voltage": 690.0}], 6900.0),
        ([{"current": 10.0, "voltage": 230.0, "power": 2250.0}], 2250.0),
        ([{"current": 10.0}], None),
        ([{"current": 10.0, "voltage": None}], None),
    ],
)
def test_power(messages: list[dict[str, Any]], power: float | None) -> None:
    assert told(*messages).get("power") == power


def test_power_that_is_told() -> None:
    """Once a gateway has told it, it is not calculated."""
    assert "power" not in told({"current": 9.0, "voltage": 230.0}, published={"power"})


def test_surplus_in_normal_mode() -> None:
    """Nothing but a change of the mode, which nobody has seen, tells that it is off."""
    assert told({"divert_mode": DivertMode.NORMAL})["divert_active"] is False
    assert "divert_active" not in told({"divert_mode": DivertMode.ECO})


async def test_shaper_of_a_charger_just_set_up(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The switch is there at once, with what is configured; then events count."""
    simulator.gateway.set_config({"current_shaper_enabled": True})
    entry = mqtt_entry(hass, broker)  # it sleeps, as it is not told of the house
    assert await set_up(hass, entry)
    await shows(hass, entry, "shaper_active", "on", "switch")
    await shows(hass, entry, "divert_active", "off", "binary_sensor")
    await until(lambda: entity_id(hass, entry, MAIN_DEVICE, "shaper_max_power"))
    await use(hass, entry, "switch.turn_off", "shaper_active")
    await shows(hass, entry, "shaper_active", "off", "switch")
    # Another setting is told with the whole configuration: the shaper stays as it is.
    await use(hass, entry, "number.set_value", "led_brightness", value=10)
    await shows(hass, entry, "led_brightness", "10", "number")
    await shows(hass, entry, "shaper_active", "off", "switch")
    assert not simulator.gateway.shaper.active
    simulator.gateway.set_config({"current_shaper_max_pwr": 8000})
    await shows(hass, entry, "shaper_active", "on", "switch")


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_power_of_an_old_gateway(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """4.1.7 tells volts and amperes, but no power."""
    entry = await running(hass, broker)
    simulator.charger.plug()
    await shows(hass, entry, "power", "7680")  # 32 A at 240 V


async def test_surplus_of_three_phases(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    """240 V are shown, and not the 720 V of the surplus' event."""
    simulator.gateway.set_config({"is_threephase": True})
    entry = await running(hass, broker)
    simulator.gateway.set_divert_mode(2)
    simulator.gateway.event({"voltage": 238.5})
    await shows(hass, entry, "voltage", "238.5")
    await device.publish("emon/emonpi/power1", "-8000")
    await shows(hass, entry, "divert_active", "on", "binary_sensor")
    await shows(hass, entry, "voltage", "240.0")


async def test_surplus_of_three_phases_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """The WebSocket tells the same event."""
    served.gateway.set_config({"is_threephase": True})
    entry = await test_http.running(hass, served)
    await test_http.listening(entry)
    served.gateway.set_divert_mode(2)
    served.gateway.event({"voltage": 238.5})
    await shows(hass, entry, "voltage", "238.5")
    served.gateway.feed("mqtt_grid_ie", -8000)
    await shows(hass, entry, "voltage", "240.0")


# An override stands above the surplus, but not above the shaper (evse_man.h).
LOWERED = [("divert", "32"), ("shaper", "20")]


def lower(simulator: OpenEvseSimulator, by: str) -> None:
    """Have the surplus, or what the house leaves, lower the pilot to 8 A."""
    gateway = simulator.gateway
    if by == "divert":
        gateway.set_divert_mode(2)
        gateway.feed("mqtt_grid_ie", -8 * 240)
    else:
        gateway.set_config({"current_shaper_max_pwr": 9000})
        gateway.set_shaper(True)
        gateway.feed("mqtt_live_pwr", 9000 - 8 * 240)


@pytest.mark.parametrize(("by", "at"), LOWERED)
async def test_a_lowered_pilot_is_no_other_set_point(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator, by: str, at: str
) -> None:
    """*Charge current* is what was set; what is left of it is the pilot's (evse_man.cpp)."""
    entry = await running(hass, broker)
    if at != "32":
        await use(hass, entry, "number.set_value", "charge_current", value=int(at))
    await shows(hass, entry, "pilot_current", f"{at}.0")
    lower(simulator, by)
    await shows(hass, entry, "pilot_current", "8.0")
    await shows(hass, entry, "charge_current", at, "number")


@pytest.mark.parametrize(("by", "at"), LOWERED)
async def test_a_lowered_pilot_is_no_other_set_point_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator, by: str, at: str
) -> None:
    entry = await test_http.running(hass, served)
    await test_http.listening(entry)
    if at != "32":
        await use(hass, entry, "number.set_value", "charge_current", value=int(at))
    await shows(hass, entry, "pilot_current", f"{at}.0")
    lower(served, by)
    await shows(hass, entry, "pilot_current", "8.0")
    await shows(hass, entry, "charge_current", at, "number")
