"""Sensors."""

from typing import Any, override

from homeassistant.components.sensor import RestoreSensor, SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import WattbusEntity
from .families.descriptions import SensorDescription
from .hub import WattbusConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: WattbusConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Have the hub make the sensors that it hears of."""
    entry.runtime_data.entities.register(
        Platform.SENSOR, WattbusSensor, async_add_entities
    )


class WattbusSensor(WattbusEntity[SensorDescription], RestoreSensor):
    """A value of a device."""

    entity_description: SensorDescription

    @property
    @override
    def native_value(self) -> Any:
        value = self.told
        if (
            self.entity_description.device_class is SensorDeviceClass.ENUM
            and value not in (self.entity_description.options or ())
        ):
            return None  # newer firmware than ours
        return value

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        if self.description.lifetime and (
            last := await self.async_get_last_sensor_data()
        ):
            if isinstance(last.native_value, int | float):
                self.device.restore_counter(
                    self.description.key, float(last.native_value)
                )
