"""What the simulated OpenEVSE's gateways publish, and `GET /status`.

The rules of silence of ESP8266_WiFi_v2.x (input.cpp; 2.7.6, 2.9.1) and of
openevse_esp32_firmware (input.cpp, evse_monitor.cpp, divert.cpp, current_shaper.cpp,
web_server.cpp; 4.1.7, 5.1.5 and the development of 2026):

- The full set of each 30 s has neither `shaper` nor `divert_active`, nor anything else
  of surplus and shaper but `divertmode`: those come with events only. `/status` has
  them, but for `shaper_max_pwr`.
- `power` is told from 4.1.9 on. It is of all phases; `voltage` is a phase's.
- But the event of the surplus has `voltage` times 3 where there are three phases, from
  4.1.9 on (its PR #1114 would end it), and comes with `trigger_current` and `pilot`.
- That event comes with each measurement; in normal mode it has nothing but that.
- The shaper tells what it was told only while it is switched on.
- The OCPP connection, the card reader's (of builds with one) and the age of the vehicle
  data are in `/status` alone. There the development of 2026 leaves the reason for a lost
  broker and the time of the connection out where there is none; on the way to the
  broker it cannot tell them.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from custom_components.wattbus.protocols.rapi import State

from .openevse_claims import MANUAL
from .openevse_firmware import NEWEST

if TYPE_CHECKING:
    from .openevse_gateway import Gateway

type Values = dict[str, Any]

_MEMORY = 160_184
_SIGNAL = -61


def text(value: object) -> str:
    """Return a value as the gateway's JSON library prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if value >= 1e7:
            return f"{value:.9e}".replace("e+0", "e").rstrip()
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def periodic(gateway: Gateway) -> Values:
    """Return what is published every 30 seconds."""
    charger, profile = gateway.charger, gateway.profile
    if profile.esp32:
        return _esp32(gateway)
    milliamps = round(charger.amps * 1000)
    values: Values = {"amp": milliamps}
    if profile.bare_replies:
        values["voltage"] = charger.voltage
    elif charger.voltmeter:
        values["volt"] = round(charger.voltage * 1000)
    total = charger.session.ws if gateway.counts_seconds else charger.total_wh
    values |= {"wh": int(total)} | _temperatures(gateway)
    values |= {
        "pilot": charger.capacity,
        "state": _polled_state(gateway),
        "freeram": 18_840,
        "divertmode": gateway.divert.mode,
    }
    return values | ({"srssi": _SIGNAL} if profile.bare_replies else {})


def changed(gateway: Gateway) -> Values:
    """Return what is published at once when the state has changed."""
    charger = gateway.charger
    if not gateway.profile.esp32:
        # This one is read as the hexadecimal number that it is.
        return {"state": int(charger.state)}
    elapsed = int(charger.session.elapsed)
    return _meter(gateway) | {
        "state": int(charger.state),
        "flags": int(charger.flags),
        "vehicle": int(charger.connected),
        "colour": int(charger.colour),
        "pilot": charger.capacity,
        "manual_override": int(gateway.claims.get(MANUAL) is not None),
        "status": gateway.claims.target().state,
        "elapsed": elapsed,
        "session_elapsed": elapsed,
        "max_current": charger.settings.stored,
    }


def live(gateway: Gateway) -> Values:
    """Return what is published every second while the car charges (ESP32)."""
    return _meter(gateway)


def energy(gateway: Gateway) -> Values:
    """Return what is published every five seconds while the car charges (ESP32)."""
    charger = gateway.charger
    if not gateway.profile.limits:
        total = charger.total_wh
        return {
            "wh": total,
            "session_energy": charger.session.wh,
            "total_energy": total / 1000,
        }
    total = gateway.total_wh
    return {
        "session_elapsed": int(charger.session.elapsed),
        "session_energy": charger.session.wh,
        "total_energy": total / 1000,
        "total_day": (total - gateway.first_wh) / 1000,
        "total_week": (total - gateway.first_wh) / 1000,
        "total_month": (total - gateway.first_wh) / 1000,
        "total_year": (total - gateway.first_wh) / 1000,
        "total_switches": charger.switches,
        "elapsed": int(charger.session.elapsed),
        "wattsec": int(charger.session.ws),
        "watthour": total,
    }


def status(gateway: Gateway) -> Values:
    """Return `GET /status`."""
    charger, divert = gateway.charger, gateway.divert
    faults = charger.fault_counts
    values: Values = {
        "mode": "STA",
        "wifi_client_connected": 1,
        "net_connected": 1,
        "srssi": _SIGNAL,
        "ipaddress": "192.0.2.67",
        "mqtt_connected": int(gateway.online),
        "free_heap": _MEMORY if gateway.profile.esp32 else 18_840,
        "comm_sent": gateway.controller.received,
        "comm_success": gateway.controller.received,
        "rapi_connected": 1,
        **periodic(gateway),
        "elapsed": int(charger.session.elapsed),
        "wattsec": int(charger.session.ws),
        "watthour": int(charger.total_wh),
        "gfcicount": faults[State.GFCI_FAULT],
        "nogndcount": faults[State.NO_GROUND],
        "stuckcount": faults[State.STUCK_RELAY],
        "solar": divert.solar,
        "grid_ie": divert.grid_ie,
        "charge_rate": divert.charge_rate,
        "divert_update": 0,
        "ota_update": int(gateway.update.running),
    }
    if not gateway.profile.esp32:
        del values["freeram"]
        values.pop("wh")
        return values
    values |= (
        changed(gateway)
        | {k: v for k, v in shaper(gateway).items() if k != "shaper_max_pwr"}
        | {
            "eth_connected": 0,
            "evse_connected": 1,
            "divert_active": divert.active,
            "service_level": charger.settings.level,
            "claims_version": gateway.claims.version,
            "override_version": gateway.claims.override_version,
            "schedule_version": gateway.schedule.version,
        }
    )
    values |= {
        "ocpp_connected": 0,
        "rfid_failure": 0,
        "vehicle_state_update": int(gateway.uptime),
    }
    if gateway.profile.number >= NEWEST:
        values |= _newest(gateway)
    if gateway.profile.limits:
        values |= {
            "has_limit": gateway.limit.active,
            "limit_version": gateway.limit.version,
            "config_version": gateway.config.version,
        }
    return values | gateway.fed


