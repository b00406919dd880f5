"""Values that have a topic of their own to be set by (setdata.py).

openWB answers nothing: what it took shows in the value's own topic. What it did not
take shows in its log only, so every value is checked before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from .. import InputError, ProtocolError
from ..publication import Publication
from . import rules
from .hierarchy import Kind
from .rules import Rule, Versioned, choice, real, whole
from .version import (
    BATTERY_CONTROL,
    NO_PV_MODE,
    SURPLUS,
    TEMPORARY_TEMPLATES,
    WHOLE_TEMPLATES,
    Version,
)


@dataclass(frozen=True, slots=True)
class Setting(Versioned):
    """One value that can be set; `topic` is below `<root>/set/`, with `{id}` in it."""

    topic: str
    rule: Rule


type Settings = tuple[Setting, ...]

_MODES: Final = "general/chargemode_config/"


def _kept(topic: str, rule: Rule, since: Version | None = None) -> Settings:
    """Give the row of what has never moved."""
    return (Setting(topic, rule, since=since),)


def _moved(
    name: str, place: str, rule: Rule, *earlier: Setting, since: Version | None = None
) -> Settings:
    """Give the rows of a setting of PV mode, which 2.3 has at another place."""
    return (
        Setting(f"{_MODES}{place}", rule, since=SURPLUS),
        Setting(f"{_MODES}pv_charging/{name}", rule, since=since, until=NO_PV_MODE),
        *earlier,
    )


# As in setdata.py of each version.
_PHASE_SWITCH_DELAYS: Final = tuple(
    Setting(f"{_MODES}{place}", whole(least, most, "min"), since=since, until=until)
    for place, least, most, since, until in (
        ("pv_charging/phase_switch_delay", 5, 60, Version(2, 1, 9), Version(2, 2, 0)),
        ("phase_switch_delay", 5, 60, Version(2, 1, 8), Version(2, 1, 9)),
        ("phase_switch_delay", 5, 20, Version(2, 1, 7), Version(2, 1, 8)),
        ("phase_switch_delay", 1, 15, Version(2, 1, 5), Version(2, 1, 7)),
        ("pv_charging/phase_switch_delay", 1, 15, None, Version(2, 1, 5)),
    )
)

_WATTS: Final = whole(0, 1_000_000, "W")
_SECONDS: Final = whole(0, 86_400, "s")
_SURPLUS_POWER: Final = real(-1e6, 1e6, "W")

_PV_MODE: Final[Mapping[str, Settings]] = {
    name: _moved(
        name, place, rule, since=Version(2, 1, 4) if place.startswith("bat/") else None
    )
    for name, place, rule in (
        ("bat_mode", "bat/mode", choice("ev_mode", "bat_mode", "min_soc_bat_mode")),
        ("min_bat_soc", "bat/min_soc", rules.PERCENT),
        ("bat_power_reserve", "bat/power_reserve", rules.POWER),
        ("bat_power_reserve_active", "bat/power_reserve_active", rules.BOOL),
        ("bat_power_discharge", "bat/power_discharge", rules.POWER),
        ("bat_power_discharge_active", "bat/power_discharge_active", rules.BOOL),
        ("feed_in_yield", "surplus/feed_in_yield", _WATTS),
        ("switch_on_threshold", "surplus/vehicle/switch_on_threshold", _WATTS),
        ("switch_on_delay", "surplus/vehicle/switch_on_delay", _SECONDS),
        (
            "switch_off_threshold",
            "surplus/vehicle/switch_off_threshold",
            _SURPLUS_POWER,
        ),
        ("switch_off_delay", "surplus/vehicle/switch_off_delay", _SECONDS),
    )
} | {
    "max_bat_soc": _moved(
        "max_bat_soc", "bat/max_soc", rules.PERCENT, since=Version(2, 1, 9)
    ),
    "phase_switch_delay": _moved(
        "phase_switch_delay",
        "surplus/vehicle/phase_switch_delay",
        whole(5, 180, "min"),
        *_PHASE_SWITCH_DELAYS,
        since=Version(2, 2, 0),
    ),
    # Up to 2.2 it is a member of each charge template.
    "feed_in_limit": (
        Setting(f"{_MODES}surplus/feed_in_limit", rules.BOOL, since=SURPLUS),
    ),
}

# openWB checks none of its words: one of another version is kept, and the battery control
# of 2.1.8 and 2.1.9 then fails in each cycle (control/bat_all.py of each version).
_LIMIT_MODES: Final = (
    Setting(
        "bat/config/power_limit_mode",
        choice(
            "mode_no_discharge",
            "mode_discharge_home_consumption",
            "mode_charge_pv_production",
        ),
        since=BATTERY_CONTROL,
    ),
    Setting(
        "bat/config/power_limit_mode",
        choice("no_limit", "limit_stop", "limit_to_home_consumption"),
        since=Version(2, 1, 6),
        until=BATTERY_CONTROL,
    ),
)

_BATTERY_CONTROL: Final[Mapping[str, Rule]] = {
    "bat_control_activated": rules.BOOL,
    "power_limit_condition": choice(
        "manual", "vehicle_charging", "price_limit", "scheduled"
    ),
    "manual_mode": choice(
        "manual_disable", "manual_limit", "manual_charge", "manual_discharge"
    ),
    "bat_control_min_soc": rules.PERCENT,
    "bat_control_max_soc": rules.PERCENT,
    "price_limit_activated": rules.BOOL,
    "price_limit": rules.PRICE,
    "price_charge_activated": rules.BOOL,
    "charge_limit": rules.PRICE,
}

# Up to 2.1.7, for all charge points.
_GENERAL_PHASES: Final = (
    ("instant", "instant_charging/phases_to_use", rules.FIXED_PHASES),
    ("pv", "pv_charging/phases_to_use", rules.PHASES),
    ("scheduled", "scheduled_charging/phases_to_use", rules.PHASES),
    ("scheduled_pv", "scheduled_charging/phases_to_use_pv", rules.PHASES),
    ("time", "time_charging/phases_to_use", rules.FIXED_PHASES),
)

_POINT, _CAR, _SELF = Kind.CHARGE_POINT, Kind.VEHICLE, Kind.SYSTEM

SETTINGS: Final[Mapping[tuple[Kind, str], Settings]] = MappingProxyType(
    {
        (_POINT, "manual_lock"): _kept("chargepoint/{id}/set/manual_lock", rules.BOOL),
        (_POINT, "vehicle"): _kept("chargepoint/{id}/config/ev", rules.COUNT),
        # Where a reader puts what it has read. At `set/rfid` is what openWB has made of
        # it, unchecked: a number there stops the control of 2.1.8 and 2.1.9.
        (_POINT, "rfid"): _kept("chargepoint/{id}/get/rfid", rules.TEXT),
        (_CAR, "charge_template"): _kept("vehicle/{id}/charge_template", rules.COUNT),
        (_CAR, "force_soc_update"): _kept(
            "vehicle/{id}/get/force_soc_update", rules.BOOL
        ),
        (_CAR, "manual_soc"): _kept(
            "vehicle/{id}/soc_module/calculated_soc_state/manual_soc",
            rules.PERCENT_EXACT,
            since=Version(2, 1, 2),
        ),
        **{(_SELF, name): rows for name, rows in _PV_MODE.items()},
        **{
            (_SELF, f"general_{name}_phases"): (
                Setting(f"{_MODES}{place}", rule, until=WHOLE_TEMPLATES),
            )
            for name, place, rule in _GENERAL_PHASES
        },
        (_SELF, "control_interval"): _kept(
            "general/control_interval", Rule(kind=int, choices=(10, 20, 60))
        ),
        (_SELF, "temporary_charge_templates_active"): _kept(
            "general/temporary_charge_templates_active",
            rules.BOOL,
            since=TEMPORARY_TEMPLATES,
        ),
        **{
            (_SELF, f"price_{name}"): _kept(
                f"general/prices/{name}", rules.PRICE, since=Version(2, 1, 3)
            )
            for name in ("grid", "pv", "bat")
        },
        (_SELF, "power_limit_mode"): _LIMIT_MODES,
        **{
            (_SELF, name): _kept(f"bat/config/{name}", rule, BATTERY_CONTROL)
            for name, rule in _BATTERY_CONTROL.items()
        },
    }
)
"""By the kind and the name of the value, which are those that `decode` gives: where
each version has it, the newest first."""


def setting_of(
    kind: Kind, name: str, version: Version | None, told: str | None = None
) -> Setting | None:
    """Give where and how a version has a value to be set; None if it has not.

    `told` is the topic that this openWB has told it on: of several, it is that one. Of
    a version that is none we know, nothing else can say it, and nothing at all which
    words it has where they have changed.
    """
    every = SETTINGS.get((kind, name), ())
    there = [row for row in every if row.topic == told]
    words = {row.rule.choices for row in there}
    rows = [
        row
        for row in every
        if row.exists(version) or (version is None and row in there and len(words) == 1)
    ]
    return next((row for row in rows if row.topic == told), rows[0] if rows else None)


SMART_HOME_SWITCHES: Final = ("mode", "device_manual_control")


def set_value(
    root: str,
    kind: Kind,
    name: str,
    value: object,
    *,
    number: int | None = None,
    version: Version | None = None,
    told: str | None = None,
) -> Publication:
    """Set a value, in openWB's units; `number` says which of its kind.

    Raises:
        InputError: If the version does not have it, or the value may not be that.
    """
    if (setting := setting_of(kind, name, version, told)) is None:
        raise InputError("openwb_without", field=name)
    sent = setting.rule.check(value, name)
    return publication(root, setting.topic.format(id=number), sent)


def set_output(
    root: str, number: int, terminal: str, value: bool | float
) -> Publication:
    """Set an output of an io module by hand: digital `DO1`, analog `AO1`, in V.

    Raises:
        ProtocolError: If there is no such output.
    """
    if not terminal.isascii() or not terminal.isalnum():
        raise ProtocolError("no such output")
    kind = "digital" if isinstance(value, bool) else "analog"
    return publication(
        root, f"system/io/{number}/set/manual/{kind}_output/{terminal}", value
    )


def set_smart_home(root: str, number: int, name: str, on: bool) -> Publication:
    """Put a smart-home device into manual `mode`, or switch it then on.

    Raises:
        ProtocolError: If it has no such thing.
    """
    if name not in SMART_HOME_SWITCHES:
        raise ProtocolError("a smart-home device has no such switch")
    return publication(
        root, f"LegacySmartHome/config/set/Devices/{number}/{name}", int(on)
    )


def publication(root: str, topic: str, value: Any) -> Publication:
    """Return what sets the topic `<root>/set/<topic>`."""
    return Publication(f"{root}/set/{topic}", orjson.dumps(value).decode())
