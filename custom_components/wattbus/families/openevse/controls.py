"""What can be set on a charger: a table, and what each row asks of the driver.

A control is there once its value, or what it needs, was told, which the driver does where
the gateway passes the control's command on.
"""

from dataclasses import replace
from datetime import time
from functools import partial
from typing import Final, Protocol

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfTime,
)

from ...protocols.openevse import LIMITS, DivertMode, LimitType
from ...protocols.rapi import MAX_CURRENT, MIN_CURRENT, LcdColour
from ..descriptions import (
    ButtonDescription,
    Change,
    Description,
    LockDescription,
    NumberDescription,
    Press,
    SelectDescription,
    SwitchDescription,
    TimeDescription,
)
from ..sink import DeviceKey
from . import const
from .commands import Commands
from .values import CHECKS

# What `$SH` takes; the gateway's own limit could be higher.
_MOST_ENERGY: Final = 255


class _Driver(Protocol):
    """Any of this family's."""

    charger: Commands


# --- what each control asks -----------------------------------------------------------


async def _turn_enabled(driver: _Driver, _: DeviceKey, on: bool) -> None:
    await driver.charger.set_enabled(on)


async def _turn_shaper(driver: _Driver, _: DeviceKey, on: bool) -> None:
    await driver.charger.set_shaper(on)


async def _turn_override(driver: _Driver, _: DeviceKey, on: bool) -> None:
    await driver.charger.set_manual_override(on)


async def _turn_timer(driver: _Driver, _: DeviceKey, on: bool) -> None:
    await driver.charger.set_timer(on)


async def _turn_check(driver: _Driver, _: DeviceKey, on: bool, *, letter: str) -> None:
    await driver.charger.set_feature(letter, on)


async def _set_current(driver: _Driver, _: DeviceKey, amperes: float) -> None:
    await driver.charger.set_current(int(amperes))


async def _set_energy_limit(driver: _Driver, _: DeviceKey, energy: float) -> None:
    await driver.charger.set_energy_limit(energy)


async def _set_time_limit(driver: _Driver, _: DeviceKey, minutes: float) -> None:
    await driver.charger.set_time_limit(int(minutes))


async def _set_brightness(driver: _Driver, _: DeviceKey, value: float) -> None:
    await driver.charger.set_led_brightness(int(value))


async def _set_capacity(driver: _Driver, _: DeviceKey, amperes: float) -> None:
    await driver.charger.set_stored_capacity(int(amperes))


async def _set_ammeter_scale(driver: _Driver, _: DeviceKey, value: float) -> None:
    await driver.charger.set_ammeter_scale(int(value))


async def _set_ammeter_offset(driver: _Driver, _: DeviceKey, value: float) -> None:
    await driver.charger.set_ammeter_offset(int(value))


async def _select_lcd_type(driver: _Driver, _: DeviceKey, kind: str) -> None:
    await driver.charger.set_lcd_type(kind)


async def _select_divert_mode(driver: _Driver, _: DeviceKey, mode: str) -> None:
    await driver.charger.set_divert_mode(mode)


async def _select_phases(driver: _Driver, _: DeviceKey, phases: str) -> None:
    await driver.charger.set_phases(phases)


async def _select_service_level(driver: _Driver, _: DeviceKey, level: str) -> None:
    await driver.charger.set_service_level(level)


async def _select_colour(driver: _Driver, _: DeviceKey, colour: str) -> None:
    await driver.charger.set_lcd_colour(colour)


async def _set_timer_start(driver: _Driver, _: DeviceKey, start: time) -> None:
    await driver.charger.set_timer_start(start)


async def _set_timer_end(driver: _Driver, _: DeviceKey, end: time) -> None:
    await driver.charger.set_timer_end(end)


async def _lock(driver: _Driver, _: DeviceKey, locked: bool) -> None:
    await driver.charger.set_locked(locked)


async def _lock_socket(driver: _Driver, _: DeviceKey, locked: bool) -> None:
    await driver.charger.set_socket_locked(locked)


async def _wake(driver: _Driver, _: DeviceKey) -> None:
    await driver.charger.wake()


async def _press(driver: _Driver, _: DeviceKey) -> None:
    await driver.charger.press_button()


async def _restart_gateway(driver: _Driver, _: DeviceKey) -> None:
    await driver.charger.restart_gateway()


async def _restart_charger(driver: _Driver, _: DeviceKey) -> None:
    await driver.charger.restart_charger()


async def _reset_total_energy(driver: _Driver, _: DeviceKey) -> None:
    await driver.charger.reset_total_energy()


# --- the controls ---------------------------------------------------------------------


