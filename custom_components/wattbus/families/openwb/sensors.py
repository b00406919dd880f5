"""What an openWB and its devices show: a table."""

from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have

from ...protocols.openwb import TEMPERATURES
from ..descriptions import Description, SensorDescription
from ..quantities import (
    CHARGE_LEVEL,
    COSTS,
    CURRENT,
    DETAIL,
    DISTANCE,
    DURATION,
    ENERGY,
    FREQUENCY,
    ODOMETER,
    POWER,
    POWER_FACTOR,
    TARIFF,
    TEMPERATURE,
    TOTAL_ENERGY,
    VOLTAGE,
    Quantity,
    condition,
    enum,
    measured,
    moment,
    of,
    phases,
    text,
)
from .const import (
    BATTERY,
    CHARGE_POINT,
    CONSUMER,
    COUNTER,
    INVERTER,
    IO,
    PRICE,
    RAW_TODAY,
    RAW_TOMORROW,
    SMART_HOME,
    VEHICLE,
)
from .units import FAULTS

_CONSUMPTION: Final = Quantity(unit="Wh/100km")


def _off(key: str, quantity: Quantity, **more: Any) -> SensorDescription:
    """Describe a value that few look at."""
    return measured(key, quantity, enabled=False, **more)


def _electric(*, currents: bool = True) -> tuple[Description, ...]:
    """Describe what everything with three phases has."""
    return (
        measured("power", POWER),
        *phases("power", POWER, "active_power_phase", enabled=False),
        *phases("current", CURRENT, "current_phase", enabled=currents),
        *phases("voltage", VOLTAGE, "voltage_phase", enabled=False),
        *phases("power_factor", POWER_FACTOR, "power_factor_phase", enabled=False),
        _off("frequency", FREQUENCY, name="supply_frequency"),
    )


def _energies(
    *directions: str, prefix: str = "", enabled: bool = True
) -> tuple[Description, ...]:
    """Describe a total and what it was today."""
    return tuple(
        measured(f"{prefix}{period}{direction}", quantity, enabled=enabled)
        for direction in directions
        for period, quantity in (("", TOTAL_ENERGY), ("daily_", ENERGY))
    )


def _fault(prefix: str = "", *, enabled: bool = True) -> tuple[Description, ...]:
    """Describe how something is, and openWB's words for it."""
    name = f"openwb_{prefix}fault_state"
    shown: dict[str, Any] = {"enabled": enabled, "diagnostic": True}
    return (
        enum(f"{prefix}fault_state", FAULTS, name=name, **shown),
        text(f"{prefix}fault_str", **shown),
    )


USAGES: Final = (
    *("meter_only", "self_controlled", "suspendable_tunable"),
    *("suspendable_onoff", "continuous"),
)
MODES: Final = (
    *("instant_charging", "pv_charging", "eco_charging", "scheduled_charging"),
    *("time_charging", "bidi_charging", "standby", "stop"),
)

_CHARGE_POINTS: Final[tuple[Description, ...]] = of(
    CHARGE_POINT,
    *_electric(),
    *_energies("imported"),
    *_energies("exported", enabled=False),
    condition("plug_state", BinarySensorDeviceClass.PLUG),
    condition("charge_state", BinarySensorDeviceClass.BATTERY_CHARGING),
    text("state_str"),
    *_fault(),
    moment("error_timestamp", **DETAIL),
    text("phases_in_use"),
    measured("set_current", CURRENT),
    text("set_phases", **DETAIL),
    _off("evse_current", CURRENT),
    _off("max_evse_current", CURRENT, diagnostic=True),
    _off("charging_current", CURRENT),
    _off("charging_power", POWER),
    _off("charging_voltage", VOLTAGE),
    _off("max_charge_power", POWER, diagnostic=True),
    _off("max_discharge_power", POWER, diagnostic=True),
    text("connected_phases", **DETAIL),
    text("autolock_state", **DETAIL),
    text("evse_signaling", **DETAIL),
    text("rfid", name="rfid_tag", diagnostic=True),
    moment("rfid_timestamp", **DETAIL),
    text("set_rfid", **DETAIL),
    # The vehicle that is plugged in, or that the charge point is set to.
    text("connected_vehicle_name"),
    measured("connected_vehicle_soc", CHARGE_LEVEL, name="vehicle_soc"),
    measured("connected_vehicle_range", DISTANCE, name="vehicle_range"),
    moment("connected_vehicle_soc_timestamp", **DETAIL),
    *_fault("connected_vehicle_", enabled=False),
    measured("range_charged", DISTANCE),
    enum("connected_chargemode", MODES, name="openwb_chargemode"),
    text("connected_plan", **DETAIL),
    measured("average_consumption", _CONSUMPTION, **DETAIL),
    condition("time_charging_in_use", **DETAIL),
    # What the vehicle tells the charger itself (ISO 15118).
    text("vehicle_id", **DETAIL),
    _off("soc", CHARGE_LEVEL, name="openwb_own_soc"),
    moment("soc_timestamp", **DETAIL),
    # The session.
    measured("imported_since_plugged", ENERGY),
    measured("imported_since_mode_switch", ENERGY),
    _off("exported_since_plugged", ENERGY),
    _off("exported_since_mode_switch", ENERGY),
    *(
        measured(f"session_energy_{source}", ENERGY)
        for source in ("grid", "pv", "bat", "cp")
    ),
    measured("session_costs", COSTS),
    measured("session_time_charged", DURATION, state_class=None),
    moment("session_start", **DETAIL),
    _off("session_soc_at_start", CHARGE_LEVEL),
    _off("session_range_charged", DISTANCE),
    enum(
        "session_chargemode",
        MODES,
        name="openwb_session_chargemode",
        enabled=False,
    ),
)

