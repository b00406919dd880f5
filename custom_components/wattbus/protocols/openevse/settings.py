"""The gateway's settings that may be changed, from app_config.cpp.

Not in here are what would cut the connection or change passwords, and
`max_current_hard`, which the controller takes once and for ever. ConfigJson, the
gateway's library, takes anything and makes what it can of it: 300 of a byte is 0, a word
that is none of its own is another. So each value is checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .. import InputError, ProtocolError
from ..inputs import check_boolean, check_number, check_text
from ..payload import quote_name
from ..rapi import MAX_CURRENT, MIN_CURRENT
from .documents import LimitType
from .values import MAX_TEXT

OFFSET_BITS: Final = 16

type Setting = bool | int | float | str


@dataclass(frozen=True, slots=True)
class SettingRule:
    """What a setting may be.

    `kind` is bool, int or str; numbers are whole and bounded, text is one of `choices`
    or, without any, a topic, which may be empty. `words` are what the numbers from the
    minimum on mean. An `expert` one switches off a safety check, calibrates, or wears
    the controller's EEPROM. `bits` is the size in which the controller keeps a number
    that may be negative. The controller keeps what has a `name`: RAPI sets it, too, and
    everything above calls it so.
    """

    kind: type[bool | int | str]
    minimum: int = 0
    maximum: int = 0
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unit: str | None = None
    expert: bool = False
    bits: int | None = None
    name: str | None = None

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
        """Give the number of a word; anything else is left as it is."""
        if isinstance(word, str) and word in self.words:
            return self.words.index(word) + self.minimum
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

SETTINGS: Final[Mapping[str, SettingRule]] = MappingProxyType(
    {
        **{name: SettingRule(str) for name in TOPICS},
        **{name: SettingRule(bool) for name in _SWITCHES},
        **{
            setting: SettingRule(bool, expert=True, name=name)
            for setting, name in _CHECKS.items()
        },
        "charge_mode": SettingRule(str, choices=("fast", "eco")),
        "current_shaper_data_maxinterval": SettingRule(int, 1, 3600, unit="s"),
        "current_shaper_max_pwr": SettingRule(int, 0, 1_000_000, unit="W"),
        # Nobody has chosen yet, and it goes by neither.
        "divert_type": SettingRule(int, -1, 1, words=("none", "solar", "grid")),
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
        "scale": SettingRule(int, 0, 0x7FFF, expert=True, name="ammeter_scale"),
        "scheduler_start_window": SettingRule(int, 0, 86_400, unit="s"),
        "service": SettingRule(
            int, 0, 2, words=("auto", "1", "2"), name="service_level_setting"
        ),
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
        name: _checked(SETTINGS[name], value, SETTINGS[name].name or name)
        for name, value in changes.items()
    }


def _checked(rule: SettingRule, value: object, field: str) -> object:
    """Check one setting, and give it as the controller, too, reads it."""
    if rule.kind is bool:
        return check_boolean(value, field)
    if rule.choices:
        return check_text(value, field, longest=MAX_TEXT, choices=rule.choices)
    if rule.kind is str:
        return _topic(value, field)
    number = check_number(
        value, field, minimum=rule.minimum, maximum=rule.maximum, whole=True
    )
    return number if rule.bits is None else int(number) % (1 << rule.bits)


def _topic(value: object, field: str) -> object:
    """Check a topic, which may be empty."""
    if value != "":
        topic = check_text(value, field, longest=MAX_TEXT)
        if not set(topic).isdisjoint("+#"):
            raise InputError("not_a_topic", field=field)
    return value
