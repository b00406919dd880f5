"""What families measure and tell: one vocabulary, so that equal things look equal.

A family's table of sensors is a list of rows: a key, a quantity, and what differs.
Each row may name its `kind` of device and anything else that a description has.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfInformation,
    UnitOfLength,
    UnitOfPower,
    UnitOfRatio,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
    UnitOfTemperature,
    UnitOfTime,
)

from .descriptions import (
    BinarySensorDescription,
    Described,
    Description,
    SensorDescription,
)

MOST_POWER_PER_PHASE: Final = 230_000.0
MOST_POWER: Final = 3 * MOST_POWER_PER_PHASE
"""What no site that Wattbus is for exceeds [W]: 1,000 A, the largest transformers.

So no energy [Wh] rises by more in an hour.
"""

EURO: Final = "EUR"

PHASES: Final = ("L1", "L2", "L3")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What all sensors of one quantity have in common."""

    device_class: SensorDeviceClass | None = None
    unit: str | None = None
    shown_in: str | None = None
    """The unit that people read it in, if that is another."""
    resolution: float | None = None
    """What is worth a state, in the unit; what a device tells may be coarser."""
    digits: int | None = None
    """The decimals that are shown."""
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    most_per_hour: float | None = None
    """Of what counts up for ever, the most in an hour; see `SensorDescription`."""


POWER: Final = Quantity(
    device_class=SensorDeviceClass.POWER,
    unit=UnitOfPower.WATT,
    resolution=1,
    digits=0,
)
REACTIVE_POWER: Final = replace(
    POWER,
    device_class=SensorDeviceClass.REACTIVE_POWER,
    unit=UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
)
APPARENT_POWER: Final = replace(
    POWER,
    device_class=SensorDeviceClass.APPARENT_POWER,
    unit=UnitOfApparentPower.VOLT_AMPERE,
)
ENERGY: Final = Quantity(
    device_class=SensorDeviceClass.ENERGY,
    unit=UnitOfEnergy.WATT_HOUR,
    shown_in=UnitOfEnergy.KILO_WATT_HOUR,
    resolution=1,
    digits=2,
    state_class=SensorStateClass.TOTAL_INCREASING,
)
"""Begins again: each day, with each vehicle."""
TOTAL_ENERGY: Final = replace(
    ENERGY,
    most_per_hour=MOST_POWER,
)
TOTAL_REACTIVE_ENERGY: Final = replace(
    TOTAL_ENERGY,
    device_class=SensorDeviceClass.REACTIVE_ENERGY,
    unit=UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR,
    shown_in=UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR,
)
# Home Assistant has neither a device class nor a constant for apparent energy.
TOTAL_APPARENT_ENERGY: Final = Quantity(
    unit="VAh",
    resolution=1,
    digits=0,
    state_class=SensorStateClass.TOTAL_INCREASING,
    most_per_hour=MOST_POWER,
)
CURRENT: Final = Quantity(
    device_class=SensorDeviceClass.CURRENT,
    unit=UnitOfElectricCurrent.AMPERE,
    resolution=0.01,
    digits=1,
)
VOLTAGE: Final = Quantity(
    device_class=SensorDeviceClass.VOLTAGE,
    unit=UnitOfElectricPotential.VOLT,
    resolution=0.1,
    digits=0,
)
FREQUENCY: Final = Quantity(
    device_class=SensorDeviceClass.FREQUENCY,
    unit=UnitOfFrequency.HERTZ,
    resolution=0.01,
    digits=2,
)
POWER_FACTOR: Final = Quantity(
    device_class=SensorDeviceClass.POWER_FACTOR, resolution=0.01, digits=2
)
TEMPERATURE: Final = Quantity(
    device_class=SensorDeviceClass.TEMPERATURE,
    unit=UnitOfTemperature.CELSIUS,
    resolution=0.1,
    digits=1,
)
CHARGE_LEVEL: Final = Quantity(
    device_class=SensorDeviceClass.BATTERY,
    unit=UnitOfRatio.PERCENTAGE,
    resolution=0.1,
    digits=0,
)
DISTANCE: Final = Quantity(
    device_class=SensorDeviceClass.DISTANCE,
    unit=UnitOfLength.KILOMETERS,
    resolution=0.1,
    digits=0,
)
ODOMETER: Final = replace(
    DISTANCE,
    resolution=1,
    state_class=SensorStateClass.TOTAL_INCREASING,
    # Some are told once a day.
    most_per_hour=1000,
)
DURATION: Final = Quantity(
    device_class=SensorDeviceClass.DURATION,
    unit=UnitOfTime.SECONDS,
    shown_in=UnitOfTime.MINUTES,
    resolution=1,
    digits=0,
)
SIGNAL_STRENGTH: Final = Quantity(
    device_class=SensorDeviceClass.SIGNAL_STRENGTH,
    unit="dBm",
    resolution=1,
    digits=0,
)
DATA_SIZE: Final = Quantity(
    device_class=SensorDeviceClass.DATA_SIZE,
    unit=UnitOfInformation.BYTES,
    shown_in=UnitOfInformation.KILOBYTES,
    # A free memory goes up and down by some bytes with every message.
    resolution=1000,
    digits=0,
)
COSTS: Final = Quantity(
    device_class=SensorDeviceClass.MONETARY,
    unit=EURO,
    resolution=0.01,
    digits=2,
    state_class=None,
)
TARIFF: Final = Quantity(unit=f"{EURO}/kWh", resolution=0.0001, digits=4)
AMOUNT: Final = Quantity(resolution=1, digits=0)
"""How many there are."""

