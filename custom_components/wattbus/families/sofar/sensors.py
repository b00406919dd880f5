"""What is shown of an EMS, its groups of devices and its nodes: tables."""

from dataclasses import replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import PERCENTAGE

from ..descriptions import Description, EventDescription, SensorDescription
from ..quantities import (
    APPARENT_POWER,
    CURRENT,
    DETAIL,
    ENERGY,
    FREQUENCY,
    POWER,
    REACTIVE_POWER,
    TEMPERATURE,
    TOTAL_ENERGY,
    VOLTAGE,
    Quantity,
    condition,
    measured,
    moment,
    of,
    text,
)
from ..sink import MAIN
from . import const

_FRACTION: Final = Quantity(unit=PERCENTAGE, resolution=0.1, digits=1)

# What the vendor's names end in.
_QUANTITIES: Final[dict[str, Quantity]] = {
    "W": POWER,
    "VA": replace(APPARENT_POWER, resolution=0.1, digits=1),
    "VAr": replace(REACTIVE_POWER, resolution=0.1, digits=1),
    # Whether it only counts up is not known.
    "Wh": replace(ENERGY, shown_in=None, state_class=None),
    "A": replace(CURRENT, resolution=0.1),
    "V": replace(VOLTAGE, digits=1),
    "Hz": FREQUENCY,
    "degC": TEMPERATURE,
    "frac": _FRACTION,
    "perc": _FRACTION,
}

# The names that are known, and what they are called here.
_MEASURED: Final = {
    "actualPowerTot_W": "actual_power",
    "powerSetpoint_W": "applied_setpoint",
    "importLimit_W": "import_limit",
    "exportLimit_W": "export_limit",
    "stateOfCharge_frac": "state_of_charge",
    "childrenStoragePower_W": "storage_power",
    "childrenProducedPower_W": "produced_power",
    "childrenEVPower_W": "ev_power",
    "childrenConsumedPower_W": "consumed_power",
}
_TEXTS: Final = {"policy": "applied_policy", "strategy": "strategy"}
_SIGNAL: Final = "signalActive"


def quantity_of(name: str) -> Quantity | None:
    """Give the quantity whose unit a name of the vendor's ends in, if it does."""
    _, separator, unit = name.rpartition("_")
    return _QUANTITIES.get(unit) if separator else None


def _numeric(name: str, translation_key: str | None) -> SensorDescription:
    """Describe a number by the unit that its name ends in, if it does."""
    key = f"{const.FEEDBACK}{name}"
    if translation_key is None:
        more = {"name": "other_value", "placeholders": {"key": name}, **DETAIL}
    else:
        more = {"name": translation_key}
    if translation_key == "state_of_charge":
        more["device_class"] = SensorDeviceClass.BATTERY
    quantity = quantity_of(name)
    return text(key, **more) if quantity is None else measured(key, quantity, **more)


# What is measured at the site, or at a node.
_MEASUREMENTS: Final[tuple[Description, ...]] = (
    *(_numeric(name, key) for name, key in _MEASURED.items()),
    *(
        text(f"{const.FEEDBACK}{name}", name=key, diagnostic=True)
        for name, key in _TEXTS.items()
    ),
    condition(f"{const.FEEDBACK}{_SIGNAL}", name="signal_active", diagnostic=True),
    *(
        measured(
            f"{const.ENERGY}{name}.{direction}",
            TOTAL_ENERGY,
            name=f"{energy}_energy_{direction}",
            resolution=0.1,
            most_per_hour=const.MOST_POWER,
        )
        for name, energy in const.POWERS.items()
        for direction in (const.POSITIVE, const.NEGATIVE)
    ),
)

# What is scheduled for a group of devices, or for a node.
_SCHEDULED: Final[tuple[Description, ...]] = (
    text(const.ACTIVE, attributes=const.OF_ACTIVE),
    measured(
        const.SETPOINT, POWER, needs=const.ACTIVE, state_class=None, resolution=None
    ),
    text(const.NEXT),
    moment(const.NEXT_START, needs=const.NEXT),
)

_NOMINAL_CURRENT: Final = measured(
    const.NOMINAL_CURRENT,
    CURRENT,
    state_class=None,
    resolution=None,
    suggested_display_precision=None,
    diagnostic=True,
)

SENSORS: Final[tuple[Description, ...]] = (
    text(const.LAST_ERROR, diagnostic=True),
    *of(MAIN, _NOMINAL_CURRENT, _MEASUREMENTS),
    *of(
        const.NODE,
        text(const.NODE_TYPE, diagnostic=True),
        _NOMINAL_CURRENT,
        _MEASUREMENTS,
        _SCHEDULED,
    ),
    *of(
        const.GROUP,
        _SCHEDULED,
        EventDescription(
            key=const.HAPPENED,
            needs=const.SCHEDULES,
            event_types=list(const.EVENTS),
        ),
    ),
)


def unknown(kind: str, key: str) -> Description | None:
    """Keep what the feedback has and no table names."""
    if kind not in (MAIN, const.NODE) or not key.startswith(const.FEEDBACK):
        return None
    return replace(_numeric(key.removeprefix(const.FEEDBACK), None), kind=kind)
