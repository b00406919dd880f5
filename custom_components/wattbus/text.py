"""Texts."""

from typing import override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import TextDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the texts that it hears of."""
    entry.runtime_data.entities.register(Platform.TEXT, WattbusText, async_add_entities)


class WattbusText(WattbusEntity[TextDescription], TextEntity):
    """A text that can be set."""

    entity_description: TextDescription

    @property
    @override
    def native_value(self) -> str | None:
        value = self.told
        return value if isinstance(value, str) else None

    @override
    async def async_set_value(self, value: str) -> None:
        await self.command(self.description.set, value)
