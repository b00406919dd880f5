"""Which entities an entry has: each is made once, when its value is first seen."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import Platform
from homeassistant.core import Event, callback
from homeassistant.helpers import entity_registry as er

from .device import Device
from .families.descriptions import CONNECTION_SENSOR, Description
from .families.family import Family
from .families.sink import SEPARATOR, DeviceKey

if TYPE_CHECKING:
    from homeassistant.helpers.entity import Entity

    from .hub import Hub

type EntityFactory = Callable[[Hub, Device, Any], Entity]
type EntityAdder = Callable[[Iterable[Entity]], None]

# Home Assistant itself gives up at 10,000 entities of an integration's entry.
MOST_ENTITIES: Final = 9_800


class Entities:
    """Makes the entities of a hub's devices, all new ones of a moment in one call."""

    def __init__(self, hub: Hub, family: Family) -> None:
        """Start with none, and no platform to make them."""
        self._hub = hub
        self._family = family
        descriptions = (CONNECTION_SENSOR, *family.all_descriptions)
        self._by_key = _grouped(descriptions, lambda item: item.key)
        self._by_trigger = _grouped(descriptions, lambda item: item.trigger)
        self._platforms: dict[Platform, tuple[EntityFactory, EntityAdder]] = {}
        self._known: set[tuple[str, str]] = set()
        self._waiting: dict[Platform, list[tuple[Device, Description]]] = {}

    @callback
    def register(
        self, platform: Platform, factory: EntityFactory, adder: EntityAdder
    ) -> None:
        """Let a platform have its entities: those that wait, and all that come."""
        self._platforms[platform] = (factory, adder)
        self.add_waiting()

    @callback
    def recall(self) -> None:
        """Make the registry's entities, before the device speaks.

        Those that the user has given up with an option leave it, and those of a value
        that another platform shows now.
        """
        hub = self._hub
        registry = er.async_get(hub.hass)
        for item in er.async_entries_for_config_entry(registry, hub.entry.entry_id):
            identifier, _, name = item.unique_id.rpartition(SEPARATOR)
            key = DeviceKey.parse(identifier.removeprefix(hub.prefix))
            shown = self.shown(key, name)
            if shown and item.domain not in {one.platform for one in shown}:
                registry.async_remove(item.entity_id)
            for description in shown:
                if description.platform != item.domain:
                    continue
                if not self._allows(description):
                    registry.async_remove(item.entity_id)
                elif device := hub.device(key):
                    self._want(device, description)
        hub.entry.async_on_unload(
            hub.hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._removed)
        )

    @callback
    def bring(self, device: Device, names: Iterable[str]) -> None:
        """Make what the first report of these values brings."""
        for name in names:
            if name not in device.brought:
                device.brought.add(name)
                made = self._by_trigger.get((device.key.kind, name))
                for description in made or self.shown(device.key, name):
                    self._want(device, description)

    def shown(self, device: DeviceKey, name: str) -> tuple[Description, ...]:
        """Find what shows a value."""
        if found := self._by_key.get((device.kind, name)):
            return found
        if (device.kind, name) in self._by_trigger:
            return ()
        other = self._family.unknown(device.kind, name)
        return () if other is None else (other,)

    @callback
    def add_waiting(self) -> None:
        """Hand what has been made to the platforms that are ready."""
        for platform, waiting in list(self._waiting.items()):
            if ready := self._platforms.get(platform):
                factory, adder = ready
                del self._waiting[platform]
                adder([factory(self._hub, device, item) for device, item in waiting])

    @callback
    def forget(self, device: DeviceKey) -> None:
        """Forget the entities of a device that is deleted."""
        prefix = self._hub.unique_id(device, "")
        self._known = {item for item in self._known if not item[1].startswith(prefix)}

    @callback
    def _want(self, device: Device, description: Description) -> None:
        """Make an entity, once."""
        if not self._allows(description):
            return
        platform = description.platform
        unique_id = self._hub.unique_id(device.key, description.key)
        if (platform, unique_id) in self._known:
            return
        if len(self._known) >= MOST_ENTITIES:
            self._hub.too_many()
            return
        self._known.add((platform, unique_id))
        self._waiting.setdefault(platform, []).append((device, description))

    def _allows(self, description: Description) -> bool:
        """Whether the options let an entity exist."""
        if description.expert and not self._hub.expert:
            return False
        option = description.option
        return option is None or bool(self._hub.entry.options.get(option))

    @callback
    def _removed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Let an entity that the user deleted come back when its value does."""
        if event.data["action"] != "remove":
            return
        gone = {
            (item.domain, item.unique_id)
            for item in er.async_get(self._hub.hass).deleted_entities.values()
            if item.entity_id == event.data["entity_id"]
            and item.config_entry_id == self._hub.entry.entry_id
        }
        if not gone:
            return
        # Only that one: others may be on their way to the registry.
        self._known -= gone
        for device in self._hub.devices.values():
            device.brought.clear()


def _grouped(
    descriptions: Iterable[Description], name: Callable[[Description], str]
) -> dict[tuple[str, str], tuple[Description, ...]]:
    """Group descriptions by device kind and a name."""
    groups: dict[tuple[str, str], tuple[Description, ...]] = {}
    for item in descriptions:
        key = (item.kind, name(item))
        groups[key] = (*groups.get(key, ()), item)
    return groups
