"""What an OpenEVSE's gateway and controller make of controls, where they differ."""

from datetime import time

import pytest
import voluptuous as vol

from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.rapi import State
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...helpers import ask, entity_id, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from .test_mqtt import OLD, running, shows

BY_RAPI = [
    ("service_level_setting", "select"),
    ("check_diode", "switch"),
    ("stored_capacity", "number"),
    ("ammeter_scale", "number"),
    ("lcd_type", "select"),
]
TIMER = [("timer", "switch")]
BUTTONS = [
    ("wake", "button"),
    ("press", "button"),
    ("reset_total_energy", "button"),
    ("restart_charger", "button"),
]


async def _offered(
    hass: HomeAssistant, broker: Broker, controls: list[tuple[str, str]]
) -> list[str]:
    """Give which of the controls there are, once the controller has been read."""
    entry = await running(hass, broker, poll=1, expert=True)
    await entry.runtime_data.driver.controller.poll()
    await hass.async_block_till_done()
    return [
        key
        for key, platform in controls
        if entity_id(hass, entry, MAIN_DEVICE, key, platform)
    ]


@pytest.mark.parametrize("generation", OLD)
async def test_old_gateways_pass_everything_on(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    offered = await _offered(hass, broker, BY_RAPI + TIMER)
    # These controllers do not tell what they have stored.
    told = [key for key, _ in BY_RAPI + TIMER if key != "stored_capacity"]
    assert offered == told


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_without_the_timer(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """These gateways have a schedule of their own, and drop `$ST` alone."""
    offered = await _offered(hass, broker, BY_RAPI + TIMER + BUTTONS)
    assert offered == [key for key, _ in BY_RAPI + BUTTONS]


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_what_the_gateway_drops_is_not_offered(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    offered = await _offered(hass, broker, BY_RAPI + TIMER + BUTTONS)
    # By the gateway's own configuration, and by a command of its own.
    by_gateway = [key for key, _ in BY_RAPI if key != "lcd_type"]
    assert offered == [*by_gateway, "restart_charger"]


CONFIGURED = [
    ("service_level_setting", "select", "auto", "service", 0),
    ("service_level_setting", "select", "1", "service", 1),
    ("check_diode", "switch", "off", "diode_check", False),
    ("check_gfci", "switch", "off", "gfci_check", False),
    ("check_ground", "switch", "off", "ground_check", False),
    ("check_relay", "switch", "off", "relay_check", False),
    ("check_temperature", "switch", "off", "temp_check", False),
    ("check_vent", "switch", "off", "vent_check", False),
    ("ammeter_scale", "number", "215", "scale", 215),
    ("ammeter_offset", "number", "-3", "offset", -3),
    ("stored_capacity", "number", "20", "max_current_soft", 20),
]


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
@pytest.mark.parametrize(("key", "platform", "wanted", "setting", "kept"), CONFIGURED)
async def test_what_the_gateway_sets_by_its_configuration(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    key: str,
    platform: str,
    wanted: str,
    setting: str,
    kept: object,
) -> None:
    """Its document tells what the controller keeps, also what others have set."""
    gateway = simulator.gateway
    gateway.set_config({"service": 2})
    entry = await running(hass, broker, poll=3600, expert=True)
    before = {"select": "2", "switch": "on"}.get(platform)
    if before is not None:
        await shows(hass, entry, key, before, platform)
    match platform:
        case "select":
            await use(hass, entry, "select.select_option", key, option=wanted)
        case "switch":
            await use(hass, entry, f"switch.turn_{wanted}", key)
        case _:
            await use(hass, entry, "number.set_value", key, value=float(wanted))
    await shows(hass, entry, key, wanted, platform)
    assert gateway.config.document()[setting] == kept
    if platform == "switch":
        gateway.set_config({setting: True})
        await shows(hass, entry, key, "on", platform)


@pytest.mark.parametrize("generation", OLD)
@pytest.mark.parametrize(("key", "limit"), [("energy_limit", 1), ("time_limit", 15)])
async def test_a_limit_that_is_reached_already(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    key: str,
    limit: int,
) -> None:
    """The controller ends the session and forgets the limit: that is what was asked."""
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    simulator.step(3600)
    await use(hass, entry, "number.set_value", key, value=limit)
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
@pytest.mark.parametrize(
    ("key", "asked", "shown"),
    [
        ("energy_limit", 0.3, "1.0"),
        ("energy_limit", 2.6, "3.0"),
        ("energy_limit", 0, "0.0"),
        ("time_limit", 1, "15"),
        ("time_limit", 100, "105"),
    ],
)
async def test_a_limit_in_the_units_of_the_controller(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    key: str,
    asked: float,
    shown: str,
) -> None:
    """It counts whole kWh and quarters of an hour; a small limit is not none."""
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "number.set_value", key, value=asked)
    await shows(hass, entry, key, shown, "number")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_7])
