"""Live control: a command that the controller follows until its fallback time is over.

The vendor's page for it tells the connection, the envelope and that the fields are a
policy and a set point for each component, but not what they are called. Their names are
given by the user, with `{type}` in the place of the device type.
"""

from dataclasses import dataclass
import json
from typing import Any

from .. import InputError
from .dialect import Dialect
from .requests import site_node_id, watts

_TYPE = "{type}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveFields:
    """The names of the fields of a live command."""

    policy: str
    power: str = ""
    """Empty: no set point is sent."""
    message_type: str = ""
    """Empty: the message has none."""


def encode_live(
    names: LiveFields,
    device_type: str,
    policy: str,
    power: float | None,
    *,
    serial: str,
    time: float,
    dialect: Dialect = Dialect(),
) -> str:
    """Write a live command; `power` in W, `time` in Unix seconds.

    Raises:
        InputError: If there is no name for the policy, or the power cannot be sent.
    """
    if not names.policy:
        raise InputError("live_field_unset", field="live_policy_field")
    fields: dict[str, Any] = {names.policy.replace(_TYPE, device_type): policy}
    if names.power and power is not None:
        fields[names.power.replace(_TYPE, device_type)] = watts(power)
    message: dict[str, Any] = {
        "extraTags": {"nodeId": site_node_id(serial, dialect)},
        "time": dialect.timestamp(time),
    }
    if names.message_type:
        message["message_type"] = names.message_type
    return json.dumps(message | {"fields": fields})
