"""Numbers."""

from typing import override

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import NumberDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the numbers that it hears of."""
    entry.runtime_data.entities.register(
        Platform.NUMBER, WattbusNumber, async_add_entities
    )


class WattbusNumber(WattbusEntity[NumberDescription], NumberEntity):
    """A number that can be set."""

    entity_description: NumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        return self._number(self.description.key)

    @property
    @override
    def native_min_value(self) -> float:
        return self._limit(self.description.minimum, super().native_min_value)

    @property
    @override
    def native_max_value(self) -> float:
        return self._limit(self.description.maximum, super().native_max_value)

    @override
    async def async_set_native_value(self, value: float) -> None:
        await self.command(self.description.set, value)

    def _limit(self, key: str | None, fixed: float) -> float:
        """Give the limit that the device tells, or that of the description."""
        told = self._number(key) if key else None
        return fixed if told is None else told

    def _number(self, key: str) -> float | None:
        value = self.device.values.get(key)
        return value if isinstance(value, int | float) else None
