"""What the log says of an installation that is not there, and of its return."""

import asyncio
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import LOGGER

# Seconds after the start in which an installation may still come, as by MQTT it does.
_GRACE: Final = 30.0


class Contact:
    """Writes one line when the contact is lost, or not there at first; one when it is back."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Prepare; nothing is told before the start, nor after the end."""
        self._loop = hass.loop
        self._entry = entry
        self._missed = False
        self._start: asyncio.TimerHandle | None = None
        self._running = False

    def start(self) -> None:
        """Begin to wait for it."""
        self._running = True
        self._start = self._loop.call_later(_GRACE, self.tell, False)

    def stop(self) -> None:
        """End that: what is unloaded is not missed."""
        self._running = False
        self._wait_no_more()

    @callback
    def tell(self, up: bool, why: object = None) -> None:
        """Take note of the contact; at first it may take its time."""
        if up:
            self._wait_no_more()
            if self._missed:
                LOGGER.info("%s is there again", self._entry.title)
            self._missed = False
        elif self._running and not self._missed:
            self._wait_no_more()
            self._missed = True
            LOGGER.info(
                "%s is not there, and is unavailable%s",
                self._entry.title,
                f": {why}" if why else "",
            )

    def _wait_no_more(self) -> None:
        if self._start is not None:
            self._start.cancel()
            self._start = None
