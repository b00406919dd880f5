"""Which set topics a release of openWB knows, and what they take.

From `helpermodules/setdata.py`; a topic here is without root and `set/`.
"""

from dataclasses import dataclass
from enum import StrEnum
import re

from .openwb_checks import (
    POSITIVE,
    Check,
    anything,
    boolean,
    integer,
    list_of,
    one_of,
    real,
    text,
)
from .openwb_versions import Features, place


class Effect(StrEnum):
    """What becomes of a value that is taken."""

    FORWARD = "published on the topic without set/"
    MERGE = "changed in the JSON of a shorter topic, which is published"
    CHARGE_POINT_TEMPLATE = "the template in use at a charge point"
    TEMPLATE = "a persistent charge template"
    TEMPLATE_FIELD = "one field of a charge template (up to 2.1.7)"
    PLAN_ACTIVE = "whether a plan is active (up to 2.1.7)"
    FEED = "forwarded, and read with the next control cycle"
    COMMAND = "an order to openWB itself"
    NOTHING = "taken, but nothing that a client can see"


@dataclass(frozen=True, slots=True)
class Rule:
    """A set topic.

    Attributes:
        pattern: The topic; the group `part`, where there is one, is the path in the
            JSON that the value is merged into.
        needs_id: The charge point or component has to exist.
    """

    pattern: re.Pattern[str]
    check: Check
    effect: Effect = Effect.FORWARD
    needs_id: bool = False


def _rows(
    prefix: str,
    table: dict[str, Check],
    effect: Effect = Effect.FORWARD,
    *,
    needs_id: bool = False,
) -> list[Rule]:
    """Make rules of a table; N stands for a number."""
    number = r"\\d+"
    return [
        Rule(
            re.compile(re.sub(r"\bN\b", number, f"{prefix}{topic}")),
            check,
            effect,
            needs_id,
        )
        for topic, check in table.items()
    ]


_PERCENT = (0, 100)
_WHOLE_PERCENT = integer(_PERCENT)
_ENERGY = real(POSITIVE)
_CURRENT = real((6, 32), (0, 0))

_FAULT = {"fault_state": integer((0, 2)), "fault_str": text}
_CHARGE_POINT_GET = {
    "voltages": list_of(float, (0, 500)),
    "currents|powers": list_of(float),
    "power_factors": list_of(float, (-1, 1)),
    "frequency": real((40, 60)),
    "imported|exported|daily_imported|daily_exported|power": _ENERGY,
    "charging_current|charging_power|charging_voltage|soc_timestamp": _ENERGY,
    "phases_in_use": integer((0, 3)),
    "charge_state|plug_state": boolean,
    "evse_current": real((0, 0), (6, 32), (600, 3200)),
    "state_str|rfid|vehicle_id|serial_number|version": text,
    "soc": real(_PERCENT),
    **_FAULT,
}
_COUNTER_GET = {
    "power": real(),
    "powers|currents": list_of(float),
    "voltages": list_of(float, (0, 500)),
    "power_factors": list_of(float, (-1, 1)),
    "imported|exported|daily_imported|daily_exported|frequency": _ENERGY,
    **_FAULT,
}
_PV_GET = {
    "power": real(),
    "currents": list_of(float),
    "exported|imported": _ENERGY,
    **_FAULT,
}
_BAT_GET = {
    "power": real(),
    "currents": list_of(float),
    "imported|exported": _ENERGY,
    "soc": real(_PERCENT),
    **_FAULT,
}
_VEHICLE_GET = {
    "soc": real(_PERCENT),
    "range": real((0, 1000)),
    "soc_timestamp": real((0, 4102441200)),
}


def _grouped(table: dict[str, Check]) -> dict[str, Check]:
    return {f"(?:{topic})": check for topic, check in table.items()}


