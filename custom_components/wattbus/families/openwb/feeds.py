"""What an openWB can be told: the grid's meter, inverter, battery, vehicle."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from homeassistant.components.sensor import SensorDeviceClass

from ...protocols.openwb import PHASES, Kind
from ..family import GRID_INVERTED, HOUSE_LASTS, Feed
from .inputs import Inputs

# openWB reads its inputs once in a control interval, 10 s or more; half of this.
_STALE: Final = 16.0

# It reads a vehicle's once in 5 minutes, and only while it charges.
_VEHICLE_STALE: Final = 120.0


class _Quantity(NamedTuple):
    unit: str
    device_class: SensorDeviceClass
    minimum: float
    maximum: float
    decimals: int
    keeps: bool = False


_POWER: Final = _Quantity("W", SensorDeviceClass.POWER, -1e6, 1e6, 1)
_CURRENT: Final = _Quantity("A", SensorDeviceClass.CURRENT, -1500, 1500, 2)
_VOLTAGE: Final = _Quantity("V", SensorDeviceClass.VOLTAGE, 0, 500, 1)
# What is as it was until the entity says something else.
_ENERGY: Final = _Quantity("Wh", SensorDeviceClass.ENERGY, 0, 1e12, 1, True)
_SOC: Final = _Quantity("%", SensorDeviceClass.BATTERY, 0, 100, 1, True)
_DISTANCE: Final = _Quantity("km", SensorDeviceClass.DISTANCE, 0, 1000, 1, True)
_ODOMETER: Final = _Quantity("km", SensorDeviceClass.DISTANCE, 0, 9_999_999, 1, True)

type _Send = Callable[[Any, float, datetime], Awaitable[None]]


class _Driver(Protocol):
    """This family's."""

    inputs: Inputs


async def _tell(
    driver: _Driver, value: float, _: datetime, *, kind: Kind, name: str
) -> None:
    await driver.inputs.tell(kind, name, value)


async def _tell_generated(driver: _Driver, value: float, _: datetime) -> None:
    """Tell what is generated, which openWB counts as negative."""
    await driver.inputs.tell(Kind.INVERTER, "power", -value)


async def _tell_soc(driver: _Driver, value: float, reported: datetime) -> None:
    """Tell how full the vehicle was when its entity said so."""
    await driver.inputs.tell_soc(value, reported)


async def _tell_phase(
    driver: _Driver, value: float, _: datetime, *, name: str, phase: str
) -> None:
    await driver.inputs.tell_phase(name, phase, value)


_OWN_WAYS: Final[dict[tuple[Kind, str], _Send]] = {
    (Kind.INVERTER, "power"): _tell_generated,
    (Kind.VEHICLE, "soc"): _tell_soc,
}


def _feed(key: str, quantity: _Quantity, kind: Kind, name: str, **more: Any) -> Feed:
    told = _OWN_WAYS.get((kind, name)) or partial(_tell, kind=kind, name=name)
    return Feed(
        key=key,
        refresh=_VEHICLE_STALE if kind is Kind.VEHICLE else _STALE,
        send=told,
        **quantity._asdict(),
        **more,
    )


def _phases(
    key: str, quantity: _Quantity, name: str, meter_key: str, **more: Any
) -> tuple[Feed, ...]:
    """Describe the grid's values on each phase."""
    return tuple(
        Feed(
            key=f"{key}_{phase.lower()}",
            refresh=_STALE,
            send=partial(_tell_phase, name=name, phase=phase),
            meter_key=f"{meter_key}_{phase}",
            **quantity._asdict(),
            **more,
        )
        for phase in PHASES
    )


FEEDS: Final[tuple[Feed, ...]] = (
    _feed(
        "grid_power",
        _POWER,
        Kind.COUNTER,
        "power",
        meter_key="active_power",
        inverted_by=GRID_INVERTED,
        lasts=HOUSE_LASTS,
    ),
    _feed(
        "grid_imported",
        _ENERGY,
        Kind.COUNTER,
        "imported",
        meter_key="active_energy_+",
    ),
    _feed(
        "grid_exported",
        _ENERGY,
        Kind.COUNTER,
        "exported",
        meter_key="active_energy_-",
    ),
    *_phases("grid_power", _POWER, "powers", "active_power", inverted_by=GRID_INVERTED),
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