@pytest.mark.parametrize("options", [{"protocol": "1.0.3"}])
async def test_an_answer_that_the_gateway_keeps(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Whether the controller has obeyed is not known, and not said."""
    entry = await running(hass, broker, expert=True)
    answer = await ask(hass, entry, "send_rapi", command="FE")
    assert answer == {"ok": None, "values": [], "fields": {}, "raw": ""}


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_the_display_is_given_back_at_the_end(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Also when the entry is unloaded before the text's time is over."""
    entry = await running(hass, broker)
    await ask(hass, entry, "display_text", line_1="Hello", seconds=300)
    assert simulator.charger.display.given_away
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: not simulator.charger.display.given_away)


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_the_display_of_a_gateway_that_drops_text(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """It would hand the display over, and print nothing on it: it is not asked to."""
    entry = await running(hass, broker)
    await shows(hass, entry, "manual_override", "off", "switch")
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "display_text", line_1="Hello")
    assert error.value.translation_key == "rapi_blocked"
    assert error.value.translation_placeholders == {"command": "FP"}
    assert not simulator.charger.display.given_away


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_the_display_is_given_back_after_an_error(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """In a fault the controller shows that, and refuses text."""
    entry = await running(hass, broker)
    simulator.charger.fault(State.GFCI_FAULT)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "display_text", line_1="Hello", seconds=300)
    assert error.value.translation_key == "rapi_refused"
    await until(lambda: not simulator.charger.display.given_away)


@pytest.mark.parametrize("generation", OLD)
async def test_the_temperature_where_only_sensors_are_told(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The charger is as hot as the hottest of its sensors."""
    entry = await running(hass, broker, poll=1)
    await shows(hass, entry, "temperature", "24.7")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
async def test_the_vehicle_of_a_charger_that_sleeps(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Controllers before 6.0.0 tell it when they are asked for just that."""
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "state", "sleeping")
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    simulator.charger.unplug()
    await shows(hass, entry, "vehicle_connected", "off", "binary_sensor")
    simulator.charger.disable()
    await shows(hass, entry, "vehicle_connected", STATE_UNKNOWN, "binary_sensor")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
@pytest.mark.parametrize("options", [{"protocol": "1.0.3"}])
async def test_the_vehicle_of_a_controller_that_does_not_see_it_asleep(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """What it said before it fell asleep is not known any more."""
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    simulator.charger.sleep()
    await shows(hass, entry, "vehicle_connected", STATE_UNKNOWN, "binary_sensor")


# --- actions --------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
async def test_the_delay_timer_has_both_times_and_no_seconds(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, broker, poll=1)
    answer = await ask(hass, entry, "set_timer", start="22:00:30", end="06:30:59")
    assert answer == {"start": "22:00:00", "end": "06:30:00"}
    with pytest.raises(vol.Invalid):
        await ask(hass, entry, "set_timer", start="23:00:00")
    assert simulator.charger.timer == (time(22), time(6, 30))
    await use(hass, entry, "time.set_value", "timer_start", time="23:15:20")
    assert simulator.charger.timer == (time(23, 15), time(6, 30))
    assert await ask(hass, entry, "set_timer") == {"start": None, "end": None}
    assert simulator.charger.timer is None


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
@pytest.mark.parametrize(
    ("kind", "asked", "answered"), [("energy", 1400, 1000), ("time", 20, 15)]
)
async def test_the_answer_is_the_limit_that_there_is(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    kind: str,
    asked: int,
    answered: int,
) -> None:
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    answer = await ask(hass, entry, "set_limit", type=kind, value=asked)
    assert answer == {"type": kind, "value": answered}


@pytest.mark.parametrize("generation", [*OLD, Generation.ESP32_4_1])
async def test_a_restart_of_the_controller(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Older ones are gone before they have answered."""
    entry = await running(hass, broker)
    simulator.charger.capacity = 10
    await use(hass, entry, "button.press", "restart_charger")
    await until(lambda: simulator.charger.capacity == simulator.options.stored)
