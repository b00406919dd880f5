"""What a charger shows: a table of its values, units from the protocol's own."""

from dataclasses import dataclass, replace
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfInformation,
    UnitOfLength,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTemperature,
    UnitOfTime,
)

from ...protocols.openevse import UNITS, Holder, ServiceState
from ...protocols.rapi import State
from ..descriptions import BinarySensorDescription, Description, SensorDescription
from .const import (
    CLAIMED_BY,
    CLOCK,
    CURRENT_CLAIMED_BY,
    FAULT,
    MOST_CLAIMED_BY,
    PROBLEM,
)
from .values import NO_FAULT


@dataclass(frozen=True, kw_only=True)
class _Quantity:
    """What all sensors of one unit have in common."""

    device_class: SensorDeviceClass | None
    resolution: float
    precision: int
    shown_in: str | None = None
    counts: bool = False
    """Whether it grows until the charger starts it again."""


_QUANTITIES: Final[dict[str, _Quantity]] = {
    UnitOfElectricCurrent.AMPERE: _Quantity(
        device_class=SensorDeviceClass.CURRENT, resolution=0.01, precision=1
    ),
    UnitOfElectricPotential.VOLT: _Quantity(
        device_class=SensorDeviceClass.VOLTAGE, resolution=0.1, precision=0
    ),
    UnitOfPower.WATT: _Quantity(
        device_class=SensorDeviceClass.POWER, resolution=1, precision=0
    ),
    UnitOfEnergy.WATT_HOUR: _Quantity(
        device_class=SensorDeviceClass.ENERGY,
        resolution=1,
        precision=2,
        shown_in=UnitOfEnergy.KILO_WATT_HOUR,
        counts=True,
    ),
    UnitOfTemperature.CELSIUS: _Quantity(
        device_class=SensorDeviceClass.TEMPERATURE, resolution=0.1, precision=1
    ),
    UnitOfFrequency.HERTZ: _Quantity(
        device_class=SensorDeviceClass.FREQUENCY, resolution=0.01, precision=2
    ),
    UnitOfTime.SECONDS: _Quantity(
        device_class=SensorDeviceClass.DURATION,
        resolution=1,
        precision=0,
        shown_in=UnitOfTime.MINUTES,
    ),
    # Most percentages are of a battery; what is not has its own device class.
    UnitOfRatio.PERCENTAGE: _Quantity(
        device_class=SensorDeviceClass.BATTERY, resolution=1, precision=0
    ),
    UnitOfLength.KILOMETERS: _Quantity(
        device_class=SensorDeviceClass.DISTANCE, resolution=1, precision=0
    ),
    "dBm": _Quantity(
        device_class=SensorDeviceClass.SIGNAL_STRENGTH, resolution=1, precision=0
    ),
    UnitOfInformation.BYTES: _Quantity(
        device_class=SensorDeviceClass.DATA_SIZE,
        # It goes up and down by some bytes with every message.
        resolution=1000,
        precision=0,
        shown_in=UnitOfInformation.KILOBYTES,
    ),
}


