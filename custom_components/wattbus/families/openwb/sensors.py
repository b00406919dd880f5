"""What an openWB and its devices show: a table, units from the protocol's own."""

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
    UnitOfTime,
)

from ...protocols.openwb import PHASES
from ..descriptions import BinarySensorDescription, Description, SensorDescription
from ..sink import MAIN
from .const import (
    BATTERY,
    CHARGE_POINT,
    COUNTER,
    INVERTER,
    IO,
    PRICE,
    RAW_TODAY,
    RAW_TOMORROW,
    SMART_HOME,
    VEHICLE,
)
from .values import FAULTS

_EURO: Final = "EUR"


@dataclass(frozen=True, kw_only=True)
class _Quantity:
    """What all sensors of one quantity have in common."""

    device_class: SensorDeviceClass | None
    unit: str | None
    resolution: float
    precision: int
    state_class: SensorStateClass = SensorStateClass.MEASUREMENT
    shown_in: str | None = None
    lifetime: bool = False


_ENERGY: Final[dict[str, Any]] = {
    "device_class": SensorDeviceClass.ENERGY,
    "unit": UnitOfEnergy.WATT_HOUR,
    "shown_in": UnitOfEnergy.KILO_WATT_HOUR,
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "resolution": 1,
    "precision": 2,
}
_POWER: Final = _Quantity(
    device_class=SensorDeviceClass.POWER,
    unit=UnitOfPower.WATT,
    resolution=1,
    precision=0,
)
_TOTAL: Final = _Quantity(**_ENERGY, lifetime=True)
_COUNT: Final = _Quantity(**_ENERGY)
"""Begins again: each day, with each vehicle."""
_CURRENT: Final = _Quantity(
    device_class=SensorDeviceClass.CURRENT,
    unit=UnitOfElectricCurrent.AMPERE,
    resolution=0.01,
    precision=1,
)
_VOLTAGE: Final = _Quantity(
    device_class=SensorDeviceClass.VOLTAGE,
    unit=UnitOfElectricPotential.VOLT,
    resolution=0.1,
    precision=0,
)
_FREQUENCY: Final = _Quantity(
    device_class=SensorDeviceClass.FREQUENCY,
    unit=UnitOfFrequency.HERTZ,
    resolution=0.01,
    precision=2,
)
_FACTOR: Final = _Quantity(
    device_class=SensorDeviceClass.POWER_FACTOR, unit=None, resolution=0.01, precision=2
)
_SOC: Final = _Quantity(
    device_class=SensorDeviceClass.BATTERY,
    unit=UnitOfRatio.PERCENTAGE,
    resolution=0.1,
    precision=0,
)
_RANGE: Final = _Quantity(
    device_class=SensorDeviceClass.DISTANCE,
    unit=UnitOfLength.KILOMETERS,
    resolution=0.1,
    precision=0,
)
_ODOMETER: Final = _Quantity(
    device_class=SensorDeviceClass.DISTANCE,
    unit=UnitOfLength.KILOMETERS,
    resolution=1,
    precision=0,
    state_class=SensorStateClass.TOTAL_INCREASING,
)
_PRICE: Final = _Quantity(
    device_class=None, unit=f"{_EURO}/kWh", resolution=0.0001, precision=4
)
_TEMPERATURE: Final = _Quantity(
    device_class=SensorDeviceClass.TEMPERATURE,
    unit=UnitOfTemperature.CELSIUS,
    resolution=0.1,
    precision=1,
)


def _measured(
    kind: str,
    key: str,
    quantity: _Quantity,
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
        lifetime=quantity.lifetime,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
        attributes=attributes,
    )


def _off(kind: str, key: str, quantity: _Quantity, **more: Any) -> SensorDescription:
    """Describe a value that few look at."""
    return _measured(kind, key, quantity, enabled=False, **more)


def _phases(
    kind: str, stem: str, quantity: _Quantity, name: str, *, enabled: bool = False
) -> tuple[SensorDescription, ...]:
    """Describe a quantity of each phase."""
    return tuple(
        _measured(
            kind,
            f"{stem}_{phase}",
            quantity,
            enabled=enabled,
            name=name,
            placeholders={"phase": phase},
        )
        for phase in PHASES
    )


