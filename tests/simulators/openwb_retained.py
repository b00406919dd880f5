"""The retained topics that the simulated openWB begins with.

All that openWB tells is retained (helpermodules/pub.py), so this is what a client sees
first. The fixture holds the topics of 2.2.2. Those of the other releases are made from it
by what helpermodules/update_config.py of openWB/core changes from one to the next, and by
the defaults of their control/ev/charge_template.py, general.py and bat_all.py: what a
release does not have is not there, which is how a client tells. Not there in any release
is what openWB's bridge does not bring out (data/config/mosquitto/local/openwb_local.conf):
`control_parameter` of charge points, and what is set of counters and batteries as a whole.
"""

from datetime import UTC, datetime, tzinfo
import json
from pathlib import Path
import re
from typing import Any

from .openwb_consumers import add_consumer
from .openwb_store import Raw
from .openwb_versions import FEATURES, MODES, MOVED, Features, Version, place

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures/openwb/retained.tsv"
# When the fixture's values were taken, in unix time [s].
FIXTURE_TIME = 1767085070.896035
_TEMPLATE = re.compile(r"vehicle/template/charge_template/\d+")
_OWN_TEMPLATE = re.compile(r"chargepoint/\d+/set/charge_template")
_VEHICLE = re.compile(r"vehicle/\d+/name")
_SOC = re.compile(r"chargepoint/\d+/get/connected_vehicle/soc")
_TIMESTAMP = re.compile(r"vehicle/\d+/get/soc(_request)?_timestamp")
# Up to 2.1.7 phases are not a matter of the template.
_GENERAL_PHASES = {
    "instant_charging/phases_to_use": 3,
    "pv_charging/phases_to_use": 0,
    "scheduled_charging/phases_to_use": 0,
    "scheduled_charging/phases_to_use_pv": 0,
    "time_charging/phases_to_use": 1,
}
_OLD_DATES = ("2021-11-01", "2021-11-05")


def soc_time(
    features: Features, moment: float, zone: tzinfo = UTC
) -> float | int | str:
    """Return the time of a SoC as the release writes it for a connected vehicle."""
    if features.soc_time_text:
        return datetime.fromtimestamp(moment, zone).strftime("%m/%d/%Y, %H:%M:%S")
    return int(moment)


def load(
    version: Version, start: float = FIXTURE_TIME, zone: tzinfo = UTC
) -> dict[str, Any]:
    """Return the topics of a release, without the root, with times before the start."""
    values: dict[str, Any] = {}
    for line in FIXTURE.read_text().splitlines():
        topic, payload = line.split("\t")
        key = topic.removeprefix("openWB/")
        raw = key.startswith("LegacySmartHome/")
        values[key] = Raw(payload) if raw else json.loads(payload)
    features = FEATURES[version]
    _shift_times(values, start, features, zone)
    _change_versions(values, version, features)
    if not features.seconds_charged:
        _tell_hours(values)
    if features.et_prices:
        _move_prices(values)
    if not features.mqtt_devices:
        _remove(values, r"mqtt/.*")
    if not features.odometer:
        _remove(values, r"vehicle/\d+/get/odometer")
    if not features.temporary_setting:
        _remove(values, r"general/temporary_charge_templates_active")
    _move_settings(values, features)
    if not features.battery_control:
        _remove(values, r"bat/config/(?!configured|power_limit_mode).*")
        values["bat/config/power_limit_mode"] = "no_limit"
    if features.surplus:
        upgrade(values)
    if not features.user_management:
        _remove(values, r"system/security/.*")
    if not features.whole_template:
        _take_templates_apart(values)
    return values


def _shift_times(
    values: dict[str, Any], start: float, features: Features, zone: tzinfo
) -> None:
    shift = start - FIXTURE_TIME
    values["system/time"] = start
    for topic, value in values.items():
        if _TIMESTAMP.fullmatch(topic):
            values[topic] = int(value + shift)
        elif _SOC.fullmatch(topic) and value["timestamp"] is not None:
            value["timestamp"] = soc_time(features, value["timestamp"] + shift, zone)


def _tell_hours(values: dict[str, Any]) -> None:
    """Tell how long a session has charged as a text."""
    for topic, value in values.items():
        if topic.endswith("/set/log"):
            minutes = int(value["time_charged"] / 60)
            value["time_charged"] = f"{minutes // 60}:{minutes % 60:02}"


