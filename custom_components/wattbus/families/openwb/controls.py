"""What can be set on an openWB: a table, and what each row asks of the driver.

A control is there once its value was told, which an openWB without it does not do.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTime,
)

from ...errors import CommandError
from ...protocols.openwb import SMART_HOME_SWITCHES, Kind
from ..descriptions import (
    ButtonDescription,
    Description,
    LockDescription,
    NumberDescription,
    SelectDescription,
    SwitchDescription,
)
from ..sink import MAIN, DeviceKey
from . import const
from .commands import Commands
from .const import CHARGE_POINT, IO, SMART_HOME, VEHICLE
from .sensors import TERMINALS
from .values import told


class _Driver(Protocol):
    """This family's."""

    openwb: Commands


# --- what each control asks -----------------------------------------------------------


def _device(device: DeviceKey) -> DeviceKey:
    """Give a device's key as the commands have it: openWB itself is of no kind."""
    return DeviceKey(Kind.SYSTEM) if device.kind == MAIN else device


async def _set(driver: _Driver, device: DeviceKey, value: Any, *, key: str) -> None:
    await driver.openwb.set(_device(device), key, told(key, value))


async def _set_named(
    driver: _Driver, device: DeviceKey, name: str, *, key: str, of: Kind
) -> None:
    """Set something by the name that it has at openWB."""
    names = driver.openwb.names(of)
    number = next((number for number, known in names.items() if known == name), None)
    if number is None:  # it has got another name just now
        raise CommandError("not_offered", what=name)
    await driver.openwb.set(device, key, number)


async def _set_output(
    driver: _Driver, device: DeviceKey, on: bool, *, key: str
) -> None:
    await driver.openwb.set_output(int(device.id), key, on)


async def _set_smart_home(
    driver: _Driver, device: DeviceKey, on: bool, *, key: str
) -> None:
    await driver.openwb.set_smart_home(int(device.id), key, on)


async def _refresh_soc(driver: _Driver, device: DeviceKey) -> None:
    await driver.openwb.refresh_soc(int(device.id))


async def _reboot(driver: _Driver, _: DeviceKey) -> None:
    await driver.openwb.orders.reboot()


async def _reboot_charge_point(driver: _Driver, device: DeviceKey) -> None:
    await driver.openwb.orders.reboot_charge_point(int(device.id))


# --- the controls ---------------------------------------------------------------------


def _number(
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
) -> NumberDescription:
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
        set=partial(_set, key=key),
    )


def _current(key: str, least: float, most: float) -> NumberDescription:
    return _number(
        CHARGE_POINT,
        key,
        least,
        most,
        UnitOfElectricCurrent.AMPERE,
        device_class=NumberDeviceClass.CURRENT,
    )


def _percent(
    kind: str, key: str, *, most: float = 100, config: bool = False
) -> NumberDescription:
    return _number(kind, key, 0, most, UnitOfRatio.PERCENTAGE, config=config)


def _power(key: str, least: float = 0) -> NumberDescription:
    return _number(
        MAIN,
        key,
        least,
        1_000_000,
        UnitOfPower.WATT,
        device_class=NumberDeviceClass.POWER,
        config=True,
    )


def _delay(key: str, least: float, most: float, unit: str) -> NumberDescription:
    return _number(
        MAIN,
        key,
        least,
        most,
        unit,
        device_class=NumberDeviceClass.DURATION,
        config=True,
    )


def _price(kind: str, key: str, most: float, unit: str, **more: Any) -> Description:
    least = -100 if unit.startswith("ct") else 0
    # The state is rounded to the step, and a price may be 28.955 ct.
    step = 0.01 if unit.startswith("ct") else 0.00001
    return _number(kind, key, least, most, unit, step=step, **more)


def _select(
    kind: str,
    key: str,
    options: tuple[str, ...],
    *,
    name: str | None = None,
    choices: str | None = None,
    config: bool = False,
) -> SelectDescription:
    return SelectDescription(
        kind=kind,
        key=key,
        translation_key=name or f"openwb_{key}",
        options=list(options),
        choices=choices,
        entity_category=EntityCategory.CONFIG if config else None,
        select=partial(_set, key=key),
    )


