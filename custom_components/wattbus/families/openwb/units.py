"""From openWB's units to what entities show, and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from homeassistant.components.number import NumberDeviceClass
from homeassistant.const import (
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTime,
)
from homeassistant.util import dt as dt_util

from ...protocols.openwb import (
    FIELDS,
    PHASES,
    SETTINGS,
    Field,
    Kind,
    Setting,
    Value as Told,
)
from ...protocols.openwb.rules import Rule
from ..sink import Value

FAULTS: Final = ("ok", "warning", "error")

_AUTO: Final = "auto"


class Quantity(NamedTuple):
    """How a number in one of openWB's units is shown, and set."""

    unit: str
    device_class: NumberDeviceClass | None = None
    factor: float = 1
    """What openWB's number is multiplied with."""
    step: float = 1
    fine: float = 1
    """The step of what need not be a whole number."""


_QUANTITIES: Final[Mapping[str, Quantity]] = {
    "A": Quantity(UnitOfElectricCurrent.AMPERE, NumberDeviceClass.CURRENT, fine=0.1),
    "W": Quantity(UnitOfPower.WATT, NumberDeviceClass.POWER),
    "Wh": Quantity(
        UnitOfEnergy.KILO_WATT_HOUR, NumberDeviceClass.ENERGY, factor=1e-3, step=0.1
    ),
    "%": Quantity(UnitOfRatio.PERCENTAGE),
    "s": Quantity(UnitOfTime.SECONDS, NumberDeviceClass.DURATION),
    "min": Quantity(UnitOfTime.MINUTES, NumberDeviceClass.DURATION),
    "€/Wh": Quantity("EUR/kWh", factor=1e3, fine=0.00001),
}
# The state is rounded to the step, and a price may be 28.955 ct.
_CENTS: Final = Quantity("ct/kWh", factor=1e5, fine=0.01)

type Row = Setting | Field

ROWS: Final[Mapping[tuple[Kind, str], tuple[Row, ...]]] = {
    **SETTINGS,
    **{(Kind.CHARGE_POINT, name): rows for name, rows in FIELDS.items()},
}
"""What can be set of each kind: the rules of all versions, the newest first."""

VARYING: Final[Mapping[Kind, frozenset[str]]] = {
    kind: frozenset(
        name
        for (of, name), rows in ROWS.items()
        if of is kind and len({row.rule for row in rows}) > 1
    )
    for kind in Kind
}
"""By kind, what may be set to other values in other versions."""

# openWB counts what an inverter makes as negative.
_GENERATED: Final = frozenset(
    {"power", "pv_power"}
    | {f"{what}_{phase}" for what in ("power", "current") for phase in PHASES}
)


def quantity(kind: Kind, rule: Rule) -> Quantity:
    """Say how a number is shown; the prices of charge points in cents."""
    if kind is Kind.CHARGE_POINT and rule.unit == "€/Wh":
        return _CENTS
    return _QUANTITIES[rule.unit]


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
    if rows := ROWS.get((kind, key)):
        return _set(kind, rows[0].rule, value)
    if key == "pv_power" or (kind is Kind.INVERTER and key in _GENERATED):
        return -value
    return value


def _set(kind: Kind, rule: Rule, value: float) -> Value:
    """Give what a control shows of a number."""
    if rule.choices:
        return _AUTO if rule.unit == "phases" and not value else f"{value:g}"
    factor = quantity(kind, rule).factor if rule.unit else 1
    return value if factor == 1 else round(value * factor, 6)


def options(rules: Iterable[Rule]) -> list[str]:
    """Give what can be chosen by some rules, each once."""
    found = (
        _set(Kind.SYSTEM, rule, one) if isinstance(one, int) else one
        for rule in rules
        for one in rule.choices
    )
    return [str(one) for one in dict.fromkeys(found)]


def bounds(kind: Kind, rule: Rule) -> tuple[float, float]:
    """Give the least and the most that a number can be set to."""
    assert rule.minimum is not None
    assert rule.maximum is not None
    factor = quantity(kind, rule).factor
    least, most = round(rule.minimum * factor, 6), round(rule.maximum * factor, 6)
    return (int(least), int(most)) if least % 1 == most % 1 == 0 else (least, most)


def allowed(kind: Kind, key: str, row: Row | None) -> dict[str, Value]:
    """Give what a value may be set to in this version, by its row."""
    if row is None:
        return {}
    if row.rule.choices:
        return {f"{key}_choices": options([row.rule])}
    least, most = bounds(kind, row.rule)
    return {f"{key}_least": least, f"{key}_most": most}


def sent(kind: Kind, key: str, value: Any) -> Any:
    """Give what openWB is to be sent when a control is set to a value."""
    if (rows := ROWS.get((kind, key))) is None or isinstance(value, bool):
        return value
    rule = rows[0].rule
    if rule.kind is str:
        return value
    if rule.choices:
        return 0 if value == _AUTO else int(value)
    factor = quantity(kind, rule).factor if rule.unit else 1
    if factor == 1:
        return value
    # Without the digits that a float adds: 20 ct are 0.0002, not 0.00019999.
    plain = round(value / factor, 9)
    return round(plain) if rule.kind is int else plain
