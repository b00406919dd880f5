"""What can be set on an openWB: a table.

A control is there once its value was told, which an openWB without it does not do.
"""

from functools import partial
from typing import Final

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfRatio, UnitOfTime

from ...protocols.openwb import SMART_HOME_SWITCHES, Kind
from ..descriptions import (
    ButtonDescription,
    Description,
    LockDescription,
    NumberDescription,
    SwitchDescription,
)
from ..sink import MAIN
from . import const
from .const import CHARGE_POINT, IO, SMART_HOME, VEHICLE
from .control_kinds import (
    current,
    dc_current,
    delay,
    named,
    number,
    percent,
    power,
    price,
    reboot,
    reboot_charge_point,
    refresh_soc,
    select,
    set_output,
    set_rank,
    set_smart_home,
    set_value,
    switch,
)
from .sensors import TERMINALS

_LIMITS: Final = ("none", "soc", "amount")
_AUTO_PHASES: Final = ("auto", "1", "3")
_FIXED_PHASES: Final = ("1", "3")


def _limits(mode: str) -> tuple[Description, ...]:
    """Describe when a mode ends: never, at a state of charge, after an energy."""
    return (
        select(CHARGE_POINT, f"{mode}_limit", _LIMITS),
        percent(CHARGE_POINT, f"{mode}_limit_soc"),
        number(
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
    select(
        CHARGE_POINT,
        "charge_mode",
        (
            *("instant_charging", "pv_charging", "eco_charging"),
            *("scheduled_charging", "time_charging", "standby", "stop"),
        ),
        choices=const.CHARGE_MODES,
    ),
    current("instant_current", 6, 32),
    dc_current("instant_dc_current"),
    *_limits("instant"),
    select(CHARGE_POINT, "instant_phases", _AUTO_PHASES),
    current("pv_min_current", 0, 16),
    dc_current("pv_dc_min_current"),
    percent(CHARGE_POINT, "pv_min_soc"),
    current("pv_min_soc_current", 6, 32),
    dc_current("pv_dc_min_soc_current"),
    percent(CHARGE_POINT, "pv_max_soc", most=101),
    *_limits("pv"),
    select(CHARGE_POINT, "pv_phases", _AUTO_PHASES),
    select(CHARGE_POINT, "pv_min_soc_phases", _AUTO_PHASES),
    switch(CHARGE_POINT, "pv_feed_in_limit"),
    current("eco_current", 6, 32),
    dc_current("eco_dc_current"),
    price(CHARGE_POINT, "eco_max_price", 1000, "ct/kWh"),
    *_limits("eco"),
    select(CHARGE_POINT, "eco_phases", _AUTO_PHASES),
    switch(CHARGE_POINT, "price_charging"),
    price(CHARGE_POINT, "price_charging_max_price", 1000, "ct/kWh"),
    switch(CHARGE_POINT, "priority"),
    switch(CHARGE_POINT, "time_charging"),
    switch(CHARGE_POINT, "load_default", config=True),
    LockDescription(
        kind=CHARGE_POINT,
        key="manual_lock",
        translation_key="locked",
        lock=partial(set_value, key="manual_lock"),
    ),
    named(CHARGE_POINT, "vehicle", Kind.VEHICLE, const.VEHICLES),
    ButtonDescription(
        kind=CHARGE_POINT,
        key="reboot",
        needs=const.CAN_REBOOT,
        translation_key="restart_charger",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press=reboot_charge_point,
        alone=False,  # one that is away takes seconds, and charging may have to stop
    ),
)

_VEHICLES: Final[tuple[Description, ...]] = (
    named(VEHICLE, "charge_template", Kind.CHARGE_TEMPLATE, const.CHARGE_TEMPLATES),
    NumberDescription(
        kind=VEHICLE,
        key="manual_soc",
        needs=const.CAN_SET_SOC,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        set=partial(set_value, key="manual_soc"),
    ),
    ButtonDescription(
        kind=VEHICLE,
        key="refresh_soc",
        needs=const.CAN_REFRESH_SOC,
        press=refresh_soc,
    ),
)

_RANKS: Final[tuple[Description, ...]] = tuple(
    NumberDescription(
        kind=kind,
        key=const.RANK,
        native_min_value=1,
        native_max_value=100,
        native_step=1,
        maximum=const.RANKS,
        mode=NumberMode.BOX,
        set=set_rank,
    )
    for kind in (VEHICLE, const.CONSUMER)
)

_MAIN: Final[tuple[Description, ...]] = (
    select(MAIN, "bat_mode", ("ev_mode", "bat_mode", "min_soc_bat_mode")),
    percent(MAIN, "min_bat_soc", config=True),
    percent(MAIN, "max_bat_soc", config=True),
    power("bat_power_reserve"),
    switch(MAIN, "bat_power_reserve_active", config=True),
    power("bat_power_discharge"),
    switch(MAIN, "bat_power_discharge_active", config=True),
    switch(MAIN, "feed_in_limit", config=True),
    power("feed_in_yield"),
    power("switch_on_threshold"),
    delay("switch_on_delay", 0, 86_400, UnitOfTime.SECONDS),
    power("switch_off_threshold", -1_000_000),
    delay("switch_off_delay", 0, 86_400, UnitOfTime.SECONDS),
    delay(
        "phase_switch_delay",
        *(5, 180, UnitOfTime.MINUTES),
        minimum=const.LEAST_DELAY,
        maximum=const.MOST_DELAY,
    ),
    select(MAIN, "general_instant_phases", _FIXED_PHASES, config=True),
    select(MAIN, "general_pv_phases", _AUTO_PHASES, config=True),
    select(MAIN, "general_scheduled_phases", _AUTO_PHASES, config=True),
    select(MAIN, "general_scheduled_pv_phases", _AUTO_PHASES, config=True),
    select(MAIN, "general_time_phases", _FIXED_PHASES, config=True),
    select(MAIN, "control_interval", ("10", "20", "60"), config=True),
    switch(MAIN, "temporary_charge_templates_active", config=True),
    *(
        price(MAIN, f"price_{source}", 99_990, "EUR/kWh", config=True)
        for source in ("grid", "pv", "bat")
    ),
    # Where a battery takes limits.
    switch(MAIN, "bat_control_activated", config=True),
    select(
        MAIN,
        "power_limit_mode",
        (
            *("mode_no_discharge", "mode_discharge_home_consumption"),
            "mode_charge_pv_production",
            *("no_limit", "limit_stop", "limit_to_home_consumption"),
        ),
        choices=const.LIMIT_MODES,
        config=True,
    ),
    select(
        MAIN,
        "power_limit_condition",
        ("manual", "vehicle_charging", "price_limit", "scheduled"),
        config=True,
    ),
    select(
        MAIN,
        "manual_mode",
        ("manual_disable", "manual_limit", "manual_charge", "manual_discharge"),
        config=True,
    ),
    percent(MAIN, "bat_control_min_soc", config=True),
    percent(MAIN, "bat_control_max_soc", config=True),
    switch(MAIN, "price_limit_activated", config=True),
    price(MAIN, "price_limit", 99_990, "EUR/kWh", config=True),
    switch(MAIN, "price_charge_activated", config=True),
    price(MAIN, "charge_limit", 99_990, "EUR/kWh", config=True),
    ButtonDescription(
        key="reboot",
        needs=const.CAN_REBOOT,
        translation_key="openwb_reboot",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press=reboot,
    ),
)

_OUTPUTS: Final[tuple[Description, ...]] = tuple(
    SwitchDescription(
        kind=IO,
        key=f"digital_output_{terminal}",
        translation_key="openwb_digital_output",
        placeholders={"terminal": terminal},
        turn=partial(set_output, key=f"digital_output_{terminal}"),
    )
    for terminal in TERMINALS["digital_output"]
)

_SMART_HOME: Final[tuple[Description, ...]] = tuple(
    SwitchDescription(
        kind=SMART_HOME,
        key=name,
        translation_key=f"openwb_smart_home_{name}",
        entity_category=EntityCategory.CONFIG,
        turn=partial(set_smart_home, key=name),
    )
    for name in SMART_HOME_SWITCHES
)

CONTROLS: Final[tuple[Description, ...]] = (
    *_CHARGE_POINTS,
    *_VEHICLES,
    *_RANKS,
    *_MAIN,
    *_OUTPUTS,
    *_SMART_HOME,
)