def _newest(gateway: Gateway) -> Values:
    """Return what only the development of 2026 has in `/status`."""
    online = gateway.online
    values: Values = {
        "mqtt_status": "connected" if online else "disconnected",
        "rfid_reader": 1,
        "tsdb_ready": 1,
        "tsdb_err": 0,
    }
    if gateway.mqtt_since:
        values["mqtt_connected_since"] = gateway.mqtt_since
    if gateway.mqtt_error:
        category, detail = gateway.mqtt_error
        values |= {"mqtt_error": category, "mqtt_error_detail": detail}
    return values


def shaper(gateway: Gateway) -> Values:
    """Return what is published with each change of the shaper (ESP32)."""
    state = gateway.shaper
    return {
        "shaper": int(state.active),
        "shaper_live_pwr": state.live_power,
        "shaper_max_pwr": state.max_power,
        "shaper_cur": state.current,
        "shaper_updated": state.updated,
    }


def mode(gateway: Gateway) -> Values:
    """Return what is published when the divert mode has changed."""
    found: Values = {"divertmode": gateway.divert.mode, "divert_active": False}
    if gateway.profile.esp32 and gateway.divert.mode == 2:
        found |= {
            "charge_rate": 0,
            "available_current": 0,
            "smoothed_available_current": 0,
        }
    return found


def surplus(gateway: Gateway) -> Values:
    """Return what is published with each measurement that is fed in."""
    divert, values = gateway.divert, gateway.config.values
    solar = values["mqtt_solar"] and values.get("divert_type", 0) == 0
    found: Values = {"solar": divert.solar} if solar else {"grid_ie": divert.grid_ie}
    found["divert_update"] = 0
    if divert.mode != 2:
        return found
    found["charge_rate"] = divert.charge_rate
    if gateway.profile.bare_replies:
        phases = 3 if gateway.config.values.get("is_threephase") else 1
        found |= {
            "voltage": gateway.charger.voltage * phases,
            "available_current": round(divert.available, 2),
            "smoothed_available_current": round(divert.available, 2),
            "divert_active": divert.active,
        }
    if gateway.profile.esp32:
        found |= {
            "trigger_current": gateway.charger.settings.minimum,
            "pilot": gateway.charger.capacity,
            "min_charge_end": 0,
        }
    return found


def _esp32(gateway: Gateway) -> Values:
    values = (
        _meter(gateway)
        | energy(gateway)
        | _temperatures(gateway)
        | changed(gateway)
        | {
            "freeram": _MEMORY,
            "divertmode": gateway.divert.mode,
            "srssi": _SIGNAL,
        }
    )
    if gateway.rfid.enabled:
        values["rfid_auth"] = gateway.rfid.accepted
    if not gateway.profile.limits:
        return values
    clock: datetime = gateway.charger.clock.replace(tzinfo=UTC)
    return values | {
        "evse_connected": 1,
        "time": f"{clock:%Y-%m-%dT%H:%M:%SZ}",
        "local_time": f"{clock:%Y-%m-%dT%H:%M:%S}+0000",
        "offset": "+0000",
        "uptime": int(gateway.uptime),
    }


def _meter(gateway: Gateway) -> Values:
    charger = gateway.charger
    values: Values = {
        "amp": round(charger.amps * 1000),
        "voltage": charger.voltage,
    }
    if gateway.profile.limits:
        values["power"] = round(charger.power, 2)
    return values


def _temperatures(gateway: Gateway) -> Values:
    """Return the sensors' values: the oldest gateway passes on what it reads."""
    charger = gateway.charger
    measured = round(charger.temperature * 10)
    absent: int | bool = False
    if not gateway.profile.bare_replies:
        absent = charger.firmware.absent_temperature
    values: Values = {"temp1": absent, "temp2": measured, "temp3": absent}
    if gateway.profile.esp32:
        values |= {"temp": measured, "temp4": round(measured + 260.5, 1)}
    if gateway.profile.limits:
        values["temp_max"] = values["temp4"]
    return values


def _polled_state(gateway: Gateway) -> int:
    """Return the state as the gateway reads it from `$GS`.

    Up to 2.8 it takes the hexadecimal number of a newer controller for a decimal one.
    """
    charger = gateway.charger
    hexadecimal = charger.firmware.protocol >= (5, 0, 0)
    if gateway.profile.bare_replies or not hexadecimal:
        return int(charger.state)
    digits = f"{charger.state:02x}"
    until = next((i for i, d in enumerate(digits) if not d.isdigit()), len(digits))
    return int(digits[:until] or "0")