def _electric(kind: str, *, currents: bool = True) -> tuple[SensorDescription, ...]:
    """Describe what everything with three phases has."""
    return (
        _measured(kind, "power", _POWER),
        *_phases(kind, "power", _POWER, "active_power_phase"),
        *_phases(kind, "current", _CURRENT, "current_phase", enabled=currents),
        *_phases(kind, "voltage", _VOLTAGE, "voltage_phase"),
        *_phases(kind, "power_factor", _FACTOR, "power_factor_phase"),
        _off(kind, "frequency", _FREQUENCY, name="supply_frequency"),
    )


def _text(
    kind: str,
    key: str,
    *,
    enabled: bool = False,
    diagnostic: bool = True,
    device_class: SensorDeviceClass | None = None,
    name: str | None = None,
) -> SensorDescription:
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=name,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def _moment(kind: str, key: str) -> SensorDescription:
    return _text(kind, key, device_class=SensorDeviceClass.TIMESTAMP)


def _enum(
    kind: str, key: str, options: tuple[str, ...], name: str, *, enabled: bool = True
) -> SensorDescription:
    return SensorDescription(
        kind=kind,
        key=key,
        translation_key=name,
        device_class=SensorDeviceClass.ENUM,
        options=list(options),
        entity_registry_enabled_default=enabled,
    )


def _fault(kind: str, prefix: str = "", *, enabled: bool = True) -> tuple[Any, ...]:
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
    return (state, _text(kind, f"{prefix}fault_str", enabled=enabled))


