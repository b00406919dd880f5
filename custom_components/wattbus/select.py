"""Selects."""

from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import SelectDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusSelect(WattbusEntity[SelectDescription], SelectEntity):
    """One of several options."""

    entity_description: SelectDescription

    @property
    @override
    def options(self) -> list[str]:
        if (key := self.description.choices) is None:
            return super().options
        return self.told_as(list, key) or []

    @property
    @override
    def current_option(self) -> str | None:
        value = self.told
        return value if value in self.options else None  # type: ignore[return-value]  # one of them

    @override
    async def async_select_option(self, option: str) -> None:
        await self.command(self.description.select, option)


async_setup_entry = set_up_of(Platform.SELECT, WattbusSelect)
