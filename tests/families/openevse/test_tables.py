"""The tables of the charger's entities: every row shows something that there is."""

from collections import Counter
from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from typing import Any, Final

import pytest

from custom_components.wattbus.families.descriptions import (
    BinarySensorDescription,
    ButtonDescription,
    Description,
    NumberDescription,
    SensorDescription,
)
from custom_components.wattbus.families.openevse import const
from custom_components.wattbus.families.openevse.commands import Commands
from custom_components.wattbus.families.openevse.controls import CONTROLS
from custom_components.wattbus.families.openevse.firmware import FIRMWARE_UPDATE
from custom_components.wattbus.families.openevse.limits import Limits
from custom_components.wattbus.families.openevse.sensors import SENSORS
from custom_components.wattbus.families.openevse.settings import SETTINGS_CONTROLS
from custom_components.wattbus.families.openevse.shown import CHECKS
from custom_components.wattbus.families.sink import MAIN, MAIN_DEVICE
from custom_components.wattbus.protocols.openevse import (
    UNITS,
    DivertMode,
    LimitType,
    ServiceState,
)
from custom_components.wattbus.protocols.rapi import EcFlag, LcdColour, State
from homeassistant.components.number import const as number
from homeassistant.components.sensor import const as sensor
from homeassistant.const import EntityCategory, Platform

ALL: Final = (*SENSORS, *CONTROLS, FIRMWARE_UPDATE)
SENSORS_ONLY: Final = [item for item in SENSORS if isinstance(item, SensorDescription)]
NUMBERS: Final = [item for item in CONTROLS if isinstance(item, NumberDescription)]
BY_KEY: Final = {(item.platform, item.key): item for item in ALL}

GATEWAY_CONTROLS: Final = {item.key for item in SETTINGS_CONTROLS}

# What the driver adds to the protocol's values.
ADDED: Final = (
    {
        value
        for name, value in vars(const).items()
        if isinstance(value, str)
        and name.isupper()
        and not name.startswith(("CONF_", "DEFAULT_"))
    }
    | {key for key, _ in CHECKS.values()}
    | GATEWAY_CONTROLS
)

# What the driver turns into other values: the checks, energies, the clock, a card.
TURNED: Final = {"flags", "wh", "time", "local_time", "rfid_learned"}

EXPERT: Final = {key for key, _ in CHECKS.values()} | {
    *("ammeter_offset", "ammeter_scale", "stored_capacity"),
    *("lcd_type", "reset_total_energy"),
    *("boot_lock", "front_button", "pp_auto", "zero_cross"),
    *("relay_ac", "relay_dc1", "relay_dc2"),
    *("heartbeat_current", "heartbeat_interval"),
    *("over_temp_shutdown", "temp_throttle_enabled", "temp_throttle_setpoint"),
}

each = pytest.mark.parametrize("item", ALL, ids=lambda i: f"{i.platform}-{i.key}")
each_sensor = pytest.mark.parametrize("item", SENSORS_ONLY, ids=lambda i: i.key)
each_number = pytest.mark.parametrize("item", NUMBERS, ids=lambda i: i.key)


# --- the values -----------------------------------------------------------------------


@each
def test_shows_a_value_that_the_driver_tells(item: Description) -> None:
    known = UNITS.keys() | ADDED
    assert item.trigger in known
    assert set(item.also) <= known
    assert item.kind == MAIN
    if isinstance(item, ButtonDescription):
        assert item.needs, "nothing has its key"
    else:
        assert item.key in known


def test_nothing_is_there_twice() -> None:
    assert len(BY_KEY) == len(ALL)
    shown = Counter(item.key for item in ALL)
    assert not [key for key, n in shown.items() if n > 1], "a sensor beside a control"


def test_everything_that_a_gateway_tells_is_shown() -> None:
    shown = {item.key for item in ALL}
    assert UNITS.keys() - shown == TURNED


def test_everything_that_the_driver_adds_is_used() -> None:
    used = {key for item in ALL for key in (item.trigger, item.key, *item.also)}
    assert used >= ADDED


# --- units and classes ----------------------------------------------------------------


@each_sensor
def test_sensor_has_the_unit_of_its_value(item: SensorDescription) -> None:
    assert item.native_unit_of_measurement == UNITS.get(item.key)


def _assert_unit_fits(
    item: SensorDescription | NumberDescription, units: Mapping[Any, Any]
) -> None:
    if item.device_class in units:
        assert item.native_unit_of_measurement in units[item.device_class]


@each_sensor
def test_sensor_has_a_unit_of_its_class(item: SensorDescription) -> None:
    _assert_unit_fits(item, sensor.DEVICE_CLASS_UNITS)
    if item.device_class and item.suggested_unit_of_measurement:
        units = sensor.DEVICE_CLASS_UNITS[item.device_class]
        assert item.suggested_unit_of_measurement in units


@each_number
def test_number_has_a_unit_of_its_class(item: NumberDescription) -> None:
    _assert_unit_fits(item, number.DEVICE_CLASS_UNITS)