def _condition(
    kind: str,
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    *,
    enabled: bool = False,
    diagnostic: bool = True,
) -> BinarySensorDescription:
    return BinarySensorDescription(
        kind=kind,
        key=key,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def _energies(
    kind: str, *directions: str, prefix: str = "", enabled: bool = True
) -> tuple[SensorDescription, ...]:
    """Describe a total and what it was today."""
    return tuple(
        _measured(kind, f"{prefix}{period}{direction}", quantity, enabled=enabled)
        for direction in directions
        for period, quantity in (("", _TOTAL), ("daily_", _COUNT))
    )


MODES: Final = (
    *("instant_charging", "pv_charging", "eco_charging", "scheduled_charging"),
    *("time_charging", "bidi_charging", "standby", "stop"),
)

_CHARGE_POINTS: Final[tuple[Description, ...]] = (
    *_electric(CHARGE_POINT),
    *_energies(CHARGE_POINT, "imported"),
    *_energies(CHARGE_POINT, "exported", enabled=False),
    _condition(
        CHARGE_POINT,
        "plug_state",
        BinarySensorDeviceClass.PLUG,
        enabled=True,
        diagnostic=False,
    ),
    _condition(
        CHARGE_POINT,
        "charge_state",
        BinarySensorDeviceClass.BATTERY_CHARGING,
        enabled=True,
        diagnostic=False,
    ),
    _text(CHARGE_POINT, "state_str", enabled=True, diagnostic=False),
    *_fault(CHARGE_POINT),
    _moment(CHARGE_POINT, "error_timestamp"),
    _text(CHARGE_POINT, "phases_in_use", enabled=True, diagnostic=False),
    _measured(CHARGE_POINT, "set_current", _CURRENT),
    _text(CHARGE_POINT, "set_phases"),
    _off(CHARGE_POINT, "evse_current", _CURRENT),
    _off(CHARGE_POINT, "max_evse_current", _CURRENT, diagnostic=True),
    _off(CHARGE_POINT, "charging_current", _CURRENT),
    _off(CHARGE_POINT, "charging_power", _POWER),
    _off(CHARGE_POINT, "charging_voltage", _VOLTAGE),
    _off(CHARGE_POINT, "max_charge_power", _POWER, diagnostic=True),
    _off(CHARGE_POINT, "max_discharge_power", _POWER, diagnostic=True),
    _text(CHARGE_POINT, "connected_phases"),
    _text(CHARGE_POINT, "autolock_state"),
    _text(CHARGE_POINT, "evse_signaling"),
    _text(CHARGE_POINT, "rfid", enabled=True, name="rfid_tag"),
    _moment(CHARGE_POINT, "rfid_timestamp"),
    _text(CHARGE_POINT, "set_rfid"),
    # The vehicle that is plugged in, or that the charge point is set to.
    _text(CHARGE_POINT, "connected_vehicle_name", enabled=True, diagnostic=False),
    _measured(CHARGE_POINT, "connected_vehicle_soc", _SOC, name="vehicle_soc"),
    _measured(CHARGE_POINT, "connected_vehicle_range", _RANGE, name="vehicle_range"),
    _moment(CHARGE_POINT, "connected_vehicle_soc_timestamp"),
    *_fault(CHARGE_POINT, "connected_vehicle_", enabled=False),
    _measured(CHARGE_POINT, "range_charged", _RANGE),
    _enum(CHARGE_POINT, "connected_chargemode", MODES, "openwb_chargemode"),
    _text(CHARGE_POINT, "connected_plan"),
    SensorDescription(
        kind=CHARGE_POINT,
        key="average_consumption",
        native_unit_of_measurement="Wh/100km",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _condition(CHARGE_POINT, "time_charging_in_use"),
    # What the vehicle tells the charger itself (ISO 15118).
    _text(CHARGE_POINT, "vehicle_id"),
    _off(CHARGE_POINT, "soc", _SOC, name="openwb_own_soc"),
    _moment(CHARGE_POINT, "soc_timestamp"),
    # The session.
    _measured(CHARGE_POINT, "imported_since_plugged", _COUNT),
    _measured(CHARGE_POINT, "imported_since_mode_switch", _COUNT),
    _off(CHARGE_POINT, "exported_since_plugged", _COUNT),
    _off(CHARGE_POINT, "exported_since_mode_switch", _COUNT),
    *(
        _measured(CHARGE_POINT, f"session_energy_{source}", _COUNT)
        for source in ("grid", "pv", "bat", "cp")
    ),
    SensorDescription(
        kind=CHARGE_POINT,
        key="session_costs",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=_EURO,
        suggested_display_precision=2,
        resolution=0.01,
    ),
    SensorDescription(
        kind=CHARGE_POINT,
        key="session_time_charged",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        resolution=1,
    ),
    _moment(CHARGE_POINT, "session_start"),
    _off(CHARGE_POINT, "session_soc_at_start", _SOC),
    _off(CHARGE_POINT, "session_range_charged", _RANGE),
    _enum(
        CHARGE_POINT,
        "session_chargemode",
        MODES,
        "openwb_session_chargemode",
        enabled=False,
    ),
)

_COUNTERS: Final[tuple[Description, ...]] = (
    *_electric(COUNTER),
    *_energies(COUNTER, "imported", "exported"),
    *_fault(COUNTER),
    *_phases(COUNTER, "max_current", _CURRENT, "openwb_max_current_phase"),
    _off(COUNTER, "max_total_power", _POWER, diagnostic=True),
    _off(COUNTER, "max_power_errorcase", _POWER, diagnostic=True),
)

_INVERTERS: Final[tuple[Description, ...]] = (
    *_electric(INVERTER, currents=False),
    *_energies(INVERTER, "exported"),
    _off(INVERTER, "imported", _TOTAL),
    _off(INVERTER, "daily_imported", _COUNT),
    _measured(INVERTER, "monthly_exported", _COUNT),
    _measured(INVERTER, "yearly_exported", _COUNT),
    *_fault(INVERTER),
    _off(INVERTER, "max_ac_out", _POWER, diagnostic=True),
)

_BATTERIES: Final[tuple[Description, ...]] = (
    *_electric(BATTERY, currents=False),
    _measured(BATTERY, "soc", _SOC),
    *_energies(BATTERY, "imported", "exported"),
    *_fault(BATTERY),
    _text(BATTERY, "state_str", enabled=True, diagnostic=False),
    _off(BATTERY, "max_charge_power", _POWER, diagnostic=True),
    _off(BATTERY, "max_discharge_power", _POWER, diagnostic=True),
    _off(BATTERY, "max_power", _POWER, diagnostic=True),
    _measured(BATTERY, "power_limit", _POWER, diagnostic=True),
    _condition(BATTERY, "power_limit_controllable"),
)

_VEHICLES: Final[tuple[Description, ...]] = (
    _measured(VEHICLE, "soc", _SOC),
    _measured(VEHICLE, "range", _RANGE, name="vehicle_range"),
    _measured(VEHICLE, "odometer", _ODOMETER),
    _moment(VEHICLE, "soc_timestamp"),
    _moment(VEHICLE, "soc_request_timestamp"),
    *_fault(VEHICLE),
    _text(VEHICLE, "soc_module"),
)

_SUMS: Final[tuple[Description, ...]] = (
    _measured(MAIN, "chargepoint_power", _POWER),
    *_energies(MAIN, "imported", prefix="chargepoint_"),
    *_energies(MAIN, "exported", prefix="chargepoint_", enabled=False),
    _measured(MAIN, "pv_power", _POWER, name="solar_power"),
    *_energies(MAIN, "exported", prefix="pv_"),
    _measured(MAIN, "pv_monthly_exported", _COUNT),
    _measured(MAIN, "pv_yearly_exported", _COUNT),
    _measured(MAIN, "bat_power", _POWER, name="home_battery_power"),
    _measured(MAIN, "bat_soc", _SOC, name="home_battery_soc"),
    *_energies(MAIN, "imported", "exported", prefix="bat_"),
    _measured(MAIN, "home_consumption", _POWER),
    _measured(MAIN, "imported_home_consumption", _TOTAL),
    _measured(MAIN, "daily_yield_home_consumption", _COUNT),
    _text(MAIN, "invalid_home_consumption"),
    _off(MAIN, "disengageable_smarthome_power", _POWER),
    _off(MAIN, "smart_home_power", _POWER),
    _off(MAIN, "smart_home_surplus", _POWER),
)


_MAIN: Final[tuple[Description, ...]] = (
    *_SUMS,
    _measured(MAIN, PRICE, _PRICE, attributes=(RAW_TODAY, RAW_TOMORROW)),
    _text(MAIN, "price_provider"),
    *_fault(MAIN, "price_", enabled=False),
    _text(MAIN, "version", enabled=True),
    _condition(
        MAIN, "update_in_progress", BinarySensorDeviceClass.RUNNING, enabled=True
    ),
    _condition(MAIN, "boot_done"),
    _condition(MAIN, "extern"),
    _condition(MAIN, "grid_protection_active"),
    _text(MAIN, "ip_address"),
    _text(MAIN, "release_train"),
    _text(MAIN, "current_branch_commit"),
    _text(MAIN, "datastore_version"),
    _moment(MAIN, "time"),
)

TERMINALS: Final = {
    kind: tuple(f"{letters}{number}" for number in range(1, most + 1))
    for kind, letters, most in (
        ("digital_input", "DI", 8),
        ("digital_output", "DO", 8),
        ("analog_input", "AI", 8),
        ("analog_output", "AO", 4),
    )
}
"""The terminals that an io module may have."""

_IO: Final[tuple[Description, ...]] = (
    *(
        BinarySensorDescription(
            kind=IO,
            key=f"digital_input_{terminal}",
            translation_key="openwb_digital_input",
            placeholders={"terminal": terminal},
        )
        for terminal in TERMINALS["digital_input"]
    ),
    *(
        _measured(
            IO,
            f"{kind}_{terminal}",
            _VOLTAGE,
            name=f"openwb_{kind}",
            placeholders={"terminal": terminal},
        )
        for kind in ("analog_input", "analog_output")
        for terminal in TERMINALS[kind]
    ),
)

_SMART_HOME: Final[tuple[Description, ...]] = (
    _measured(SMART_HOME, "Watt", _POWER, name="power"),
    _measured(SMART_HOME, "Wh", _TOTAL, name="imported"),
    *(
        _off(
            SMART_HOME,
            f"TemperatureSensor{number}",
            _TEMPERATURE,
            name="openwb_temperature",
            placeholders={"number": str(number + 1)},
        )
        for number in range(3)
    ),
    BinarySensorDescription(
        kind=SMART_HOME, key="RelayStatus", translation_key="openwb_relay"
    ),
    BinarySensorDescription(
        kind=SMART_HOME,
        key="device_manual_control",
        translation_key="openwb_manual_control",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)

SENSORS: Final[tuple[Description, ...]] = (
    *_CHARGE_POINTS,
    *_COUNTERS,
    *_INVERTERS,
    *_BATTERIES,
    *_VEHICLES,
    *_MAIN,
    *_IO,
    *_SMART_HOME,
)
