"""The simulated OpenEVSE gateway's configuration.

From openevse_esp32_firmware, app_config.cpp and evse_monitor.cpp (5.1.5): `evse_serial` is what
`$GI` has answered, byte by byte, be it text or not. Scale and offset are passed on as
`$SA` (OpenEVSE_Lib, setAmmeterSettings()) as they are, and read back; one without the
other does nothing.

The rules of merging and silence of config_deserialize() and config_changed() (5.0.0 to
5.1.5, the development of 2026) and of ConfigJson (0.0.6), which keeps the settings:

- What is no setting is passed over. What is one is made of its type, whatever was sent:
  a number that does not fit is 0, its fraction is cut off, any word is true.
- Only what is another value than before counts as changed, raises the version and is
  published: the same once more is answered by nothing.
- A setting takes effect by its name: `mqtt_...` connects anew, `current_shaper_...`
  switches the shaper as the configuration has it, `divert_enabled` and `charge_mode`
  choose Eco only together, `limit_default_...` sets or clears the limit at once.
  `pause_uses_disabled` counts at the next start.
- The shaper's maximum is 0 until somebody sets it; the shaper then leaves nothing.
- Service levels are 0 (Auto), 1 and 2; in 2026 anything but 1 and 2 is passed over.
"""

from collections.abc import Collection
import json
from typing import Any

from custom_components.wattbus.protocols.rapi import EcFlag

from .openevse_claims import Claims
from .openevse_commands import signed
from .openevse_features import Divert, Shaper
from .openevse_firmware import NEWEST, Profile
from .openevse_model import Charger
from .openevse_safety import Safety

type Document = dict[str, Any]

# What the gateway sends for a password that is set, and takes for an unchanged one.
DUMMY_PASSWORD = "_DUMMY_PASSWORD"
_SECRETS = ("pass", "www_password", "mqtt_pass", "emoncms_apikey")
# What identifies it, and what the controller says: not to be set.
_FIXED = ("version", "firmware", "protocol", "buildenv", "wifi_serial", "evse_serial")
_CHECKS = {
    "diode_check": EcFlag.DIODE_CHECK_DISABLED,
    "gfci_check": EcFlag.GFCI_SELF_TEST_DISABLED,
    "ground_check": EcFlag.GROUND_CHECK_DISABLED,
    "relay_check": EcFlag.STUCK_RELAY_CHECK_DISABLED,
    "vent_check": EcFlag.VENT_CHECK_DISABLED,
    "temp_check": EcFlag.TEMPERATURE_CHECK_DISABLED,
}
# The settings that a start goes by.
AT_START = ("current_shaper_enabled", "charge_mode")
# The numbers that are smaller than the others' 32 bits, and not below 0.
_BYTES = ("led_brightness", "vehicle_data_src")
_SIGNED = ("divert_type",)
_OLD_CHECKS = {
    "diodet": EcFlag.DIODE_CHECK_DISABLED,
    "gfcit": EcFlag.GFCI_SELF_TEST_DISABLED,
    "groundt": EcFlag.GROUND_CHECK_DISABLED,
    "relayt": EcFlag.STUCK_RELAY_CHECK_DISABLED,
    "ventt": EcFlag.VENT_CHECK_DISABLED,
    "tempt": EcFlag.TEMPERATURE_CHECK_DISABLED,
}


