"""What can be set on an ECU and its inverters.

What the web page does is there once the driver has said that the page offers it.
"""

from typing import Final

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory, UnitOfPower

from ...protocols.inputs import check_number
from ..descriptions import (
    ButtonDescription,
    Description,
    NumberDescription,
    SwitchDescription,
)
from ..sink import DeviceKey
from .const import INVERTER, POLLING
from .driver import EcuTcp
from .web import MAX_POWER, MOST_EXPORT, Feature


async def _turn_polling(driver: EcuTcp, _: DeviceKey, on: bool) -> None:
    await driver.set_polling(on)


async def _turn_inverter(driver: EcuTcp, device: DeviceKey, on: bool) -> None:
    await driver.features.settings.switch(device.id, on)


async def _turn_zero_export(driver: EcuTcp, _: DeviceKey, on: bool) -> None:
    await driver.features.set_zero_export(on=on)


async def _set_export_limit(driver: EcuTcp, _: DeviceKey, watts: float) -> None:
    limit = check_number(
        watts, "export_limit", minimum=0, maximum=MOST_EXPORT, whole=True
    )
    await driver.features.set_zero_export(limit=int(limit))


async def _set_max_power(driver: EcuTcp, device: DeviceKey, watts: float) -> None:
    await driver.features.settings.set_max_power(device.id, watts)


async def _all_on(driver: EcuTcp, _: DeviceKey) -> None:
    await driver.features.settings.switch_all(True)


async def _all_off(driver: EcuTcp, _: DeviceKey) -> None:
    await driver.features.settings.switch_all(False)


async def _restart(driver: EcuTcp, _: DeviceKey) -> None:
    await driver.features.restart()


CONTROLS: Final[tuple[Description, ...]] = (
    SwitchDescription(
        key=POLLING,
        entity_category=EntityCategory.CONFIG,
        always_available=True,
        # It asks the ECU, which may take its time to answer.
        alone=False,
        turn=_turn_polling,
    ),
    SwitchDescription(
        key="switched_on", kind=INVERTER, needs=Feature.SWITCH, turn=_turn_inverter
    ),
    NumberDescription(
        key="max_power",
        kind=INVERTER,
        needs=Feature.MAX_POWER,
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_min_value=0,
        native_max_value=MAX_POWER[-1],
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        set=_set_max_power,
    ),
    ButtonDescription(key="all_on", needs=Feature.SWITCH_ALL, press=_all_on),
    ButtonDescription(key="all_off", needs=Feature.SWITCH_ALL, press=_all_off),
    ButtonDescription(
        key="restart",
        needs=Feature.RESTART,
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        # What it is there for is an ECU that does not answer.
        always_available=True,
        press=_restart,
    ),
    SwitchDescription(
        key="zero_export", needs=Feature.ZERO_EXPORT, turn=_turn_zero_export
    ),
    NumberDescription(
        key="export_limit",
        needs=Feature.ZERO_EXPORT,
        device_class=NumberDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        native_min_value=0,
        native_max_value=MOST_EXPORT,
        native_step=1,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        set=_set_export_limit,
    ),
)
