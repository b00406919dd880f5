"""Calendars."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.components.calendar.const import CalendarEntityFeature
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .entity import WattbusEntity, set_up_of
from .families.descriptions import CalendarDescription, Occurrence

# The hub runs one command of a device at a time.
PARALLEL_UPDATES = 0

# What the calendar page sends for "this and all future events".
_AND_LATER = "THISANDFUTURE"


class WattbusCalendar(WattbusEntity[CalendarDescription], CalendarEntity):
    """What a device has planned."""

    entity_description: CalendarDescription
    _attr_supported_features = (
        CalendarEntityFeature.CREATE_EVENT
        | CalendarEntityFeature.DELETE_EVENT
        | CalendarEntityFeature.UPDATE_EVENT
    )

    @property
    @override
    def event(self) -> CalendarEvent | None:
        return self.description.current(self.hub.driver, self.device.key)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return self.description.read(
            self.hub.driver, self.device.key, start_date, end_date
        )

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        await self.command(self.description.create, kwargs)

    @override
    async def async_delete_event(
        self,
        uid: str,
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        await self.command(
            self.description.delete, uid, _occurrence(recurrence_id, recurrence_range)
        )

    @override
    async def async_update_event(
        self,
        uid: str,
        event: dict[str, Any],
        recurrence_id: str | None = None,
        recurrence_range: str | None = None,
    ) -> None:
        await self.command(
            self.description.update,
            uid,
            _occurrence(recurrence_id, recurrence_range),
            event,
        )


def _occurrence(recurrence_id: str | None, recurrence_range: str | None) -> Occurrence:
    return Occurrence(
        recurrence_id=recurrence_id or None, and_later=recurrence_range == _AND_LATER
    )


async_setup_entry = set_up_of(Platform.CALENDAR, WattbusCalendar)
