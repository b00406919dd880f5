"""What an EM420 shows: a table, and what it becomes."""

from dataclasses import replace
from typing import Final

from ...protocols.em420 import KEYS, Class, DeviceType, Status
from ..descriptions import Description, SensorDescription
from ..quantities import (
    APPARENT_POWER,
    CURRENT,
    FREQUENCY,
    MOST_POWER_PER_PHASE,
    PHASES,
    POWER,
    POWER_FACTOR,
    REACTIVE_POWER,
    TOTAL_APPARENT_ENERGY,
    TOTAL_ENERGY,
    TOTAL_REACTIVE_ENERGY,
    VOLTAGE,
    Quantity,
    enum,
    measured,
    moment,
    text,
)
from .const import DEVICE_TYPE, MEMBERS, PHASE, SOURCE, SOURCE_CLASS, STATUS, TIMESTAMP

# The device tells powers and energies to a tenth.
_QUANTITIES: Final[dict[str, Quantity]] = {
    "active_power": replace(POWER, resolution=0.1),
    "active_energy": replace(TOTAL_ENERGY, resolution=0.1),
    "reactive_power": replace(REACTIVE_POWER, resolution=0.1),
    "reactive_energy": replace(TOTAL_REACTIVE_ENERGY, resolution=0.1),
    "apparent_power": replace(APPARENT_POWER, resolution=0.1),
    "apparent_energy": replace(TOTAL_APPARENT_ENERGY, resolution=0.1),
    "current": replace(CURRENT, digits=2),
    "voltage": replace(VOLTAGE, digits=1),
    "supply_frequency": FREQUENCY,
    "power_factor": POWER_FACTOR,
}
# What most people look at.
_SHOWN: Final = (
    "active_power",
    "active_energy",
    "current",
    "voltage",
    "supply_frequency",
)


def _measured(
    key: str, stem: str, direction: str | None = None, phase: str | None = None
) -> SensorDescription:
    """Describe a value by what it measures, which way, and on which phase."""
    quantity = _QUANTITIES[stem]
    if phase and quantity.most_per_hour:
        quantity = replace(quantity, most_per_hour=MOST_POWER_PER_PHASE)
    return measured(
        key,
        quantity,
        kind=SOURCE,
        name="_".join(filter(None, (stem, direction, phase and "phase"))),
        placeholders={"phase": phase} if phase else None,
        enabled=stem in _SHOWN,
    )


SENSORS: Final[tuple[Description, ...]] = (
    *(
        _measured(name, key.stem, key.direction, key.phase)
        for name, key in KEYS.items()
    ),
    # Import minus export, which the device does not tell.
    _measured("active_power", "active_power"),
    *(_measured(f"active_power_{each}", "active_power", phase=each) for each in PHASES),
    enum(STATUS, Status, kind=SOURCE, name="source_status", diagnostic=True),
    *(
        enum(key, words, kind=SOURCE, name=key, diagnostic=True, enabled=False)
        for key, words in ((SOURCE_CLASS, Class), (DEVICE_TYPE, DeviceType))
    ),
    text(PHASE, kind=SOURCE, diagnostic=True, enabled=False),
    text(MEMBERS, kind=SOURCE, diagnostic=True),
    moment(TIMESTAMP, kind=SOURCE, diagnostic=True, enabled=False),
)


def unknown(kind: str, key: str) -> Description | None:
    """Keep a value that no table knows, for whoever wants to look at it."""
    if kind != SOURCE:
        return None
    return text(
        key,
        kind=SOURCE,
        name="other_value",
        placeholders={"key": key},
        diagnostic=True,
        enabled=False,
    )