_COUNTERS: Final[tuple[Description, ...]] = of(
    COUNTER,
    *_electric(),
    *_energies("imported", "exported"),
    *_fault(),
    *phases("max_current", CURRENT, "openwb_max_current_phase", enabled=False),
    _off("max_total_power", POWER, diagnostic=True),
    _off("max_power_errorcase", POWER, diagnostic=True),
)

_INVERTERS: Final[tuple[Description, ...]] = of(
    INVERTER,
    *_electric(currents=False),
    *_energies("exported"),
    _off("imported", TOTAL_ENERGY),
    _off("daily_imported", ENERGY),
    measured("monthly_exported", ENERGY),
    measured("yearly_exported", ENERGY),
    *_fault(),
    _off("max_ac_out", POWER, diagnostic=True),
)

_BATTERIES: Final[tuple[Description, ...]] = of(
    BATTERY,
    *_electric(currents=False),
    measured("soc", CHARGE_LEVEL),
    *_energies("imported", "exported"),
    *_fault(),
    text("state_str"),
    _off("max_charge_power", POWER, diagnostic=True),
    _off("max_discharge_power", POWER, diagnostic=True),
    _off("max_power", POWER, diagnostic=True),
    measured("power_limit", POWER, diagnostic=True),
    condition("power_limit_controllable", **DETAIL),
)

_VEHICLES: Final[tuple[Description, ...]] = of(
    VEHICLE,
    measured("soc", CHARGE_LEVEL),
    measured("range", DISTANCE, name="vehicle_range"),
    measured("odometer", ODOMETER),
    moment("soc_timestamp", **DETAIL),
    moment("soc_request_timestamp", **DETAIL),
    *_fault(),
    text("soc_module", **DETAIL),
)

_CONSUMERS: Final[tuple[Description, ...]] = of(
    CONSUMER,
    measured("power", POWER),
    *phases("power", POWER, "active_power_phase", enabled=False),
    *phases("current", CURRENT, "current_phase", enabled=False),
    *phases("voltage", VOLTAGE, "voltage_phase", enabled=False),
    measured("set_power", POWER),
    *_energies("imported"),
    _off("exported", TOTAL_ENERGY),
    condition("state", name="openwb_consumer_state"),
    text("state_str"),
    enum("chargemode", MODES, name="openwb_chargemode"),
    enum("usage", USAGES, name="openwb_usage", enabled=False),
    *_fault(),
    *(
        _off(
            f"temperature_{number}",
            TEMPERATURE,
            name="openwb_temperature",
            placeholders={"number": number},
        )
        for number in TEMPERATURES
    ),
    _off("max_power", POWER, diagnostic=True),
)

_SUMS: Final[tuple[Description, ...]] = (
    measured("chargepoint_power", POWER),
    *_energies("imported", prefix="chargepoint_"),
    *_energies("exported", prefix="chargepoint_", enabled=False),
    measured("pv_power", POWER, name="solar_power"),
    *_energies("exported", prefix="pv_"),
    measured("pv_monthly_exported", ENERGY),
    measured("pv_yearly_exported", ENERGY),
    measured("bat_power", POWER, name="home_battery_power"),
    measured("bat_soc", CHARGE_LEVEL, name="home_battery_soc"),
    *_energies("imported", "exported", prefix="bat_"),
    measured("consumer_power", POWER),
    *_energies("imported", prefix="consumer_"),
    measured("home_consumption", POWER),
    measured("imported_home_consumption", TOTAL_ENERGY),
    measured("daily_yield_home_consumption", ENERGY),
    text("invalid_home_consumption", **DETAIL),
    _off("disengageable_smarthome_power", POWER),
    _off("smart_home_power", POWER),
    _off("smart_home_surplus", POWER),
)


_MAIN: Final[tuple[Description, ...]] = (
    *_SUMS,
    measured(PRICE, TARIFF, attributes=(RAW_TODAY, RAW_TOMORROW)),
    text("price_provider", **DETAIL),
    *_fault("price_", enabled=False),
    text("version", diagnostic=True),
    condition("update_in_progress", BinarySensorDeviceClass.RUNNING, diagnostic=True),
    condition("boot_done", **DETAIL),
    condition("extern", **DETAIL),
    condition("grid_protection_active", **DETAIL),
    text("ip_address", **DETAIL),
    text("release_train", **DETAIL),
    text("current_branch_commit", **DETAIL),
    text("datastore_version", **DETAIL),
    moment("time", **DETAIL),
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

_IO: Final[tuple[Description, ...]] = of(
    IO,
    *(
        condition(
            f"digital_input_{terminal}",
            name="openwb_digital_input",
            placeholders={"terminal": terminal},
        )
        for terminal in TERMINALS["digital_input"]
    ),
    *(
        measured(
            f"{kind}_{terminal}",
            VOLTAGE,
            name=f"openwb_{kind}",
            placeholders={"terminal": terminal},
        )
        for kind in ("analog_input", "analog_output")
        for terminal in TERMINALS[kind]
    ),
)

_SMART_HOME: Final[tuple[Description, ...]] = of(
    SMART_HOME,
    measured("Watt", POWER, name="power"),
    measured("Wh", TOTAL_ENERGY, name="imported"),
    *(
        _off(
            f"TemperatureSensor{number}",
            TEMPERATURE,
            name="openwb_temperature",
            placeholders={"number": str(number + 1)},
        )
        for number in range(3)
    ),
    condition("RelayStatus", name="openwb_relay"),
)

SENSORS: Final[tuple[Description, ...]] = (
    *_CHARGE_POINTS,
    *_COUNTERS,
    *_INVERTERS,
    *_BATTERIES,
    *_VEHICLES,
    *_CONSUMERS,
    *_MAIN,
    *_IO,
    *_SMART_HOME,
)
