"""Locks."""

from typing import Any, override

from homeassistant.components.lock import LockEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import LockDescription
from .hub import WattbusConfigEntry

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the locks that it hears of."""
    entry.runtime_data.entities.register(Platform.LOCK, WattbusLock, async_add_entities)


class WattbusLock(WattbusEntity[LockDescription], LockEntity):
    """Something that is locked or not."""

    entity_description: LockDescription

    @property
    @override
    def is_locked(self) -> bool | None:
        value = self.told
        return value if isinstance(value, bool) else None

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        await self._lock(True)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        await self._lock(False)

    async def _lock(self, locked: bool) -> None:
        await self.command(self.description.lock, locked)