def _select(
    key: str,
    options: list[str],
    select: Change[str],
    category: EntityCategory | None = None,
    *,
    enabled: bool = True,
) -> SelectDescription:
    """Describe a choice of words that only this family has."""
    return SelectDescription(
        key=key,
        translation_key=f"openevse_{key}",
        options=options,
        select=select,
        entity_category=category,
        entity_registry_enabled_default=enabled,
    )


def _calibration(
    key: str, least: int, most: int, change: Change[float]
) -> NumberDescription:
    return NumberDescription(
        key=key,
        native_min_value=least,
        native_max_value=most,
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        expert=True,
        set=change,
    )


def _restart(key: str, needs: str, press: Press) -> ButtonDescription:
    return ButtonDescription(
        key=key,
        needs=needs,
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        press=press,
    )


CONTROLS: Final[tuple[Description, ...]] = (
    SwitchDescription(key=const.ENABLED, turn=_turn_enabled),
    NumberDescription(
        key=const.CHARGE_CURRENT,
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MIN_CURRENT,
        native_max_value=MAX_CURRENT,
        native_step=1,
        minimum=const.CURRENT_MINIMUM,
        maximum=const.CURRENT_MAXIMUM,
        set=_set_current,
    ),
    _select(
        const.DIVERT_MODE,
        [mode.name.lower() for mode in DivertMode],
        _select_divert_mode,
    ),
    SwitchDescription(key=const.SHAPER, turn=_turn_shaper),
    SwitchDescription(key=const.MANUAL_OVERRIDE, turn=_turn_override),
    NumberDescription(
        key=const.ENERGY_LIMIT,
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=_MOST_ENERGY,
        native_step=0.1,
        mode=NumberMode.BOX,
        set=_set_energy_limit,
    ),
    NumberDescription(
        key=const.TIME_LIMIT,
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_min_value=0,
        native_max_value=LIMITS[LimitType.TIME],
        native_step=1,
        mode=NumberMode.BOX,
        set=_set_time_limit,
    ),
    _select(const.PHASES, ["1", "3"], _select_phases),
    LockDescription(key=const.LOCKED, lock=_lock),
    LockDescription(key=const.SOCKET_LOCKED, lock=_lock_socket),
    ButtonDescription(key="wake", needs=const.CAN_WAKE, press=_wake),
    ButtonDescription(
        key="press",
        needs=const.CAN_PRESS,
        entity_registry_enabled_default=False,
        press=_press,
    ),
    # Settings.
    SwitchDescription(
        key=const.TIMER, entity_category=EntityCategory.CONFIG, turn=_turn_timer
    ),
    TimeDescription(
        key=const.TIMER_START,
        entity_category=EntityCategory.CONFIG,
        set=_set_timer_start,
    ),
    TimeDescription(
        key=const.TIMER_END, entity_category=EntityCategory.CONFIG, set=_set_timer_end
    ),
    _select(
        const.SERVICE_LEVEL,
        ["1", "2", "auto"],
        _select_service_level,
        EntityCategory.CONFIG,
    ),
    _select(
        const.LCD_COLOUR,
        [colour.name.lower() for colour in LcdColour],
        _select_colour,
        EntityCategory.CONFIG,
        enabled=False,
    ),
    NumberDescription(
        key=const.LED_BRIGHTNESS,
        native_min_value=0,
        native_max_value=255,
        native_step=1,
        entity_category=EntityCategory.CONFIG,
        set=_set_brightness,
    ),
    _restart("restart_gateway", const.CAN_RESTART_GATEWAY, _restart_gateway),
    _restart("restart_charger", const.CAN_RESTART_CHARGER, _restart_charger),
    # What switches off protection, wears the controller's memory, or cannot be undone.
    *(
        SwitchDescription(
            key=key,
            entity_category=EntityCategory.CONFIG,
            expert=True,
            turn=partial(_turn_check, letter=letter),
        )
        for letter, (key, _) in CHECKS.items()
    ),
    NumberDescription(
        key=const.STORED_CAPACITY,
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MIN_CURRENT,
        native_max_value=MAX_CURRENT,
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        expert=True,
        set=_set_capacity,
    ),
    _calibration(const.AMMETER_SCALE, 0, 0x7FFF, _set_ammeter_scale),
    _calibration(const.AMMETER_OFFSET, -0x8000, 0x7FFF, _set_ammeter_offset),
    replace(
        _select(
            const.LCD_TYPE,
            ["monochrome", "rgb"],
            _select_lcd_type,
            EntityCategory.CONFIG,
        ),
        expert=True,
    ),
    ButtonDescription(
        key="reset_total_energy",
        needs=const.CAN_RESET_ENERGY,
        entity_category=EntityCategory.CONFIG,
        expert=True,
        press=_reset_total_energy,
    ),
)
