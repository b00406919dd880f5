"""Sensors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorExtraStoredData,
)
from homeassistant.const import Platform
from homeassistant.util import dt as dt_util

from .entity import WattbusEntity, set_up_of
from .families.descriptions import SensorDescription

PARALLEL_UPDATES = 0

_ROSE: Final = "rose"


@dataclass
class _StoredCount(SensorExtraStoredData):
    """What is kept of a lifetime counter: also when it last rose."""

    rose: datetime

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), _ROSE: self.rose.isoformat()}


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
        if self.description.most_per_hour is not None:
            await self._restore_count()

    async def _restore_count(self) -> None:
        """Have the count go on from what was shown, and when it had last risen."""
        data = await self.async_get_last_extra_data()
        state = await self.async_get_last_state()
        if data is None or state is None:
            return
        last = data.as_dict()
        value, unit = last.get("native_value"), last.get("native_unit_of_measurement")
        if (
            not isinstance(value, int | float)
            or unit != self.native_unit_of_measurement
        ):
            return
        rose = dt_util.parse_datetime(str(last.get(_ROSE))) or state.last_updated
        # A clock that was set back since is no reason to think of the future.
        passed = max((dt_util.utcnow() - rose).total_seconds(), 0.0)
        self.device.restore_counter(
            self.description.key, float(value), self.hass.loop.time() - passed
        )

    @property
    @override
    def extra_restore_state_data(self) -> SensorExtraStoredData:
        """Keep a count also while nothing is shown, as after a start."""
        if (count := self.device.count(self.description.key)) is None:
            return super().extra_restore_state_data
        passed = timedelta(seconds=self.hass.loop.time() - count.moment)
        return _StoredCount(
            count.value, self.native_unit_of_measurement, dt_util.utcnow() - passed
        )


async_setup_entry = set_up_of(Platform.SENSOR, WattbusSensor)
