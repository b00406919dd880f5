"""What the log says of an installation that is not there, and of its return."""

import asyncio
from collections.abc import Callable
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import LOGGER

# Seconds in which an installation may still come, after the start or its broker's return.
_GRACE: Final = 30.0


class Contact:
    """Writes one line when the contact is lost, or does not come; one when it is back."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, linked: Callable[[], bool]
    ) -> None:
        """Prepare; nothing is told before the start, nor after the end.

        `linked` says whether the device could be heard. A broker has lines of its own.
        """
        self._loop = hass.loop
        self._entry = entry
        self._linked = linked
        self._missed = False
        self._waiting: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Begin to wait for it."""
        self._running = True
        self._wait()

    def stop(self) -> None:
        """End that: what is unloaded is not missed."""
        self._running = False
        self._stop_waiting()

    @callback
    def changed(self, up: bool, why: object = None) -> None:
        """Take note of the contact."""
        self._stop_waiting()
        if up:
            if self._missed:
                LOGGER.info("%s is there again", self._entry.title)
            self._missed = False
        elif self._running and not self._missed:
            if not self._linked():
                self._wait()
                return
            self._missed = True
            LOGGER.info(
                "%s is not there, and is unavailable%s",
                self._entry.title,
                f": {why}" if why else "",
            )

    def _wait(self) -> None:
        self._waiting = self._loop.call_later(_GRACE, self.changed, False)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
