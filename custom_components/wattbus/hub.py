"""One config entry at run time: what its driver reports, and what becomes of it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import (
    CONF_BROKER,
    CONF_CONNECTION,
    CONF_EXPERT,
    CONF_PATIENCE,
    CONF_TLS,
    CONF_VERIFY,
    DEFAULT_PATIENCE,
    DOMAIN,
    LOGGER,
)
from .contact import Contact
from .device import Device, merged
from .entities import MOST_ENTITIES, Entities
from .errors import Issue, WattbusError
from .families.driver import Context
from .families.family import PATIENCE, Family
from .families.sink import (
    CONNECTED,
    MAIN_DEVICE,
    SEPARATOR,
    DeviceKey,
    Facts,
    Sink,
    Values,
)
from .feeds import Feeds
from .issues import end_issue, end_issues, raise_issue
from .memory import Memory
from .presence import Presence
from .protocols import ProtocolError
from .state_writer import StateWriter
from .texts import name_field, refusal

type WattbusConfigEntry = ConfigEntry[Hub]

MOST_DEVICES: Final = 500


class Hub(Sink):
    """The devices of one entry, its driver, and the entities that show them."""

    def __init__(
        self, hass: HomeAssistant, entry: WattbusConfigEntry, family: Family
    ) -> None:
        """Prepare; `start` connects."""
        self.hass = hass
        self.entry = entry
        self.family = family
        self.connection = family.connections[entry.data[CONF_CONNECTION]]
        self.driver = self.connection.driver(
            Context(hass, entry.data, entry.options, self)
        )
        self.devices: dict[DeviceKey, Device] = {}
        self.up = False
        self.connections = 0
        """How often the connection has come up: one may be over within a moment."""
        self.entities = Entities(self, family)
        self.feeds = Feeds(self)
        self._states = StateWriter(hass.loop, self.entities)
        silence_matters = PATIENCE in family.options_of(self.connection.key)
        self._presence = Presence(
            hass,
            self.devices,
            self.patience if silence_matters else None,
            lambda device: self._states.mark(device, None),
        )
        self._contact = Contact(hass, entry, lambda: self.driver.linked_up)
        self._memory = Memory(hass, entry.entry_id)
        self._running = False
        self._held: list[tuple[DeviceKey, Values]] | None = []
        self._locks: defaultdict[DeviceKey, asyncio.Lock] = defaultdict(asyncio.Lock)

    # --- life ---------------------------------------------------------------------

    async def prepare(self) -> None:
        """Make what is known from before: the main device, and the registry's entities."""
        await self._memory.load()
        self.describe(
            MAIN_DEVICE,
            Facts(
                name=self.entry.title,
                model=self.family.model,
            ),
        )
        self.report(MAIN_DEVICE, {CONNECTED: False})
        self.feeds.tidy()
        self.entities.recall()

    async def start(self) -> None:
        """Start the driver. Raises ConnectError."""
        self._running = True
        self._states.start()
        self._presence.start()
        self._contact.start()
        self.entry.async_on_unload(self.stop)
        # The unload callbacks do not run when Home Assistant itself stops.
        self.entry.async_on_unload(
            self.hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STOP, self._home_assistant_stops
            )
        )
        security = self.entry.data.get(CONF_BROKER) or self.entry.data
        self.issue(
            Issue.TLS_UNVERIFIED,
            present=bool(security.get(CONF_TLS))
            and not security.get(CONF_VERIFY, True),
        )
        await self.driver.start()
        self.feeds.start()

    @callback
    def release(self) -> None:
        """Take in what the driver has reported, and from now on at once.

        Until the platforms are set up, reports wait: a lifetime counter must know what
        it showed before a restart, which its entity brings along.
        """
        held, self._held = self._held or [], None
        for device, values in held:
            self.report(device, values)

    async def stop(self) -> None:
        """Stop the driver and every timer."""
        if not self._running:
            return
        self._running = False
        self._presence.stop()
        self._contact.stop()
        self._states.stop()
        await self.feeds.stop()
        await self.driver.stop()
        end_issues(self.hass, self.entry)
        await self._memory.save()

    async def _home_assistant_stops(self, _: Event) -> None:
        await self.stop()

    # --- devices ------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        """What the identifiers of this entry's devices and entities begin with."""
        return f"{self.entry.entry_id}{SEPARATOR}"

    def unique_id(self, device: DeviceKey, name: str) -> str:
        """Name an entity for ever: entry, device and value."""
        return SEPARATOR.join((self.entry.entry_id, device.identifier, name))

    def identifier(self, key: DeviceKey) -> tuple[str, str]:
        """Give a device's identifier in the registry."""
        return (DOMAIN, f"{self.prefix}{key.identifier}")

    def keys_of(self, device: dr.DeviceEntry) -> list[DeviceKey]:
        """Give which of this entry's devices one of the registry is."""
        return [
            DeviceKey.parse(identifier.removeprefix(self.prefix))
            for _, identifier in device.identifiers
            if identifier.startswith(self.prefix)
        ]

    @callback
    def device(self, key: DeviceKey) -> Device | None:
        """Give a device, made on first mention; None when there are too many."""
        if (device := self.devices.get(key)) is None:
            if len(self.devices) >= MOST_DEVICES:
                self.too_many()
                return None
            device = self.devices[key] = Device(key, self.entities.shown)
            self._register_device(device)
        return device

    @callback
    def _register_device(self, device: Device) -> None:
        registry = dr.async_get(self.hass)
        key = device.key
        identifier = self.identifier(key)
        known = registry.async_get_device_by_identifier(identifier, self.entry.entry_id)
        extra: dict[str, Any] = {}
        if known is None and key != MAIN_DEVICE:
            # Only for a new device: a name or a parent that came late must not be
            # overwritten by these at the next start.
            extra = {
                "translation_key": f"{self.family.key}_{key.kind}",
                "translation_placeholders": {"id": key.id},
                "via_device_id": self.devices[MAIN_DEVICE].registry_id,
            }
        device.registry_id = registry.async_get_or_create(
            config_entry_id=self.entry.entry_id,
            identifiers={identifier},
            manufacturer=self.family.manufacturer,
            **extra,
        ).id

    @callback
    def forget(self, key: DeviceKey) -> bool:
        """Let a device go that the user deletes; not while it still speaks."""
        device = self.devices.get(key)
        if device is None:
            return True
        if key == MAIN_DEVICE or device.available:
            return False
        self.driver.forget(key)
        del self.devices[key]
        self._locks.pop(key, None)
        self._states.forget(device)
        self.entities.forget(key)
        return True

    @callback
    def too_many(self) -> None:
        """Tell that something is left out, for Home Assistant could not bear it."""
        LOGGER.debug("%s has too many entities or devices", self.entry.title)
        self.issue(
            Issue.TOO_MANY, entities=str(MOST_ENTITIES), devices=str(MOST_DEVICES)
        )

    # --- what the driver reports --------------------------------------------------

    @override
    @callback
    def describe(self, device: DeviceKey, facts: Facts) -> None:
        if (target := self.device(device)) is None:
            return
        changes: dict[str, Any] = dict(merged(target.facts, facts))
        target.facts = replace(target.facts, **changes)
        # The parent is made here when it is not known yet, or not any more: its own
        # description may come later.
        if facts.via not in (None, device) and (parent := self.device(facts.via)):
            changes["via_device_id"] = parent.registry_id
        if changes:
            assert target.registry_id
            dr.async_get(self.hass).async_update_device(target.registry_id, **changes)

    @override
    @callback
    def report(self, device: DeviceKey, values: Values) -> None:
        if self._held is not None:
            self._held.append((device, values))
            return
        if (target := self.device(device)) is None:
            return
        if changed := target.update(values, self.hass.loop.time()):
            self._states.mark(target, changed)

    @override
    @callback
    def begins_again(self, device: DeviceKey, key: str) -> None:
        if (target := self.devices.get(device)) is not None:
            target.begins_again(key)

    @override
    @callback
    def seen(self, device: DeviceKey, age: float = 0.0) -> None:
        if (target := self.device(device)) is not None:
            self._presence.seen(target, age, self.up)

    @override
    @callback
    def gone(self, device: DeviceKey) -> None:
        if (target := self.devices.get(device)) is not None:
            self._presence.set_available(target, False)

    @property
    def expert(self) -> bool:
        """Whether the user allows what can do harm."""
        return bool(self.entry.options.get(CONF_EXPERT))

    @property
    def patience(self) -> float:
        """Seconds of silence allowed to a device whose interval is not known."""
        return 60.0 * float(self.entry.options.get(CONF_PATIENCE, DEFAULT_PATIENCE))

    @override
    @callback
    def happened(
        self, device: DeviceKey, key: str, what: str, details: Mapping[str, Any]
    ) -> None:
        if (target := self.device(device)) is not None:
            target.happened(key, what, details)

    @override
    @callback
    def connected(self, up: bool, why: object = None) -> None:
        self.report(MAIN_DEVICE, {CONNECTED: up})
        if up == self.up:
            return
        self.up = up
        self._contact.changed(up, why)
        if up:
            self.connections += 1
            # The others come back when they are seen.
            self._presence.set_available(self.devices[MAIN_DEVICE], True)
        else:
            self._presence.connection_lost()

    @override
    @callback
    def refused(self) -> None:
        self.entry.async_start_reauth(self.hass)

    @override
    @callback
    def entity_id(self, device: DeviceKey, key: str) -> str | None:
        return er.async_get(self.hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, self.unique_id(device, key)
        )

    @override
    def recall(self, key: str) -> Any:
        return self._memory.recall(key)

    @override
    @callback
    def remember(self, key: str, value: Any, *, within: float = 10.0) -> None:
        self._memory.remember(key, value, within)

    @override
    @callback
    def issue(
        self,
        issue: Issue,
        *,
        present: bool = True,
        part: str = "",
        **placeholders: str,
    ) -> None:
        if present:
            raise_issue(self.hass, self.entry, issue, part, placeholders)
        else:
            end_issue(self.hass, self.entry, issue, part)

    # --- commands -----------------------------------------------------------------

    async def command[T](
        self,
        call: Callable[[], Awaitable[T]],
        device: DeviceKey = MAIN_DEVICE,
        *,
        alone: bool = True,
    ) -> T:
        """Run one command of a device at a time, until the device has confirmed it.

        One that takes minutes does not run alone: nobody would wait that long to have
        a device switched off.

        Raises WattbusError or, for what cannot be sent, ServiceValidationError.
        """
        async with self._locks[device] if alone else nullcontext():
            try:
                return await call()
            except ProtocolError as err:
                raise refusal(self.hass, self.family.key, err) from err
            except WattbusError as err:
                name_field(self.hass, self.family.key, err)
                raise
