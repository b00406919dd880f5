"""Events."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
from homeassistant.core import callback

from .entity import WattbusEntity, set_up_of
from .families.descriptions import EventDescription

PARALLEL_UPDATES = 0


class WattbusEvent(WattbusEntity[EventDescription], EventEntity):
    """What happened last."""

    entity_description: EventDescription
    # What happened is all that its history has to tell.
    _unrecorded_attributes = frozenset()

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.device.listen_to_event(self.description.key, self._happened)
        )

    @callback
    def _happened(self, what: str, details: Mapping[str, Any]) -> None:
        self._trigger_event(what, dict(details))
        self.async_write_ha_state()


async_setup_entry = set_up_of(Platform.EVENT, WattbusEvent)
