"""Trying a connection out: the driver that will run later, with a sink that only looks."""

import asyncio
from collections.abc import Mapping
import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.const import CONF_HOST

from .const import CONF_BROKER, CONF_CLIENT_ID
from .device import merged
from .errors import ConnectError, Reason
from .families.driver import Context
from .families.family import Connection
from .families.sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Values

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

# A device that sends many messages at once is let finish (seconds).
_QUIET: Final = 0.5
# In parts: while Home Assistant is too busy to listen, only one of them passes.
_QUIET_PARTS: Final = 5
_LONGEST_BURST: Final = 5.0


@dataclass(slots=True)
class Found:
    """What a probe saw."""

    facts: Facts = field(default_factory=Facts)
    """Of the main device."""
    devices: set[DeviceKey] = field(default_factory=set)
    values: int = 0
    memory: dict[str, Any] = field(default_factory=dict)
    """What the driver wants to remember."""


class _Look(Sink):
    """A sink that counts."""

    def __init__(self) -> None:
        self.found = Found()
        self.heard = asyncio.Event()

    async def quiet(self) -> None:
        """Wait until nothing has been reported for a while."""
        parts = 0
        while parts < _QUIET_PARTS:
            before = self.found.values
            await asyncio.sleep(_QUIET / _QUIET_PARTS)
            parts = parts + 1 if self.found.values == before else 0

    @override
    def describe(self, device: DeviceKey, facts: Facts) -> None:
        if device == MAIN_DEVICE:
            changes = merged(self.found.facts, facts)
            self.found.facts = replace(self.found.facts, **changes)
        else:
            self.found.devices.add(device)

    @override
    def report(self, device: DeviceKey, values: Values) -> None:
        self.found.values += len(values)
        if device != MAIN_DEVICE:
            self.found.devices.add(device)
        self.heard.set()

    @override
    def gone(self, device: DeviceKey) -> None:
        self.found.devices.discard(device)

    @override
    def recall(self, key: str) -> Any:
        return self.found.memory.get(key)

    @override
    def remember(self, key: str, value: Any, *, within: float = 0.0) -> None:
        self.found.memory[key] = value


async def probe(
    hass: HomeAssistant,
    connection: Connection,
    data: Mapping[str, Any],
    patience: float,
) -> Found | None:
    """Connect and look what is there; None if nothing was heard for `patience` seconds.

    Raises ConnectError.
    """
    look = _Look()
    driver = connection.driver(Context(hass, _unobtrusive(data), {}, look))
    try:
        await driver.start()
        if not patience:
            return look.found
        try:
            async with asyncio.timeout(patience):
                await look.heard.wait()
        except TimeoutError:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_BURST):
                await look.quiet()
        if driver.locked_out:
            broker = data.get(CONF_BROKER) or {}
            raise ConnectError(
                Reason.LOGIN_NEEDED, broker.get(CONF_HOST, "Home Assistant")
            )
        return look.found
    finally:
        # Also when the user closes the dialog, which cancels this.
        await driver.stop()


def _unobtrusive(data: Mapping[str, Any]) -> dict[str, Any]:
    """Take a fixed client id out: with it, the probe would end a running connection."""
    if broker := data.get(CONF_BROKER):
        return {**data, CONF_BROKER: {**broker, CONF_CLIENT_ID: None}}
    return dict(data)
