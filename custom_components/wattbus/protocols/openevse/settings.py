"""The gateway's settings that may be changed, from app_config.cpp.

Not in here are what would cut the connection or change passwords, and
`max_current_hard`, which the controller takes once and for ever. ConfigJson, the
gateway's library, takes anything and makes what it can of it: 300 of a byte is 0, a word
that is none of its own is another. So each value is checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Final

from .. import InputError, ProtocolError
from ..inputs import check_boolean, check_number, check_text
from ..payload import quote_name
from ..rapi import MAX_CURRENT, MIN_CURRENT
from .documents import LimitType
from .values import MAX_TEXT

OFFSET_BITS: Final = 16
_FRACTION: Final = 0.01

type Setting = bool | int | float | str


@dataclass(frozen=True, slots=True)
class SettingRule:
    """What a setting may be.

    `kind` is bool, int, float or str; numbers are bounded, text is one of `choices` or,
    without any, a topic, which may be empty. `words` are what the numbers from the
    minimum on mean. An `expert` one switches off a safety check, calibrates, or wears
    the controller's EEPROM. `bits` is the size in which the controller keeps a number
    that may be negative. The controller keeps what has a `name`: RAPI sets it, too, and
    everything above calls it so. One that `needs` another setting means something only
    where that is told to be on.
    """

    kind: type[bool | float | str]
    minimum: int = 0
    maximum: int = 0
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unit: str | None = None
    expert: bool = False
    bits: int | None = None
    name: str | None = None
    needs: str | None = None

    @property
    def step(self) -> float:
        """In which steps a number is set."""
        return _FRACTION if self.kind is float else 1

    @property
    def options(self) -> tuple[str, ...]:
        """The words that it is one of, empty if it is something else."""
        return self.choices or self.words

    def word(self, value: Setting | None) -> Setting | None:
        """Give a value as people read it; None for a number without a word."""
        if not self.words or not isinstance(value, int):
            return value
        place = value - self.minimum
        return self.words[place] if 0 <= place < len(self.words) else None

    def value(self, word: object) -> object:
        """Give the number of a word, and a fraction in steps; all else is left as it is."""
        if isinstance(word, str) and word in self.words:
            return self.words.index(word) + self.minimum
        if self.kind is float and isinstance(word, float) and isfinite(word):
            return round(round(word / _FRACTION) * _FRACTION, 2)
        return word


TOPICS: Final = (
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
    "ocpp_auth_auto",
    "ocpp_auth_offline",
    "ocpp_enabled",
    "ocpp_energize_plug",
    "ocpp_suspend_evse",
    "pause_uses_disabled",
    "rfid_enabled",
)
# Whose names at the controller are others.
_CHECKS: Final = {
    "diode_check": "check_diode",
    "gfci_check": "check_gfci",
    "ground_check": "check_ground",
    "relay_check": "check_relay",
    "temp_check": "check_temperature",
    "vent_check": "check_vent",
}
# What only a controller of the hardware D9 keeps. A gateway tells the lock of others,
# too, from a bit that they do not have.
_D9: Final = "d9_support"
_D9_SWITCHES: Final = (
    *("boot_lock", "pp_auto", "zero_cross"),
    *("relay_ac", "relay_dc1", "relay_dc2"),
)

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR


def _seconds(most: int, least: int = 0) -> SettingRule:
    return SettingRule(int, least, most, unit="s")


SETTINGS: Final[Mapping[str, SettingRule]] = MappingProxyType(
    {
        **{name: SettingRule(str) for name in TOPICS},
        **{name: SettingRule(bool) for name in _SWITCHES},
        **{
            setting: SettingRule(bool, expert=True, name=name)
            for setting, name in _CHECKS.items()
        },
        **{name: SettingRule(bool, expert=True, needs=_D9) for name in _D9_SWITCHES},
        "charge_mode": SettingRule(str, choices=("fast", "eco")),
        "current_shaper_data_maxinterval": _seconds(_HOUR, 1),
        "current_shaper_max_pwr": SettingRule(int, 0, 1_000_000, unit="W"),
        "current_shaper_min_pause_time": _seconds(_DAY),
        "current_shaper_smoothing_time": _seconds(_HOUR),
        # How much of the current has to be surplus; beyond 1, the kW that are spared.
        "divert_PV_ratio": SettingRule(float, 0, 10),
        "divert_attack_smoothing_time": _seconds(_HOUR),
        "divert_decay_smoothing_time": _seconds(_HOUR),
        "divert_min_charge_time": _seconds(_DAY),
        # Nobody has chosen yet, and it goes by neither.
        "divert_type": SettingRule(int, -1, 1, words=("none", "solar", "grid")),
        "front_button": SettingRule(bool, expert=True),
        # The controller's supervision of the gateway, `$SY`: a change of one sends both,
        # and without an interval the current is 0.
        "heartbeat_current": SettingRule(int, 0, MAX_CURRENT, unit="A", expert=True),
        "heartbeat_interval": SettingRule(int, 0, 0xFFFF, unit="s", expert=True),
        "led_brightness": SettingRule(int, 0, 255),
        "limit_default_type": SettingRule(str, choices=("none", *LimitType)),
        # Minutes, Wh, percent, or the vehicle's range.
        "limit_default_value": SettingRule(int, 0, 1_000_000),
        "max_current_soft": SettingRule(
            int, MIN_CURRENT, MAX_CURRENT, unit="A", expert=True, name="stored_capacity"
        ),
        "offset": SettingRule(
            int,
            -0x8000,
            0x7FFF,
            expert=True,
            bits=OFFSET_BITS,
            name="ammeter_offset",
        ),
        # `$FO`, in whole degrees.
        "over_temp_shutdown": SettingRule(
            int, 0, 100, unit="°C", expert=True, needs=_D9
        ),
        "scale": SettingRule(int, 0, 0x7FFF, expert=True, name="ammeter_scale"),
        "scheduler_start_window": _seconds(_DAY),
        "service": SettingRule(
            int, 0, 2, words=("auto", "1", "2"), name="service_level_setting"
        ),
        "temp_throttle_enabled": SettingRule(bool, expert=True),
        # temp_throttle.h has these limits, and nothing that enforces them.
        "temp_throttle_setpoint": SettingRule(int, 40, 80, unit="°C", expert=True),
        "vehicle_data_src": SettingRule(
            int, 0, 3, words=("none", "tesla", "mqtt", "http")
        ),
    }
)


def check_settings(changes: Mapping[str, object]) -> dict[str, object]:
    """Return the settings as they are sent, after checking each of them.

    The gateway passes a number on to the controller as it is (setAmmeterSettings() in
    OpenEVSE_Lib), which reads no sign: see `rapi.Parameter.sent`.

    Raises:
        InputError: If a value cannot be sent.
        ProtocolError: If there are none, or one is none of the settings.
    """
    if not changes:
        raise ProtocolError("there is nothing to set")
    if unknown := changes.keys() - SETTINGS.keys():
        raise ProtocolError(f"{quote_name(min(unknown))} is not a setting to change")
    return {
        name: _checked(SETTINGS[name], value, seen_as(name))
        for name, value in changes.items()
    }


def seen_as(setting: str) -> str:
    """Give the name by which users know a setting; texts have small letters only."""
    return (SETTINGS[setting].name or setting).lower()


def _checked(rule: SettingRule, value: object, field: str) -> object:
    """Check one setting, and give it as the controller, too, reads it."""
    if rule.kind is bool:
        return check_boolean(value, field)
    if rule.choices:
        return check_text(value, field, longest=MAX_TEXT, choices=rule.choices)
    if rule.kind is str:
        return _topic(value, field)
    number = check_number(
        value,
        field,
        minimum=rule.minimum,
        maximum=rule.maximum,
        whole=rule.kind is int,
    )
    return number if rule.bits is None else int(number) % (1 << rule.bits)


def _topic(value: object, field: str) -> object:
    """Check a topic, which may be empty."""
    if value != "":
        topic = check_text(value, field, longest=MAX_TEXT)
        if not set(topic).isdisjoint("+#"):
            raise InputError("not_a_topic", field=field)
    return value
