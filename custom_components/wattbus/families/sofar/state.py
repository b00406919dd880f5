"""What the EMS has told of its schedules, put together, and reported on."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...protocols.sofar import Schedule
from ..sink import DeviceKey, Sink, Value
from . import const
from .orders import Orders
from .schedules import Change, Schedules
from .settings import Settings
from .site import Site

# Timers fire a moment early as well.
_LATE: Final = 0.1


class State:
    """Reports what is scheduled for device types and nodes, and what becomes of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        sink: Sink,
        settings: Settings,
        site: Site,
        now: Callable[[], float],
        reported: Callable[[], None],
    ) -> None:
        """Begin with what is remembered.

        `now` gives the time [Unix s] of the EMS. `reported` is called when all that is
        scheduled was reported.
        """
        self.orders = Orders(sink)
        self.schedules = Schedules(self.orders.past())
        self.now = now
        self._and_then = reported
        self._hass = hass
        self._sink = sink
        self._settings = settings
        self._site = site
        self._nodes: set[str] = set()
        """The nodes that have schedules, or had some."""
        self._reported: dict[str, Schedule] | None = None
        self._revision = 0
        """Changes when the events of calendars do."""
        self._boundary: CALLBACK_TYPE | None = None
        self._stopped = False

    def stop(self) -> None:
        """Look no more when schedules start or end."""
        self._unwatch()
        self._stopped = True

    def forget(self, device: DeviceKey) -> None:
        """Forget a node."""
        if device.kind == const.NODE:
            self._nodes.discard(device.id)

    def recurring_changed(self) -> None:
        """Note that calendars have other events."""
        self._revision += 1

    @callback
    def report(self, changes: Collection[Change] = ()) -> None:
        """Report the schedules as they are now, and what has become of them."""
        now, schedules = self.now(), self.schedules
        if changes or schedules.by_id != self._reported:
            self._reported = dict(schedules.by_id)
            self._revision += 1
        for name in self._settings.device_types:
            key = DeviceKey(const.GROUP, name)
            values = self._values(name, None, now)
            self._sink.report(key, {const.SCHEDULES: self._revision, **values})
            self._site.seen(key)
        # Also those that have none any more, unless the node itself is gone.
        self._nodes |= schedules.nodes(now) | {
            node_id
            for node_id in schedules.past_nodes(now)
            if self._site.key(node_id) in self._site.devices
        }
        for node_id in self._nodes:
            key = self._site.key(node_id)
            self._sink.report(key, self._values(None, node_id, now))
            self._site.seen(key)
        self._and_then()
        for what, schedule in changes:
            self.happened(schedule.device_type, what, self.details(schedule))
        self._watch_clock(now)

    def happened(self, group: str | None, what: str, data: dict[str, Any]) -> None:
        """Show in a device type's event what has happened to a schedule."""
        if group in self._settings.device_types:
            key = DeviceKey(const.GROUP, group)
            self._sink.happened(key, const.HAPPENED, what, data)

    def details(self, schedule: Schedule) -> dict[str, Any]:
        """Give a schedule in the form of an event's data and of an action's answer."""
        start, end, created = map(
            _moment, (schedule.start, schedule.end, schedule.created_at)
        )
        return {
            "id": schedule.id,
            "device_type": schedule.device_type,
            "node_id": schedule.node_id,
            "start": start.isoformat() if start else None,
            "end": end.isoformat() if end else None,
            "policy": schedule.policy,
            "power": self._settings.power(schedule.power),
            "created_at": created.isoformat() if created else None,
            **self.orders.of(schedule),
        }

    def _values(
        self, device_type: str | None, node_id: str | None, now: float
    ) -> dict[str, Value]:
        """Give what the sensors of a device type, or of one device of any, show."""
        active = self.schedules.active(device_type, node_id, now)
        coming = self.schedules.next(device_type, node_id, now)
        values: dict[str, Value] = dict.fromkeys(const.OF_ACTIVE)
        if active is not None:
            values = {
                const.SETPOINT: self._settings.power(active.power),
                const.SCHEDULE_ID: active.id,
                const.START: _moment(active.start),
                const.END: _moment(active.end),
                const.CREATED_AT: _moment(active.created_at),
                **self.orders.of(active),
            }
        return values | {
            const.ACTIVE: _policy(active),
            const.NEXT: _policy(coming),
            const.NEXT_START: _moment(coming.start) if coming else None,
        }

    def _watch_clock(self, now: float) -> None:
        """Look again when the next schedule starts or ends."""
        self._unwatch()
        moment = self.schedules.boundary(now)
        if moment is not None and not self._stopped:
            self._boundary = async_call_later(
                self._hass, moment - now + _LATE, self._tick
            )

    def _unwatch(self) -> None:
        if self._boundary is not None:
            self._boundary()
            self._boundary = None

    @callback
    def _tick(self, _: datetime) -> None:
        self._boundary = None
        self.report(self.schedules.tick(self.now()))


def _policy(schedule: Schedule | None) -> str | None:
    """Show a policy; one that the EMS does not tell is not known."""
    return schedule.policy if schedule else const.NO_SCHEDULE


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