def _measured(
    key: str,
    *,
    enabled: bool = False,
    diagnostic: bool = False,
    most_per_hour: float | None = None,
    counts: bool = False,
    is_battery: bool = True,
    name: str | None = None,
) -> SensorDescription:
    """Describe a value with a unit, which says what kind of value it is."""
    unit = UNITS[key]
    assert unit is not None
    quantity = _QUANTITIES[unit]
    return SensorDescription(
        key=key,
        translation_key=name,
        device_class=quantity.device_class if is_battery else None,
        state_class=SensorStateClass.TOTAL_INCREASING
        if counts or quantity.counts
        else SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=unit,
        suggested_unit_of_measurement=quantity.shown_in,
        suggested_display_precision=quantity.precision,
        resolution=quantity.resolution,
        most_per_hour=most_per_hour,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def _enum(
    key: str, options: list[str], *, enabled: bool = True, diagnostic: bool = False
) -> SensorDescription:
    """Describe a value of words that only this family has."""
    return SensorDescription(
        key=key,
        translation_key=f"openevse_{key}",
        device_class=SensorDeviceClass.ENUM,
        options=options,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


def _count(key: str) -> SensorDescription:
    """Describe how often something has happened."""
    return SensorDescription(
        key=key,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    )


def _diagnostic(
    key: str, device_class: SensorDeviceClass | None = None
) -> SensorDescription:
    """Describe what few look at."""
    return SensorDescription(
        key=key,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    )


def _condition(
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    *,
    enabled: bool = False,
    diagnostic: bool = False,
) -> BinarySensorDescription:
    """Describe what holds or does not."""
    return BinarySensorDescription(
        key=key,
        device_class=device_class,
        entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        entity_registry_enabled_default=enabled,
    )


# Three phases of 80 A at 277 V [W], and as much again: a controller tells the energy of
# a session when it ends, and that of several after a time without Home Assistant.
_MOST_POWER: Final = 140_000.0

SENSORS: Final[tuple[Description, ...]] = (
    # The charger and its session.
    _enum("state", [state.name.lower() for state in State]),
    _enum(
        FAULT,
        [NO_FAULT, *(state.name.lower() for state in State if state.is_fault)],
        diagnostic=True,
    ),
    _condition(PROBLEM, BinarySensorDeviceClass.PROBLEM, enabled=True, diagnostic=True),
    _condition("vehicle_connected", BinarySensorDeviceClass.PLUG, enabled=True),
    _measured("current", enabled=True),
    _measured("voltage", enabled=True),
    _measured("power", enabled=True),
    _measured("frequency", name="supply_frequency"),
    _measured("pilot_current", enabled=True),
    _measured("session_energy", enabled=True),
    _measured("session_elapsed", enabled=True, counts=True),
    _measured("total_energy", enabled=True, most_per_hour=_MOST_POWER),
    _measured("energy_today"),
    _measured("energy_week"),
    _measured("energy_month"),
    _measured("energy_year"),
    _condition("has_limit"),
    _measured("temperature", enabled=True),
    _measured("temperature_max", enabled=True),
    *(
        _measured(f"temperature_{sensor}", diagnostic=True)
        for sensor in ("ds3231", "mcp9808", "tmp007", "gateway")
    ),
    _count("fault_count_gfci"),
    _count("fault_count_no_ground"),
    _count("fault_count_stuck_relay"),
    _count("relay_switches"),
    # Surplus charging and the current shaper.
    _condition("divert_active", BinarySensorDeviceClass.RUNNING, enabled=True),
    _measured("solar_power"),
    _measured("grid_power"),
    _measured("divert_charge_rate"),
    _measured("divert_available_current"),
    _measured("divert_smoothed_current"),
    _measured("divert_trigger_current"),
    _measured("divert_min_charge_remaining"),
    _measured("divert_update", diagnostic=True),
    _measured("shaper_live_power"),
    _measured("shaper_smoothed_power"),
    _measured("shaper_max_power"),
    _measured("shaper_current"),
    _condition("shaper_updated", diagnostic=True),
    # What the charger was told of the car and the home battery.
    _measured("vehicle_soc", enabled=True),
    _measured("vehicle_range"),
    _measured("vehicle_time_to_full"),
    _measured("vehicle_charge_limit", is_battery=False),
    _measured("home_battery_soc"),
    _measured("home_battery_power"),
    # The charger's settings.
    _enum(
        "service_state",
        [state.value for state in ServiceState],
        enabled=False,
        diagnostic=True,
    ),
    replace(
        _enum(CLAIMED_BY, [holder.value for holder in Holder], diagnostic=True),
        attributes=(CURRENT_CLAIMED_BY, MOST_CLAIMED_BY),
    ),
    _measured("max_current", diagnostic=True),
    _diagnostic("service_level"),
    _diagnostic(CLOCK, SensorDeviceClass.TIMESTAMP),
    _diagnostic("utc_offset"),
    _diagnostic("rfid_tag"),
    # The gateway.
    _measured("wifi_signal", diagnostic=True),
    _measured("uptime", diagnostic=True),
    _measured("free_memory", diagnostic=True),
    _diagnostic("network_mode"),
    _diagnostic("ip_address"),
    *(
        _condition(key, BinarySensorDeviceClass.CONNECTIVITY, diagnostic=True)
        for key in (
            *("network_connected", "ethernet_connected"),
            *("controller_connected", "rapi_connected", "mqtt_connected"),
        )
    ),
    _diagnostic("mqtt_status"),
    _diagnostic("mqtt_close_code"),
    _diagnostic("mqtt_close_reason"),
    _count("rapi_sent"),
    _count("rapi_success"),
    _condition("update_in_progress", BinarySensorDeviceClass.RUNNING, diagnostic=True),
    # They count changes, so that an automation can notice one.
    *(
        _diagnostic(f"{document}_version")
        for document in (
            *("config", "claims", "override", "limit"),
            *("schedule", "schedule_plan"),
        )
    ),
)