def _named(kind: str, key: str, of: Kind, choices: str) -> SelectDescription:
    """Describe a choice of what the user has given names at openWB."""
    return SelectDescription(
        kind=kind,
        key=key,
        translation_key=f"openwb_{key}",
        choices=choices,
        select=partial(_set_named, key=key, of=of),
    )


def _switch(
    kind: str,
    key: str,
    *,
    config: bool = False,
    placeholders: Mapping[str, str] | None = None,
) -> SwitchDescription:
    return SwitchDescription(
        kind=kind,
        key=key,
        placeholders=placeholders,
        entity_category=EntityCategory.CONFIG if config else None,
        turn=partial(_set, key=key),
    )


_LIMITS: Final = ("none", "soc", "amount")
_AUTO_PHASES: Final = ("auto", "1", "3")
_FIXED_PHASES: Final = ("1", "3")


def _limits(mode: str) -> tuple[Description, ...]:
    """Describe when a mode ends: never, at a state of charge, after an energy."""
    return (
        _select(CHARGE_POINT, f"{mode}_limit", _LIMITS),
        _percent(CHARGE_POINT, f"{mode}_limit_soc"),
        _number(
            CHARGE_POINT,
            f"{mode}_limit_amount",
            1,
            1000,
            UnitOfEnergy.KILO_WATT_HOUR,
            step=0.1,
            device_class=NumberDeviceClass.ENERGY,
        ),
    )


_CHARGE_POINTS: Final[tuple[Description, ...]] = (
    _select(
        CHARGE_POINT,
        "charge_mode",
        (
            *("instant_charging", "pv_charging", "eco_charging"),
            *("scheduled_charging", "time_charging", "standby", "stop"),
        ),
        choices=const.CHARGE_MODES,
    ),
    _current("instant_current", 6, 32),
    *_limits("instant"),
    _select(CHARGE_POINT, "instant_phases", _AUTO_PHASES),
    _current("pv_min_current", 0, 16),
    _percent(CHARGE_POINT, "pv_min_soc"),
    _current("pv_min_soc_current", 6, 32),
    _percent(CHARGE_POINT, "pv_max_soc", most=101),
    *_limits("pv"),
    _select(CHARGE_POINT, "pv_phases", _AUTO_PHASES),
    _select(CHARGE_POINT, "pv_min_soc_phases", _AUTO_PHASES),
    _switch(CHARGE_POINT, "pv_feed_in_limit"),
    _current("eco_current", 6, 32),
    _price(CHARGE_POINT, "eco_max_price", 1000, "ct/kWh"),
    *_limits("eco"),
    _select(CHARGE_POINT, "eco_phases", _AUTO_PHASES),
    _switch(CHARGE_POINT, "price_charging"),
    _price(CHARGE_POINT, "price_charging_max_price", 1000, "ct/kWh"),
    _switch(CHARGE_POINT, "priority"),
    _switch(CHARGE_POINT, "time_charging"),
    _switch(CHARGE_POINT, "load_default", config=True),
    LockDescription(
        kind=CHARGE_POINT,
        key="manual_lock",
        translation_key="locked",
        lock=partial(_set, key="manual_lock"),
    ),
    _named(CHARGE_POINT, "vehicle", Kind.VEHICLE, const.VEHICLES),
    ButtonDescription(
        kind=CHARGE_POINT,
        key="reboot",
        needs=const.CAN_REBOOT,
        translation_key="restart_charger",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press=_reboot_charge_point,
        alone=False,  # one that is away takes seconds, and charging may have to stop
    ),
)

