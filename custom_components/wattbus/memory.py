"""What the driver of an entry remembers over restarts."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_STORE_VERSION: Final = 1


class Memory:
    """JSON values by their names, on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare for an entry; nothing is known before `load`."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, _STORE_VERSION, f"{DOMAIN}.{entry_id}"
        )
        self._values: dict[str, Any] = {}
        self._due = float("inf")

    async def load(self) -> None:
        """Take up what was remembered."""
        self._values = await self._store.async_load() or {}

    def recall(self, key: str) -> Any:
        """Give a value back; None if there is none."""
        return self._values.get(key)

    @callback
    def remember(self, key: str, value: Any, within: float) -> None:
        """Keep a value, on disk within so many seconds."""
        if self._values.get(key) == value:
            return
        self._values[key] = value
        # A save that is due before must not be put off: with values that change all
        # the time, it would never come.
        due = self._hass.loop.time() + within
        if due < self._due:
            self._due = due
            self._store.async_delay_save(self._to_save, within)

    async def save(self) -> None:
        """Write what there is."""
        if self._values:
            await self._store.async_save(self._values)

    async def remove(self) -> None:
        """Delete all of it."""
        await self._store.async_remove()

    @callback
    def _to_save(self) -> dict[str, Any]:
        self._due = float("inf")
        return self._values
