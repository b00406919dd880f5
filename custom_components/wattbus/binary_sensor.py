"""Binary sensors."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.const import Platform

from .entity import WattbusEntity, set_up_of
from .families.descriptions import BinarySensorDescription

PARALLEL_UPDATES = 0


class WattbusBinarySensor(WattbusEntity[BinarySensorDescription], BinarySensorEntity):
    """A condition of a device."""

    entity_description: BinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        return self.told_as(bool)


async_setup_entry = set_up_of(Platform.BINARY_SENSOR, WattbusBinarySensor)
