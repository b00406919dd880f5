"""The words that each release of openWB works with, of which it checks none.

Any text is taken and kept (setdata.py: "str" is only a type). What then reads it:

- `bat/config/power_limit_mode`: other words since 2.2.0 (control/bat_all.py,
  BatPowerLimitMode, #3051). With one that it does not know the control of 2.1.8 and 2.1.9
  fails in each cycle (`None/1000`), and that of other releases sets no limit.
- `bat/config/power_limit_condition`, `manual_mode`: since 2.2.0 (PowerLimitCondition,
  ManualMode).
- `…/bat_mode`, from 2.3 `bat/mode`: the same words from 2.1.4 on (BatConsiderationMode).
- `chargemode/selected`: see control/chargemode.py; the control calls the method of that
  name. The limits of modes and plans (helpermodules/abstract_plans.py) never changed.
"""

from typing import Any

from .openwb_store import Store
from .openwb_versions import Features, place

_LIMITS = frozenset({"none", "soc", "amount"})
_MODES = frozenset(
    {"instant_charging", "pv_charging", "scheduled_charging", "time_charging", "stop"}
)
_OLD_LIMIT_MODES = frozenset({"no_limit", "limit_stop", "limit_to_home_consumption"})
_LIMIT_MODES = frozenset(
    {
        "mode_no_discharge",
        "mode_discharge_home_consumption",
        "mode_charge_pv_production",
    }
)


def _settings(features: Features) -> dict[str, frozenset[str]]:
    words = {
        place(features, "bat_mode"): frozenset(
            {"ev_mode", "bat_mode", "min_soc_bat_mode"}
        ),
        "bat/config/power_limit_mode": _LIMIT_MODES
        if features.battery_control
        else _OLD_LIMIT_MODES,
    }
    if features.battery_control:
        words["bat/config/power_limit_condition"] = frozenset(
            {"manual", "vehicle_charging", "price_limit", "scheduled"}
        )
        words["bat/config/manual_mode"] = frozenset(
            {"manual_disable", "manual_limit", "manual_charge", "manual_discharge"}
        )
    return words


def misunderstood(store: Store, features: Features) -> list[str]:
    """Return the topics whose word the release does not work with, and the word."""
    found = [
        f"{topic}: {word}"
        for topic, words in _settings(features).items()
        if (word := store.get(topic)) is not None and word not in words
    ]
    modes = _MODES | ({"eco_charging"} if features.whole_template else {"standby"})
    for topic, template in store.values.items():
        if topic.endswith("/set/charge_template") or "/charge_template/" in topic:
            found += [f"{topic}: {word}" for word in _words(template, modes)]
    return found


def _words(value: Any, modes: frozenset[str]) -> list[str]:
    """Return the words of a template or a plan that mean nothing."""
    if isinstance(value, list):
        return [word for item in value for word in _words(item, modes)]
    if not isinstance(value, dict):
        return []
    wrong = []
    for key, known in (("limit", _LIMITS), ("chargemode", modes)):
        part = value.get(key)
        if isinstance(part, dict) and part.get("selected") not in known:
            wrong.append(str(part.get("selected")))
    return wrong + [word for item in value.values() for word in _words(item, modes)]
