"""What all entities of Wattbus have in common."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, override

from homeassistant.const import MATCH_ALL, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .device import Device
from .entities import EntityFactory
from .families.descriptions import Description
from .families.sink import Value
from .hub import Hub, WattbusConfigEntry

type SetUp = Callable[
    [HomeAssistant, WattbusConfigEntry, AddConfigEntryEntitiesCallback], Awaitable[None]
]


def set_up_of(platform: Platform, entity: EntityFactory) -> SetUp:
    """Make a platform's `async_setup_entry`: the hub makes the entities that it hears of."""

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: WattbusConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        entry.runtime_data.entities.register(platform, entity, async_add_entities)

    return async_setup_entry


class WattbusEntity[DescriptionT: Description](Entity):
    """Shows one value of a device; written when the hub says that it changed."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    # An attribute is for who looks now, a price series for a card; what is worth a
    # history is an entity.
    _unrecorded_attributes = frozenset({MATCH_ALL})

    def __init__(self, hub: Hub, device: Device, description: DescriptionT) -> None:
        """Describe the value that the description names."""
        self.hub: Hub = hub
        self.device: Device = device
        self.description: DescriptionT = description
        self.entity_description = description
        self._attr_translation_key = description.translation_key or description.key
        if description.placeholders:
            self._attr_translation_placeholders = dict(description.placeholders)
        self._attr_unique_id = hub.unique_id(device.key, description.key)
        self._attr_device_info = DeviceInfo(identifiers={hub.identifier(device.key)})

    @property
    @override
    def available(self) -> bool:
        return self.device.available or self.description.always_available

    @property
    def told(self) -> Value:
        """The value as the device last told it; None: not known."""
        return self.device.values.get(self.description.key)

    def told_as[T](self, kind: type[T], key: str | None = None) -> T | None:
        """Give a value if it is of this kind; what is of another cannot be shown."""
        value = self.device.values.get(key or self.description.key)
        return value if isinstance(value, kind) else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        if not (names := self.description.attributes):
            return None
        values = self.device.values
        return {name: values.get(name) for name in names}

    @override
    async def async_added_to_hass(self) -> None:
        # Not before: a disabled entity is made and dropped.
        for key in (self.description.key, *self.description.also):
            self.async_on_remove(self.device.listen(key, self.async_write_ha_state))

    async def command(
        self, change: Callable[..., Awaitable[None]], *asked: Any
    ) -> None:
        """Ask the device for something. Raises WattbusError or ServiceValidationError."""
        await self.hub.command(
            partial(change, self.hub.driver, self.device.key, *asked),
            self.device.key,
            alone=self.description.alone,
        )

    def async_entity_id_changed(self, *_: Any) -> None:
        """Have nothing to do: no subscription depends on the entity id."""
