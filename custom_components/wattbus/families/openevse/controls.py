"""What can be set on a charger: a table, and what each row asks of the driver.

A control is there once its value, or what it needs, was told, which the driver does where
the gateway passes the control's command on, or has a way of its own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfTime,
)

from ...protocols.openevse import LIMITS, SETTINGS, DivertMode, LimitType
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
from .settings import SETTINGS_CONTROLS
from .values import CHECKS, CONFIGURED, LEVELS, OVERRIDE_STATES

# What `$SH` takes; the gateway's own limit could be higher.
_MOST_ENERGY: Final = 255


class _Driver(Protocol):
    """Any of this family's."""

    charger: Commands


# --- what each control asks -----------------------------------------------------------


def _to[T](change: Callable[[Commands, T], Awaitable[None]]) -> Change[T]:
    """Ask the charger for a change."""

    async def ask(driver: _Driver, _: DeviceKey, value: T) -> None:
        await change(driver.charger, value)

    return ask


def _do(press: Callable[[Commands], Awaitable[None]]) -> Press:
    """Ask the charger for something."""

    async def ask(driver: _Driver, _: DeviceKey) -> None:
        await press(driver.charger)

    return ask


def _check(letter: str) -> Change[bool]:
    return _to(lambda charger, on: charger.set_feature(letter, on))


# --- the controls ---------------------------------------------------------------------


def _select(
    key: str,
    options: list[str],
    select: Change[str],
    category: EntityCategory | None = None,
    *,
    enabled: bool = True,
    choices: str | None = None,
) -> SelectDescription:
    """Describe a choice of words that only this family has."""
    return SelectDescription(
        key=key,
        translation_key=f"openevse_{key}",
        options=options,
        select=select,
        choices=choices,
        entity_category=category,
        entity_registry_enabled_default=enabled,
    )


def _calibration(key: str, change: Change[float]) -> NumberDescription:
    rule = SETTINGS[CONFIGURED[key]]
    return NumberDescription(
        key=key,
        native_min_value=rule.minimum,
        native_max_value=rule.maximum,
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
    SwitchDescription(
        key=const.ENABLED, turn=_to(lambda charger, on: charger.set_enabled(on))
    ),
    NumberDescription(
        key=const.CHARGE_CURRENT,
        device_class=NumberDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        native_min_value=MIN_CURRENT,
        native_max_value=MAX_CURRENT,
        native_step=1,
        minimum=const.CURRENT_MINIMUM,
        maximum=const.CURRENT_MAXIMUM,
        set=_to(lambda charger, amperes: charger.set_current(int(amperes))),
    ),
    _select(
        const.DIVERT_MODE,
        [mode.name.lower() for mode in DivertMode],
        _to(lambda charger, mode: charger.set_divert_mode(mode)),
    ),
    SwitchDescription(
        key=const.SHAPER, turn=_to(lambda charger, on: charger.set_shaper(on))
    ),
    SwitchDescription(
        key=const.MANUAL_OVERRIDE,
        turn=_to(lambda charger, on: charger.set_manual_override(on)),
    ),
    _select(
        const.OVERRIDE_STATE,
        list(OVERRIDE_STATES.values()),
        _to(lambda charger, state: charger.set_override_state(state)),
    ),
    NumberDescription(
        key=const.ENERGY_LIMIT,
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=_MOST_ENERGY,
        native_step=0.1,
        mode=NumberMode.BOX,
        set=_to(lambda charger, energy: charger.set_energy_limit(energy)),
    ),
    NumberDescription(
        key=const.TIME_LIMIT,
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_min_value=0,
        native_max_value=LIMITS[LimitType.TIME],
        native_step=1,
        mode=NumberMode.BOX,
        set=_to(lambda charger, minutes: charger.set_time_limit(int(minutes))),
    ),
    _select(
        const.PHASES,
        ["1", "3"],
        _to(lambda charger, phases: charger.set_phases(phases)),
    ),
    LockDescription(
        key=const.LOCKED, lock=_to(lambda charger, locked: charger.set_locked(locked))
    ),
    LockDescription(
        key=const.SOCKET_LOCKED,
        lock=_to(lambda charger, locked: charger.set_socket_locked(locked)),
    ),
    ButtonDescription(
        key="wake", needs=const.CAN_WAKE, press=_do(lambda charger: charger.wake())
    ),
    ButtonDescription(
        key="press",
        needs=const.CAN_PRESS,
        entity_registry_enabled_default=False,
        press=_do(lambda charger: charger.press_button()),
    ),
    # Settings.
    SwitchDescription(
        key=const.TIMER,
        entity_category=EntityCategory.CONFIG,
        turn=_to(lambda charger, on: charger.set_timer(on)),
    ),
    TimeDescription(
        key=const.TIMER_START,
        entity_category=EntityCategory.CONFIG,
        set=_to(lambda charger, start: charger.set_timer_start(start)),
    ),
    TimeDescription(
        key=const.TIMER_END,
        entity_category=EntityCategory.CONFIG,
        set=_to(lambda charger, end: charger.set_timer_end(end)),
    ),
    _select(
        const.SERVICE_LEVEL,
        list(LEVELS),
        _to(lambda charger, level: charger.set_service_level(level)),
        EntityCategory.CONFIG,
        choices=const.SERVICE_LEVELS,
    ),
    _select(
        const.LCD_COLOUR,
        [colour.name.lower() for colour in LcdColour],
        _to(lambda charger, colour: charger.set_lcd_colour(colour)),
        EntityCategory.CONFIG,
        enabled=False,
    ),
    *SETTINGS_CONTROLS,
    _restart(
        "restart_gateway",
        const.CAN_RESTART_GATEWAY,
        _do(lambda charger: charger.restart_gateway()),
    ),
    _restart(
        "restart_charger",
        const.CAN_RESTART_CHARGER,
        _do(lambda charger: charger.restart_charger()),
    ),
    # What switches off protection, wears the controller's memory, or cannot be undone.
    *(
        SwitchDescription(
            key=key,
            entity_category=EntityCategory.CONFIG,
            expert=True,
            turn=_check(letter),
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
        set=_to(lambda charger, amperes: charger.set_stored_capacity(int(amperes))),
    ),
    _calibration(
        const.AMMETER_SCALE,
        _to(lambda charger, value: charger.set_ammeter_scale(int(value))),
    ),
    _calibration(
        const.AMMETER_OFFSET,
        _to(lambda charger, value: charger.set_ammeter_offset(int(value))),
    ),
    replace(
        _select(
            const.LCD_TYPE,
            ["monochrome", "rgb"],
            _to(lambda charger, kind: charger.set_lcd_type(kind)),
            EntityCategory.CONFIG,
        ),
        expert=True,
    ),
    ButtonDescription(
        key="reset_total_energy",
        needs=const.CAN_RESET_ENERGY,
        entity_category=EntityCategory.CONFIG,
        expert=True,
        press=_do(lambda charger: charger.reset_total_energy()),
    ),
)