_PV_MODE: dict[str, Check] = {
    "bat_mode": text,
    "min_bat_soc": _WHOLE_PERCENT,
    "max_bat_soc": _WHOLE_PERCENT,
    "bat_power_reserve": _ENERGY,
    "bat_power_discharge": _ENERGY,
    "bat_power_reserve_active": boolean,
    "bat_power_discharge_active": boolean,
    "feed_in_yield": integer(POSITIVE),
    "switch_on_threshold": integer(POSITIVE),
    "switch_on_delay": integer(POSITIVE),
    "switch_off_delay": integer(POSITIVE),
    "switch_off_threshold": real(),
    "control_range": list_of(int),
    "retry_failed_phase_switches": boolean,
}
_GENERAL = {
    "chargemode_config/unbalanced_load": boolean,
    "chargemode_config/unbalanced_load_limit": integer((10, 32)),
    "control_interval": one_of(10, 20, 60),
    "prices/(?:grid|pv|bat)": real((0, 99.99)),
    "extern|http_api|modbus_control|allow_unencrypted_access": boolean,
    "extern_display_mode|range_unit": text,
    "web_theme|charge_log_data_config": anything,
}
_BAT_MODE: dict[str, Check] = {"power_limit_mode": text}
_BAT_CONFIG = {
    "bat_control_activated|price_limit_activated|price_charge_activated": boolean,
    "power_limit_condition|manual_mode": text,
    "bat_control_(?:min|max)_soc": _WHOLE_PERCENT,
    "price_limit|charge_limit": real((0, 99.99)),
}
_OTHER = {
    "optional/rfid/active": boolean,
    "optional/ocpp/config": anything,
    "optional/int_display/(?:active|on_if_plugged_in|only_local_charge_points"
    "|pin_active)": boolean,
    "optional/int_display/pin_code": text,
    "optional/int_display/standby": integer((0, 600)),
    "optional/int_display/rotation": one_of(0, 90, 180, 270),
    "optional/int_display/theme": anything,
    "counter/get/hierarchy": anything,
    "counter/config/consider_less_charging": boolean,
    "counter/config/home_consumption_source_id": integer(),
    "counter/N/config/max_currents": list_of(int, (6, 1500)),
    "counter/N/config/(?:max_total_power|max_power_errorcase)": integer(POSITIVE),
    "pv/N/config/max_ac_out": integer(POSITIVE),
    "system/debug_level": one_of(10, 20, 30),
    "system/mqtt/bridge/N|system/device/N/config": anything,
    "system/device/N/component/N/config": anything,
    "io/states/N/set/(?:digital|analog)_output": anything,
    "system/io/N/set/manual/digital_output/[^/]+": boolean,
    "system/io/N/set/manual/analog_output/[^/]+": real(),
    "LegacySmartHome/config/set/Devices/N/(?:mode|device_manual_control|manueb)": (
        anything
    ),
    "LegacySmartHome/Devices/N/(?:Aktpower|Powerc|Tempa|Tempb|Tempc|ReqRelay"
    "|Ueberschuss)": anything,
}
# Up to 2.1.7. That `min_soc` shadows `min_soc_current` is openWB's own mistake.
_TEMPLATE_FIELDS = {
    "name": text,
    "prio|load_default": boolean,
    "chargemode/selected": text,
    "chargemode/instant_charging/current": integer((6, 32)),
    "chargemode/instant_charging/dc_current": real((4, 300)),
    "chargemode/instant_charging/limit/selected": text,
    "chargemode/instant_charging/limit/soc": _WHOLE_PERCENT,
    "chargemode/instant_charging/limit/amount": integer((1000, float("inf"))),
    "chargemode/pv_charging/feed_in_limit": boolean,
    "chargemode/pv_charging/min_current": integer((0, 0), (6, 16)),
    "chargemode/pv_charging/dc_min_current": real((0, 300)),
    "chargemode/pv_charging/min_soc|chargemode/pv_charging/min_soc_current": (
        _WHOLE_PERCENT
    ),
    "chargemode/pv_charging/dc_min_soc_current": real((4, 300)),
    "chargemode/pv_charging/max_soc": integer((0, 101)),
    "et/active|time_charging/active": boolean,
    "et/max_price": real(),
}


def rules_of(features: Features) -> list[Rule]:
    """Return all set topics of a release."""
    return [
        *_charge_point_rules(features),
        *_vehicle_rules(features),
        *_template_rules(features),
        *_component_rules(features),
        *_general_rules(features),
        *_rows("", {f"(?:{key})": check for key, check in _OTHER.items()}),
        # With the command's name after it or without; see `Sets` for who may do which.
        *_rows("command/[^/]+/", {"todo(?:/.+)?": anything}, Effect.COMMAND),
    ]


def _charge_point_rules(features: Features) -> list[Rule]:
    return [
        *_rows("chargepoint/N/", {"config": anything}),
        *_rows(
            "chargepoint/N/config/", {"(?P<part>template)": integer()}, Effect.MERGE
        ),
        *_rows("chargepoint/template/", {"N": anything}),
        *_rows(
            "chargepoint/N/set/",
            {"charge_template": anything},
            Effect.CHARGE_POINT_TEMPLATE if features.whole_template else Effect.NOTHING,
            needs_id=features.whole_template,
        ),
        *_rows(
            "chargepoint/N/config/",
            {"(?P<part>ev)": integer(POSITIVE)},
            Effect.MERGE,
            needs_id=True,
        ),
        *_rows(
            "chargepoint/N/set/",
            {
                "manual_lock": boolean,
                "current": _CURRENT,
                "phases_to_use": integer((0, 3)),
                "autolock_state": integer((0, 4)),
                "rfid": text if features.rfid_text else real(),
                "log": anything,
            },
            needs_id=True,
        ),
        *_rows("chargepoint/N/get/", _grouped(_CHARGE_POINT_GET), needs_id=True),
    ]


