"""What openWB's sensors are made of: quantities, and kinds of descriptions."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfLength,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTemperature,
)

from ...protocols.openwb import PHASES
from ..descriptions import BinarySensorDescription, SensorDescription
from ..quantities import MOST_POWER
from .values import FAULTS

EURO: Final = "EUR"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What all sensors of one quantity have in common."""

    device_class: SensorDeviceClass | None
    unit: str | None
    resolution: float
    precision: int
    state_class: SensorStateClass = SensorStateClass.MEASUREMENT
    shown_in: str | None = None
    most_per_hour: float | None = None


_ENERGY: Final[dict[str, Any]] = {
    "device_class": SensorDeviceClass.ENERGY,
    "unit": UnitOfEnergy.WATT_HOUR,
    "shown_in": UnitOfEnergy.KILO_WATT_HOUR,
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "resolution": 1,
    "precision": 2,
}
POWER: Final = Quantity(
    device_class=SensorDeviceClass.POWER,
    unit=UnitOfPower.WATT,
    resolution=1,
    precision=0,
)
TOTAL: Final = Quantity(**_ENERGY, most_per_hour=MOST_POWER)
COUNT: Final = Quantity(**_ENERGY)
"""Begins again: each day, with each vehicle."""
CURRENT: Final = Quantity(
    device_class=SensorDeviceClass.CURRENT,
    unit=UnitOfElectricCurrent.AMPERE,
    resolution=0.01,
    precision=1,
)
VOLTAGE: Final = Quantity(
    device_class=SensorDeviceClass.VOLTAGE,
    unit=UnitOfElectricPotential.VOLT,
    resolution=0.1,
    precision=0,
)
FREQUENCY: Final = Quantity(
    device_class=SensorDeviceClass.FREQUENCY,
    unit=UnitOfFrequency.HERTZ,
    resolution=0.01,
    precision=2,
)
FACTOR: Final = Quantity(
    device_class=SensorDeviceClass.POWER_FACTOR, unit=None, resolution=0.01, precision=2
)
SOC: Final = Quantity(
    device_class=SensorDeviceClass.BATTERY,
    unit=UnitOfRatio.PERCENTAGE,
    resolution=0.1,
    precision=0,
)
RANGE: Final = Quantity(
    device_class=SensorDeviceClass.DISTANCE,
    unit=UnitOfLength.KILOMETERS,
    resolution=0.1,
    precision=0,
)
ODOMETER: Final = Quantity(
    device_class=SensorDeviceClass.DISTANCE,
    unit=UnitOfLength.KILOMETERS,
    resolution=1,
    precision=0,
    state_class=SensorStateClass.TOTAL_INCREASING,
    most_per_hour=400,
)
TARIFF: Final = Quantity(
    device_class=None, unit=f"{EURO}/kWh", resolution=0.0001, precision=4
)
TEMPERATURE: Final = Quantity(
    device_class=SensorDeviceClass.TEMPERATURE,
    unit=UnitOfTemperature.CELSIUS,
    resolution=0.1,
    precision=1,
)


def measured(
    kind: str,
    key: str,
    quantity: Quantity,
    *,
    enabled: bool = True,
    diagnostic: bool = False,
    name: str | None = None,
    placeholders: dict[str, str] | None = None,
    attributes: tuple[str, ...] = (),
) -> SensorDescription:
    """Describe a value with a unit."""
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=name,
        placeholders=placeholders,
        device_class=quantity.device_class,
        state_class=quantity.state_class,
        native_unit_of_measurement=quantity.unit,
        suggested_unit_of_measurement=quantity.shown_in,
        suggested_display_precision=quantity.precision,
        resolution=quantity.resolution,
        most_per_hour=quantity.most_per_hour,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
        attributes=attributes,
    )


def off(kind: str, key: str, quantity: Quantity, **more: Any) -> SensorDescription:
    """Describe a value that few look at."""
    return measured(kind, key, quantity, enabled=False, **more)


def phases(
    kind: str, stem: str, quantity: Quantity, name: str, *, enabled: bool = False
) -> tuple[SensorDescription, ...]:
    """Describe a quantity of each phase."""
    return tuple(
        measured(
            kind,
            f"{stem}_{phase}",
            quantity,
            enabled=enabled,
            name=name,
            placeholders={"phase": phase},
        )
        for phase in PHASES
    )


def electric(kind: str, *, currents: bool = True) -> tuple[SensorDescription, ...]:
    """Describe what everything with three phases has."""
    return (
        measured(kind, "power", POWER),
        *phases(kind, "power", POWER, "active_power_phase"),
        *phases(kind, "current", CURRENT, "current_phase", enabled=currents),
        *phases(kind, "voltage", VOLTAGE, "voltage_phase"),
        *phases(kind, "power_factor", FACTOR, "power_factor_phase"),
        off(kind, "frequency", FREQUENCY, name="supply_frequency"),
    )


def text(
    kind: str,
    key: str,
    *,
    enabled: bool = False,
    diagnostic: bool = True,
    device_class: SensorDeviceClass | None = None,
    name: str | None = None,
) -> SensorDescription:
    """Describe words, or a number that is none to calculate with."""
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=name,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def moment(kind: str, key: str) -> SensorDescription:
    """Describe a time."""
    return text(kind, key, device_class=SensorDeviceClass.TIMESTAMP)


def enum(
    kind: str, key: str, options: tuple[str, ...], name: str, *, enabled: bool = True
) -> SensorDescription:
    """Describe one of several words."""
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=name,
        device_class=SensorDeviceClass.ENUM,
        options=list(options),
        entity_registry_enabled_default=enabled,
    )


def fault(kind: str, prefix: str = "", *, enabled: bool = True) -> tuple[Any, ...]:
    """Describe how something is, and openWB's words for it."""
    state = SensorDescription(
        kind=kind,
        key=f"{prefix}fault_state",
        translation_key=f"openwb_{prefix}fault_state",
        device_class=SensorDeviceClass.ENUM,
        options=list(FAULTS),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )
    return (state, text(kind, f"{prefix}fault_str", enabled=enabled))


def condition(
    kind: str,
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    *,
    enabled: bool = False,
    diagnostic: bool = True,
) -> BinarySensorDescription:
    """Describe what holds or does not."""
    return BinarySensorDescription(
        kind=kind,
        key=key,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def energies(
    kind: str, *directions: str, prefix: str = "", enabled: bool = True
) -> tuple[SensorDescription, ...]:
    """Describe a total and what it was today."""
    return tuple(
        measured(kind, f"{prefix}{period}{direction}", quantity, enabled=enabled)
        for direction in directions
        for period, quantity in (("", TOTAL), ("daily_", COUNT))
    )
