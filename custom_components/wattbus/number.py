"""Numbers."""

from typing import override

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import NumberDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


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


async_setup_entry = set_up_of(Platform.NUMBER, WattbusNumber)
