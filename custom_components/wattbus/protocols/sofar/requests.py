"""The ten requests: the envelope, and one builder of `fields` for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
import json
import math
from typing import Any, Final

from .. import InputError, ProtocolError
from ..inputs import check_number
from .dialect import Dialect
from .numerals import read_numeral

# In the page's form of a date.
_DATE: Final = "%d/%m/%Y"

# W; more than any site has, and far from what would overflow somewhere.
MAX_POWER: Final = 100_000_000

type ScheduleId = int | str
"""A number or a text: whichever the EMS gave."""

type Fields = dict[str, Any]
"""What stands under `fields`."""


class MessageType(StrEnum):
    """What a request asks for; an answer has `_ack` behind it."""

    SET_SCHEDULE = "set_schedule"
    SET_SCHEDULES = "set_schedules"
    GET_SCHEDULE = "get_schedule"
    GET_ACTIVE_SCHEDULE = "get_active_schedule"
    GET_NEXT_SCHEDULE = "get_next_schedule"
    GET_SCHEDULES = "get_schedules"
    GET_FUTURE_SCHEDULES = "get_future_schedules"
    REMOVE_SCHEDULE = "remove_schedule"
    GET_FEEDBACK = "get_feedback"
    GET_TOPOLOGY = "get_topology"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A schedule that the EMS is asked to make.

    Times are Unix seconds, powers are in W. What is None is not sent.
    """

    device_type: str
    start: float
    end: float
    policy: str
    power: float | None = None
    node_id: str | None = None
    """A device, instead of all devices of the type."""
    site_import: float | None = None
    """The most that the site may draw from the grid."""
    site_export: float | None = None
    """The most that the site may feed into the grid."""
    remove_overlap: bool = False
    """Whether schedules in the way are deleted; else they make the EMS refuse."""
    tag: str | None = None
    """Comes back in the answer, and nowhere else."""


def site_node_id(serial: str, dialect: Dialect) -> str:
    """Give the node id of the site."""
    return f"{serial}{dialect.suffix}"


def encode_request(
    message_type: str,
    fields: Mapping[str, Any],
    *,
    serial: str,
    time: float,
    dialect: Dialect = Dialect(),
) -> str:
    """Write a request. `time` [Unix s] comes back as the answer's `requestTime`."""
    return json.dumps(
        {
            "extraTags": {"nodeId": site_node_id(serial, dialect)},
            "time": dialect.timestamp(time),
            "message_type": str(message_type),
            "fields": fields,
        }
    )


def set_schedule(order: Order, dialect: Dialect = Dialect()) -> Fields:
    """Ask for one schedule.

    Raises:
        ProtocolError: If it ends before it starts, or a value cannot be sent.
    """
    fields = _schedule(order, dialect)
    if order.tag is not None:
        fields["tag"] = order.tag
    return fields


def set_schedules(orders: Sequence[Order], dialect: Dialect = Dialect()) -> Fields:
    """Ask for several schedules at once, which take no tag.

    Raises:
        ProtocolError: If there is none, or one of them cannot be.
    """
    if not orders:
        raise InputError("nothing_to_set")
    entries = [_schedule(order, dialect) for order in orders]
    return {
        str(number): json.dumps(entry) if dialect.schedules_as_text else entry
        for number, entry in enumerate(entries)
    }


def get_schedule(schedule_id: ScheduleId) -> Fields:
    """Ask for the schedule with an id."""
    return {"id": schedule_id}


def of_group(device_type: str, node_id: str | None = None) -> Fields:
    """Ask which schedule of a device type, or of one device, is active, or comes next."""
    fields = {"device_type": _text(device_type, "device_type")}
    if node_id is not None:
        fields["node_id"] = _text(node_id, "node_id")
    return fields


def get_schedules(day: date) -> Fields:
    """Ask for all schedules of a day."""
    return {"date": day.strftime(_DATE)}


def get_future_schedules() -> Fields:
    """Ask for all schedules that have not started."""
    return {}


def remove_schedule(schedule_id: ScheduleId) -> Fields:
    """Ask to delete a schedule, which may not have started."""
    return {"id": schedule_id}


def get_feedback(device: bool | str) -> Fields:
    """Ask for measured values.

    The page calls the field "device (node) level": presumably whether those of the
    single devices are wanted, perhaps the id of one.
    """
    return {"device": device}


def get_topology() -> Fields:
    """Ask what the site consists of."""
    return {}


def _schedule(order: Order, dialect: Dialect) -> Fields:
    """Write the fields of a schedule, without those that are not given."""
    if not (math.isfinite(order.start) and math.isfinite(order.end)):
        raise ProtocolError("the times are not numbers")
    if order.start >= order.end:
        raise InputError("ends_before_start")
    fields = of_group(order.device_type, order.node_id)
    fields["start_time"] = dialect.timestamp(order.start)
    fields["end_time"] = dialect.timestamp(order.end)
    fields["policy"] = _text(order.policy, "policy")
    for name, field, value in (
        ("power_setpoint_w", "power", order.power),
        ("site_import", "site_import", order.site_import),
        ("site_export", "site_export", order.site_export),
    ):
        if value is not None:
            fields[name] = watts(value, field)
    fields["remove_overlap"] = order.remove_overlap
    return fields


def read_watts(value: object, field: str = "power") -> float:
    """Read a power [W], a number or a text.

    Raises:
        InputError: If it is no number, may be read in two ways, or is more than any site
            has.
    """
    if isinstance(value, str):
        return watts(read_numeral(value), field)
    return watts(check_number(value, field), field)


def watts(power: float, field: str = "power") -> int | float:
    """Write a power [W]: whole where it is.

    Raises:
        InputError: If it is no number, or one that no site has.
    """
    if not -MAX_POWER <= power <= MAX_POWER:
        raise InputError("power_impossible", field=field, power=power)
    return int(power) if float(power).is_integer() else float(power)


def _text(value: str, field: str) -> str:
    if not value:
        raise InputError("field_empty", field=field)
    return value
