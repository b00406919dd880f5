"""Values that have a topic of their own to be set by (setdata.py).

openWB answers nothing: what it took shows in the value's own topic. What it did not
take shows in its log only, so every value is checked before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from .. import ProtocolError
from ..publication import Publication
from . import rules
from .hierarchy import Kind
from .rules import Rule, choice, whole
from .version import TEMPORARY_TEMPLATES, TEXT_TAGS, WHOLE_TEMPLATES, Version


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that can be set; `topic` is below `<root>/set/`, with `{id}` in it."""

    topic: str
    rule: Rule
    since: Version | None = None
    until: Version | None = None
    """The first version that does not have it any more."""

    def exists(self, version: Version | None) -> bool:
        """Whether a version has it; one that is not known has what never changed."""
        if version is None:
            return self.since is None and self.until is None
        return (self.since is None or version >= self.since) and (
            self.until is None or version < self.until
        )


_PV: Final = "general/chargemode_config/pv_charging/"

_PV_MODE: Final[Mapping[str, Rule]] = {
    "bat_mode": choice("ev_mode", "bat_mode", "min_soc_bat_mode"),
    "min_bat_soc": rules.PERCENT,
    "max_bat_soc": rules.PERCENT,
    "bat_power_reserve": rules.POWER,
    "bat_power_reserve_active": rules.BOOL,
    "bat_power_discharge": rules.POWER,
    "bat_power_discharge_active": rules.BOOL,
    "feed_in_yield": whole(0, 1_000_000),
    "switch_on_threshold": whole(0, 1_000_000),
    "switch_on_delay": whole(0, 86_400),
    "switch_off_threshold": Rule(kind=float, minimum=-1e6, maximum=1e6),
    "switch_off_delay": whole(0, 86_400),
    "phase_switch_delay": whole(5, 180),
}

_BATTERY_CONTROL: Final[Mapping[str, Rule]] = {
    "bat_control_activated": rules.BOOL,
    "power_limit_mode": choice(
        "mode_no_discharge",
        "mode_discharge_home_consumption",
        "mode_charge_pv_production",
    ),
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

SETTINGS: Final[Mapping[tuple[Kind, str], Setting]] = MappingProxyType(
    {
        (Kind.CHARGE_POINT, "manual_lock"): Setting(
            "chargepoint/{id}/set/manual_lock", rules.BOOL
        ),
        (Kind.CHARGE_POINT, "vehicle"): Setting(
            "chargepoint/{id}/config/ev", rules.COUNT
        ),
        (Kind.CHARGE_POINT, "set_rfid"): Setting(
            "chargepoint/{id}/set/rfid", rules.TEXT
        ),
        (Kind.VEHICLE, "charge_template"): Setting(
            "vehicle/{id}/charge_template", rules.COUNT
        ),
        (Kind.VEHICLE, "force_soc_update"): Setting(
            "vehicle/{id}/get/force_soc_update", rules.BOOL
        ),
        (Kind.VEHICLE, "manual_soc"): Setting(
            "vehicle/{id}/soc_module/calculated_soc_state/manual_soc",
            rules.PERCENT_EXACT,
        ),
        **{
            (Kind.SYSTEM, name): Setting(f"{_PV}{name}", rule)
            for name, rule in _PV_MODE.items()
        },
        **{
            (Kind.SYSTEM, f"general_{mode}_phases"): Setting(
                f"general/chargemode_config/{mode}_charging/phases_to_use",
                rules.FIXED_PHASES if mode in ("instant", "time") else rules.PHASES,
                until=WHOLE_TEMPLATES,
            )
            for mode in ("instant", "pv", "scheduled", "time")
        },
        (Kind.SYSTEM, "control_interval"): Setting(
            "general/control_interval", Rule(kind=int, choices=(10, 20, 60))
        ),
        (Kind.SYSTEM, "temporary_charge_templates_active"): Setting(
            "general/temporary_charge_templates_active",
            rules.BOOL,
            since=TEMPORARY_TEMPLATES,
        ),
        **{
            (Kind.SYSTEM, f"price_{name}"): Setting(
                f"general/prices/{name}", rules.PRICE
            )
            for name in ("grid", "pv", "bat")
        },
        **{
            (Kind.SYSTEM, name): Setting(f"bat/config/{name}", rule)
            for name, rule in _BATTERY_CONTROL.items()
        },
    }
)
"""By the kind and the name of the value, which are those that `decode` gives."""


SMART_HOME_SWITCHES: Final = ("mode", "device_manual_control")


def set_value(
    root: str,
    kind: Kind,
    name: str,
    value: object,
    *,
    number: int | None = None,
    version: Version | None = None,
) -> Publication:
    """Set a value, in openWB's units; `number` says which of its kind.

    Raises:
        ProtocolError: If the version does not have it, or the value may not be that.
    """
    setting = SETTINGS.get((kind, name))
    if setting is None or not setting.exists(version):
        raise ProtocolError(f"this openWB has no {name} to set")
    sent = setting.rule.check(value, name)
    if name == "set_rfid" and version is not None and version < TEXT_TAGS:
        sent = _numeric_tag(sent)
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


def _numeric_tag(tag: str) -> float:
    """Read a tag as openWB up to 2.1.9 takes it.

    Raises:
        ProtocolError: If it has letters.
    """
    if not tag.isascii() or not tag.isdigit() or len(tag) > 15:
        raise ProtocolError("this openWB takes only tags of up to 15 digits")
    return float(tag)