@each_sensor
def test_sensor_has_a_state_class_of_its_class(item: SensorDescription) -> None:
    if item.device_class is None:
        return
    allowed = sensor.DEVICE_CLASS_STATE_CLASSES[item.device_class]
    if item.state_class is None:
        assert not item.native_unit_of_measurement, "a number has statistics"
    else:
        assert item.state_class in allowed


def test_only_the_total_counts_for_ever() -> None:
    assert [item.key for item in SENSORS_ONLY if item.most_per_hour] == ["total_energy"]


# --- words ----------------------------------------------------------------------------


def _names(enum: Any) -> list[str]:
    return [member.name.lower() for member in enum]


@pytest.mark.parametrize(
    ("platform", "key", "options"),
    [
        (Platform.SENSOR, "state", _names(State)),
        (Platform.SENSOR, "fault", ["none", *_names(s for s in State if s.is_fault)]),
        (Platform.SENSOR, "service_state", [state.value for state in ServiceState]),
        (Platform.SELECT, "divert_mode", _names(DivertMode)),
        (Platform.SELECT, "lcd_colour", _names(LcdColour)),
        (Platform.SELECT, "service_level_setting", ["1", "2", "auto"]),
        (Platform.SELECT, "phases", ["1", "3"]),
    ],
)
def test_words_are_those_of_the_protocol(
    platform: Platform, key: str, options: list[str]
) -> None:
    item: Any = BY_KEY[platform, key]
    assert item.options == options


def test_every_other_sensor_has_no_words() -> None:
    assert {item.key for item in SENSORS_ONLY if item.options} == {
        *("state", "fault", "service_state", "claimed_by")
    }


# --- what the user gets ---------------------------------------------------------------


def test_what_most_people_look_at_is_enabled() -> None:
    enabled = {
        item.key
        for item in SENSORS
        if item.entity_registry_enabled_default
        and isinstance(item, SensorDescription | BinarySensorDescription)
    }
    assert enabled == {
        *("state", "fault", "problem", "vehicle_connected", "divert_active"),
        *("current", "voltage", "power", "pilot_current", "vehicle_soc"),
        *("session_energy", "session_elapsed", "total_energy"),
        *("temperature", "temperature_max", "claimed_by"),
    }


def test_what_can_do_harm_is_for_experts() -> None:
    assert {item.key for item in ALL if item.expert} == EXPERT
    assert all(
        item.entity_category is EntityCategory.CONFIG for item in ALL if item.expert
    )
    checks = {flag for _, flag in CHECKS.values()}
    assert {flag for flag in EcFlag if "CHECK_DISABLED" in str(flag.name)} <= checks


@each_number
def test_number_has_limits(item: NumberDescription) -> None:
    low, high = item.native_min_value, item.native_max_value
    assert low is not None
    assert high is not None
    assert low < high
    assert item.native_step


# --- what a control asks --------------------------------------------------------------


class Asked:
    """A charger that notes what it is asked; `Commands` says what can be."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.calls: list[tuple[Any, ...]] = []
        self.commands = self.limits = self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Answer to each of the real methods."""
        of = Limits if hasattr(Limits, name) else Commands
        assert iscoroutinefunction(getattr(of, name)), name

        async def note(*values: Any) -> None:
            self.calls.append((name, *values))

        return note


# From each platform's own verb to what the description calls it, and a value for it.
VERBS: Final[dict[Platform, tuple[str, tuple[Any, ...]]]] = {
    Platform.SWITCH: ("turn", (True,)),
    Platform.NUMBER: ("set", (6.0,)),
    Platform.SELECT: ("select", ("1",)),
    Platform.LOCK: ("lock", (True,)),
    Platform.TEXT: ("set", ("topic",)),
    Platform.TIME: ("set", (None,)),
    Platform.BUTTON: ("press", ()),
}

# What is kept, and all else that is set by its name, is asked for by that.
ASKED: Final = {
    "enabled": ("set_enabled", True),
    "charge_current": ("set_current", 6),
    "divert_mode": ("set_divert_mode", "1"),
    "shaper_active": ("set_shaper", True),
    "manual_override": ("set_manual_override", True),
    "override_state": ("set_override_state", "1"),
    "energy_limit": ("limit", LimitType.ENERGY, 6.0),
    "time_limit": ("limit", LimitType.TIME, 6.0),
    "wake": ("wake",),
    "press": ("press_button",),
    "timer": ("set_timer", True),
    "timer_start": ("set_timer_start", None),
    "timer_end": ("set_timer_end", None),
    "restart_gateway": ("restart_gateway",),
    "restart_charger": ("restart_charger",),
    "reset_total_energy": ("reset_total_energy",),
}


@pytest.mark.parametrize("item", CONTROLS, ids=lambda i: i.key)
async def test_control_asks_for_what_it_is_called(item: Description) -> None:
    verb, values = VERBS[item.platform]
    driver = Asked()
    await getattr(item, verb)(driver, MAIN_DEVICE, *values)
    asked = ASKED.get(item.key, ("set", item.key, *values))
    assert driver.calls == [asked]
