"""What an EM420's entities are: a table, and what it becomes."""

from dataclasses import dataclass
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
)

from ...protocols.em420 import KEYS, Class, DeviceType, Status
from ..descriptions import (
    MOST_POWER,
    MOST_POWER_PER_PHASE,
    ButtonDescription,
    Description,
    SensorDescription,
)
from ..sink import MAIN
from .const import (
    CAN_REFRESH,
    DEVICE_TYPE,
    MEMBERS,
    PHASE,
    SOURCE,
    SOURCE_CLASS,
    STATUS,
    TIMESTAMP,
)
from .driver import refresh


@dataclass(frozen=True, kw_only=True)
class _Quantity:
    """What all sensors of one measured quantity have in common."""

    device_class: SensorDeviceClass | None
    unit: str | None
    resolution: float
    """The device's own, or what is worth a state."""
    precision: int
    shown_in: str | None = None
    counts: bool = False
    """Whether it counts up for ever."""
    enabled: bool = False
    """What most people look at."""


_QUANTITIES: Final = {
    "active_power": _Quantity(
        device_class=SensorDeviceClass.POWER,
        unit=UnitOfPower.WATT,
        resolution=0.1,
        precision=0,
        enabled=True,
    ),
    "active_energy": _Quantity(
        device_class=SensorDeviceClass.ENERGY,
        unit=UnitOfEnergy.WATT_HOUR,
        shown_in=UnitOfEnergy.KILO_WATT_HOUR,
        resolution=0.1,
        precision=2,
        counts=True,
        enabled=True,
    ),
    "reactive_power": _Quantity(
        device_class=SensorDeviceClass.REACTIVE_POWER,
        unit=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
        resolution=0.1,
        precision=0,
    ),
    "reactive_energy": _Quantity(
        device_class=SensorDeviceClass.REACTIVE_ENERGY,
        unit=UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR,
        shown_in=UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
        resolution=0.1,
        precision=2,
        counts=True,
    ),
    "apparent_power": _Quantity(
        device_class=SensorDeviceClass.APPARENT_POWER,
        unit=UnitOfApparentPower.VOLT_AMPERE,
        resolution=0.1,
        precision=0,
    ),
    # Home Assistant has neither a device class nor a constant for apparent energy.
    "apparent_energy": _Quantity(
        device_class=None,
        unit="VAh",
        resolution=0.1,
        precision=0,
        counts=True,
    ),
    "current": _Quantity(
        device_class=SensorDeviceClass.CURRENT,
        unit=UnitOfElectricCurrent.AMPERE,
        resolution=0.01,
        precision=2,
        enabled=True,
    ),
    "voltage": _Quantity(
        device_class=SensorDeviceClass.VOLTAGE,
        unit=UnitOfElectricPotential.VOLT,
        resolution=0.1,
        precision=1,
        enabled=True,
    ),
    "supply_frequency": _Quantity(
        device_class=SensorDeviceClass.FREQUENCY,
        unit=UnitOfFrequency.HERTZ,
        resolution=0.01,
        precision=2,
        enabled=True,
    ),
    "power_factor": _Quantity(
        device_class=SensorDeviceClass.POWER_FACTOR,
        unit=None,
        resolution=0.01,
        precision=2,
    ),
}


def _measured(
    key: str, stem: str, direction: str | None, phase: str | None
) -> SensorDescription:
    """Describe a value by what it measures, which way, and on which phase."""
    quantity = _QUANTITIES[stem]
    most = MOST_POWER_PER_PHASE if phase else MOST_POWER
    return SensorDescription(
        kind=SOURCE,
        key=key,
        translation_key="_".join(
            part for part in (stem, direction, phase and "phase") if part
        ),
        placeholders={"phase": phase} if phase else None,
        device_class=quantity.device_class,
        state_class=SensorStateClass.TOTAL_INCREASING
        if quantity.counts
        else SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=quantity.unit,
        suggested_unit_of_measurement=quantity.shown_in,
        suggested_display_precision=quantity.precision,
        resolution=quantity.resolution,
        most_per_hour=most if quantity.counts else None,
        entity_registry_enabled_default=quantity.enabled,
    )


def _diagnostic(
    key: str, device_class: SensorDeviceClass | None = None, *, enabled: bool = False
) -> SensorDescription:
    return SensorDescription(
        kind=SOURCE,
        key=key,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def _enum(key: str, options: list[str], *, enabled: bool = False) -> SensorDescription:
    return SensorDescription(
        kind=SOURCE,
        key=key,
        translation_key=f"source_{key}" if key == STATUS else key,
        device_class=SensorDeviceClass.ENUM,
        options=options,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


DESCRIPTIONS: Final[tuple[Description, ...]] = (
    *(
        _measured(name, key.stem, key.direction, key.phase)
        for name, key in KEYS.items()
    ),
    # Import minus export, which the device does not tell.
    _measured("active_power", "active_power", None, None),
    *(
        _measured(f"active_power_{phase}", "active_power", None, phase)
        for phase in ("L1", "L2", "L3")
    ),
    _enum(STATUS, [item.value for item in Status], enabled=True),
    _enum(SOURCE_CLASS, [item.value for item in Class]),
    _enum(DEVICE_TYPE, [item.value for item in DeviceType]),
    _diagnostic(PHASE),
    _diagnostic(MEMBERS, enabled=True),
    _diagnostic(TIMESTAMP, SensorDeviceClass.TIMESTAMP),
    ButtonDescription(
        kind=MAIN,
        key="refresh",
        needs=CAN_REFRESH,
        entity_category=EntityCategory.DIAGNOSTIC,
        press=refresh,
    ),
)


def unknown(kind: str, key: str) -> Description | None:
    """Keep a value that no table knows, for whoever wants to look at it."""
    if kind != SOURCE:
        return None
    return SensorDescription(
        kind=SOURCE,
        key=key,
        translation_key="other_value",
        placeholders={"key": key},
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    )
