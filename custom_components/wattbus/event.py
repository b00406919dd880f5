"""Events."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import EventDescription
from .hub import WattbusConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the event entities of what can happen."""
    entry.runtime_data.entities.register(
        Platform.EVENT, WattbusEvent, async_add_entities
    )


class WattbusEvent(WattbusEntity[EventDescription], EventEntity):
    """What happened last."""

    entity_description: EventDescription
    # What happened is all that its history has to tell.
    _unrecorded_attributes = frozenset()

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(self.device.witness(self.description.key, self._happened))

    @callback
    def _happened(self, what: str, details: Mapping[str, Any]) -> None:
        self._trigger_event(what, dict(details))
        self.async_write_ha_state()
