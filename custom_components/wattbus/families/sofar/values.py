"""From schedules to what entities, events and answers of actions show of them."""

from datetime import UTC, datetime
from typing import Any

from ...protocols.sofar import Schedule
from ..sink import Value
from . import const
from .schedules import Schedules
from .settings import Settings


def group_values(
    schedules: Schedules,
    settings: Settings,
    device_type: str | None,
    node_id: str | None,
    now: float,
) -> dict[str, Value]:
    """Give what the sensors of a device type, or of one device of any, show."""
    book = schedules.book
    active = book.active(device_type, node_id, now)
    coming = book.next(device_type, node_id, now)
    return {
        const.ACTIVE: _policy(active),
        const.SETPOINT: settings.power(active.power) if active else None,
        const.SCHEDULE_ID: active.id if active else None,
        const.START: _moment(active.start) if active else None,
        const.END: _moment(active.end) if active else None,
        const.CREATED_AT: _moment(active.created_at) if active else None,
        **(
            schedules.notes.of(active)
            if active
            else dict.fromkeys((const.TAG, const.SITE_IMPORT, const.SITE_EXPORT))
        ),
        const.NEXT: _policy(coming),
        const.NEXT_START: _moment(coming.start) if coming else None,
    }


def details(
    schedules: Schedules, settings: Settings, schedule: Schedule
) -> dict[str, Any]:
    """Give a schedule in the form of an event's data and of an action's answer."""
    created = _moment(schedule.created_at)
    return {
        "id": schedule.id,
        "device_type": schedule.device_type,
        "node_id": schedule.node_id,
        "start": _text(schedule.start),
        "end": _text(schedule.end),
        "policy": schedule.policy,
        "power": settings.power(schedule.power),
        "created_at": created.isoformat() if created else None,
        **schedules.notes.of(schedule),
    }


def _policy(schedule: Schedule | None) -> str | None:
    """Show a policy; one that the EMS does not tell is not known."""
    return schedule.policy if schedule else const.NO_SCHEDULE


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
