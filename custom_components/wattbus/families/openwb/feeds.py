"""What an openWB can be told: the grid's meter, inverter, battery, vehicle."""

from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass

from ...errors import CommandError
from ...protocols.openwb import PHASES, Kind
from ...protocols.openwb.feeds import INPUTS
from ..family import GRID_INVERTED, HOUSE_LASTS, Feed
from .driver import OpenWbMqtt

# openWB reads its inputs once in a control interval, 10 s or more; half of this.
_STALE: Final = 16.0

# It reads a vehicle's once in 5 minutes, and only while it charges.
_VEHICLE_STALE: Final = 120.0

# By unit: the class, the decimals, and whether it is as it was until the entity says
# something else.
_CLASSES: Final = {
    "W": (SensorDeviceClass.POWER, 1, False),
    "A": (SensorDeviceClass.CURRENT, 2, False),
    "V": (SensorDeviceClass.VOLTAGE, 1, False),
    "Wh": (SensorDeviceClass.ENERGY, 1, True),
    "%": (SensorDeviceClass.BATTERY, 1, True),
    "km": (SensorDeviceClass.DISTANCE, 1, True),
}


async def _tell(
    driver: OpenWbMqtt, value: float, _: datetime, *, kind: Kind, name: str
) -> None:
    await driver.inputs.tell(kind, name, value)


async def _tell_generated(driver: OpenWbMqtt, value: float, _: datetime) -> None:
    """Tell what is generated, which openWB counts as negative."""
    await driver.inputs.tell(Kind.INVERTER, "power", -value)


async def _tell_soc(driver: OpenWbMqtt, value: float, reported: datetime) -> None:
    """Tell how full the vehicle was when its entity said so."""
    await driver.inputs.tell_soc(value, reported)


async def _tell_phase(
    driver: OpenWbMqtt, value: float, _: datetime, *, name: str, phase: str
) -> None:
    await driver.inputs.tell_phase(name, phase, value)


def _fault(driver: OpenWbMqtt, *, kind: Kind) -> CommandError | None:
    return driver.inputs.fault(kind)


def _feed(key: str, kind: Kind, name: str, **more: Any) -> Feed:
    """Describe what an input takes, within the protocol's bounds."""
    rule = INPUTS[kind, name].rule
    assert rule.minimum is not None
    assert rule.maximum is not None
    device_class, decimals, keeps = _CLASSES[rule.unit]
    more.setdefault("send", partial(_tell, kind=kind, name=name))
    return Feed(
        key=key,
        unit=rule.unit,
        device_class=device_class,
        minimum=rule.minimum,
        maximum=rule.maximum,
        decimals=decimals,
        keeps=keeps,
        ignored=partial(_fault, kind=kind),
        refresh=_VEHICLE_STALE if kind is Kind.VEHICLE else _STALE,
        **more,
    )


def _phases(key: str, name: str, meter_key: str, **more: Any) -> tuple[Feed, ...]:
    """Describe the grid's values on each phase."""
    return tuple(
        _feed(
            f"{key}_{phase.lower()}",
            Kind.COUNTER,
            name,
            send=partial(_tell_phase, name=name, phase=phase),
            meter_key=f"{meter_key}_{phase}",
            **more,
        )
        for phase in PHASES
    )


FEEDS: Final[tuple[Feed, ...]] = (
    _feed(
        "grid_power",
        Kind.COUNTER,
        "power",
        meter_key="active_power",
        inverted_by=GRID_INVERTED,
        lasts=HOUSE_LASTS,
    ),
    _feed("grid_imported", Kind.COUNTER, "imported", meter_key="active_energy_+"),
    _feed("grid_exported", Kind.COUNTER, "exported", meter_key="active_energy_-"),
    *_phases("grid_power", "powers", "active_power", inverted_by=GRID_INVERTED),
    *_phases("grid_current", "currents", "current"),
    *_phases("grid_voltage", "voltages", "voltage"),
    _feed("solar_power", Kind.INVERTER, "power", send=_tell_generated),
    _feed("solar_energy", Kind.INVERTER, "exported"),
    _feed("home_battery_power", Kind.BATTERY, "power"),
    _feed("home_battery_soc", Kind.BATTERY, "soc"),
    _feed("home_battery_charged", Kind.BATTERY, "imported"),
    _feed("home_battery_discharged", Kind.BATTERY, "exported"),
    _feed("vehicle_soc", Kind.VEHICLE, "soc", send=_tell_soc),
    _feed("vehicle_range", Kind.VEHICLE, "range"),
    _feed("vehicle_odometer", Kind.VEHICLE, "odometer"),
)
