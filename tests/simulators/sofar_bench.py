"""A simulated Sofar EMS on its own, with a clock that stands, and somebody to ask it.

No device: it follows the rules of `sofar_ems`, without a broker and its faults, and asks
as the vendor's page does (docs.eniris.be, External Signals/MQTT/eniris-schedules-mqtt).
"""

import json
from typing import Any

from .sofar_dialect import Dialect
from .sofar_ems import Ems

SERIAL = "M1S250101SIMULATED1"
SITE = f"{SERIAL}_site_0"
BATTERY = f"{SERIAL}_battery_0"
OTHER_BATTERY = f"{SERIAL}_battery_1"
NOON = 1_763_722_800  # 21 November 2025, 12:00 in Brussels
MINUTE = 60
HOUR = 3600

CHARGE: dict[str, Any] = {
    "device_type": "battery",
    "start_time": NOON + 10 * MINUTE,
    "end_time": NOON + 25 * MINUTE,
    "policy": "charge",
    "power_setpoint_w": 5000,
}


class Bench:
    """An EMS with a clock of its own, and somebody who asks it."""

    def __init__(self, *, speed: float = 1, **dialect: Any) -> None:
        """Begin at noon."""
        self.now: float = NOON
        self.ems = Ems(
            SERIAL,
            SITE,
            dialect=Dialect(**dialect),
            clock=lambda: self.now,
            speed=speed,
        )

    def ask(self, message_type: str, /, **fields: Any) -> dict[str, Any]:
        """Send a request as on the page; return the whole reply."""
        message = {
            "extraTags": {"nodeId": SITE},
            "time": 1_700_000_000,
            "message_type": message_type,
            "fields": fields,
        }
        reply = self.ems.answer(json.dumps(message))
        assert reply is not None
        return reply

    def state(self, message_type: str, /, **fields: Any) -> Any:
        """Return the state of a reply that is a success."""
        data = self.ask(message_type, **fields)["data"]
        assert data["message_type"] == f"{message_type}_ack"
        assert data["responseCode"] == 0, data
        return data["state"]

    def error(self, message_type: str, /, **fields: Any) -> Any:
        """Return the error of a reply that is none."""
        data = self.ask(message_type, **fields)["data"]
        assert data["message_type"] == f"{message_type}_ack"
        assert data.keys() == {"message_type", "error", "responseCode"}
        assert data["responseCode"] == 1
        return data["error"]

    def set(self, **changes: Any) -> int:
        """Set the charge of the page's example, with changes; return its id."""
        schedule_id = self.state("set_schedule", **CHARGE | changes)["schedule_id"]
        assert isinstance(schedule_id, int)
        return schedule_id

    @property
    def ids(self) -> list[int | str]:
        """Return the ids of all schedules that are kept."""
        return [schedule.id for schedule in self.ems.schedules.all()]
