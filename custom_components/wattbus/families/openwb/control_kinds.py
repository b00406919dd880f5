"""What openWB's controls are made of: kinds of descriptions, and what they ask."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfPower,
    UnitOfRatio,
)

from ...errors import CommandError
from ...protocols.openwb import Kind
from ..descriptions import NumberDescription, SelectDescription, SwitchDescription
from ..sink import MAIN, DeviceKey
from .commands import Commands
from .const import CHARGE_POINT
from .values import told


class _Driver(Protocol):
    """This family's."""

    openwb: Commands


# --- what each control asks -----------------------------------------------------------


def _device(device: DeviceKey) -> DeviceKey:
    """Give a device's key as the commands have it: openWB itself is of no kind."""
    return DeviceKey(Kind.SYSTEM) if device.kind == MAIN else device


async def set_value(
    driver: _Driver, device: DeviceKey, value: Any, *, key: str
) -> None:
    """Set a value of openWB itself or of one of its devices."""
    await driver.openwb.set(_device(device), key, told(key, value))


async def set_named(
    driver: _Driver, device: DeviceKey, name: str, *, key: str, of: Kind
) -> None:
    """Set something by the name that it has at openWB."""
    names = driver.openwb.names(of)
    number = next((number for number, known in names.items() if known == name), None)
    if number is None:  # it has got another name just now
        raise CommandError("not_offered", field=name)
    await driver.openwb.set(device, key, number)


async def set_output(driver: _Driver, device: DeviceKey, on: bool, *, key: str) -> None:
    """Switch an output of an io module."""
    await driver.openwb.set_output(int(device.id), key, on)


async def set_smart_home(
    driver: _Driver, device: DeviceKey, on: bool, *, key: str
) -> None:
    """Take a smart-home device over, or switch it."""
    await driver.openwb.set_smart_home(int(device.id), key, on)


async def set_rank(driver: _Driver, device: DeviceKey, rank: float) -> None:
    """Have a vehicle or a consumer charged before or after others."""
    await driver.openwb.set_rank(Kind(device.kind), int(device.id), round(rank))


async def refresh_soc(driver: _Driver, device: DeviceKey) -> None:
    """Have a vehicle's charge level read."""
    await driver.openwb.refresh_soc(int(device.id))


async def reboot(driver: _Driver, _: DeviceKey) -> None:
    """Restart openWB."""
    await driver.openwb.orders.reboot()


async def reboot_charge_point(driver: _Driver, device: DeviceKey) -> None:
    """Restart a charge point."""
    await driver.openwb.orders.reboot_charge_point(int(device.id))


# --- the controls ---------------------------------------------------------------------


def number(
    kind: str,
    key: str,
    least: float,
    most: float,
    unit: str,
    *,
    step: float = 1,
    device_class: NumberDeviceClass | None = None,
    config: bool = False,
    enabled: bool = True,
    minimum: str | None = None,
    maximum: str | None = None,
) -> NumberDescription:
    """Describe a number."""
    return NumberDescription(
        kind=kind,
        key=key,
        native_min_value=least,
        native_max_value=most,
        native_step=step,
        native_unit_of_measurement=unit,
        device_class=device_class,
        mode=NumberMode.BOX if (most - least) / step > 200 else NumberMode.AUTO,
        entity_category=EntityCategory.CONFIG if config else None,
        entity_registry_enabled_default=enabled,
        minimum=minimum,
        maximum=maximum,
        set=partial(set_value, key=key),
    )


def current(
    key: str, least: float, most: float, *, step: float = 1, enabled: bool = True
) -> NumberDescription:
    """Describe a current of a charge point."""
    return number(
        CHARGE_POINT,
        key,
        least,
        most,
        UnitOfElectricCurrent.AMPERE,
        step=step,
        device_class=NumberDeviceClass.CURRENT,
        enabled=enabled,
    )


def dc_current(key: str) -> NumberDescription:
    """Describe a current that only a DC charger has."""
    return current(key, 0, 500, step=0.1, enabled=False)


def percent(
    kind: str, key: str, *, most: float = 100, config: bool = False
) -> NumberDescription:
    """Describe a charge level."""
    return number(kind, key, 0, most, UnitOfRatio.PERCENTAGE, config=config)


def power(key: str, least: float = 0) -> NumberDescription:
    """Describe a power of openWB itself."""
    return number(
        MAIN,
        key,
        least,
        1_000_000,
        UnitOfPower.WATT,
        device_class=NumberDeviceClass.POWER,
        config=True,
    )


def delay(
    key: str,
    least: float,
    most: float,
    unit: str,
    *,
    minimum: str | None = None,
    maximum: str | None = None,
) -> NumberDescription:
    """Describe a time that openWB itself waits."""
    return number(
        MAIN,
        key,
        least,
        most,
        unit,
        device_class=NumberDeviceClass.DURATION,
        config=True,
        minimum=minimum,
        maximum=maximum,
    )


def price(
    kind: str, key: str, most: float, unit: str, **more: Any
) -> NumberDescription:
    """Describe a price, of energy."""
    least = -100 if unit.startswith("ct") else 0
    # The state is rounded to the step, and a price may be 28.955 ct.
    step = 0.01 if unit.startswith("ct") else 0.00001
    return number(kind, key, least, most, unit, step=step, **more)


def select(
    kind: str,
    key: str,
    options: tuple[str, ...],
    *,
    name: str | None = None,
    choices: str | None = None,
    config: bool = False,
) -> SelectDescription:
    """Describe a choice."""
    return SelectDescription(
        kind=kind,
        key=key,
        translation_key=name or f"openwb_{key}",
        options=list(options),
        choices=choices,
        entity_category=EntityCategory.CONFIG if config else None,
        select=partial(set_value, key=key),
    )


def named(kind: str, key: str, of: Kind, choices: str) -> SelectDescription:
    """Describe a choice of what the user has given names at openWB."""
    return SelectDescription(
        kind=kind,
        key=key,
        translation_key=f"openwb_{key}",
        choices=choices,
        select=partial(set_named, key=key, of=of),
    )


def switch(
    kind: str,
    key: str,
    *,
    config: bool = False,
    placeholders: Mapping[str, str] | None = None,
) -> SwitchDescription:
    """Describe a switch."""
    return SwitchDescription(
        kind=kind,
        key=key,
        placeholders=placeholders,
        entity_category=EntityCategory.CONFIG if config else None,
        turn=partial(set_value, key=key),
    )
