"""What can be set on an ECU and its inverters.

What the web page does is there once the driver has said that the page offers it.
"""

from typing import Any, Final

from homeassistant.components.button import ButtonDeviceClass  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory, UnitOfPower

from ..descriptions import (
    ButtonDescription,
    Description,
    NumberDescription,
    SwitchDescription,
)
from .const import INVERTER, POLLING
from .web import MAX_POWER, MOST_EXPORT, Feature

# Both are of W, as whole numbers from 0, in a field.
_WATTS: Final[dict[str, Any]] = {
    "device_class": NumberDeviceClass.POWER,
    "native_unit_of_measurement": UnitOfPower.WATT,
    "native_min_value": 0,
    "native_step": 1,
    "mode": NumberMode.BOX,
    "entity_category": EntityCategory.CONFIG,
}

CONTROLS: Final[tuple[Description, ...]] = (
    SwitchDescription(
        key=POLLING,
        entity_category=EntityCategory.CONFIG,
        always_available=True,
        # It asks the ECU, which may take its time to answer.
        alone=False,
        turn=lambda ecu, _, on: ecu.set_polling(on),
    ),
    SwitchDescription(
        key="switched_on",
        kind=INVERTER,
        needs=Feature.SWITCH,
        turn=lambda ecu, device, on: ecu.commands.switch(device.id, on),
    ),
    NumberDescription(
        key="max_power",
        kind=INVERTER,
        needs=Feature.MAX_POWER,
        native_max_value=MAX_POWER[-1],
        set=lambda ecu, device, watts: ecu.commands.set_max_power(device.id, watts),
        **_WATTS,
    ),
    ButtonDescription(
        key="all_on",
        needs=Feature.SWITCH_ALL,
        press=lambda ecu, _: ecu.commands.switch_all(True),
    ),
    ButtonDescription(
        key="all_off",
        needs=Feature.SWITCH_ALL,
        press=lambda ecu, _: ecu.commands.switch_all(False),
    ),
    ButtonDescription(
        key="restart",
        needs=Feature.RESTART,
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        # What it is there for is an ECU that does not answer.
        always_available=True,
        press=lambda ecu, _: ecu.commands.restart(),
    ),
    SwitchDescription(
        key="zero_export",
        needs=Feature.ZERO_EXPORT,
        turn=lambda ecu, _, on: ecu.commands.set_zero_export(on=on),
    ),
    NumberDescription(
        key="export_limit",
        needs=Feature.ZERO_EXPORT,
        native_max_value=MOST_EXPORT,
        set=lambda ecu, _, watts: ecu.commands.set_zero_export(limit=watts),
        **_WATTS,
    ),
)
