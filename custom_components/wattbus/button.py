"""Buttons."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import ButtonDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusButton(WattbusEntity[ButtonDescription], ButtonEntity):
    """Something the device does when asked."""

    entity_description: ButtonDescription

    @override
    async def async_press(self) -> None:
        await self.command(self.entity_description.press)


async_setup_entry = set_up_of(Platform.BUTTON, WattbusButton)
