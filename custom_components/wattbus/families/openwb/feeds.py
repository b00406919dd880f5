"""What an openWB can be told: the grid's meter, inverter, battery, vehicle."""

from functools import partial
from typing import Final, Protocol

from homeassistant.components.sensor import SensorDeviceClass

from ...protocols.openwb import PHASES, Kind
from ..family import GRID_POWER, Feed
from .inputs import Inputs

# openWB reads its inputs once in a control interval, 10 s or more; half of this.
_STALE: Final = 16.0

_POWER: Final = ("W", SensorDeviceClass.POWER, -1e6, 1e6, 1)
_ENERGY: Final = ("Wh", SensorDeviceClass.ENERGY, 0, 1e12, 1)
_CURRENT: Final = ("A", SensorDeviceClass.CURRENT, -1500, 1500, 2)
_VOLTAGE: Final = ("V", SensorDeviceClass.VOLTAGE, 0, 500, 1)
_SOC: Final = ("%", SensorDeviceClass.BATTERY, 0, 100, 1)
_DISTANCE: Final = ("km", SensorDeviceClass.DISTANCE, 0, 1000, 1)
_ODOMETER: Final = ("km", SensorDeviceClass.DISTANCE, 0, 9_999_999, 1)

type _Quantity = tuple[str, SensorDeviceClass, float, float, int]


class _Driver(Protocol):
    """This family's."""

    inputs: Inputs


async def _tell(driver: _Driver, value: float, *, kind: Kind, name: str) -> None:
    await driver.inputs.tell(kind, name, value)


async def _tell_generated(driver: _Driver, value: float) -> None:
    """Tell what is generated, which openWB counts as negative."""
    await driver.inputs.tell(Kind.INVERTER, "power", -value)


async def _tell_phase(driver: _Driver, value: float, *, name: str, phase: str) -> None:
    await driver.inputs.tell_phase(name, phase, value)


def _feed(
    key: str, quantity: _Quantity, kind: Kind, name: str, meter_key: str | None = None
) -> Feed:
    unit, device_class, minimum, maximum, decimals = quantity
    return Feed(
        key=key,
        unit=unit,
        device_class=device_class,
        refresh=_STALE,
        send=_tell_generated
        if (kind, name) == (Kind.INVERTER, "power")
        else partial(_tell, kind=kind, name=name),
        minimum=minimum,
        maximum=maximum,
        decimals=decimals,
        meter_key=meter_key,
    )


def _phases(
    key: str, quantity: _Quantity, name: str, meter_key: str
) -> tuple[Feed, ...]:
    """Describe the grid's values on each phase."""
    unit, device_class, minimum, maximum, decimals = quantity
    return tuple(
        Feed(
            key=f"{key}_{phase.lower()}",
            unit=unit,
            device_class=device_class,
            refresh=_STALE,
            send=partial(_tell_phase, name=name, phase=phase),
            minimum=minimum,
            maximum=maximum,
            decimals=decimals,
            meter_key=f"{meter_key}_{phase}",
        )
        for phase in PHASES
    )


FEEDS: Final[tuple[Feed, ...]] = (
    _feed(GRID_POWER, _POWER, Kind.COUNTER, "power", "active_power"),
    _feed("grid_imported", _ENERGY, Kind.COUNTER, "imported", "active_energy_+"),
    _feed("grid_exported", _ENERGY, Kind.COUNTER, "exported", "active_energy_-"),
    *_phases("grid_power", _POWER, "powers", "active_power"),
    *_phases("grid_current", _CURRENT, "currents", "current"),
    *_phases("grid_voltage", _VOLTAGE, "voltages", "voltage"),
    _feed("solar_power", _POWER, Kind.INVERTER, "power"),
    _feed("solar_energy", _ENERGY, Kind.INVERTER, "exported"),
    _feed("home_battery_power", _POWER, Kind.BATTERY, "power"),
    _feed("home_battery_soc", _SOC, Kind.BATTERY, "soc"),
    _feed("home_battery_charged", _ENERGY, Kind.BATTERY, "imported"),
    _feed("home_battery_discharged", _ENERGY, Kind.BATTERY, "exported"),
    _feed("vehicle_soc", _SOC, Kind.VEHICLE, "soc"),
    _feed("vehicle_range", _DISTANCE, Kind.VEHICLE, "range"),
    _feed("vehicle_odometer", _ODOMETER, Kind.VEHICLE, "odometer"),
)
