"""An OpenEVSE over MQTT, in Home Assistant, with a real broker: every generation."""

from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols import InputError
from custom_components.wattbus.protocols.rapi import State
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ... import helpers
from ...harness.broker import Broker
from ...helpers import ask, entity_id, set_up, state, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import BASE, mqtt_entry

ALL = list(Generation)
OLD = [Generation.ESP8266_2_7, Generation.ESP8266_2_9]
every = pytest.mark.parametrize("generation", ALL)


async def running(
    hass: HomeAssistant, broker: Broker, **options: Any
) -> MockConfigEntry:
    """Set the charger up, and wait until it has been read."""
    entry = mqtt_entry(hass, broker, **options)
    assert await set_up(hass, entry)
    await shows(hass, entry, "enabled", "on", "switch")
    await until(lambda: state(hass, entry, MAIN_DEVICE, "charge_current", "number"))
    return entry


async def shows(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    key: str,
    expected: str,
    platform: str = "sensor",
) -> None:
    """Wait until an entity of the charger shows something."""
    await helpers.shows(hass, entry, MAIN_DEVICE, key, expected, platform)


# --- what it says -------------------------------------------------------------------


@every
async def test_session(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A car comes, charges, and leaves."""
    entry = await running(hass, broker, poll=1)
    await shows(hass, entry, "state", "not_connected")
    await shows(hass, entry, "vehicle_connected", "off", "binary_sensor")
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await until(
        lambda: float(state(hass, entry, MAIN_DEVICE, "session_energy").state) > 0, 10
    )
    simulator.charger.unplug()
    await shows(hass, entry, "state", "not_connected")


@every
async def test_fault(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A fault is a problem, and has a name."""
    entry = await running(hass, broker, poll=1)
    await shows(hass, entry, "problem", "off", "binary_sensor")
    simulator.charger.fault(State.GFCI_FAULT)
    await shows(hass, entry, "problem", "on", "binary_sensor")
    await shows(hass, entry, "fault", "gfci_fault")


@every
async def test_gone_and_back(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    """A gateway that loses its power is unavailable by its last will."""
    entry = await running(hass, broker)
    await simulator.disconnect(crash=True)
    if simulator.options.generation in OLD:
        # The broker sends it when everything else is through.
        await device.publish(BASE, "disconnected")
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
    await simulator.connect(broker.host, broker.port)
    await shows(hass, entry, "enabled", "on", "switch")


# --- what can be asked of it --------------------------------------------------------


@every
async def test_off_and_on(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The switch is deterministic, and shows what the charger says."""
    entry = await running(hass, broker)
    simulator.charger.plug()
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "enabled", "off", "switch")
    assert simulator.charger.state in (254, 255)
    await use(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "enabled", "on", "switch")
    await until(lambda: simulator.charger.state == 3)


@every
async def test_current(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """16 A are set, read back, and not stored in the EEPROM."""
    entry = await running(hass, broker)
    writes = simulator.eeprom_writes
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    assert simulator.eeprom_writes == writes
    with pytest.raises(ServiceValidationError):
        await use(hass, entry, "number.set_value", "charge_current", value=79)


@pytest.mark.parametrize("generation", [*OLD, Generation.ESP32_4_1])
async def test_current_that_is_too_high_just_after_the_start(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """What the charger allows is asked for, not guessed."""
    entry = await running(hass, broker)
    driver = entry.runtime_data.driver
    await until(lambda: driver.state.values.pop("current_maximum", None))
    with pytest.raises(InputError, match="too_large: field charge_current, maximum 32"):
        await driver.commands.set_current(79)
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")


@every
async def test_energy_limit_ends_the_session(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """5 kWh, and no more."""
    entry = await running(hass, broker, poll=1)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "number.set_value", "energy_limit", value=5)
    await shows(hass, entry, "energy_limit", "5.0", "number")
    simulator.step(3600)
    await shows(hass, entry, "enabled", "off", "switch")


@every
async def test_rapi(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Any reading command gives its own answer."""
    entry = await running(hass, broker)
    answer = await ask(hass, entry, "send_rapi", command="GV")
    assert answer["ok"] is True
    assert answer["fields"]["protocol"] == answer["values"][1]
    assert answer["raw"].startswith("$OK ")
    with pytest.raises(ServiceValidationError) as unknown:
        await ask(hass, entry, "send_rapi", command="XX")
    assert unknown.value.translation_key == "rapi_unknown"
    with pytest.raises(HomeAssistantError) as refused:
        await ask(hass, entry, "send_rapi", command="SC", parameters="16")
    assert refused.value.translation_key == "expert_only"


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_blocked_rapi(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A write that the gateway drops ends in an error that says so."""
    entry = await running(hass, broker)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="FS")
    assert error.value.translation_key == "rapi_blocked"


async def test_override_claim_limit_schedule(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """What new gateways have is asked with their own commands."""
    entry = await running(hass, broker)
    answer = await ask(hass, entry, "set_override", state="disabled", charge_current=10)
    assert (answer["state"], answer["charge_current"]) == ("disabled", 10)
    await shows(hass, entry, "manual_override", "on", "switch")
    assert await ask(hass, entry, "clear_override") == {"active": False}
    answer = await ask(hass, entry, "set_claim", max_current=12)
    assert answer["max_current"] == 12
    assert await ask(hass, entry, "release_claim") == {"active": False}
    assert await ask(hass, entry, "set_limit", type="time", value=30) == {
        "type": "time",
        "value": 30,
    }
    await shows(hass, entry, "time_limit", "30", "number")
    await ask(hass, entry, "clear_limit")
    answer = await ask(
        hass,
        entry,
        "set_schedule",
        id=1,
        state="active",
        time="07:00:00",
        days=["monday", "friday"],
    )
    assert answer["events"][0]["time"] == "07:00:00"
    assert await ask(hass, entry, "clear_schedule", id=1) == {"events": []}


@pytest.mark.parametrize("generation", OLD)
async def test_what_old_gateways_do_not_have(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """An action that the gateway does not know says so."""
    entry = await running(hass, broker)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "set_claim", max_current=12)
    assert error.value.translation_key == "not_offered"


# --- what can do harm ---------------------------------------------------------------


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1])
async def test_expert(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """With the option, what touches safety or wears the memory is there, and works."""
    entry = await running(hass, broker, poll=1, expert=True)
    await use(hass, entry, "switch.turn_off", "check_diode")
    await shows(hass, entry, "check_diode", "off", "switch")
    await use(hass, entry, "number.set_value", "stored_capacity", value=20)
    await shows(hass, entry, "stored_capacity", "20", "number")
    assert simulator.eeprom_writes
    await use(hass, entry, "number.set_value", "ammeter_scale", value=200)
    await shows(hass, entry, "ammeter_scale", "200", "number")
    await use(hass, entry, "number.set_value", "ammeter_offset", value=-5)
    await shows(hass, entry, "ammeter_offset", "-5", "number")
    assert simulator.charger.settings.offset == -5, "`-5` itself would be -25"
    await use(hass, entry, "select.select_option", "lcd_type", option="monochrome")
    await shows(hass, entry, "lcd_type", "monochrome", "select")
    await use(hass, entry, "button.press", "reset_total_energy")
    await shows(hass, entry, "total_energy", "0.0")
    answer = await ask(hass, entry, "send_rapi", command="SC", parameters="16")
    assert answer["values"] == ["16"]
    await ask(hass, entry, "send_rapi", command="SA", parameters="220 -12")
    assert simulator.charger.settings.offset == -12


async def test_nothing_for_experts_by_itself(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Without the option none of it exists."""
    entry = await running(hass, broker, poll=1)
    await shows(hass, entry, "state", "not_connected")
    for key, platform in (
        ("check_diode", "switch"),
        ("stored_capacity", "number"),
        ("reset_total_energy", "button"),
    ):
        assert entity_id(hass, entry, MAIN_DEVICE, key, platform) is None


@every
async def test_settings(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Service level and divert mode, everywhere; waking, where RAPI is passed on."""
    entry = await running(hass, broker, poll=1)
    await use(hass, entry, "select.select_option", "divert_mode", option="eco")
    await shows(hass, entry, "divert_mode", "eco", "select")
    await use(hass, entry, "select.select_option", "divert_mode", option="normal")
    await shows(hass, entry, "divert_mode", "normal", "select")
    await use(hass, entry, "select.select_option", "service_level_setting", option="1")
    await shows(hass, entry, "service_level_setting", "1", "select")
    answer = await ask(hass, entry, "set_clock")
    assert answer["time"].startswith("20")
    assert await ask(hass, entry, "display_text", line_2="Hello", seconds=1) == {
        "lines": ["Hello"]
    }
    await use(hass, entry, "button.press", "wake")
    await shows(hass, entry, "enabled", "on", "switch")


@pytest.mark.parametrize("generation", OLD)
async def test_delay_timer(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The timer is set by its times, switched off and on again."""
    entry = await running(hass, broker, poll=1)
    await ask(hass, entry, "set_timer", start="22:00:00", end="06:30:00")
    await shows(hass, entry, "timer", "on", "switch")
    await shows(hass, entry, "timer_end", "06:30:00", "time")
    await use(hass, entry, "time.set_value", "timer_start", time="23:15:00")
    await shows(hass, entry, "timer_start", "23:15:00", "time")
    await use(hass, entry, "switch.turn_off", "timer")
    await shows(hass, entry, "timer", "off", "switch")
    await use(hass, entry, "switch.turn_on", "timer")
    await shows(hass, entry, "timer", "on", "switch")
