"""The Sofar EMS, a SmartgridOne controller of Eniris: scheduled and live control by MQTT.

Facts are from the vendor's page "Scheduled MQTT control" (docs.eniris.be, External
signals). Its generator has put wrong words into many places; what they stood for shows
in the rest of the page. What no public page tells is in `Dialect`, for the user to set.
"""

from .dialect import DEFAULT_SUFFIX, Dialect
from .feedback import Feedback, Scalar, read_feedback
from .live import LiveFields, encode_live
from .numerals import AmbiguousError, read_numeral
from .replies import LIVE, Reply, decode_reply
from .requests import (
    Fields,
    MessageType,
    Order,
    ScheduleId,
    encode_request,
    get_feedback,
    get_future_schedules,
    get_schedule,
    get_schedules,
    get_topology,
    of_group,
    read_watts,
    remove_schedule,
    set_schedule,
    set_schedules,
    site_node_id,
)
from .schedules import (
    Created,
    Listed,
    Schedule,
    Unreadable,
    check_schedule_id,
    read_created,
    read_schedule,
    read_schedules,
)
from .summary import Plan, format_summary, parse_summary
from .topology import TopologyNode, read_topology

__all__ = [
    "DEFAULT_SUFFIX",
    "LIVE",
    "AmbiguousError",
    "Created",
    "Dialect",
    "Feedback",
    "Fields",
    "Listed",
    "LiveFields",
    "MessageType",
    "Order",
    "Plan",
    "Reply",
    "Scalar",
    "Schedule",
    "ScheduleId",
    "TopologyNode",
    "Unreadable",
    "check_schedule_id",
    "decode_reply",
    "encode_live",
    "encode_request",
    "format_summary",
    "get_feedback",
    "get_future_schedules",
    "get_schedule",
    "get_schedules",
    "get_topology",
    "of_group",
    "parse_summary",
    "read_created",
    "read_feedback",
    "read_numeral",
    "read_schedule",
    "read_schedules",
    "read_topology",
    "read_watts",
    "remove_schedule",
    "set_schedule",
    "set_schedules",
    "site_node_id",
]
