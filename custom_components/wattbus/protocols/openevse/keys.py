"""The gateway's keys: MQTT topics below the base topic, and members of `/status`.

From the gateways' sources, ESP8266 (github.com/OpenEVSE/ESP8266_WiFi_v2.x, tags to 2.9.1)
and ESP32 (github.com/OpenEVSE/openevse_esp32_firmware, tags 3.0.1 to 5.1.5 and the
development of 2026): mqtt.cpp, input.cpp, divert.cpp, web_server.cpp,
docs/Developers_Guide_MQTT.md, models/Status.yaml.

Each row below has the gateway's key, the name that everything above uses, the unit of
the value, and how it is read: the gateway's milliamperes, tenths of a degree, kWh and
watt-seconds become A, °C and Wh. `wh` alone is left as it is, see `resolve_wh`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .. import ProtocolError
from ..payload import quote_name
from ..rapi import EcFlag, LcdColour, State
from .values import (
    Scalar,
    boolean,
    divert_mode,
    epoch,
    integer,
    moment,
    number,
    scaled,
    service_state,
    tag,
    text,
)

type Reader = Callable[[object, str], Scalar]

_MILLI = scaled(divisor=1000)
_TENTHS = scaled(divisor=10)
_KILO = scaled(factor=1000)
# ECF_ and the display's colour are bytes and words.
_WORD = 0xFFFF


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        key: As the gateway writes it.
        name: As everything above calls it; several keys may be one name.
        unit: The unit of the value, None for what has none.
        read: From text or JSON to the value.
        superseded: Whether another key of the same name, if there is one, is better.
    """

    key: str
    name: str
    unit: str | None
    read: Reader
    superseded: bool = False


def state(raw: object, what: str) -> State | None:
    """Read the charger's state."""
    value = integer(raw, what)
    return None if value is None else State(value)


def flags(raw: object, what: str) -> EcFlag | None:
    """Read the word of `$GE`, in decimal.

    Raises:
        ProtocolError: If it has more than 16 bits.
    """
    value = integer(raw, what)
    if value is None:
        return None
    if not 0 <= value <= _WORD:
        raise ProtocolError(f"{quote_name(what)} is out of range")
    return EcFlag(value)


def colour(raw: object, what: str) -> LcdColour | None:
    """Read the display's colour; a number without one is None."""
    value = integer(raw, what)
    return LcdColour(value) if value in tuple(LcdColour) else None


def frequency(raw: object, what: str) -> float | None:
    """Read a frequency [Hz]; before the relay has switched it is 0."""
    value = number(raw, what)
    return value / 100 if value else None


