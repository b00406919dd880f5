"""What an openWB and its devices show: a table."""

from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime

from ...protocols.openwb import TEMPERATURES
from ..descriptions import BinarySensorDescription, Description, SensorDescription
from ..sink import MAIN
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
from .quantities import (
    COUNT,
    CURRENT,
    EURO,
    ODOMETER,
    POWER,
    RANGE,
    SOC,
    TARIFF,
    TEMPERATURE,
    TOTAL,
    VOLTAGE,
    condition,
    electric,
    energies,
    enum,
    fault,
    measured,
    moment,
    off,
    phases,
    text,
)

USAGES: Final = (
    *("meter_only", "self_controlled", "suspendable_tunable"),
    *("suspendable_onoff", "continuous"),
)
MODES: Final = (
    *("instant_charging", "pv_charging", "eco_charging", "scheduled_charging"),
    *("time_charging", "bidi_charging", "standby", "stop"),
)

_CHARGE_POINTS: Final[tuple[Description, ...]] = (
    *electric(CHARGE_POINT),
    *energies(CHARGE_POINT, "imported"),
    *energies(CHARGE_POINT, "exported", enabled=False),
    condition(
        CHARGE_POINT,
        "plug_state",
        BinarySensorDeviceClass.PLUG,
        enabled=True,
        diagnostic=False,
    ),
    condition(
        CHARGE_POINT,
        "charge_state",
        BinarySensorDeviceClass.BATTERY_CHARGING,
        enabled=True,
        diagnostic=False,
    ),
    text(CHARGE_POINT, "state_str", enabled=True, diagnostic=False),
    *fault(CHARGE_POINT),
    moment(CHARGE_POINT, "error_timestamp"),
    text(CHARGE_POINT, "phases_in_use", enabled=True, diagnostic=False),
    measured(CHARGE_POINT, "set_current", CURRENT),
    text(CHARGE_POINT, "set_phases"),
    off(CHARGE_POINT, "evse_current", CURRENT),
    off(CHARGE_POINT, "max_evse_current", CURRENT, diagnostic=True),
    off(CHARGE_POINT, "charging_current", CURRENT),
    off(CHARGE_POINT, "charging_power", POWER),
    off(CHARGE_POINT, "charging_voltage", VOLTAGE),
    off(CHARGE_POINT, "max_charge_power", POWER, diagnostic=True),
    off(CHARGE_POINT, "max_discharge_power", POWER, diagnostic=True),
    text(CHARGE_POINT, "connected_phases"),
    text(CHARGE_POINT, "autolock_state"),
    text(CHARGE_POINT, "evse_signaling"),
    text(CHARGE_POINT, "rfid", enabled=True, name="rfid_tag"),
    moment(CHARGE_POINT, "rfid_timestamp"),
    text(CHARGE_POINT, "set_rfid"),
    # The vehicle that is plugged in, or that the charge point is set to.
    text(CHARGE_POINT, "connected_vehicle_name", enabled=True, diagnostic=False),
    measured(CHARGE_POINT, "connected_vehicle_soc", SOC, name="vehicle_soc"),
    measured(CHARGE_POINT, "connected_vehicle_range", RANGE, name="vehicle_range"),
    moment(CHARGE_POINT, "connected_vehicle_soc_timestamp"),
    *fault(CHARGE_POINT, "connected_vehicle_", enabled=False),
    measured(CHARGE_POINT, "range_charged", RANGE),
    enum(CHARGE_POINT, "connected_chargemode", MODES, "openwb_chargemode"),
    text(CHARGE_POINT, "connected_plan"),
    SensorDescription(
        kind=CHARGE_POINT,
        key="average_consumption",
        native_unit_of_measurement="Wh/100km",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    condition(CHARGE_POINT, "time_charging_in_use"),
    # What the vehicle tells the charger itself (ISO 15118).
    text(CHARGE_POINT, "vehicle_id"),
    off(CHARGE_POINT, "soc", SOC, name="openwb_own_soc"),
    moment(CHARGE_POINT, "soc_timestamp"),
    # The session.
    measured(CHARGE_POINT, "imported_since_plugged", COUNT),
    measured(CHARGE_POINT, "imported_since_mode_switch", COUNT),
    off(CHARGE_POINT, "exported_since_plugged", COUNT),
    off(CHARGE_POINT, "exported_since_mode_switch", COUNT),
    *(
        measured(CHARGE_POINT, f"session_energy_{source}", COUNT)
        for source in ("grid", "pv", "bat", "cp")
    ),
    SensorDescription(
        kind=CHARGE_POINT,
        key="session_costs",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=EURO,
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
    moment(CHARGE_POINT, "session_start"),
    off(CHARGE_POINT, "session_soc_at_start", SOC),
    off(CHARGE_POINT, "session_range_charged", RANGE),
    enum(
        CHARGE_POINT,
        "session_chargemode",
        MODES,
        "openwb_session_chargemode",
        enabled=False,
    ),
)

_COUNTERS: Final[tuple[Description, ...]] = (
    *electric(COUNTER),
    *energies(COUNTER, "imported", "exported"),
    *fault(COUNTER),
    *phases(COUNTER, "max_current", CURRENT, "openwb_max_current_phase"),
    off(COUNTER, "max_total_power", POWER, diagnostic=True),
    off(COUNTER, "max_power_errorcase", POWER, diagnostic=True),
)

_INVERTERS: Final[tuple[Description, ...]] = (
    *electric(INVERTER, currents=False),
    *energies(INVERTER, "exported"),
    off(INVERTER, "imported", TOTAL),
    off(INVERTER, "daily_imported", COUNT),
    measured(INVERTER, "monthly_exported", COUNT),
    measured(INVERTER, "yearly_exported", COUNT),
    *fault(INVERTER),
    off(INVERTER, "max_ac_out", POWER, diagnostic=True),
)

_BATTERIES: Final[tuple[Description, ...]] = (
    *electric(BATTERY, currents=False),
    measured(BATTERY, "soc", SOC),
    *energies(BATTERY, "imported", "exported"),
    *fault(BATTERY),
    text(BATTERY, "state_str", enabled=True, diagnostic=False),
    off(BATTERY, "max_charge_power", POWER, diagnostic=True),
    off(BATTERY, "max_discharge_power", POWER, diagnostic=True),
    off(BATTERY, "max_power", POWER, diagnostic=True),
    measured(BATTERY, "power_limit", POWER, diagnostic=True),
    condition(BATTERY, "power_limit_controllable"),
)

_VEHICLES: Final[tuple[Description, ...]] = (
    measured(VEHICLE, "soc", SOC),
    measured(VEHICLE, "range", RANGE, name="vehicle_range"),
    measured(VEHICLE, "odometer", ODOMETER),
    moment(VEHICLE, "soc_timestamp"),
    moment(VEHICLE, "soc_request_timestamp"),
    *fault(VEHICLE),
    text(VEHICLE, "soc_module"),
)

_CONSUMERS: Final[tuple[Description, ...]] = (
    measured(CONSUMER, "power", POWER),
    *phases(CONSUMER, "power", POWER, "active_power_phase"),
    *phases(CONSUMER, "current", CURRENT, "current_phase"),
    *phases(CONSUMER, "voltage", VOLTAGE, "voltage_phase"),
    measured(CONSUMER, "set_power", POWER),
    *energies(CONSUMER, "imported"),
    off(CONSUMER, "exported", TOTAL),
    BinarySensorDescription(
        kind=CONSUMER, key="state", translation_key="openwb_consumer_state"
    ),
    text(CONSUMER, "state_str", enabled=True, diagnostic=False),
    enum(CONSUMER, "chargemode", MODES, "openwb_chargemode"),
    enum(CONSUMER, "usage", USAGES, "openwb_usage", enabled=False),
    *fault(CONSUMER),
    *(
        off(
            CONSUMER,
            f"temperature_{number}",
            TEMPERATURE,
            name="openwb_temperature",
            placeholders={"number": number},
        )
        for number in TEMPERATURES
    ),
    off(CONSUMER, "max_power", POWER, diagnostic=True),
)

_SUMS: Final[tuple[Description, ...]] = (
    measured(MAIN, "chargepoint_power", POWER),
    *energies(MAIN, "imported", prefix="chargepoint_"),
    *energies(MAIN, "exported", prefix="chargepoint_", enabled=False),
    measured(MAIN, "pv_power", POWER, name="solar_power"),
    *energies(MAIN, "exported", prefix="pv_"),
    measured(MAIN, "pv_monthly_exported", COUNT),
    measured(MAIN, "pv_yearly_exported", COUNT),
    measured(MAIN, "bat_power", POWER, name="home_battery_power"),
    measured(MAIN, "bat_soc", SOC, name="home_battery_soc"),
    *energies(MAIN, "imported", "exported", prefix="bat_"),
    measured(MAIN, "consumer_power", POWER),
    *energies(MAIN, "imported", prefix="consumer_"),
    measured(MAIN, "home_consumption", POWER),
    measured(MAIN, "imported_home_consumption", TOTAL),
    measured(MAIN, "daily_yield_home_consumption", COUNT),
    text(MAIN, "invalid_home_consumption"),
    off(MAIN, "disengageable_smarthome_power", POWER),
    off(MAIN, "smart_home_power", POWER),
    off(MAIN, "smart_home_surplus", POWER),
)


_MAIN: Final[tuple[Description, ...]] = (
    *_SUMS,
    measured(MAIN, PRICE, TARIFF, attributes=(RAW_TODAY, RAW_TOMORROW)),
    text(MAIN, "price_provider"),
    *fault(MAIN, "price_", enabled=False),
    text(MAIN, "version", enabled=True),
    condition(
        MAIN, "update_in_progress", BinarySensorDeviceClass.RUNNING, enabled=True
    ),
    condition(MAIN, "boot_done"),
    condition(MAIN, "extern"),
    condition(MAIN, "grid_protection_active"),
    text(MAIN, "ip_address"),
    text(MAIN, "release_train"),
    text(MAIN, "current_branch_commit"),
    text(MAIN, "datastore_version"),
    moment(MAIN, "time"),
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
        measured(
            IO,
            f"{kind}_{terminal}",
            VOLTAGE,
            name=f"openwb_{kind}",
            placeholders={"terminal": terminal},
        )
        for kind in ("analog_input", "analog_output")
        for terminal in TERMINALS[kind]
    ),
)

_SMART_HOME: Final[tuple[Description, ...]] = (
    measured(SMART_HOME, "Watt", POWER, name="power"),
    measured(SMART_HOME, "Wh", TOTAL, name="imported"),
    *(
        off(
            SMART_HOME,
            f"TemperatureSensor{number}",
            TEMPERATURE,
            name="openwb_temperature",
            placeholders={"number": str(number + 1)},
        )
        for number in range(3)
    ),
    BinarySensorDescription(
        kind=SMART_HOME, key="RelayStatus", translation_key="openwb_relay"
    ),
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
