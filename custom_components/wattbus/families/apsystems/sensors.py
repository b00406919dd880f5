"""What an ECU and its inverters show: tables, in the units of the protocol."""

from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTemperature,
)

from ..descriptions import BinarySensorDescription, Description, SensorDescription
from ..quantities import MOST_POWER
from .const import CONF_COUNT, COUNTED, INVERTER, MOST_POWER_OF_INVERTER, STALE
from .meter import PHASES, POWERS

# No inverter has more; a simulated one may.
_CHANNELS: Final = range(1, 9)


def _power(key: str = "power", **more: Any) -> SensorDescription:
    return SensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        resolution=1,
        **more,
    )


def _energy(key: str, unit: str, resolution: float, **more: Any) -> SensorDescription:
    return SensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=unit,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        resolution=resolution,
        **more,
    )


def _voltage(key: str, **more: Any) -> SensorDescription:
    return SensorDescription(
        key=key,
        kind=INVERTER,
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=0,
        resolution=1,
        **more,
    )


def _diagnostic(key: str, **more: Any) -> SensorDescription:
    return SensorDescription(key=key, entity_category=EntityCategory.DIAGNOSTIC, **more)


def _signal(**more: Any) -> SensorDescription:
    return _diagnostic(
        "signal",
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        resolution=1,
        **more,
    )


_ECU: Final[tuple[Description, ...]] = (
    _power(),
    _energy("energy_today", UnitOfEnergy.KILO_WATT_HOUR, 0.01),
    _energy(
        "lifetime_energy",
        UnitOfEnergy.KILO_WATT_HOUR,
        0.1,
        most_per_hour=MOST_POWER / 1000,
    ),
    _energy(
        COUNTED,
        UnitOfEnergy.WATT_HOUR,
        1,
        most_per_hour=MOST_POWER,
        option=CONF_COUNT,
    ),
    *(
        _diagnostic(
            key,
            state_class=SensorStateClass.MEASUREMENT,
            suggested_display_precision=0,
            resolution=1,
        )
        for key in ("inverters", "inverters_online")
    ),
    _diagnostic("last_upload", device_class=SensorDeviceClass.TIMESTAMP),
    _diagnostic(
        "last_report",
        device_class=SensorDeviceClass.TIMESTAMP,
        # It changes with every poll.
        entity_registry_enabled_default=False,
    ),
    _diagnostic("firmware"),
    _signal(),
    # Of the current transformers, on the ECU-C.
    *(_power(key) for key in POWERS),
    *(
        _power(
            f"{key}_{phase}",
            translation_key=f"{key}_phase",
            placeholders={"phase": phase},
            # Many houses have one phase alone.
            entity_registry_enabled_default=False,
        )
        for key in POWERS
        for phase in PHASES
    ),
    *(
        _energy(key, UnitOfEnergy.WATT_HOUR, 1, most_per_hour=MOST_POWER)
        for key in (
            "production_energy",
            "grid_import_energy",
            "grid_export_energy",
            "consumption_energy",
        )
    ),
    BinarySensorDescription(
        key=STALE,
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

_INVERTER: Final[tuple[Description, ...]] = (
    BinarySensorDescription(
        key="online",
        kind=INVERTER,
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _power(kind=INVERTER),
    _energy(
        "energy",
        UnitOfEnergy.WATT_HOUR,
        1,
        most_per_hour=MOST_POWER_OF_INVERTER,
        kind=INVERTER,
    ),
    SensorDescription(
        key="temperature",
        kind=INVERTER,
        device_class=SensorDeviceClass.TEMPERATURE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=0,
        resolution=1,
    ),
    SensorDescription(
        key="frequency",
        kind=INVERTER,
        translation_key="supply_frequency",
        device_class=SensorDeviceClass.FREQUENCY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        suggested_display_precision=1,
        resolution=0.1,
    ),
    _signal(kind=INVERTER, native_unit_of_measurement=UnitOfRatio.PERCENTAGE),
    _voltage("voltage"),
    *(
        _voltage(
            f"voltage_{phase}",
            translation_key="voltage_phase",
            placeholders={"phase": phase},
        )
        for phase in PHASES
    ),
    *(
        _power(
            f"channel_{number}_power",
            kind=INVERTER,
            translation_key="channel_power",
            placeholders={"channel": str(number)},
        )
        for number in _CHANNELS
    ),
    *(
        _voltage(
            f"channel_{number}_voltage",
            translation_key="channel_voltage",
            placeholders={"channel": str(number)},
            # It is the grid's, which the inverter shows already.
            entity_registry_enabled_default=False,
        )
        for number in _CHANNELS
    ),
)

SENSORS: Final = (*_ECU, *_INVERTER)
