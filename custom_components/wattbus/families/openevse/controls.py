"""What can be set on a charger: a table, and what each row asks of the driver.

A control is there once its value, or what it needs, was told, which the driver does where
the gateway passes the control's command on, or has a way of its own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

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
from .settings import CONTROLLER_CONTROLS, SETTINGS_CONTROLS, Driver, keep, to
from .shown import LEVELS, OVERRIDE_STATES

# What `$SH` takes; the gateway's own limit could be higher.
_MOST_ENERGY: Final = 255


# --- what each control asks -----------------------------------------------------------


def _do(press: Callable[[Commands], Awaitable[None]]) -> Press:
    """Ask the charger for something."""

    async def ask(driver: Driver, _: DeviceKey) -> None:
        await press(driver.commands)

    return ask


def _limit(kind: LimitType) -> Change[float]:
    return to(lambda commands, amount: commands.limits.limit(kind, amount))


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
        key=const.ENABLED, turn=to(lambda commands, on: commands.set_enabled(on))
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
        set=to(lambda commands, amperes: commands.set_current(int(amperes))),
    ),
    _select(
        const.DIVERT_MODE,
        [mode.name.lower() for mode in DivertMode],
        to(lambda commands, mode: commands.set_divert_mode(mode)),
    ),
    SwitchDescription(
        key=const.SHAPER, turn=to(lambda commands, on: commands.set_shaper(on))
    ),
    SwitchDescription(
        key=const.MANUAL_OVERRIDE,
        turn=to(lambda commands, on: commands.set_manual_override(on)),
    ),
    _select(
        const.OVERRIDE_STATE,
        list(OVERRIDE_STATES.values()),
        to(lambda commands, state: commands.set_override_state(state)),
    ),
    NumberDescription(
        key=const.ENERGY_LIMIT,
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_min_value=0,
        native_max_value=_MOST_ENERGY,
        native_step=0.1,
        mode=NumberMode.BOX,
        set=_limit(LimitType.ENERGY),
    ),
    NumberDescription(
        key=const.TIME_LIMIT,
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_min_value=0,
        native_max_value=LIMITS[LimitType.TIME],
        native_step=1,
        mode=NumberMode.BOX,
        set=_limit(LimitType.TIME),
    ),
    _select(
        const.PHASES,
        ["1", "3"],
        keep(const.PHASES),
    ),
    LockDescription(key=const.LOCKED, lock=keep(const.LOCKED)),
    LockDescription(
        key=const.SOCKET_LOCKED,
        lock=keep(const.SOCKET_LOCKED),
    ),
    ButtonDescription(
        key="wake", needs=const.CAN_WAKE, press=_do(lambda commands: commands.wake())
    ),
    ButtonDescription(
        key="press",
        needs=const.CAN_PRESS,
        entity_registry_enabled_default=False,
        press=_do(lambda commands: commands.press_button()),
    ),
    # Settings.
    SwitchDescription(
        key=const.TIMER,
        entity_category=EntityCategory.CONFIG,
        turn=to(lambda commands, on: commands.set_timer(on)),
    ),
    TimeDescription(
        key=const.TIMER_START,
        entity_category=EntityCategory.CONFIG,
        set=to(lambda commands, start: commands.set_timer_start(start)),
    ),
    TimeDescription(
        key=const.TIMER_END,
        entity_category=EntityCategory.CONFIG,
        set=to(lambda commands, end: commands.set_timer_end(end)),
    ),
    _select(
        const.SERVICE_LEVEL,
        list(LEVELS),
        keep(const.SERVICE_LEVEL),
        EntityCategory.CONFIG,
        choices=const.SERVICE_LEVELS,
    ),
    _select(
        const.LCD_COLOUR,
        [colour.name.lower() for colour in LcdColour],
        keep(const.LCD_COLOUR),
        EntityCategory.CONFIG,
        enabled=False,
    ),
    *SETTINGS_CONTROLS,
    _restart(
        "restart_gateway",
        const.CAN_RESTART_GATEWAY,
        _do(lambda commands: commands.restart_gateway()),
    ),
    _restart(
        "restart_charger",
        const.CAN_RESTART_CHARGER,
        _do(lambda commands: commands.restart_charger()),
    ),
    # What switches off protection, wears the controller's memory, or cannot be undone.
    *CONTROLLER_CONTROLS,
    replace(
        _select(
            const.LCD_TYPE,
            ["monochrome", "rgb"],
            keep(const.LCD_TYPE),
            EntityCategory.CONFIG,
        ),
        expert=True,
    ),
    ButtonDescription(
        key="reset_total_energy",
        needs=const.CAN_RESET_ENERGY,
        entity_category=EntityCategory.CONFIG,
        expert=True,
        press=_do(lambda commands: commands.reset_total_energy()),
    ),
)
