"""From what openWB tells to what a state shows, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ...protocols.openwb import Kind, Value as Told
from ..sink import Value

FAULTS: Final = ("ok", "warning", "error")

PHASES: Final[Mapping[int, str]] = {0: "auto", 1: "1", 3: "3"}

# What openWB's units are multiplied with: Wh to kWh; €/Wh to €/kWh and ct/kWh.
_FACTORS: Final[Mapping[str, float]] = {
    **{f"{mode}_limit_amount": 1e-3 for mode in ("instant", "pv", "eco")},
    "eco_max_price": 1e5,
    "price_charging_max_price": 1e5,
    **{f"price_{source}": 1e3 for source in ("grid", "pv", "bat")},
    "price_limit": 1e3,
    "charge_limit": 1e3,
}

_PHASES: Final = frozenset(
    {
        *("instant_phases", "pv_phases", "pv_min_soc_phases", "eco_phases"),
        *(
            f"general_{mode}_phases"
            for mode in ("instant", "pv", "scheduled", "scheduled_pv", "time")
        ),
    }
)

# openWB counts what an inverter makes as negative.
_GENERATED: Final = frozenset(
    {"power", "pv_power"}
    | {
        f"{what}_{phase}"
        for what in ("power", "current")
        for phase in ("L1", "L2", "L3")
    }
)


def shown(kind: Kind, values: Mapping[str, Told]) -> dict[str, Value]:
    """Give what entities show of what a topic said."""
    return {key: _shown(kind, key, value) for key, value in values.items()}


def _shown(kind: Kind, key: str, value: Told) -> Value:
    if isinstance(value, datetime):
        if value.tzinfo is None:  # openWB's own zone, taken to be ours
            return value.replace(tzinfo=dt_util.get_default_time_zone())
        return value
    if isinstance(value, Mapping | tuple):
        return None
    if value is None or isinstance(value, str | bool):
        return value
    if key.endswith("fault_state"):
        return FAULTS[int(value)] if value in (0, 1, 2) else None
    if key in _PHASES:
        return PHASES.get(int(value))
    if key == "control_interval":
        return str(int(value))
    if key in _FACTORS:
        return round(value * _FACTORS[key], 6)
    if key == "pv_power" or (kind is Kind.INVERTER and key in _GENERATED):
        return -value
    return value


def told(key: str, value: Any) -> Any:
    """Give what openWB is to be told when a control is set to a value."""
    if key in _PHASES:
        return next(number for number, text in PHASES.items() if text == value)
    if key == "control_interval":
        return int(value)
    if key in _FACTORS:
        # Without the digits that a float adds: 20 ct are 0.0002, not 0.00019999.
        plain = round(value / _FACTORS[key], 9)
        return round(plain) if key.endswith("_amount") else plain
    return value
