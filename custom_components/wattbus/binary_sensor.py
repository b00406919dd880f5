"""Binary sensors."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import BinarySensorDescription
from .hub import WattbusConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the binary sensors that it hears of."""
    entry.runtime_data.entities.register(
        Platform.BINARY_SENSOR, WattbusBinarySensor, async_add_entities
    )


class WattbusBinarySensor(WattbusEntity[BinarySensorDescription], BinarySensorEntity):
    """A condition of a device."""

    entity_description: BinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        value = self.told
        return value if isinstance(value, bool) else None
