"""Switches."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import SwitchDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusSwitch(WattbusEntity[SwitchDescription], SwitchEntity):
    """Something that is on or off."""

    entity_description: SwitchDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.told_as(bool)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.command(self.description.turn, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self.command(self.description.turn, False)


async_setup_entry = set_up_of(Platform.SWITCH, WattbusSwitch)