DETAIL: Final[dict[str, Any]] = {"enabled": False, "diagnostic": True}
"""What differs in rows that few look at."""


def measured(key: str, quantity: Quantity, **more: Any) -> SensorDescription:
    """Describe a value with a unit; `more` as in `text`."""
    given = {
        "device_class": quantity.device_class,
        "state_class": quantity.state_class,
        "native_unit_of_measurement": quantity.unit,
        "suggested_unit_of_measurement": quantity.shown_in,
        "suggested_display_precision": quantity.digits,
        "resolution": quantity.resolution,
        "most_per_hour": quantity.most_per_hour,
    }
    return SensorDescription(key=key, **_row(**{**given, **more}))


def phases(
    stem: str, quantity: Quantity, name: str, **more: Any
) -> tuple[SensorDescription, ...]:
    """Describe a quantity of each phase."""
    return tuple(
        measured(
            f"{stem}_{phase}",
            quantity,
            name=name,
            placeholders={"phase": phase},
            **more,
        )
        for phase in PHASES
    )


def of(
    kind: str, *rows: Description | Iterable[Description]
) -> tuple[Description, ...]:
    """Give a table's rows, or groups of rows, to a kind of device."""
    return tuple(
        replace(item, kind=kind)
        for row in rows
        for item in ((row,) if isinstance(row, Described) else row)
    )


def text(key: str, **more: Any) -> SensorDescription:
    """Describe words, or a number that is none to calculate with.

    `more` is of the description, with short names for what is usual: `name` (the
    translation key), `enabled` (shown at first, the default) and `diagnostic`.
    """
    return SensorDescription(key=key, **_row(**more))


def moment(key: str, **more: Any) -> SensorDescription:
    """Describe a time; `more` as in `text`."""
    return text(key, device_class=SensorDeviceClass.TIMESTAMP, **more)


def enum(key: str, options: Iterable[str], **more: Any) -> SensorDescription:
    """Describe one of several words; `more` as in `text`."""
    return text(
        key,
        device_class=SensorDeviceClass.ENUM,
        options=[str(option) for option in options],
        **more,
    )


def condition(
    key: str, device_class: BinarySensorDeviceClass | None = None, **more: Any
) -> BinarySensorDescription:
    """Describe what holds or does not; `more` as in `text`."""
    return BinarySensorDescription(key=key, device_class=device_class, **_row(**more))


def _row(
    *,
    name: str | None = None,
    enabled: bool = True,
    diagnostic: bool = False,
    **more: Any,
) -> dict[str, Any]:
    """Write the short names out."""
    return {
        "translation_key": name,
        "entity_registry_enabled_default": enabled,
        "entity_category": EntityCategory.DIAGNOSTIC if diagnostic else None,
        **more,
    }
