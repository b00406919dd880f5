"""Switches."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import SwitchDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the switches that it hears of."""
    entry.runtime_data.entities.register(
        Platform.SWITCH, WattbusSwitch, async_add_entities
    )


class WattbusSwitch(WattbusEntity[SwitchDescription], SwitchEntity):
    """Something that is on or off."""

    entity_description: SwitchDescription

    @property
    @override
    def is_on(self) -> bool | None:
        value = self.told
        return value if isinstance(value, bool) else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._turn(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._turn(False)

    async def _turn(self, on: bool) -> None:
        await self.command(self.description.turn, on)
