"""What an ECU and its inverters show: tables, in the units of the protocol."""

from dataclasses import replace
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.const import UnitOfEnergy, UnitOfRatio

from ..descriptions import Description
from ..quantities import (
    AMOUNT,
    ENERGY,
    FREQUENCY,
    MOST_POWER,
    POWER,
    TEMPERATURE,
    TOTAL_ENERGY,
    VOLTAGE,
    condition,
    measured,
    moment,
    of,
    phases,
    text,
)
from .const import CONF_COUNT, COUNTED, INVERTER, MOST_POWER_OF_INVERTER, STALE
from .meter import ENERGIES, POWERS

# No inverter has more; a simulated one may.
_CHANNELS: Final = range(1, 9)

# What inverters tell, and the ECU of itself, is as coarse as this.
_VOLTAGE: Final = replace(VOLTAGE, resolution=1)
_TEMPERATURE: Final = replace(TEMPERATURE, resolution=1, digits=0)
_FREQUENCY: Final = replace(FREQUENCY, resolution=0.1, digits=1)
_TODAY: Final = replace(ENERGY, unit=UnitOfEnergy.KILO_WATT_HOUR, resolution=0.01)
_LIFETIME: Final = replace(_TODAY, resolution=0.1, most_per_hour=MOST_POWER / 1000)

_ECU: Final[tuple[Description, ...]] = (
    measured("power", POWER),
    measured("energy_today", _TODAY),
    measured("lifetime_energy", _LIFETIME),
    measured(COUNTED, TOTAL_ENERGY, option=CONF_COUNT),
    measured("inverters", AMOUNT, diagnostic=True),
    measured("inverters_online", AMOUNT, diagnostic=True),
    moment("last_upload", diagnostic=True),
    # It changes with every poll.
    moment("last_report", diagnostic=True, enabled=False),
    text("firmware", diagnostic=True),
    measured("signal", AMOUNT, diagnostic=True),
    # Of the current transformers, on the ECU-C.
    *(measured(key, POWER) for key in POWERS),
    *(
        row
        for key in POWERS
        # Many houses have one phase alone.
        for row in phases(key, POWER, f"{key}_phase", enabled=False)
    ),
    *(measured(key, TOTAL_ENERGY) for key in ENERGIES),
    condition(STALE, BinarySensorDeviceClass.PROBLEM, diagnostic=True),
)

_INVERTER: Final = of(
    INVERTER,
    condition("online", BinarySensorDeviceClass.CONNECTIVITY, diagnostic=True),
    measured("power", POWER),
    measured("energy", TOTAL_ENERGY, most_per_hour=MOST_POWER_OF_INVERTER),
    measured("temperature", _TEMPERATURE),
    measured("frequency", _FREQUENCY, name="supply_frequency"),
    measured(
        "signal",
        AMOUNT,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        diagnostic=True,
    ),
    measured("voltage", _VOLTAGE),
    phases("voltage", _VOLTAGE, "voltage_phase"),
    *(
        measured(
            f"channel_{number}_power",
            POWER,
            name="channel_power",
            placeholders={"channel": str(number)},
        )
        for number in _CHANNELS
    ),
    *(
        measured(
            f"channel_{number}_voltage",
            _VOLTAGE,
            name="channel_voltage",
            placeholders={"channel": str(number)},
            # It is the grid's, which the inverter shows already.
            enabled=False,
        )
        for number in _CHANNELS
    ),
)

SENSORS: Final = (*_ECU, *_INVERTER)
