"""An OpenEVSE's settings as controls: made of the protocol's table, told by the charger."""

from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus.families.descriptions import (
    Description,
    NumberDescription,
    SelectDescription,
    TextDescription,
)
from custom_components.wattbus.families.openevse import state as state_module
from custom_components.wattbus.families.openevse.settings import SETTINGS_CONTROLS
from custom_components.wattbus.families.openevse.shown import GATEWAY_SETTINGS
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.openevse import (
    SETTINGS,
    Config,
    DivertType,
    LimitType,
    check_settings,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from ...harness.broker import Broker
from ...helpers import entity_id, state, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_gateway import Gateway
from ...simulators.openevse_simulator import OpenEvseSimulator
from .test_http import SELDOM, running as running_http
from .test_mqtt import running, shows

all_enabled = pytest.mark.usefixtures("entity_registry_enabled_by_default")
each = pytest.mark.parametrize("item", SETTINGS_CONTROLS, ids=lambda i: i.key)

# A setting, what its control is given, and what the gateway keeps then.
CHANGES: Final[list[tuple[str, Any, Any]]] = [
    ("current_shaper_max_pwr", 11_000, 11_000),
    ("divert_type", "solar", 0),
    ("divert_type", "none", -1),
    ("divert_type", "grid", 1),
    ("charge_mode", "eco", "eco"),
    ("divert_enabled", "off", False),
    ("current_shaper_enabled", "on", True),
    ("current_shaper_data_maxinterval", 300, 300),
    ("default_state", "off", False),
    ("is_threephase", "on", True),
    ("led_brightness", 0, 0),
    ("limit_default_value", 5000, 5000),
    ("limit_default_type", "energy", "energy"),
    ("limit_default_type", "none", "none"),
    ("mqtt_retained", "on", True),
    ("mqtt_vehicle_range_miles", "on", True),
    ("pause_uses_disabled", "on", True),
    ("rfid_enabled", "on", True),
    ("scheduler_start_window", 0, 0),
    ("vehicle_data_src", "http", 3),
    ("mqtt_grid_ie", "house/grid", "house/grid"),
    ("mqtt_grid_ie", "", ""),
    ("mqtt_live_pwr", "house/live power", "house/live power"),
    ("mqtt_solar", "sun", "sun"),
    ("mqtt_vehicle_eta", "car/eta", "car/eta"),
    ("mqtt_vehicle_range", "car/range", "car/range"),
    ("mqtt_vehicle_soc", "car/soc", "car/soc"),
    ("mqtt_vrms", "house/volts", "house/volts"),
    ("current_shaper_min_pause_time", 600, 600),
    ("current_shaper_smoothing_time", 0, 0),
    ("divert_PV_ratio", 0.55, 0.55),
    ("divert_attack_smoothing_time", 30, 30),
    ("divert_decay_smoothing_time", 900, 900),
    ("divert_min_charge_time", 1200, 1200),
    ("ocpp_auth_auto", "off", False),
    ("ocpp_auth_offline", "off", False),
    ("ocpp_enabled", "on", True),
    ("ocpp_energize_plug", "on", True),
    ("ocpp_suspend_evse", "on", True),
]
# What 5.1.5 does not have, and what the firmware of 2026 only has with a D9.
NEWER_CHANGES: Final[list[tuple[str, Any, Any]]] = [
    ("mqtt_home_battery_power", "battery/power", "battery/power"),
    ("mqtt_home_battery_soc", "battery/soc", "battery/soc"),
    ("mqtt_vehicle_charge_limit", "car/limit", "car/limit"),
    ("front_button", "off", False),
    ("heartbeat_interval", 30, 30),
    ("heartbeat_current", 10, 10),
    ("temp_throttle_enabled", "off", False),
    ("temp_throttle_setpoint", 55, 55),
]
D9_CHANGES: Final[list[tuple[str, Any, Any]]] = [
    ("boot_lock", "off", False),
    ("over_temp_shutdown", 70, 70),
    ("pp_auto", "on", True),
    ("relay_ac", "off", False),
    ("relay_dc1", "off", False),
    ("relay_dc2", "off", False),
    ("zero_cross", "off", False),
]
D9: Final = {name for name, *_ in D9_CHANGES}
NEWER: Final = {name for name, *_ in NEWER_CHANGES} | D9
OF_2026: Final = {"version": "v6.0.0"}


async def _change(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, wanted: Any
) -> None:
    """Set a setting by its control, and see the control show it."""
    platform = next(str(i.platform) for i in SETTINGS_CONTROLS if i.key == name)
    match platform:
        case "number":
            await use(hass, entry, "number.set_value", name, value=wanted)
        case "text":
            await use(hass, entry, "text.set_value", name, value=wanted)
        case "select":
            await use(hass, entry, "select.select_option", name, option=wanted)
        case _:
            await use(hass, entry, f"switch.turn_{wanted}", name)
    await shows(hass, entry, name, str(wanted), platform)


# --- the table ------------------------------------------------------------------------


def test_every_setting_has_a_control() -> None:
    controls = {item.key for item in SETTINGS_CONTROLS}
    assert controls == GATEWAY_SETTINGS.keys()
    assert {name for name, rule in SETTINGS.items() if rule.needs} == D9
    assert controls - NEWER == {name for name, *_ in CHANGES}


@each
def test_a_control_offers_nothing_that_the_protocol_refuses(item: Description) -> None:
    rule = SETTINGS[item.key]
    offered: list[Any] = [True, False]
    if isinstance(item, NumberDescription):
        offered = [item.native_min_value, item.native_max_value]
        assert item.native_step == rule.step
        assert (rule.step == 1) is (rule.kind is int)
    elif isinstance(item, SelectDescription):
        offered = item.options or []
    elif isinstance(item, TextDescription):
        offered = ["", "x" * item.native_max]
    for value in offered:
        assert check_settings({item.key: rule.value(value)})
        assert rule.word(rule.value(value)) == value
    assert item.expert is rule.expert


def test_words_are_those_of_the_firmware() -> None:
    """divert.h and app_config.h of 5.1.5."""
    words = {name: rule.words for name, rule in SETTINGS.items() if rule.words}
    assert words == {
        "divert_type": tuple(kind.name.lower() for kind in DivertType),
        "service": ("auto", "1", "2"),
        "vehicle_data_src": ("none", "tesla", "mqtt", "http"),
    }
    assert SETTINGS["limit_default_type"].choices == ("none", *LimitType)


def test_a_number_without_a_word_is_unknown() -> None:
    assert SETTINGS["vehicle_data_src"].word(7) is None
    assert SETTINGS["vehicle_data_src"].word(None) is None


@all_enabled
async def test_controls(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    snapshot: SnapshotAssertion,
) -> None:
    """What a gateway 5.1.5 just out of its box brings."""
    entry = await running(hass, broker, poll=3600)
    registry = er.async_get(hass)
    await shows(hass, entry, "led_brightness", "125", "number")
    for item in SETTINGS_CONTROLS:
        if item.key in NEWER:
            continue
        found = entity_id(hass, entry, MAIN_DEVICE, item.key, item.platform)
        assert found, item.key
        assert registry.async_get(found) == snapshot(name=f"{item.key}-entry")
        assert hass.states.get(found) == snapshot(name=item.key)


async def test_what_is_enabled(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, broker, poll=3600)
    await shows(hass, entry, "led_brightness", "125", "number")
    assert {
        item.key
        for item in SETTINGS_CONTROLS
        if state(hass, entry, MAIN_DEVICE, item.key, item.platform)
    } == {"current_shaper_max_pwr", "divert_type", "led_brightness"}


# --- changes --------------------------------------------------------------------------


@all_enabled
async def test_changes_by_mqtt(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Each is kept by the gateway, and shown as it tells it then."""
    entry = await running(hass, broker, poll=3600)
    for name, wanted, kept in CHANGES:
        await _change(hass, entry, name, wanted)
        assert simulator.gateway.config.values[name] == kept


@all_enabled
@pytest.mark.parametrize("options", [OF_2026 | {"protocol": "6.0.0"}])
async def test_changes_of_2026(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """With a controller that has all of it: app_config.cpp of 1797b7a (2026-07)."""
    entry = await running(hass, broker, poll=3600, expert=True)
    await shows(hass, entry, "heartbeat_current", "6", "number")
    for name, wanted, kept in (*NEWER_CHANGES, *D9_CHANGES):
        await _change(hass, entry, name, wanted)
        assert simulator.gateway.config.document()[name] == kept


@all_enabled
@pytest.mark.parametrize("options", [OF_2026])
async def test_what_only_a_d9_has(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The configuration tells `boot_lock` of each controller (1797b7a), from no bit.

    Without an interval there is no heartbeat, whose current is 0 then:
    setHeartbeatSupervision() of evse_monitor.cpp.
    """
    entry = await running(hass, broker, poll=3600, expert=True)
    await _change(hass, entry, "heartbeat_interval", 0)
    await shows(hass, entry, "heartbeat_current", "0", "number")
    assert "boot_lock" in simulator.gateway.config.document()
    assert not [
        item.key
        for item in SETTINGS_CONTROLS
        if item.key in D9
        and entity_id(hass, entry, MAIN_DEVICE, item.key, item.platform)
    ]


@all_enabled
async def test_a_fraction(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Of a kilowatt, kept in hundredths; whole settings refuse one."""
    entry = await running(hass, broker, poll=3600)
    await use(hass, entry, "number.set_value", "divert_PV_ratio", value=1.1 + 0.2)
    await shows(hass, entry, "divert_PV_ratio", "1.3", "number")
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "number.set_value", "divert_min_charge_time", value=60.5)
    assert error.value.translation_key == "not_whole"
    assert error.value.translation_placeholders == {
        "field": "Surplus minimum charge time"
    }


@all_enabled
async def test_changes_by_http(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    entry = await running_http(hass, served, poll=SELDOM)
    for name, wanted, kept in CHANGES:
        await _change(hass, entry, name, wanted)
        assert served.gateway.config.values[name] == kept


async def test_the_same_once_more(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The gateway says nothing of it (config_deserialize(), 5.0.0 to 2026); it is done."""
    entry = await running(hass, broker, poll=3600)
    await _change(hass, entry, "current_shaper_max_pwr", 5000)
    version = simulator.gateway.config.version
    await _change(hass, entry, "current_shaper_max_pwr", 5000)
    assert simulator.gateway.config.version == version


async def test_what_somebody_else_sets(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, broker, poll=3600)
    await shows(hass, entry, "divert_type", "grid", "select")
    simulator.gateway.set_config({"divert_type": 0})
    await shows(hass, entry, "divert_type", "solar", "select")


async def test_a_new_source_is_heard_after_a_new_connection(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Topics of surplus are subscribed to on connect (mqtt.cpp, 5.1.2 and 5.1.5)."""
    simulator.gateway.set_config({"mqtt_solar": "house/solar"})
    entry = await running(hass, broker, poll=3600)
    topics = simulator.connection._topics
    assert "house/solar" not in topics.subscribed()
    await _change(hass, entry, "divert_type", "solar")
    assert "house/solar" in topics.subscribed(), "when it connects the next time"


@pytest.mark.parametrize("answer", ["nothing", "another"])
async def test_a_gateway_that_does_not_take_it(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    """It drops it, or makes another value of it: the control shows what there is."""
    entry = await running(hass, broker, poll=3600)
    await shows(hass, entry, "current_shaper_max_pwr", "0", "number")
    set_config = Gateway.set_config

    def other(gateway: Gateway, changes: dict[str, Any]) -> bool:
        if answer == "nothing":
            return False
        return set_config(gateway, dict.fromkeys(changes, 4000))

    monkeypatch.setattr(Gateway, "set_config", other)
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 0.3)
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "number.set_value", "current_shaper_max_pwr", value=5000)
    assert error.value.translation_key == "not_confirmed"
    shown = {"nothing": "0", "another": "4000"}[answer]
    await shows(hass, entry, "current_shaper_max_pwr", shown, "number")


# --- what there is --------------------------------------------------------------------


@all_enabled
async def test_only_what_the_configuration_tells(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A gateway without LEDs, of a version without a default state."""
    for name in ("led_brightness", "default_state"):
        del simulator.gateway.config.values[name]
    simulator.gateway.config.version += 1
    simulator.gateway.config.values["vehicle_data_src"] = "many"
    await simulator.disconnect()
    await simulator.connect(broker.host, broker.port)
    entry = await running(hass, broker, poll=3600)
    await shows(hass, entry, "current_shaper_max_pwr", "0", "number")
    missing = {
        item.key
        for item in SETTINGS_CONTROLS
        if not entity_id(hass, entry, MAIN_DEVICE, item.key, item.platform)
    }
    gone = {"led_brightness", "default_state", "vehicle_data_src"}
    assert missing == gone | NEWER


@all_enabled
@pytest.mark.parametrize("generation", [Generation.ESP32_4_1, Generation.ESP8266_2_9])
async def test_gateways_whose_configuration_cannot_be_set(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """Before 5.0.0, though `/config` tells it."""
    entry = await running_http(hass, served, poll=SELDOM)
    assert not [
        item.key
        for item in SETTINGS_CONTROLS
        if entity_id(hass, entry, MAIN_DEVICE, item.key, item.platform)
    ]
    with pytest.raises(HomeAssistantError) as error:
        await entry.runtime_data.driver.commands.set("divert_type", "solar")
    assert error.value.translation_key == "not_offered"


def test_names_of_the_configuration() -> None:
    assert SETTINGS.keys() <= Config.__dataclass_fields__.keys()
