"""What can be set on an openWB: made of what the protocol lets each value be.

A control is there once its value was told, which an openWB without it does not do.
"""

from functools import partial
from typing import Any, Final

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberMode
from homeassistant.const import EntityCategory

from ...errors import CommandError
from ...protocols.openwb import (
    FIELDS,
    SETTINGS,
    SMART_HOME_SWITCHES,
    Kind,
    reboot,
    reboot_charge_point,
)
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
from .const import CHARGE_POINT, IO, SMART_HOME, VEHICLE
from .driver import OpenWbMqtt
from .sensors import TERMINALS
from .told import place_of
from .units import ROWS, VARYING, bounds, options, quantity, sent

# More steps than that are typed, not slid to.
_MOST_STEPS: Final = 200


# --- what each control asks -----------------------------------------------------------


async def _set(driver: OpenWbMqtt, device: DeviceKey, value: Any, *, key: str) -> None:
    """Set a value of openWB itself or of one of its devices."""
    place = place_of(device)
    await driver.commands.set(place, key, sent(place[0], key, value))


async def _set_named(
    driver: OpenWbMqtt, device: DeviceKey, name: str, *, key: str, of: Kind
) -> None:
    """Set something by the name that it has at openWB."""
    names = driver.state.names(of)
    number = next((number for number, known in names.items() if known == name), None)
    if number is None:  # it has got another name just now
        raise CommandError("not_offered", field=name)
    await driver.commands.set(place_of(device), key, number)


async def _set_output(
    driver: OpenWbMqtt, device: DeviceKey, on: bool, *, key: str
) -> None:
    await driver.commands.set_output(int(device.id), key, on)


async def _set_smart_home(
    driver: OpenWbMqtt, device: DeviceKey, on: bool, *, key: str
) -> None:
    await driver.commands.set_smart_home(int(device.id), key, on)


async def _set_rank(driver: OpenWbMqtt, device: DeviceKey, rank: float) -> None:
    await driver.commands.set_rank(Kind(device.kind), int(device.id), round(rank))


async def _refresh_soc(driver: OpenWbMqtt, device: DeviceKey) -> None:
    await driver.commands.refresh_soc(int(device.id))


async def _reboot(driver: OpenWbMqtt, device: DeviceKey) -> None:
    """Restart openWB, or a charge point."""
    if device.kind == MAIN:
        await driver.todo.do(reboot)
    else:
        await driver.todo.do(reboot_charge_point, int(device.id), silent=True)


# --- the controls ---------------------------------------------------------------------


def _made(
    kind: str, key: str, *, config: bool = False, enabled: bool = True, **more: Any
) -> Description:
    """Make a control of the rules of a value, with all that they let it be."""
    of = Kind.SYSTEM if kind == MAIN else Kind(kind)
    rules = [row.rule for row in ROWS[of, key]]
    varies = key in VARYING[of]
    more |= {
        "kind": kind,
        "key": key,
        "entity_category": EntityCategory.CONFIG if config else None,
        "entity_registry_enabled_default": enabled,
    }
    change = partial(_set, key=key)
    if rules[0].kind is bool:
        return SwitchDescription(turn=change, **more)
    if rules[0].choices:
        return SelectDescription(
            translation_key=f"openwb_{key}",
            options=options(rules),
            choices=f"{key}_choices" if varies else None,
            select=change,
            **more,
        )
    shown, (least, most) = quantity(of, rules[0]), bounds(of, rules[0])
    step = shown.fine if rules[0].kind is float else shown.step
    return NumberDescription(
        native_min_value=least,
        native_max_value=most,
        native_step=step,
        native_unit_of_measurement=shown.unit,
        device_class=shown.device_class,
        mode=NumberMode.BOX if (most - least) / step > _MOST_STEPS else NumberMode.AUTO,
        minimum=f"{key}_least" if varies else None,
        maximum=f"{key}_most" if varies else None,
        set=change,
        **more,
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


def _restart(kind: str, name: str, *, alone: bool = True) -> ButtonDescription:
    return ButtonDescription(
        kind=kind,
        key="reboot",
        needs=const.CAN_REBOOT,
        translation_key=name,
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press=_reboot,
        alone=alone,
    )


CONTROLS: Final[tuple[Description, ...]] = (
    *(
        # Only a DC charger has a DC current.
        _made(
            CHARGE_POINT, name, config=name == "load_default", enabled="dc_" not in name
        )
        for name in FIELDS
    ),
    LockDescription(
        kind=CHARGE_POINT,
        key="manual_lock",
        translation_key="locked",
        lock=partial(_set, key="manual_lock"),
    ),
    _named(CHARGE_POINT, "vehicle", Kind.VEHICLE, const.VEHICLES),
    # One that is away takes seconds, and charging may have to stop.
    _restart(CHARGE_POINT, "restart_charger", alone=False),
    _named(VEHICLE, "charge_template", Kind.CHARGE_TEMPLATE, const.CHARGE_TEMPLATES),
    _made(VEHICLE, "manual_soc", needs=const.CAN_SET_SOC),
    ButtonDescription(
        kind=VEHICLE,
        key="refresh_soc",
        needs=const.CAN_REFRESH_SOC,
        press=_refresh_soc,
    ),
    *(
        NumberDescription(
            kind=kind,
            key=const.RANK,
            native_min_value=1,
            native_max_value=100,
            native_step=1,
            maximum=const.RANKS,
            mode=NumberMode.BOX,
            set=_set_rank,
        )
        for kind in (VEHICLE, const.CONSUMER)
    ),
    *(
        _made(MAIN, name, config=name != "bat_mode")
        for kind, name in SETTINGS
        if kind is Kind.SYSTEM
    ),
    _restart(MAIN, "openwb_reboot"),
    *(
        SwitchDescription(
            kind=IO,
            key=f"digital_output_{terminal}",
            translation_key="openwb_digital_output",
            placeholders={"terminal": terminal},
            turn=partial(_set_output, key=f"digital_output_{terminal}"),
        )
        for terminal in TERMINALS["digital_output"]
    ),
    *(
        SwitchDescription(
            kind=SMART_HOME,
            key=name,
            translation_key=f"openwb_smart_home_{name}",
            entity_category=EntityCategory.CONFIG,
            turn=partial(_set_smart_home, key=name),
        )
        for name in SMART_HOME_SWITCHES
    ),
)
