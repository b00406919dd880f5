"""The gateway's settings that may be changed, from app_config.cpp.

Not in here are what would cut the connection or change passwords, and
`max_current_hard`, which the controller takes once and for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .. import ProtocolError
from ..payload import quote, quote_name
from ..rapi import MAX_CURRENT, MIN_CURRENT
from .documents import LimitType
from .values import MAX_TEXT

OFFSET_BITS: Final = 16

type Setting = bool | int | float | str


@dataclass(frozen=True, slots=True)
class SettingRule:
    """What a setting may be.

    `kind` is bool, int, float or str; numbers are bounded, text that is not empty is
    one of `choices` or, without any, a topic. An `expert` one switches off a safety
    check, calibrates, or wears the controller's EEPROM. `bits` is the size in which the
    controller keeps a number that may be negative.
    """

    kind: type[bool | int | float | str]
    minimum: float = 0
    maximum: float = 0
    choices: tuple[str, ...] = ()
    expert: bool = False
    bits: int | None = None


_TOPICS: Final = (
    "mqtt_grid_ie",
    "mqtt_home_battery_power",
    "mqtt_home_battery_soc",
    "mqtt_live_pwr",
    "mqtt_solar",
    "mqtt_vehicle_charge_limit",
    "mqtt_vehicle_eta",
    "mqtt_vehicle_range",
    "mqtt_vehicle_soc",
    "mqtt_vrms",
)
_SWITCHES: Final = (
    "current_shaper_enabled",
    "default_state",
    "divert_enabled",
    "is_threephase",
    "mqtt_retained",
    "mqtt_vehicle_range_miles",
    "pause_uses_disabled",
    "rfid_enabled",
)
_CHECKS: Final = (
    "diode_check",
    "gfci_check",
    "ground_check",
    "relay_check",
    "temp_check",
    "vent_check",
)

SETTINGS: Final[Mapping[str, SettingRule]] = MappingProxyType(
    {
        **{name: SettingRule(str) for name in _TOPICS},
        **{name: SettingRule(bool) for name in _SWITCHES},
        **{name: SettingRule(bool, expert=True) for name in _CHECKS},
        "charge_mode": SettingRule(str, choices=("fast", "eco")),
        "current_shaper_data_maxinterval": SettingRule(int, 1, 3600),
        "current_shaper_max_pwr": SettingRule(int, 0, 1_000_000),
        "divert_type": SettingRule(int, 0, 1),
        "led_brightness": SettingRule(int, 0, 255),
        "limit_default_type": SettingRule(str, choices=("none", *LimitType)),
        "limit_default_value": SettingRule(int, 0, 1_000_000),
        "max_current_soft": SettingRule(int, MIN_CURRENT, MAX_CURRENT, expert=True),
        "offset": SettingRule(int, -0x8000, 0x7FFF, expert=True, bits=OFFSET_BITS),
        "scale": SettingRule(int, 0, 0x7FFF, expert=True),
        "scheduler_start_window": SettingRule(int, 0, 86_400),
        # 0 is automatic.
        "service": SettingRule(int, 0, 2),
        "vehicle_data_src": SettingRule(int, 0, 3),
    }
)


def check_settings(changes: Mapping[str, object]) -> dict[str, object]:
    """Return the settings as they are sent, after checking each of them.

    The gateway passes a number on to the controller as it is (setAmmeterSettings() in
    OpenEVSE_Lib), which reads no sign: see `rapi.Parameter.sent`.

    Raises:
        ProtocolError: If there are none, or one is unknown or out of range.
    """
    if not changes:
        raise ProtocolError("there is nothing to set")
    for name, value in changes.items():
        rule = SETTINGS.get(name)
        if rule is None:
            raise ProtocolError(f"{quote_name(name)} is not a setting to change")
        _check(name, rule, value)
    return {name: _sent(SETTINGS[name], value) for name, value in changes.items()}


def _sent(rule: SettingRule, value: object) -> object:
    """Return a setting as the controller, too, reads it."""
    if rule.bits is not None and isinstance(value, int):
        return value % (1 << rule.bits)
    return value


def are_expert(changes: Mapping[str, object]) -> bool:
    """Return whether one of the settings is for the expert option only."""
    return any(name not in SETTINGS or SETTINGS[name].expert for name in changes)


def _check(name: str, rule: SettingRule, value: object) -> None:
    """Check one setting."""
    if type(value) is not rule.kind:
        raise ProtocolError(f"{name} is not {rule.kind.__name__}: {quote(value)}")
    if isinstance(value, str):
        _check_text(name, rule, value)
    elif rule.kind is not bool and not rule.minimum <= value <= rule.maximum:
        raise ProtocolError(f"{name} is not within {rule.minimum} to {rule.maximum}")


def _check_text(name: str, rule: SettingRule, value: str) -> None:
    """Check one of several words, or a topic, which may be empty."""
    if rule.choices:
        if value not in rule.choices:
            raise ProtocolError(f"{name} is none of {', '.join(rule.choices)}")
    elif (
        len(value) > MAX_TEXT
        or not set(value).isdisjoint("+#")
        or (value and not value.isprintable())
    ):
        raise ProtocolError(f"{name} is not a topic: {quote(value)}")
