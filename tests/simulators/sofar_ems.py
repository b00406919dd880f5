"""The simulated EMS without a connection: a message in, the reply out.

It is written from the vendor's page and shares no code with the integration, so that a
wrong key or type shows in the tests instead of cancelling out. The page is "Scheduled MQTT
control" (docs.eniris.be, External Signals/MQTT/eniris-schedules-mqtt). Its rules:

1. A request has one reply, `<type>_ack`: with `state` and responseCode 0, or with `error`
   and responseCode 1. An error that is none of the request's is a `general_error`.
2. `requestTime` repeats the request's `time`. There is no other id: what another client
   asks in the same second has the same.
3. `get_future_schedules` has what has not started, and so not what is active.
   `get_active_schedule` and `get_next_schedule` have one: of a device type or of one node.
4. The state of `remove_schedule_ack` is a sentence, and of `get_feedback_ack` nothing is
   shown. Rules of schedules are in `sofar_schedules`, of requests' fields in `sofar_fields`.
5. "Live MQTT control" (same folder, eniris-mqtt): a live command holds until the fallback
   timeout; an external signal goes before what the site does by itself.

What the pages leave open is taken the unkind way, or is a switch of `sofar_dialect`:

- "All schedules for a specific date" are those that start on it, in the site's time zone.
- That none is active may be null, an empty object or an error; an error may be a text, an
  object or nothing but its code; times may be in milliseconds.
- A live command has no acknowledgement, only a `general_error` if it is wrong.
- A message for another site's node, or without a time, is a `general_error`. With no time
  to repeat, requestTime is what stood there, or null.
- Nothing is ever told without having been asked for.
- Live control goes before schedules. It may be the other way round at a real one; nothing
  in the integration depends on it.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
import json
from typing import Any, Final
from zoneinfo import ZoneInfo

from .sofar_dialect import Dialect, NoSchedule
from .sofar_fields import (
    Fields,
    check_keys,
    read_date,
    read_id,
    read_target,
    read_wish,
    read_wishes,
)
from .sofar_live import LiveControl
from .sofar_refusal import Reason, Refusal
from .sofar_schedules import Schedule, Schedules
from .sofar_site import Node, Order, Site, stock_site

# Between two looks at what the sun and the house do [s].
_LONGEST_STEP: Final = 60.0
_MOST_STEPS: Final = 2000

type Document = dict[str, Any]


class Ems:
    """An EMS with its schedules, live control and site; time passes when it is asked.

    Args:
        serial: The controller's.
        node_id: The site's, with the suffix `_site_0`.
        clock: Gives Unix seconds.
        speed: How much faster than the clock batteries charge. The clock itself cannot
            be faster: schedules carry its time.
    """

    def __init__(
        self,
        serial: str,
        node_id: str,
        *,
        dialect: Dialect,
        clock: Callable[[], float],
        time_zone: str = "Europe/Brussels",
        fallback_seconds: float = 120,
        speed: float = 1,
    ) -> None:
        """Build it, without any schedule."""
        self.node_id = node_id
        self.dialect = dialect
        self.site = Site(stock_site(node_id, serial))
        self.schedules = Schedules(dialect, self.site.controllable)
        self.live = LiveControl(dialect, fallback_seconds)
        self._clock = clock
        self._zone = ZoneInfo(time_zone)
        self._speed = speed
        self._time = clock()
        self._handlers: dict[str, Callable[[Fields], Any]] = {
            "set_schedule": self._set_schedule,
            "set_schedules": self._set_schedules,
            "get_schedule": self._get_schedule,
            "get_active_schedule": self._get_active_schedule,
            "get_next_schedule": self._get_next_schedule,
            "get_schedules": self._get_schedules,
            "get_future_schedules": self._get_future_schedules,
            "remove_schedule": self._remove_schedule,
            "get_feedback": self._get_feedback,
            "get_topology": self._get_topology,
        }

    @property
    def now(self) -> float:
        """Return its time in Unix seconds."""
        return self._clock()

    def advance(self) -> float:
        """Bring the site to the present, through every start and end; return the time."""
        now = self._clock()
        longest = max(_LONGEST_STEP, (now - self._time) / _MOST_STEPS)
        changes = self._changes(now)
        while self._time < now:
            end = min(self._time + longest, now)
            if changes:
                end = min(end, changes[0])
            self.site.step(self._time, (end - self._time) * self._speed, self.order)
            self._time = end
            if changes and changes[0] <= end:
                changes.pop(0)
        self._time = now
        self.site.step(now, 0, self.order)
        return now

    def order(self, node: Node) -> Order | None:
        """Return what a node has to do: live control goes before schedules."""
        if node.device_type not in self.dialect.vocabulary:
            return None
        policies = self.dialect.vocabulary[node.device_type]
        share = 1 / len(self.site.of_type(node.device_type))
        if command := self.live.active(node.device_type, self._time):
            power = None if command.power is None else command.power * share
            return Order(command.policy, policies[command.policy], power)
        schedule = self.schedules.governing(self._time, node.node_id)
        if schedule is None:
            return None
        power = schedule.power
        if power is not None and schedule.node_id is None:
            power *= share
        return Order(
            schedule.policy,
            policies[schedule.policy],
            power,
            schedule.site_import,
            schedule.site_export,
        )

    def answer(self, payload: bytes | str) -> Document | None:
        """Do what a message asks for, and return the reply if there is one."""
        self.advance()
        try:
            message = json.loads(payload)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return self.general_error(None, "Invalid message")
        request_time = message.get("time")
        try:
            return self._answer(message)
        except Refusal as refusal:
            return self.general_error(request_time, refusal.text)

    def general_error(self, request_time: Any, text: str) -> Document:
        """Return the reply to what is no request, or fails for another reason."""
        refusal = Refusal(Reason.UNRELATED, text)
        return self._refused(request_time, "general_error", refusal)

    def _answer(self, message: Document) -> Document | None:
        check_keys(message, {"extraTags", "time", "fields"}, {"message_type"})
        request_time, fields = message["time"], message["fields"]
        if not isinstance(request_time, int) or isinstance(request_time, bool):
            raise Refusal(Reason.INVALID_FIELD, "Invalid time")
        if message["extraTags"] != {"nodeId": self.node_id}:
            raise Refusal(Reason.NODE_NOT_FOUND, "Node of extraTags not found")
        if not isinstance(fields, dict):
            raise Refusal(Reason.INVALID_FIELD, "Invalid fields")
        if "message_type" not in message:
            return self._live(fields)
        message_type = message["message_type"]
        if message_type not in self._handlers:
            raise Refusal(Reason.UNRELATED, f"Unknown message type {message_type}")
        kind = f"{message_type}_ack"
        try:
            state = self._handlers[message_type](fields)
        except Refusal as refusal:
            return self._refused(request_time, kind, refusal)
        data = {"message_type": kind, "state": state, "responseCode": 0}
        return self._enveloped(request_time, data)

    def _live(self, fields: Fields) -> Document | None:
        """Take a live command; whether it is acknowledged is not public."""
        self.live.handle(fields, self._time)
        if not self.dialect.live_acks:
            return None
        payload = {"fields": {"responseCode": 0, "ack": "ok"}, "target": self.node_id}
        return {"payload": payload, "message_type": "ack"}

    def _refused(self, request_time: Any, kind: str, refusal: Refusal) -> Document:
        error = refusal.body(as_object=self.dialect.error_objects)
        data = {"message_type": kind, "error": error, "responseCode": 1}
        if self.dialect.wordless:
            del data["error"]
        return self._enveloped(request_time, data)

    def _enveloped(self, request_time: Any, data: Document) -> Document:
        if self.dialect.milliseconds_echo and isinstance(request_time, int):
            request_time *= 1000
        return {
            "requestTime": request_time,
            "time": int(self._time) * self._unit,
            "siteNodeId": self.node_id,
            "data": data,
        }

    @property
    def _unit(self) -> int:
        """Return how many units of time in replies make a second."""
        return 1000 if self.dialect.milliseconds else 1

    def _set_schedule(self, fields: Fields) -> Document:
        wish = read_wish(fields, with_tag=True)
        schedule, deleted = self.schedules.set(wish, int(self._time))
        return {"schedule_id": schedule.id, "deleted_ids": deleted, "tag": wish.tag}

    def _set_schedules(self, fields: Fields) -> Document:
        wishes = read_wishes(fields, self.dialect.entries)
        schedules, deleted = self.schedules.set_all(wishes, int(self._time))
        ids: Any = [schedule.id for schedule in schedules]
        if self.dialect.ids_as_map:
            ids = {str(index): number for index, number in enumerate(ids)}
        return {"schedule_ids": ids, "deleted_ids": deleted}

    def _get_schedule(self, fields: Fields) -> Document:
        return self.schedules.get(read_id(fields, self.dialect.ids)).document(
            self._unit
        )

    def _get_active_schedule(self, fields: Fields) -> Document | None:
        found = self.schedules.active(self._time, *read_target(fields))
        return self._one(found, "active")

    def _get_next_schedule(self, fields: Fields) -> Document | None:
        found = self.schedules.upcoming(self._time, *read_target(fields))
        return self._one(found, "next")

    def _get_schedules(self, fields: Fields) -> Document:
        """Return what starts on a day of the site's time zone."""
        day = read_date(fields)
        try:
            end = datetime.combine(day + timedelta(days=1), time.min, self._zone)
            start = datetime.combine(day, time.min, self._zone)
            span = start.timestamp(), end.timestamp()
        except OverflowError:
            raise Refusal(Reason.INVALID_FIELD, "Invalid date") from None
        found = self.schedules.all()
        return self._several(
            [item for item in found if span[0] <= item.start < span[1]]
        )

    def _get_future_schedules(self, fields: Fields) -> Document:
        check_keys(fields, set(), set())
        return self._several(self.schedules.future(self._time))

    def _remove_schedule(self, fields: Fields) -> str:
        number = read_id(fields, self.dialect.ids)
        self.schedules.remove(number, int(self._time))
        return f"Schedule {number} removed successfully"

    def _get_feedback(self, fields: Fields) -> Document:
        check_keys(fields, {"device"}, set())
        device = fields["device"]
        if not isinstance(device, bool | str):
            raise Refusal(Reason.INVALID_FIELD, "Invalid device")
        found = self.site.feedback(device, self.dialect.feedback)
        if found is None:
            raise Refusal(Reason.NODE_NOT_FOUND, f"Node {device} not found")
        return found

    def _get_topology(self, fields: Fields) -> Document:
        check_keys(fields, set(), set())
        return self.site.root.document()

    def _one(self, found: Schedule | None, kind: str) -> Document | None:
        if found is not None:
            return found.document(self._unit)
        if self.dialect.no_schedule is NoSchedule.ERROR:
            raise Refusal(Reason.NO_SCHEDULE, f"No {kind} schedule")
        return None if self.dialect.no_schedule is NoSchedule.NULL else {}

    def _several(self, found: list[Schedule]) -> Document:
        return {"schedules": [schedule.document(self._unit) for schedule in found]}

    def _changes(self, until: float) -> list[float]:
        """Return when something starts or ends from the last look until a time."""
        times = set(self.live.ends())
        for schedule in self.schedules.all():
            times |= {schedule.start, schedule.end}
        return sorted(moment for moment in times if self._time < moment < until)
