"""Buttons."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import ButtonDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the buttons of what the device can do."""
    entry.runtime_data.entities.register(
        Platform.BUTTON, WattbusButton, async_add_entities
    )


class WattbusButton(WattbusEntity[ButtonDescription], ButtonEntity):
    """Something the device does when asked."""

    entity_description: ButtonDescription

    @override
    async def async_press(self) -> None:
        await self.command(self.entity_description.press)
