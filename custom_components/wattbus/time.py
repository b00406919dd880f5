"""Times."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import TimeDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusTime(WattbusEntity[TimeDescription], TimeEntity):
    """A time of the day."""

    entity_description: TimeDescription

    @property
    @override
    def native_value(self) -> time | None:
        return self.told_as(time)

    @override
    async def async_set_value(self, value: time) -> None:
        await self.command(self.description.set, value)


async_setup_entry = set_up_of(Platform.TIME, WattbusTime)
