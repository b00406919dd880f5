"""Locks."""

from typing import Any, override

from homeassistant.components.lock import LockEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import LockDescription

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0


class WattbusLock(WattbusEntity[LockDescription], LockEntity):
    """Something that is locked or not."""

    entity_description: LockDescription

    @property
    @override
    def is_locked(self) -> bool | None:
        return self.told_as(bool)

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        await self.command(self.description.lock, True)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        await self.command(self.description.lock, False)


async_setup_entry = set_up_of(Platform.LOCK, WattbusLock)
