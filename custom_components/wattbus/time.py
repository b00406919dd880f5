"""Times."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import TimeDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the times that it hears of."""
    entry.runtime_data.entities.register(Platform.TIME, WattbusTime, async_add_entities)


class WattbusTime(WattbusEntity[TimeDescription], TimeEntity):
    """A time of the day."""

    entity_description: TimeDescription

    @property
    @override
    def native_value(self) -> time | None:
        value = self.told
        return value if isinstance(value, time) else None

    @override
    async def async_set_value(self, value: time) -> None:
        await self.command(self.description.set, value)
