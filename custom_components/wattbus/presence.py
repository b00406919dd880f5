"""Which devices of an entry are available: those that have spoken lately."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr

from .const import LOGGER
from .freshness import Freshness

if TYPE_CHECKING:
    import asyncio

    from homeassistant.core import HomeAssistant

    from .device import Device
    from .families.sink import DeviceKey


class Presence:
    """Marks devices as available and, after too long a silence, as not."""

    def __init__(
        self,
        hass: HomeAssistant,
        devices: Mapping[DeviceKey, Device],
        patience: float | None,
        changed: Callable[[Device], None],
    ) -> None:
        """Watch `devices`, which may grow; `changed` is told of each that changes.

        `patience` are the seconds of silence allowed to a device whose interval is not
        known; with None, devices are there as long as the connection is.
        """
        self._hass = hass
        self._loop = hass.loop
        self._devices = devices
        self._patience = patience
        self._changed = changed
        self._running = False
        self._handle: asyncio.TimerHandle | None = None
        self._silent: set[DeviceKey] = set()
        """Those whose silence the log tells of, and will tell the end of."""

    def start(self) -> None:
        """Begin to wait for silence."""
        self._running = True

    def stop(self) -> None:
        """End that."""
        self._running = False
        if self._handle is not None:
            self._handle.cancel()

    @callback
    def set_available(self, device: Device, available: bool) -> None:
        """Tell what a device is."""
        if device.available != available:
            device.available = available
            self._changed(device)

    @callback
    def seen(self, device: Device, age: float, up: bool) -> None:
        """Take a sign of life, `age` seconds old, with the connection up or down."""
        if self._patience is None:
            self.set_available(device, up)
            return
        now = self._loop.time()
        if (freshness := device.freshness) is None:
            freshness = device.freshness = Freshness(self._patience)
        if age > freshness.timeout:
            return  # retained from long ago: proves nothing
        freshness.seen(now - age)
        if freshness.deadline <= now:
            return
        self.set_available(device, True)
        if device.key in self._silent:
            self._silent.discard(device.key)
            LOGGER.info("%s speaks again", self._name(device))
        if self._handle is None or freshness.deadline < self._handle.when():
            self._watch(freshness.deadline)

    @callback
    def connection_lost(self) -> None:
        """Take note that the connection went, and all devices with it."""
        for device in self._devices.values():
            self.set_available(device, False)
            if device.freshness is not None:
                device.freshness.reset()

    def _name(self, device: Device) -> str:
        """What the user calls it."""
        assert device.registry_id
        entry = dr.async_get(self._hass).async_get(device.registry_id)
        return (entry and (entry.name_by_user or entry.name)) or device.key.identifier

    @callback
    def _watch(self, deadline: float) -> None:
        """Look again at the deadline, or before; messages put it off by themselves."""
        if self._handle is not None:
            self._handle.cancel()
        if self._running:
            self._handle = self._loop.call_at(deadline, self._check)

    @callback
    def _check(self) -> None:
        self._handle = None
        now = self._loop.time()
        deadlines = []
        for device in self._devices.values():
            if device.freshness is None or not device.available:
                continue
            if device.freshness.deadline <= now:
                self.set_available(device, False)
                self._silent.add(device.key)
                LOGGER.info(
                    "%s has said nothing for %.0f s, and is unavailable",
                    self._name(device),
                    device.freshness.timeout,
                )
            else:
                deadlines.append(device.freshness.deadline)
        if deadlines:
            self._watch(min(deadlines))
