"""Every topic that openWB publishes its state on, and what is read of it.

One dictionary: a topic's numbers become `+`, the rest names the row. Units: W, A, V, Hz,
Wh, %, km, €/Wh. Import and charging are positive; an inverter's power is negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .. import ProtocolError
from ..payload import decode_json
from .hierarchy import Kind, component, hierarchy
from .values import (
    Read,
    Reader,
    Value,
    boolean,
    connected_soc,
    document,
    flags_or_levels,
    integer,
    live_values,
    members,
    moment,
    newest,
    number,
    one,
    pair,
    phases,
    prices,
    session,
    text,
    texts,
)

MAX_PAYLOAD: Final = 262_144
_LONGEST_ID: Final = 6


@dataclass(frozen=True, slots=True)
class State:
    """What one topic said."""

    kind: Kind
    id: int | None
    """Which of its kind; None where there is one."""
    values: Mapping[str, Value]
    deleted: bool = False
    """Whether the topic is no more."""


@dataclass(frozen=True, slots=True)
class _Row:
    kind: Kind
    reader: Reader
    lenient: bool = False
    """Whether text may come without quotes, as openWB 1.9 wrote it."""


def _each(read: Read, *keys: str) -> dict[str, Reader]:
    """Return readers of topics that are named as their value."""
    return {key: one(key, read) for key in keys}


_FAULT: Final = {
    **_each(integer, "fault_state"),
    **_each(text, "fault_str"),
}
_MEASURED: Final = {
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
_EVSE: Final = {
    **_MEASURED,
    **_each(integer, "phases_in_use", "max_evse_current"),
    **_each(boolean, "plug_state", "charge_state"),
    **_each(number, "evse_current", "soc", "max_charge_power", "max_discharge_power"),
    **_each(number, "charging_current", "charging_power", "charging_voltage"),
    **_each(text, "vehicle_id", "rfid", "version", "state_str", "evse_signaling"),
    **_each(text, "current_branch", "current_commit"),
    **_each(moment, "soc_timestamp", "rfid_timestamp", "error_timestamp"),
}

_CHARGE_POINT: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in _EVSE.items()},
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


_COUNTER: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in _MEASURED.items()},
    "config/max_currents": phases("max_current"),
    "config/max_total_power": one("max_total_power", number),
    "config/max_power_errorcase": one("max_power_errorcase", number),
}

_INVERTER: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in _MEASURED.items()},
    "config/max_ac_out": one("max_ac_out", number),
}

_STORED: Final = {
    **_MEASURED,
    **_each(number, "soc", "max_charge_power", "max_discharge_power"),
    **_each(boolean, "power_limit_controllable"),
    **_each(text, "state_str"),
}

_BATTERY: Final[dict[str, Reader]] = {
    **{f"get/{name}": reader for name, reader in _STORED.items()},
    "set/power_limit": one("power_limit", number),
    "config/max_power": one("max_power", number),
}

_VEHICLE: Final[dict[str, Reader]] = {
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

_BATTERY_CONTROL: Final[dict[str, Reader]] = {
    "configured": one("bat_configured", boolean),
    **_each(boolean, "bat_control_activated"),
    **_each(boolean, "price_limit_activated", "price_charge_activated"),
    **_each(text, "power_limit_mode", "power_limit_condition", "manual_mode"),
    **_each(integer, "bat_control_min_soc", "bat_control_max_soc"),
    **_each(number, "price_limit", "charge_limit"),
    # Its default is published with this name.
    "price_limit$": one("price_limit", number),
}

_PV_MODE: Final[dict[str, Reader]] = {
    **_each(text, "bat_mode"),
    **_each(integer, "min_bat_soc", "max_bat_soc", "phase_switch_delay"),
    **_each(number, "bat_power_reserve", "bat_power_discharge", "feed_in_yield"),
    **_each(boolean, "bat_power_reserve_active", "bat_power_discharge_active"),
    **_each(number, "switch_on_threshold", "switch_on_delay"),
    **_each(number, "switch_off_threshold", "switch_off_delay"),
    **_each(boolean, "retry_failed_phase_switches"),
    "control_range": pair("control_range"),
}

_GENERAL: Final[dict[str, Reader]] = {
    **_each(boolean, "extern", "temporary_charge_templates_active"),
    **_each(boolean, "grid_protection_active", "allow_unencrypted_access"),
    **_each(boolean, "http_api", "modbus_control"),
    **_each(text, "extern_display_mode", "range_unit"),
    **_each(integer, "control_interval"),
    **{
        f"prices/{name}": one(f"price_{name}", number) for name in ("grid", "pv", "bat")
    },
    **{
        f"chargemode_config/pv_charging/{name}": reader
        for name, reader in _PV_MODE.items()
    },
    # Up to 2.1.7, for all charge points.
    **{
        f"chargemode_config/{mode}_charging/phases_to_use": one(
            f"general_{mode}_phases", integer
        )
        for mode in ("instant", "pv", "scheduled", "time")
    },
    "chargemode_config/unbalanced_load": one("unbalanced_load", boolean),
    "chargemode_config/unbalanced_load_limit": one("unbalanced_load_limit", number),
}

_OPTIONAL: Final[dict[str, Reader]] = {
    # Up to 2.1.8 the prices are at `et`, then at `ep`.
    **{f"{place}/get/prices": one("prices", prices) for place in ("et", "ep")},
    "ep/configured": one("prices_configured", boolean),
    "et/provider": members({"name": ("price_provider", text)}),
    "ep/flexible_tariff/provider": members({"name": ("price_provider", text)}),
    "ep/flexible_tariff/get/prices": one("flexible_prices", prices),
    "ep/flexible_tariff/get/fault_state": one("price_fault_state", integer),
    "ep/flexible_tariff/get/fault_str": one("price_fault_str", text),
    "ep/grid_fee/get/prices": one("grid_fee_prices", prices),
    "rfid/active": one("rfid_active", boolean),
}

_SYSTEM: Final[dict[str, Reader]] = {
    **_each(text, "version", "current_branch", "current_commit"),
    **_each(text, "current_branch_commit", "ip_address", "hostname"),
    **_each(text, "serial_number", "release_train"),
    **_each(moment, "time"),
    **_each(boolean, "update_in_progress", "boot_done"),
    "datastore_version": one("datastore_version", newest),
    "security/user_management_active": one("user_management_active", boolean),
    "lastlivevaluesJson": live_values,
}

_HOUSE: Final[dict[str, Reader]] = {
    "get/hierarchy": one("hierarchy", hierarchy),
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


def _sum(word: str, readers: Mapping[str, Reader]) -> dict[str, Reader]:
    """Return readers of the sum of a kind, whose names begin with that kind."""

    def named(reader: Reader) -> Reader:
        def read(raw: object, what: str) -> Mapping[str, Value]:
            return {f"{word}_{key}": value for key, value in reader(raw, what).items()}

        return read

    return {f"{word}/get/{name}": named(reader) for name, reader in readers.items()}


def _rows(
    prefix: str, kind: Kind, readers: Mapping[str, Reader], *, lenient: bool = False
) -> dict[str, _Row]:
    return {
        f"{prefix}/{name}": _Row(kind, read, lenient) for name, read in readers.items()
    }


_TERMINALS: Final = (
    *("get/digital_input", "get/analog_input", "get/digital_output"),
    *("get/analog_output", "set/digital_output", "set/analog_output"),
)


def _if_any(read: Read) -> Read:
    """Return a reader that takes words, such as `none`, for no value."""
    return lambda raw, what: None if isinstance(raw, str) else read(raw, what)


_SMART_HOME: Final[dict[str, Reader]] = {
    **_each(_if_any(number), "Watt", "Wh", "TemperatureSensor0"),
    **_each(_if_any(number), "TemperatureSensor1", "TemperatureSensor2"),
    **_each(_if_any(boolean), "device_manual_control", "RelayStatus"),
}

_TOPICS: Final[Mapping[str, _Row]] = {
    **_rows("chargepoint/+", Kind.CHARGE_POINT, _CHARGE_POINT),
    **_rows("counter/+", Kind.COUNTER, _COUNTER),
    **_rows("pv/+", Kind.INVERTER, _INVERTER),
    **_rows("bat/+", Kind.BATTERY, _BATTERY),
    **_rows("vehicle/+", Kind.VEHICLE, _VEHICLE),
    **{
        name: _Row(Kind.SYSTEM, reader)
        for word, readers in (
            ("chargepoint", _MEASURED),
            ("pv", _MEASURED),
            ("bat", _STORED),
        )
        for name, reader in _sum(word, readers).items()
    },
    **_rows("counter", Kind.SYSTEM, _HOUSE),
    **_rows("bat/config", Kind.SYSTEM, _BATTERY_CONTROL),
    "pv/config/configured": _Row(Kind.SYSTEM, one("pv_configured", boolean)),
    **_rows("general", Kind.SYSTEM, _GENERAL),
    **_rows("optional", Kind.SYSTEM, _OPTIONAL),
    **_rows("system", Kind.SYSTEM, _SYSTEM),
    "graph/lastlivevaluesJson": _Row(Kind.SYSTEM, live_values),
    "system/device/+/config": _Row(
        Kind.HARDWARE, members({"name": ("name", text), "type": ("type", text)})
    ),
    "system/device/+/component/+/config": _Row(Kind.COMPONENT, component),
    "vehicle/template/charge_template/+": _Row(
        Kind.CHARGE_TEMPLATE, one("charge_template", document)
    ),
    # Up to 2.1.7 the plans are not in the template.
    "vehicle/template/charge_template/+/chargemode/scheduled_charging/plans/+": _Row(
        Kind.CHARGE_TEMPLATE, one("schedule_plan", document)
    ),
    "vehicle/template/charge_template/+/time_charging/plans/+": _Row(
        Kind.CHARGE_TEMPLATE, one("time_plan", document)
    ),
    "vehicle/template/ev_template/+": _Row(
        Kind.VEHICLE_TEMPLATE, one("vehicle_template", document)
    ),
    "chargepoint/template/+": _Row(
        Kind.CHARGE_POINT_TEMPLATE, one("charge_point_template", document)
    ),
    **{
        f"io/states/+/{place}": _Row(
            Kind.IO, flags_or_levels(place.removeprefix("get/").replace("/", "_"))
        )
        for place in _TERMINALS
    },
    "system/io/+/config": _Row(
        Kind.IO, members({"name": ("name", text), "type": ("type", text)})
    ),
    **_rows("internal_chargepoint/+/get", Kind.OWN_EVSE, _EVSE),
    "internal_chargepoint/+/data/parent_cp": _Row(
        Kind.OWN_EVSE, one("parent_charge_point", integer)
    ),
    **_rows("LegacySmartHome/Devices/+", Kind.SMART_HOME, _SMART_HOME, lenient=True),
    "LegacySmartHome/config/get/Devices/+/device_name": _Row(
        Kind.SMART_HOME, one("name", text), lenient=True
    ),
    "LegacySmartHome/Status/wattnichtHaus": _Row(
        Kind.SYSTEM, one("smart_home_power", _if_any(number)), lenient=True
    ),
    "LegacySmartHome/Status/uberschuss": _Row(
        Kind.SYSTEM, one("smart_home_surplus", _if_any(number)), lenient=True
    ),
}

# Which of two numbers in a topic is the one that its value is named by.
_SECOND: Final = frozenset({"system/device/+/component/+/config"})


def decode(topic: str, payload: bytes | str, root: str = "openWB") -> State | None:
    """Read one topic; None if its topic is none that this knows.

    An empty payload is a topic that was deleted: its values are None.

    Raises:
        ProtocolError: If the payload is not what that topic has.
    """
    if not topic.startswith(f"{root}/"):
        return None
    pattern, ids = _pattern(topic[len(root) + 1 :])
    row = _TOPICS.get(pattern)
    if row is None:
        return None
    raw = _parse(payload, row)
    values = row.reader(raw, topic.rpartition("/")[2])
    if row.kind is Kind.COMPONENT:
        values = {**values, "hardware": ids[0]}
    if row.kind is Kind.CHARGE_TEMPLATE and len(ids) > 1:
        values = {**values, "plan": ids[1]}
    number_of = ids[1 if pattern in _SECOND else 0] if ids else None
    return State(row.kind, number_of, values, deleted=not payload)


def _pattern(path: str) -> tuple[str, list[int]]:
    """Give a topic's row and its numbers."""
    ids = []
    parts = path.split("/")
    for index, part in enumerate(parts):
        if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID:
            ids.append(int(part))
            parts[index] = "+"
    return "/".join(parts), ids


def _parse(payload: bytes | str, row: _Row) -> object:
    if not payload:
        return None
    try:
        return decode_json(payload, limit=MAX_PAYLOAD)
    except ProtocolError:
        if row.lenient:
            return _plain(payload)
        raise


def _plain(payload: bytes | str) -> str:
    try:
        plain = payload if isinstance(payload, str) else payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError("not UTF-8") from None
    return plain.strip()
