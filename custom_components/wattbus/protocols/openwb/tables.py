"""What is read of the topics of each kind of device, by the last parts of the topic.

Units: W, A, V, Hz, Wh, %, km, €/Wh. Import and charging are positive; an inverter's power
is negative.
"""

from typing import Final

from .hierarchy import Kind, hierarchy
from .settings import SETTINGS
from .values import (
    Read,
    Reader,
    boolean,
    connected_soc,
    document,
    entries,
    evse_current,
    if_any,
    integer,
    members,
    moment,
    newest,
    number,
    one,
    phases,
    prices,
    session,
    temperature,
    text,
    texts,
    words,
)

TEMPERATURES: Final = ("1", "2", "3")


def _each(read: Read, *keys: str) -> dict[str, Reader]:
    """Return readers of topics that are named as their value."""
    return {key: one(key, read) for key in keys}


_FAULT: Final = {
    **_each(integer, "fault_state"),
    **_each(words, "fault_str"),
}
MEASURED: Final = {
    **_FAULT,
    **_each(number, "power", "imported", "exported", "frequency"),
    **_each(number, *("daily_imported", "daily_exported")),
    **_each(number, *("monthly_exported", "yearly_exported")),
    **_each(text, "serial_number"),
    "powers": phases("power"),
    "currents": phases("current"),
    "voltages": phases("voltage"),
    "power_factors": phases("power_factor"),
}
EVSE: Final = {
    **MEASURED,
    **_each(integer, "phases_in_use", "max_evse_current"),
    **_each(boolean, "plug_state", "charge_state"),
    **_each(evse_current, "evse_current"),
    **_each(number, "soc", "max_charge_power", "max_discharge_power"),
    **_each(number, "charging_current", "charging_power", "charging_voltage"),
    **_each(text, "vehicle_id", "rfid", "version", "state_str", "evse_signaling"),
    **_each(text, "current_branch", "current_commit"),
    **_each(moment, "soc_timestamp", "rfid_timestamp", "error_timestamp"),
}

CHARGE_POINT: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in EVSE.items()},
    "get/connected_vehicle/info": members(
        {
            "id": ("connected_vehicle_id", integer),
            "name": ("connected_vehicle_name", text),
        }
    ),
    "get/connected_vehicle/config": members(
        {
            "charge_template": ("connected_charge_template", integer),
            "ev_template": ("connected_ev_template", integer),
            "chargemode": ("connected_chargemode", text),
            "priority": ("connected_priority", boolean),
            "current_plan": ("connected_plan", integer),
            "average_consumption": ("average_consumption", number),
            "time_charging_in_use": ("time_charging_in_use", boolean),
        }
    ),
    "get/connected_vehicle/soc": connected_soc,
    # An `_ev` beside `ev` is what `dataclasses.asdict` has left there.
    "config": members(
        {
            "name": ("name", text),
            "type": ("type", text),
            "ev": ("vehicle", integer),
            "template": ("template", integer),
            "connected_phases": ("connected_phases", integer),
            "auto_phase_switch_hw": ("auto_phase_switch_hw", boolean),
        }
    ),
    "set/charge_template": one("charge_template", document),
    "set/current": one("set_current", number),
    "set/phases_to_use": one("set_phases", integer),
    "set/manual_lock": one("manual_lock", boolean),
    "set/rfid": one("set_rfid", lambda raw, what: text(_tag(raw), what)),
    "set/autolock_state": one("autolock_state", integer),
    "set/log": session,
}