def _change_versions(
    values: dict[str, Any], version: Version, features: Features
) -> None:
    values["system/version"] = str(version)
    steps = features.datastore
    values["system/datastore_version"] = (
        list(range(steps)) if features.datastore_list else steps
    )
    for topic in values:
        if re.fullmatch(r"chargepoint/\d+/get/version", topic):
            values[topic] = str(version)


def _move_prices(values: dict[str, Any]) -> None:
    """Put the electricity tariff where it was up to 2.1.8."""
    tariff = "optional/ep/flexible_tariff/"
    moved = {
        topic.replace(tariff, "optional/et/"): value
        for topic, value in values.items()
        if topic.startswith(tariff)
    }
    _remove(values, r"optional/ep/.*")
    values |= moved


def _move_settings(values: dict[str, Any], features: Features) -> None:
    """Put the settings of PV mode where the release has them."""
    for name in (*MOVED, "phase_switch_delay"):
        old = f"{MODES}pv_charging/{name}"
        if old in values:
            values[place(features, name)] = values.pop(old)
    if not features.max_bat_soc:
        values.pop(f"{MODES}pv_charging/max_bat_soc", None)


def upgrade(values: dict[str, Any]) -> None:
    """Make the topics those of 2.3, but for the moved ones (`upgrade_datastore_132…`)."""
    values[f"{MODES}surplus/feed_in_limit"] = False
    for topic in values:
        if _TEMPLATE.fullmatch(topic) or _OWN_TEMPLATE.fullmatch(topic):
            values[topic]["chargemode"]["pv_charging"].pop("feed_in_limit", None)
            for plan in values[topic]["time_charging"]["plans"]:
                plan.setdefault("min_bat_soc", None)
    vehicles = [key.split("/")[1] for key in values if _VEHICLE.fullmatch(key)]
    values["counter/get/loadmanagement_prios"] = [
        {"type": "vehicle", "id": int(number)} for number in sorted(vehicles)
    ]
    add_consumer(values)


def _take_templates_apart(values: dict[str, Any]) -> None:
    """Give templates the form that they had up to 2.1.7: plans have their own topics."""
    _remove(values, r"chargepoint/\d+/set/charge_template")
    for topic in [key for key in values if _TEMPLATE.fullmatch(key)]:
        values[topic], plans = _old_template(values[topic])
        values |= {f"{topic}/{key}": plan for key, plan in plans.items()}
    prefix = "general/chargemode_config/"
    values |= {prefix + key: phases for key, phases in _GENERAL_PHASES.items()}


def _old_template(template: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a template of 2.1.7, and its plans by their topic below it."""
    modes = template["chargemode"]
    instant, pv = modes["instant_charging"], modes["pv_charging"]
    old = {
        "name": template["name"],
        "prio": template["prio"],
        "load_default": template["load_default"],
        "et": {"active": False, "max_price": modes["eco_charging"]["max_price"]},
        "time_charging": {"active": template["time_charging"]["active"]},
        "chargemode": {
            "selected": modes["selected"],
            "pv_charging": {
                "dc_min_current": pv["dc_min_current"],
                "dc_min_soc_current": pv["dc_min_soc_current"],
                "min_soc_current": pv["min_soc_current"],
                "min_current": pv["min_current"],
                "feed_in_limit": pv["feed_in_limit"],
                "min_soc": pv["min_soc"],
                "max_soc": pv["limit"]["soc"],
            },
            "scheduled_charging": {},
            "instant_charging": {
                key: value for key, value in instant.items() if key != "phases_to_use"
            },
        },
    }
    sources = {
        "chargemode/scheduled_charging": modes["scheduled_charging"]["plans"],
        "time_charging": template["time_charging"]["plans"],
    }
    plans = {
        f"{where}/plans/{plan['id']}": old_plan(plan)
        for where, several in sources.items()
        for plan in several
    }
    return old, plans


def old_plan(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan without what came with 2.1.8."""
    later = {
        "phases_to_use",
        "phases_to_use_pv",
        "et_active",
        "bidi_charging_enabled",
        "bidi_power",
    }
    old = {key: value for key, value in plan.items() if key not in later}
    # Its default has two dates for both kinds, until a plan is given its date.
    return old | {"frequency": {**plan["frequency"], "once": list(_OLD_DATES)}}


def _remove(values: dict[str, Any], pattern: str) -> None:
    for topic in [key for key in values if re.fullmatch(pattern, key)]:
        del values[topic]