class Config:
    """Settings in the gateway's flash, and those that it keeps for the controller."""

    def __init__(
        self, profile: Profile, charger: Charger, base: str, device_id: str
    ) -> None:
        """Start as it comes from the shop, but with a broker and surplus by the grid."""
        self._profile, self._charger = profile, charger
        newest = profile.number >= NEWEST
        self.safety = Safety(charger) if newest else None
        self.version = 1
        self.values: Document = {
            "version": profile.version,
            "ssid": "example",
            "pass": "secret",
            "www_username": "",
            "www_password": "",
            "hostname": f"openevse-{device_id[-4:]}" if profile.esp32 else "openevse",
            "mqtt_server": "192.0.2.198",
            "mqtt_port": 1883,
            "mqtt_topic": base,
            "mqtt_user": "",
            "mqtt_pass": "",
            "mqtt_solar": "",
            "mqtt_grid_ie": "emon/emonpi/power1",
            "mqtt_enabled": True,
            "divert_enabled": True,
            "charge_mode": "fast",
        }
        if profile.version != "2.7.6":
            self.values |= {
                "mqtt_vrms": "emon/emonpi/vrms",
                "mqtt_announce_topic": f"openevse/announce/{device_id[-4:]}",
            }
        if profile.esp32:
            self.values |= {
                "buildenv": profile.buildenv,
                "wifi_serial": device_id.upper(),
                "evse_serial": "",
                "time_zone": "Etc/UTC|UTC0",
                "mqtt_live_pwr": "",
                "mqtt_vehicle_soc": "",
                "mqtt_vehicle_range": "",
                "mqtt_vehicle_eta": "",
                "mqtt_retained": False,
                "mqtt_vehicle_range_miles": False,
                "vehicle_data_src": 0,
                "divert_type": 1,
                "current_shaper_enabled": False,
                "current_shaper_max_pwr": 0,
                "current_shaper_data_maxinterval": 120,
                "led_brightness": 125,
                "pause_uses_disabled": False,
                "rfid_enabled": False,
                "rfid_storage": "",
                "scheduler_start_window": 600,
            }
        if profile.limits:
            self.values |= {
                "default_state": True,
                "limit_default_type": "",
                "limit_default_value": 0,
                # With `power` since 4.1.9.
                "is_threephase": False,
                "current_shaper_smoothing_time": 60,
                "current_shaper_min_pause_time": 300,
                "divert_PV_ratio": 1.1,
                "divert_attack_smoothing_time": 20,
                "divert_decay_smoothing_time": 600,
                "divert_min_charge_time": 600,
                "ocpp_enabled": False,
                "ocpp_auth_auto": True,
                "ocpp_auth_offline": True,
                "ocpp_suspend_evse": False,
                "ocpp_energize_plug": False,
            }
        if newest:
            self.values |= {
                "mqtt_home_battery_power": "",
                "mqtt_home_battery_soc": "",
                "mqtt_vehicle_charge_limit": "",
                "temp_throttle_enabled": True,
                "temp_throttle_setpoint": 65,
            }

    def document(self) -> Document:
        """Return it as the gateway shows it, without the passwords."""
        charger, settings = self._charger, self._charger.settings
        document = self.values | {
            name: DUMMY_PASSWORD for name in _SECRETS if self.values.get(name)
        }
        if self._profile.esp32 and charger.firmware.protocol >= (5, 1, 4):
            document["evse_serial"] = charger.serial
        if self.safety:
            document |= self.safety.document()
        document |= {
            "firmware": charger.firmware.name,
            "protocol": "-" if self._profile.limits else charger.firmware.protocol_name,
            "service": settings.level,
            "scale": settings.scale,
            "offset": settings.offset,
        }
        if not self._profile.esp32:
            checks = {
                name: int(not charger.flags & flag)
                for name, flag in _OLD_CHECKS.items()
            }
            return document | checks
        checks = {name: not charger.flags & flag for name, flag in _CHECKS.items()}
        if not charger.flags & EcFlag.AUTO_SERVICE_LEVEL_DISABLED:
            document["service"] = 0
        return (
            document
            | checks
            | {
                "min_current_hard": settings.minimum,
                "max_current_hard": settings.maximum,
                "max_current_soft": settings.stored,
            }
        )

    def set(self, changes: Document) -> frozenset[str]:
        """Take over what is a setting; return the names of those that have changed."""
        before = self.document() | self.values
        for name, value in changes.items():
            if name in _SECRETS and value == DUMMY_PASSWORD:
                continue
            if name in self.values and name not in _FIXED:
                self.values[name] = _converted(name, value, self.values[name])
            elif self._profile.esp32:
                self._set_controller(name, value)
        # One without the other does nothing.
        if self._profile.esp32 and {"scale", "offset"} <= changes.keys():
            settings = self._charger.settings
            settings.scale = signed(str(changes["scale"]), 16)
            settings.offset = signed(str(changes["offset"]), 16)
            settings.writes += 1
        after = self.document() | self.values
        changed = frozenset(key for key in after if after[key] != before.get(key))
        self.version += bool(changed)
        return changed

    def apply(
        self,
        claims: Claims,
        divert: Divert,
        shaper: Shaper,
        changed: Collection[str] = AT_START,
    ) -> None:
        """Let the gateway's parts go by it: all at the start, then by what has changed.

        What was switched without the configuration stays so meanwhile: config_changed()
        of app_config.cpp (5.1.5) looks at the names.
        """
        values = self.values
        if changed is AT_START:
            claims.pause_uses_disabled = values["pause_uses_disabled"]
        default = values.get("default_state", True)
        claims.default_state = "active" if default else "disabled"
        shaper.max_power = values["current_shaper_max_pwr"]
        shaper.max_age = values["current_shaper_data_maxinterval"]
        if any(name.startswith("current_shaper_") for name in changed):
            shaper.set(values["current_shaper_enabled"])
        eco = values["divert_enabled"] and values["charge_mode"] == "eco"
        if {"divert_enabled", "charge_mode"} & set(changed):
            divert.set_mode(2 if eco else 1)
        if "is_threephase" in changed:
            self._charger.three_phases = values["is_threephase"]
        claims.enforce()

    def _set_controller(self, name: str, value: Any) -> None:
        """Set what the controller keeps in its EEPROM."""
        charger, settings = self._charger, self._charger.settings
        if name in _CHECKS:
            settings.switch(_CHECKS[name], not value)
        elif name == "max_current_soft":
            charger.set_capacity(int(value), volatile=False)
        elif self.safety and name != "service":
            self.safety.set(name, value)
        elif name == "service":
            if value in (1, 2):
                charger.set_service_level(int(value))
            elif not self._profile.number >= NEWEST:
                settings.switch(EcFlag.AUTO_SERVICE_LEVEL_DISABLED, on=False)


def _converted(name: str, value: Any, before: Any) -> Any:
    """Make of a value what ArduinoJson's `as<T>()` does, by the setting's type."""
    if isinstance(before, bool):
        return isinstance(value, str) or bool(value)
    if isinstance(before, str):
        if name == "charge_mode":
            return "eco" if value == "eco" else "fast"
        return value if isinstance(value, str) else json.dumps(value)
    try:
        number = float(value)
    except ValueError, TypeError:
        return 0
    if isinstance(before, float):
        return number
    number = int(number)
    least, most = 0, 2**32 - 1
    if name in _BYTES:
        most = 0xFF
    elif name in _SIGNED:
        least, most = -0x80, 0x7F
    return number if least <= number <= most else 0