def _tag(raw: object) -> object:
    """Give a tag as text: up to 2.1.9 it is a number."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return f"{raw:.0f}" if raw == raw // 1 else str(raw)
    return raw


COUNTER: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in MEASURED.items()},
    "config/max_currents": phases("max_current"),
    "config/max_total_power": one("max_total_power", number),
    "config/max_power_errorcase": one("max_power_errorcase", number),
}

INVERTER: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in MEASURED.items()},
    "config/max_ac_out": one("max_ac_out", number),
}

STORED: Final = {
    **MEASURED,
    **_each(number, "soc", "max_charge_power", "max_discharge_power"),
    **_each(boolean, "power_limit_controllable"),
    **_each(text, "state_str"),
}

BATTERY: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in STORED.items()},
    "set/power_limit": one("power_limit", number),
    "config/max_power": one("max_power", number),
}

VEHICLE: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in _FAULT.items()},
    **{
        f"get/{name}": reader
        for name, reader in (
            _each(number, "soc", "range", "odometer")
            | _each(moment, "soc_timestamp", "soc_request_timestamp")
            | _each(boolean, "force_soc_update")
        ).items()
    },
    **_each(text, "name"),
    **_each(integer, "charge_template", "ev_template"),
    **_each(texts, "tag_id"),
    "info": members({"manufacturer": ("manufacturer", text), "model": ("model", text)}),
    "soc_module/config": members({"type": ("soc_module", text)}),
    "soc_module/general_config": members(
        {
            "use_soc_from_cp": ("use_soc_from_cp", boolean),
            "request_interval_charging": ("request_interval_charging", number),
            "request_interval_not_charging": ("request_interval_not_charging", number),
            "request_only_plugged": ("request_only_plugged", boolean),
        }
    ),
    "soc_module/calculated_soc_state": members(
        {
            "last_imported": ("last_imported", number),
            "manual_soc": ("manual_soc", number),
        }
    ),
}

BATTERY_CONTROL: Final[dict[str, Reader]] = {
    "configured": one("bat_configured", boolean),
    # Its default is published with this name.
    "price_limit$": one("price_limit", number),
}

CONSUMER: Final[dict[str, Reader]] = {
    **{
        f"get/{name}": reader
        for name, reader in (
            MEASURED
            | _each(boolean, "state")
            | _each(text, "state_str")
            | _each(number, "set_power")
        ).items()
    },
    "get/temperatures": phases("temperature", TEMPERATURES),
    "module": members(
        {"name": ("name", text), "type": ("type", text)},
        info=members(
            {"manufacturer": ("manufacturer", text), "model": ("model", text)}
        ),
    ),
    "config": members({"max_power": ("max_power", number)}),
    "usage": members({"chargemode": ("chargemode", text), "type": ("usage", text)}),
}
"""From 2.3 (openWB/core #3940: control/consumer/consumer_data.py)."""

_READS: Final[dict[type, Read]] = {
    bool: boolean,
    int: integer,
    float: number,
    str: text,
}
SYSTEM_SETTINGS: Final[dict[str, Reader]] = {
    row.topic: one(name, _READS[row.rule.kind])
    for (kind, name), rows in SETTINGS.items()
    for row in rows
    if kind is Kind.SYSTEM
}
"""What can be set of openWB itself is told on the same topics, in each version."""

GENERAL: Final[dict[str, Reader]] = {
    **_each(boolean, "extern", "grid_protection_active", "allow_unencrypted_access"),
    **_each(boolean, "http_api", "modbus_control"),
    **_each(text, "extern_display_mode", "range_unit"),
    "chargemode_config/unbalanced_load": one("unbalanced_load", boolean),
    "chargemode_config/unbalanced_load_limit": one("unbalanced_load_limit", number),
}

OPTIONAL: Final[dict[str, Reader]] = {
    # Up to 2.1.8 the prices are at `et`, then at `ep`.
    **{f"{place}/get/prices": one("prices", prices) for place in ("et", "ep")},
    "ep/configured": one("prices_configured", boolean),
    "et/provider": members({"name": ("price_provider", text)}),
    "ep/flexible_tariff/provider": members({"name": ("price_provider", text)}),
    "ep/flexible_tariff/get/prices": one("flexible_prices", prices),
    "ep/flexible_tariff/get/fault_state": one("price_fault_state", integer),
    "ep/flexible_tariff/get/fault_str": one("price_fault_str", words),
    "ep/grid_fee/get/prices": one("grid_fee_prices", prices),
    "rfid/active": one("rfid_active", boolean),
}

SYSTEM: Final[dict[str, Reader]] = {
    **_each(text, "version", "current_branch", "current_commit"),
    **_each(text, "current_branch_commit", "ip_address", "hostname"),
    **_each(text, "serial_number", "release_train"),
    **_each(moment, "time"),
    **_each(boolean, "update_in_progress", "boot_done"),
    "datastore_version": one("datastore_version", newest),
    "security/user_management_active": one("user_management_active", boolean),
}

HOUSE: Final[dict[str, Reader]] = {
    "get/hierarchy": one("hierarchy", hierarchy),
    "get/loadmanagement_prios": one("priorities", entries),
    **{
        f"set/{name}": reader
        for name, reader in (
            _each(number, "home_consumption", "daily_yield_home_consumption")
            | _each(
                number, "imported_home_consumption", "disengageable_smarthome_power"
            )
            | _each(integer, "invalid_home_consumption")
        ).items()
    },
}


SMART_HOME: Final[dict[str, Reader]] = {
    **_each(if_any(number), "Watt", "Wh"),
    **_each(if_any(temperature), *(f"TemperatureSensor{n}" for n in range(3))),
    **_each(if_any(boolean), "device_manual_control", "mode", "RelayStatus"),
}