def _vehicle_rules(features: Features) -> list[Rule]:
    table = {
        "name": text,
        "info": anything,
        "tag_id": list_of(str),
        "charge_template|ev_template": integer(POSITIVE),
        "soc_module/(?:calculated_soc_state|config|general_config)": anything,
        "get/force_soc_update": boolean,
        **{f"get/{key}": check for key, check in {**_VEHICLE_GET, **_FAULT}.items()},
    }
    if features.odometer_input:
        table["get/odometer"] = real((0, 9_999_999))
    manual = {"(?P<part>manual_soc)": real(_PERCENT)}
    state = "vehicle/N/soc_module/calculated_soc_state/"
    return [
        *_rows("vehicle/template/ev_template/", {"N": anything}),
        *_rows(state, manual, Effect.MERGE),
        *_rows("vehicle/N/", _grouped(table)),
    ]


def _template_rules(features: Features) -> list[Rule]:
    prefix = "vehicle/template/charge_template/"
    below = f"{prefix}N/"
    whole = _rows(prefix, {"N": anything}, Effect.TEMPLATE)
    if features.temporary_setting:
        return whole
    if features.whole_template:
        # 2.1.8 still takes single fields, to topics that it does not read itself.
        return [*whole, *_rows(below, {".+": anything})]
    plans = "(?:chargemode/scheduled_charging|time_charging)/plans/N"
    fields = {f"(?P<part>{key})": check for key, check in _TEMPLATE_FIELDS.items()}
    return [
        *whole,
        *_rows(below, {f"{plans}/active": boolean}, Effect.PLAN_ACTIVE),
        *_rows(below, {plans: anything}),
        *_rows(below, fields, Effect.TEMPLATE_FIELD),
    ]


def _component_rules(features: Features) -> list[Rule]:
    direct, pv, bat = Effect.FORWARD, dict(_PV_GET), dict(_BAT_GET)
    if not features.mqtt_devices:
        direct = Effect.FEED
        pv |= {"exported": pv.pop("exported|imported")}
        del bat["currents"]
    rules = [
        *_rows("counter/N/get/", _grouped(_COUNTER_GET), direct, needs_id=True),
        *_rows("pv/N/get/", _grouped(pv), direct, needs_id=True),
        *_rows("bat/N/get/", _grouped(bat), direct, needs_id=True),
        *_rows("bat/config/", _grouped(_BAT_MODE)),
        *_rows("bat/N/set/", {"power_limit": real()}, needs_id=True),
    ]
    if features.battery_control:
        rules += _rows("bat/config/", _grouped(_BAT_CONFIG))
    if features.mqtt_devices:
        vehicle = dict(_VEHICLE_GET)
        if features.odometer_input:
            vehicle["odometer"] = real((0, 9_999_999))
        kinds = {
            "counter": _COUNTER_GET,
            "pv": _PV_GET,
            "bat": _BAT_GET,
            "vehicle": vehicle,
            "chargepoint": _CHARGE_POINT_GET,
        }
        for kind, table in kinds.items():
            rules += _rows(f"mqtt/{kind}/N/get/", _grouped(table), Effect.FEED)
    return rules


def _general_rules(features: Features) -> list[Rule]:
    table = _grouped(_GENERAL)
    for name, check in _PV_MODE.items():
        if features.max_bat_soc or name != "max_bat_soc":
            table[place(features, name).removeprefix("general/")] = check
    delay, least, most = features.phase_delay
    table[f"chargemode_config/{delay}"] = integer((least, most))
    if features.surplus:
        table["chargemode_config/surplus/feed_in_limit"] = boolean
    if features.temporary_setting:
        table["temporary_charge_templates_active"] = boolean
    pv = "(?:pv_charging|scheduled_charging)"
    if not features.whole_template:
        table[f"chargemode_config/{pv}/phases_to_use(?:_pv)?"] = one_of(0, 1, 3)
    table["chargemode_config/[^/]+/phases_to_use"] = one_of(1, 3)
    tariff = "et" if features.et_prices else "ep"
    prices: dict[str, Check] = {
        f"{tariff}/get/prices|ep/flexible_tariff/get/prices"
        if tariff == "ep"
        else f"{tariff}/get/prices": anything,
        f"{tariff}/(?:[a-z_]+/)?provider": anything,
    }
    later: dict[str, Check] = {}
    if features.surplus:
        later = {"counter/get/loadmanagement_prios": anything}
    return [
        *_rows("", later),
        *_rows("general/", table),
        *_rows("optional/", _grouped(prices)),
    ]