_ROWS: tuple[tuple[str, str, str | None, Reader], ...] = (
    ("amp", "current", "A", _MILLI),
    ("voltage", "voltage", "V", number),
    ("power", "power", "W", number),
    ("frequency", "frequency", "Hz", frequency),
    ("pilot", "pilot_current", "A", number),
    ("max_current", "max_current", "A", number),
    ("temp", "temperature", "°C", _TENTHS),
    ("temp_max", "temperature_max", "°C", _TENTHS),
    ("temp1", "temperature_ds3231", "°C", _TENTHS),
    ("temp2", "temperature_mcp9808", "°C", _TENTHS),
    ("temp3", "temperature_tmp007", "°C", _TENTHS),
    ("temp4", "temperature_gateway", "°C", _TENTHS),
    # ESP8266 up to 2.8 reads the hexadecimal state of a newer controller as decimal.
    ("state", "state", None, state),
    ("status", "service_state", None, service_state),
    ("flags", "flags", None, flags),
    ("vehicle", "vehicle_connected", None, boolean),
    ("colour", "lcd_colour", None, colour),
    ("evse_connected", "controller_connected", None, boolean),
    ("manual_override", "manual_override", None, boolean),
    ("service_level", "service_level", None, integer),
    # Of the card that is accepted; empty when that ends. And of one that was learned.
    ("rfid_auth", "rfid_tag", None, tag),
    ("rfid_input", "rfid_learned", None, tag),
    ("session_elapsed", "session_elapsed", "s", number),
    ("session_energy", "session_energy", "Wh", number),
    ("total_energy", "total_energy", "Wh", _KILO),
    ("total_day", "energy_today", "Wh", _KILO),
    ("total_week", "energy_week", "Wh", _KILO),
    ("total_month", "energy_month", "Wh", _KILO),
    ("total_year", "energy_year", "Wh", _KILO),
    ("total_switches", "relay_switches", None, integer),
    ("wh", "wh", None, number),
    ("gfcicount", "fault_count_gfci", None, integer),
    ("nogndcount", "fault_count_no_ground", None, integer),
    ("stuckcount", "fault_count_stuck_relay", None, integer),
    ("time", "time", None, moment),
    ("local_time", "local_time", None, moment),
    ("offset", "utc_offset", None, text),
    ("uptime", "uptime", "s", number),
    ("freeram", "free_memory", "B", number),
    ("srssi", "wifi_signal", "dBm", number),
    ("mode", "network_mode", None, text),
    ("ipaddress", "ip_address", None, text),
    ("net_connected", "network_connected", None, boolean),
    ("eth_connected", "ethernet_connected", None, boolean),
    ("rapi_connected", "rapi_connected", None, boolean),
    ("comm_sent", "rapi_sent", None, integer),
    ("comm_success", "rapi_success", None, integer),
    ("ota_update", "update_in_progress", None, boolean),
    ("mqtt_connected", "mqtt_connected", None, boolean),
    ("mqtt_status", "mqtt_status", None, text),
    ("mqtt_close_code", "mqtt_close_code", None, integer),
    ("mqtt_close_reason", "mqtt_close_reason", None, text),
    # Of the development of 2026, as are the reader that is found and the history.
    ("mqtt_connected_since", "mqtt_connected_since", None, epoch),
    ("mqtt_error", "mqtt_error", None, text),
    ("mqtt_error_detail", "mqtt_error_detail", None, text),
    # In `/status` alone, from 4.1.7 on; that of the reader with builds that have one.
    ("ocpp_connected", "ocpp_connected", None, boolean),
    ("rfid_failure", "rfid_failure", None, boolean),
    ("rfid_reader", "rfid_reader_found", None, boolean),
    # The gateway's own history of energies.
    ("tsdb_ready", "history_ready", None, boolean),
    ("divertmode", "divert_mode", None, divert_mode),
    ("divert_active", "divert_active", None, boolean),
    # Over MQTT it is always 0.
    ("divert_update", "divert_update", "s", number),
    ("solar", "solar_power", "W", number),
    # Import is positive.
    ("grid_ie", "grid_power", "W", number),
    ("charge_rate", "divert_charge_rate", "A", number),
    ("available_current", "divert_available_current", "A", number),
    ("smoothed_available_current", "divert_smoothed_current", "A", number),
    ("trigger_current", "divert_trigger_current", "A", number),
    # What is left of it.
    ("min_charge_end", "divert_min_charge_remaining", "s", number),
    ("divert_solar_w", "solar_power", "W", number),
    ("divert_grid_ie_w", "grid_power", "W", number),
    ("divert_charge_current", "divert_charge_rate", "A", number),
    ("divert_available_current", "divert_available_current", "A", number),
    ("divert_smoothed_available_current", "divert_smoothed_current", "A", number),
    ("divert_trigger_current", "divert_trigger_current", "A", number),
    ("divert_min_charge_time_rem_s", "divert_min_charge_remaining", "s", number),
    ("shaper", "shaper_active", None, boolean),
    ("shaper_live_pwr", "shaper_live_power", "W", number),
    ("shaper_smoothed_live_pwr", "shaper_smoothed_power", "W", number),
    ("shaper_max_pwr", "shaper_max_power", "W", number),
    ("shaper_cur", "shaper_current", "A", number),
    ("shaper_updated", "shaper_updated", None, boolean),
    ("battery_level", "vehicle_soc", "%", number),
    # Miles where the configuration says so (mqtt_vehicle_range_miles).
    ("battery_range", "vehicle_range", "km", number),
    ("time_to_full_charge", "vehicle_time_to_full", "s", number),
    ("vehicle_charge_limit", "vehicle_charge_limit", "%", number),
    # How old it is, from 4.1.7 on: in `/status`, since the start where there is none.
    ("vehicle_state_update", "vehicle_update", "s", number),
    ("home_battery_soc", "home_battery_soc", "%", number),
    ("home_battery_power", "home_battery_power", "W", number),
    ("has_limit", "has_limit", None, boolean),
    ("claims_version", "claims_version", None, integer),
    ("override_version", "override_version", None, integer),
    ("schedule_version", "schedule_version", None, integer),
    ("schedule_plan_version", "schedule_plan_version", None, integer),
    ("limit_version", "limit_version", None, integer),
    ("config_version", "config_version", None, integer),
)

_SUPERSEDED: tuple[tuple[str, str, str | None, Reader], ...] = (
    ("volt", "voltage", "V", _MILLI),
    ("elapsed", "session_elapsed", "s", number),
    ("wattsec", "session_energy", "Wh", scaled(divisor=3600)),
    ("watthour", "total_energy", "Wh", number),
    ("free_heap", "free_memory", "B", number),
    # `/status` of ESP32 4.x.
    ("vehicle_soc", "vehicle_soc", "%", number),
    ("vehicle_range", "vehicle_range", "km", number),
    ("vehicle_eta", "vehicle_time_to_full", "s", number),
)

KEYS: Final[Mapping[str, Key]] = MappingProxyType(
    # The superseded first: in a document with both, the later one counts.
    {row[0]: Key(*row, superseded=True) for row in _SUPERSEDED}
    | {row[0]: Key(*row) for row in _ROWS}
)

# The unit of each name; None for what has none.
UNITS: Final[Mapping[str, str | None]] = MappingProxyType(
    {key.name: key.unit for key in KEYS.values()}
)
# What `/status` leaves out as long as there is none, beside `mqtt_status` (web_server.cpp
# of 2026); an event has them only when they change.
LEFT_OUT: Final = ("mqtt_connected_since", "mqtt_error", "mqtt_error_detail")
# The temperatures that a missing sensor makes -2560 tenths, or 0 on old controllers.
TEMPERATURES: Final = frozenset(key.key for key in KEYS.values() if key.unit == "°C")
