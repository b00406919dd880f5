"""Texts."""

from typing import override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import TextDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusText(WattbusEntity[TextDescription], TextEntity):
    """A text that can be set."""

    entity_description: TextDescription

    @property
    @override
    def native_value(self) -> str | None:
        return self.told_as(str)

    @override
    async def async_set_value(self, value: str) -> None:
        await self.command(self.description.set, value)


async_setup_entry = set_up_of(Platform.TEXT, WattbusText)
