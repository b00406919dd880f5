"""Selects."""

from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import SelectDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the selects that it hears of."""
    entry.runtime_data.entities.register(
        Platform.SELECT, WattbusSelect, async_add_entities
    )


class WattbusSelect(WattbusEntity[SelectDescription], SelectEntity):
    """One of several options."""

    entity_description: SelectDescription

    @property
    @override
    def options(self) -> list[str]:
        if (key := self.description.choices) is None:
            return super().options
        told = self.device.values.get(key)
        return told if isinstance(told, list) else []

    @property
    @override
    def current_option(self) -> str | None:
        value = self.told
        return value if value in self.options else None  # type: ignore[return-value]  # one of them

    @override
    async def async_select_option(self, option: str) -> None:
        await self.command(self.description.select, option)
