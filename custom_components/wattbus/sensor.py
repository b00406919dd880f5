"""Sensors."""

from typing import Any, override

from homeassistant.components.sensor import RestoreSensor, SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.family import SensorDescription
from .hub import WattbusConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the sensors that it hears of."""
    entry.runtime_data.register(Platform.SENSOR, WattbusSensor, async_add_entities)


class WattbusSensor(WattbusEntity[SensorDescription], RestoreSensor):
    """A value of a device.

    It restores nothing itself: the hub guards lifetime counters from the values that
    RestoreSensor keeps, before the device speaks.
    """

    entity_description: SensorDescription

    @property
    @override
    def native_value(self) -> Any:
        value = self.value
        if (
            self.entity_description.device_class is SensorDeviceClass.ENUM
            and value not in (self.entity_description.options or ())
        ):
            return None  # newer firmware than ours
        return value