_VEHICLES: Final[tuple[Description, ...]] = (
    _named(VEHICLE, "charge_template", Kind.CHARGE_TEMPLATE, const.CHARGE_TEMPLATES),
    NumberDescription(
        kind=VEHICLE,
        key="manual_soc",
        needs=const.CAN_SET_SOC,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        set=partial(_set, key="manual_soc"),
    ),
    ButtonDescription(
        kind=VEHICLE,
        key="refresh_soc",
        needs=const.CAN_REFRESH_SOC,
        press=_refresh_soc,
    ),
)

_MAIN: Final[tuple[Description, ...]] = (
    _select(MAIN, "bat_mode", ("ev_mode", "bat_mode", "min_soc_bat_mode")),
    _percent(MAIN, "min_bat_soc", config=True),
    _percent(MAIN, "max_bat_soc", config=True),
    _power("bat_power_reserve"),
    _switch(MAIN, "bat_power_reserve_active", config=True),
    _power("bat_power_discharge"),
    _switch(MAIN, "bat_power_discharge_active", config=True),
    _power("feed_in_yield"),
    _power("switch_on_threshold"),
    _delay("switch_on_delay", 0, 86_400, UnitOfTime.SECONDS),
    _power("switch_off_threshold", -1_000_000),
    _delay("switch_off_delay", 0, 86_400, UnitOfTime.SECONDS),
    _delay("phase_switch_delay", 5, 180, UnitOfTime.MINUTES),
    _select(MAIN, "general_instant_phases", _FIXED_PHASES, config=True),
    _select(MAIN, "general_pv_phases", _AUTO_PHASES, config=True),
    _select(MAIN, "general_scheduled_phases", _AUTO_PHASES, config=True),
    _select(MAIN, "general_time_phases", _FIXED_PHASES, config=True),
    _select(MAIN, "control_interval", ("10", "20", "60"), config=True),
    _switch(MAIN, "temporary_charge_templates_active", config=True),
    *(
        _price(MAIN, f"price_{source}", 99_990, "EUR/kWh", config=True)
        for source in ("grid", "pv", "bat")
    ),
    # Where a battery takes limits.
    _switch(MAIN, "bat_control_activated", config=True),
    _select(
        MAIN,
        "power_limit_mode",
        (
            *("mode_no_discharge", "mode_discharge_home_consumption"),
            "mode_charge_pv_production",
        ),
        config=True,
    ),
    _select(
        MAIN,
        "power_limit_condition",
        ("manual", "vehicle_charging", "price_limit", "scheduled"),
        config=True,
    ),
    _select(
        MAIN,
        "manual_mode",
        ("manual_disable", "manual_limit", "manual_charge", "manual_discharge"),
        config=True,
    ),
    _percent(MAIN, "bat_control_min_soc", config=True),
    _percent(MAIN, "bat_control_max_soc", config=True),
    _switch(MAIN, "price_limit_activated", config=True),
    _price(MAIN, "price_limit", 99_990, "EUR/kWh", config=True),
    _switch(MAIN, "price_charge_activated", config=True),
    _price(MAIN, "charge_limit", 99_990, "EUR/kWh", config=True),
    ButtonDescription(
        key="reboot",
        needs=const.CAN_REBOOT,
        translation_key="openwb_reboot",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press=_reboot,
    ),
)

_OUTPUTS: Final[tuple[Description, ...]] = tuple(
    SwitchDescription(
        kind=IO,
        key=f"digital_output_{terminal}",
        translation_key="openwb_digital_output",
        placeholders={"terminal": terminal},
        turn=partial(_set_output, key=f"digital_output_{terminal}"),
    )
    for terminal in TERMINALS["digital_output"]
)

_SMART_HOME: Final[tuple[Description, ...]] = tuple(
    SwitchDescription(
        kind=SMART_HOME,
        key=name,
        translation_key=f"openwb_smart_home_{name}",
        entity_category=EntityCategory.CONFIG,
        turn=partial(_set_smart_home, key=name),
    )
    for name in SMART_HOME_SWITCHES
)

CONTROLS: Final[tuple[Description, ...]] = (
    *_CHARGE_POINTS,
    *_VEHICLES,
    *_MAIN,
    *_OUTPUTS,
    *_SMART_HOME,
)
