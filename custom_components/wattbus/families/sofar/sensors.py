"""What is shown of an EMS, its groups of devices and its nodes: tables."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
    UnitOfTemperature,
)

from ..descriptions import (
    BinarySensorDescription,
    Description,
    EventDescription,
    SensorDescription,
)
from ..sink import MAIN
from . import const
from .site import NEGATIVE, POSITIVE, POWERS

# What the vendor's names end in, and what that says.
_UNITS: Final[dict[str, tuple[SensorDeviceClass | None, str]]] = {
    "W": (SensorDeviceClass.POWER, UnitOfPower.WATT),
    "VA": (SensorDeviceClass.APPARENT_POWER, UnitOfApparentPower.VOLT_AMPERE),
    "VAr": (
        SensorDeviceClass.REACTIVE_POWER,
        UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
    ),
    "Wh": (SensorDeviceClass.ENERGY, UnitOfEnergy.WATT_HOUR),
    "A": (SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE),
    "V": (SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT),
    "Hz": (SensorDeviceClass.FREQUENCY, UnitOfFrequency.HERTZ),
    "degC": (SensorDeviceClass.TEMPERATURE, UnitOfTemperature.CELSIUS),
    "frac": (None, PERCENTAGE),
    "perc": (None, PERCENTAGE),
}
_RESOLUTIONS: Final = {
    SensorDeviceClass.POWER: (1.0, 0),
    SensorDeviceClass.ENERGY: (1.0, 2),
    SensorDeviceClass.FREQUENCY: (0.01, 2),
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

# Texts of the feedback that are known, and those of the energies made of it.
_ENERGIES: Final = dict(
    zip(
        POWERS,
        ("actual", "storage", "produced", "ev", "consumed"),
        strict=True,
    )
)


def _numeric(
    kind: str, key: str, name: str, translation_key: str | None
) -> SensorDescription:
    """Describe a number by the unit that its name ends in, if it does."""
    suffix = name.rpartition("_")[2] if "_" in name else ""
    device_class, unit = _UNITS.get(suffix, (None, None))
    if translation_key == "state_of_charge":
        device_class = SensorDeviceClass.BATTERY
    known = translation_key is not None
    energy = device_class is SensorDeviceClass.ENERGY
    resolution, precision = (
        _RESOLUTIONS.get(device_class, (0.1, 1)) if device_class else (0.1, 1)
    )
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=translation_key or "other_value",
        placeholders=None if known else {"key": name},
        device_class=device_class,
        native_unit_of_measurement=unit,
        # Whether an energy only counts up is not known.
        state_class=SensorStateClass.MEASUREMENT if unit and not energy else None,
        suggested_display_precision=precision if unit else None,
        resolution=resolution if unit else None,
        entity_category=None if known else EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=known,
    )


def _feedback(kind: str) -> tuple[Description, ...]:
    """Describe what is measured at the site, or at a node."""
    return (
        *(
            _numeric(kind, f"{const.FEEDBACK}{name}", name, translation_key)
            for name, translation_key in _MEASURED.items()
        ),
        *(
            SensorDescription(
                kind=kind,
                key=f"{const.FEEDBACK}{name}",
                translation_key=translation_key,
                entity_category=EntityCategory.DIAGNOSTIC,
            )
            for name, translation_key in _TEXTS.items()
        ),
        BinarySensorDescription(
            kind=kind,
            key=f"{const.FEEDBACK}{_SIGNAL}",
            translation_key="signal_active",
            entity_category=EntityCategory.DIAGNOSTIC,
        ),
        *(
            SensorDescription(
                kind=kind,
                key=f"{const.ENERGY}{name}.{direction}",
                translation_key=f"{_ENERGIES[name]}_energy_{direction}",
                device_class=SensorDeviceClass.ENERGY,
                native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
                suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
                suggested_display_precision=2,
                state_class=SensorStateClass.TOTAL_INCREASING,
                resolution=0.1,
                most_per_hour=const.MOST_POWER,
            )
            for name in POWERS
            for direction in (POSITIVE, NEGATIVE)
        ),
    )


def _scheduled(kind: str) -> tuple[Description, ...]:
    """Describe what is scheduled for a group of devices, or for a node."""
    return (
        SensorDescription(
            kind=kind,
            key=const.ACTIVE,
            attributes=(
                const.SETPOINT,
                const.SCHEDULE_ID,
                const.START,
                const.END,
                const.CREATED_AT,
                const.SITE_IMPORT,
                const.SITE_EXPORT,
                const.TAG,
            ),
        ),
        SensorDescription(
            kind=kind,
            key=const.SETPOINT,
            needs=const.ACTIVE,
            device_class=SensorDeviceClass.POWER,
            native_unit_of_measurement=UnitOfPower.WATT,
            suggested_display_precision=0,
        ),
        SensorDescription(kind=kind, key=const.NEXT),
        SensorDescription(
            kind=kind,
            key=const.NEXT_START,
            needs=const.NEXT,
            device_class=SensorDeviceClass.TIMESTAMP,
        ),
    )


SENSORS: Final[tuple[Description, ...]] = (
    SensorDescription(key=const.LAST_ERROR, entity_category=EntityCategory.DIAGNOSTIC),
    *(
        SensorDescription(
            kind=kind,
            key=const.NOMINAL_CURRENT,
            device_class=SensorDeviceClass.CURRENT,
            native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
            entity_category=EntityCategory.DIAGNOSTIC,
        )
        for kind in (MAIN, const.NODE)
    ),
    SensorDescription(
        kind=const.NODE,
        key=const.NODE_TYPE,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    *_feedback(MAIN),
    *_feedback(const.NODE),
    *_scheduled(const.GROUP),
    *_scheduled(const.NODE),
    EventDescription(
        kind=const.GROUP,
        key=const.HAPPENED,
        needs=const.SCHEDULES,
        event_types=list(const.EVENTS),
    ),
)


def unknown(kind: str, key: str) -> Description | None:
    """Keep what the feedback has and no table names."""
    if kind not in (MAIN, const.NODE) or not key.startswith(const.FEEDBACK):
        return None
    return _numeric(kind, key, key.removeprefix(const.FEEDBACK), None)
