"""When the states of what changed are written: soon, and not more often than needed."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback

from .const import LOGGER

if TYPE_CHECKING:
    from .device import Device
    from .entities import Entities

# State writes of one burst of messages are put together for this long (seconds): the
# first message is shown at once, then the newest of those that came meanwhile.
EVERY: Final = 0.05


class StateWriter:
    """Gathers what changed, and has those who show it write their states."""

    def __init__(self, loop: asyncio.AbstractEventLoop, entities: Entities) -> None:
        """Prepare; until `start`, changes are only gathered."""
        self._loop = loop
        self._entities = entities
        self._changed: dict[Device, set[str] | None] = {}
        self._handle: asyncio.TimerHandle | asyncio.Handle | None = None
        self._last = float("-inf")
        self._running = False

    def start(self) -> None:
        """Begin to write."""
        self._running = True

    def stop(self) -> None:
        """End that."""
        self._running = False
        if self._handle is not None:
            self._handle.cancel()

    @callback
    def forget(self, device: Device) -> None:
        """Write nothing more of a device that the user deleted."""
        self._changed.pop(device, None)

    @callback
    def mark(self, device: Device, changed: Iterable[str] | None) -> None:
        """Note what to write; None is everything of the device."""
        marked = self._changed.setdefault(device, set())
        if changed is None:
            self._changed[device] = None
            changed = ()
        elif marked is not None:
            marked.update(changed)
        if not device.brought.issuperset(changed):
            self._entities.bring(device, changed)
        if self._handle is None and self._running:
            due = self._last + EVERY
            # At the end of this message, which may report many devices; or when the
            # last writing is long enough ago.
            self._handle = (
                self._loop.call_soon(self._write)
                if due <= self._loop.time()
                else self._loop.call_at(due, self._write)
            )

    @callback
    def _write(self) -> None:
        self._handle = None
        self._last = self._loop.time()
        changed, self._changed = self._changed, {}
        for device, names in changed.items():
            for write in device.listeners(names):
                try:
                    write()
                except Exception:  # noqa: BLE001 # one bad value is not the others' fault
                    LOGGER.exception("A state of %s could not be written", device.key)
        self._entities.add_waiting()
