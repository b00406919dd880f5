"""What a charger shows: a table of its values, units from the protocol's own."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorStateClass

from ...protocols.openevse import UNITS, Holder, ServiceState
from ...protocols.rapi import State
from ..descriptions import Description, EventDescription, SensorDescription
from ..quantities import (
    AMOUNT,
    CHARGE_LEVEL,
    CURRENT,
    DATA_SIZE,
    DETAIL,
    DISTANCE,
    DURATION,
    ENERGY,
    FREQUENCY,
    POWER,
    SIGNAL_STRENGTH,
    TEMPERATURE,
    VOLTAGE,
    Quantity,
    condition,
    enum,
    measured,
    moment,
    text,
)
from .cards import CardEvent
from .const import (
    CAN_READ_CARDS,
    CLAIMED_BY,
    CLOCK,
    CURRENT_CLAIMED_BY,
    FAULT,
    MOST_CLAIMED_BY,
    PROBLEM,
    RFID,
)
from .shown import NO_FAULT

# By the units of the protocol; the gateway tells percent and distances in whole numbers.
_QUANTITIES: Final[dict[str | None, Quantity]] = {
    quantity.unit: quantity
    for quantity in (
        *(CURRENT, VOLTAGE, POWER, ENERGY, TEMPERATURE, FREQUENCY, DURATION),
        *(SIGNAL_STRENGTH, DATA_SIZE),
        replace(CHARGE_LEVEL, resolution=1),
        replace(DISTANCE, resolution=1),
    )
}

_COUNT: Final = replace(
    AMOUNT, resolution=None, state_class=SensorStateClass.TOTAL_INCREASING
)


def _measured(key: str, **more: Any) -> SensorDescription:
    """Describe a value with a unit, which says what kind of value it is.

    Few are looked at by most people: they are enabled by name.
    """
    return measured(key, _QUANTITIES[UNITS[key]], **{"enabled": False, **more})


def _enum(key: str, options: list[str], **more: Any) -> SensorDescription:
    """Describe a value of words that only this family has."""
    return enum(key, options, name=f"openevse_{key}", **more)


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
    condition(PROBLEM, BinarySensorDeviceClass.PROBLEM, diagnostic=True),
    condition("vehicle_connected", BinarySensorDeviceClass.PLUG),
    _measured("current", enabled=True),
    _measured("voltage", enabled=True),
    _measured("power", enabled=True),
    _measured("frequency", name="supply_frequency"),
    _measured("pilot_current", enabled=True),
    _measured("session_energy", enabled=True),
    _measured(
        "session_elapsed", enabled=True, state_class=SensorStateClass.TOTAL_INCREASING
    ),
    _measured("total_energy", enabled=True, most_per_hour=_MOST_POWER),
    _measured("energy_today"),
    _measured("energy_week"),
    _measured("energy_month"),
    _measured("energy_year"),
    condition("has_limit", enabled=False),
    _measured("temperature", enabled=True),
    _measured("temperature_max", enabled=True),
    *(
        _measured(f"temperature_{sensor}", diagnostic=True)
        for sensor in ("ds3231", "mcp9808", "tmp007", "gateway")
    ),
    measured("fault_count_gfci", _COUNT, **DETAIL),
    measured("fault_count_no_ground", _COUNT, **DETAIL),
    measured("fault_count_stuck_relay", _COUNT, **DETAIL),
    measured("relay_switches", _COUNT, **DETAIL),
    # Surplus charging and the current shaper.
    condition("divert_active", BinarySensorDeviceClass.RUNNING),
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
    condition("shaper_updated", **DETAIL),
    # What the charger was told of the car and the home battery.
    _measured("vehicle_soc", enabled=True),
    _measured("vehicle_range"),
    _measured("vehicle_time_to_full"),
    _measured("vehicle_charge_limit", device_class=None),
    _measured("vehicle_update", diagnostic=True),
    _measured("home_battery_soc"),
    _measured("home_battery_power"),
    # The charger's settings.
    _enum(
        "service_state",
        [state.value for state in ServiceState],
        **DETAIL,
    ),
    replace(
        _enum(CLAIMED_BY, [holder.value for holder in Holder], diagnostic=True),
        attributes=(CURRENT_CLAIMED_BY, MOST_CLAIMED_BY),
    ),
    _measured("max_current", diagnostic=True),
    text("service_level", **DETAIL),
    moment(CLOCK, **DETAIL),
    text("utc_offset", **DETAIL),
    text("rfid_tag", **DETAIL),
    EventDescription(
        key=RFID,
        translation_key="openevse_rfid",
        needs=CAN_READ_CARDS,
        event_types=[event.value for event in CardEvent],
    ),
    # The gateway.
    _measured("wifi_signal", diagnostic=True),
    _measured("uptime", diagnostic=True),
    _measured("free_memory", diagnostic=True),
    text("network_mode", **DETAIL),
    text("ip_address", **DETAIL),
    *(
        condition(key, BinarySensorDeviceClass.CONNECTIVITY, **DETAIL)
        for key in (
            *("network_connected", "ethernet_connected"),
            *("controller_connected", "rapi_connected", "mqtt_connected"),
        )
    ),
    text("mqtt_status", **DETAIL),
    text("mqtt_close_code", **DETAIL),
    text("mqtt_close_reason", **DETAIL),
    text("mqtt_error", **DETAIL),
    text("mqtt_error_detail", **DETAIL),
    moment("mqtt_connected_since", **DETAIL),
    condition("ocpp_connected", BinarySensorDeviceClass.CONNECTIVITY, **DETAIL),
    condition("rfid_failure", BinarySensorDeviceClass.PROBLEM, **DETAIL),
    condition("rfid_reader_found", **DETAIL),
    condition("history_ready", **DETAIL),
    measured("rapi_sent", _COUNT, **DETAIL),
    measured("rapi_success", _COUNT, **DETAIL),
    condition("update_in_progress", BinarySensorDeviceClass.RUNNING, **DETAIL),
    # They count changes, so that an automation can notice one.
    *(
        text(f"{document}_version", **DETAIL)
        for document in (
            *("config", "claims", "override", "limit"),
            *("schedule", "schedule_plan"),
        )
    ),
)
