"""The answers of the EMS, of which all have one envelope."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from typing import Final

from .. import ProtocolError
from ..payload import decode_object, identifier, if_readable, number, quote, whole

ACK: Final = "_ack"
GENERAL_ERROR: Final = "general_error"
LIVE: Final = "live"
"""What an answer to a live command counts as, if there is one."""

NOT_TOLD: Final = "not told"
"""The state of an answer that has none; null may mean that there is nothing."""

# Seconds that large are in the year 5138: the number is in milliseconds.
_MILLISECONDS: Final = 100_000_000_000
# The end of the year 9999, the last that Python's datetime knows.
_LAST_SECOND: Final = 253_402_300_799

_LONGEST_TYPE: Final = 64
_LONGEST_ERROR: Final = 200
# Where an error that is an object may have its text.
_ERROR_KEYS: Final = ("message", "error", "detail", "description", "reason")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ours or another client's. Times are Unix seconds."""

    message_type: str
    """The request's with `_ack`, or `general_error`."""
    request_time: float | None
    """The `time` of the request."""
    time: float | None
    site_node_id: str | None
    state: object
    """What was asked for; its form depends on the message."""
    error: str | None
    response_code: int | None
    """0 is success, 1 an error."""

    @property
    def ok(self) -> bool:
        """Whether the EMS did what it was asked."""
        return (
            not self.response_code
            and self.error is None
            and self.message_type != GENERAL_ERROR
        )

    @property
    def answers(self) -> str | None:
        """The type of the request that it answers; None: that of any."""
        if self.message_type == GENERAL_ERROR:
            return None
        return self.message_type.removesuffix(ACK)


def decode_reply(payload: bytes | str) -> Reply:
    """Decode an answer.

    Raises:
        ProtocolError: If it is not one.
    """
    document = decode_object(payload)
    data = document.get("data")
    if data is None:
        data = _of_live_control(document)
    if not isinstance(data, dict):
        raise ProtocolError("there is no data")
    message_type = data.get("message_type")
    if not isinstance(message_type, str) or not 0 < len(message_type) <= _LONGEST_TYPE:
        raise ProtocolError(f"not a message type: {quote(message_type)}")
    if message_type not in (GENERAL_ERROR, LIVE) and not message_type.endswith(ACK):
        raise ProtocolError(f"not an answer: {quote(message_type)}")
    return Reply(
        message_type=message_type,
        request_time=if_readable(seconds, document.get("requestTime"), "time"),
        time=if_readable(seconds, document.get("time"), "time"),
        site_node_id=if_readable(node_id, document.get("siteNodeId"), "siteNodeId"),
        state=data.get("state", NOT_TOLD),
        error=_error(data.get("error")),
        response_code=_code(data.get("responseCode")),
    )


def seconds(value: object, name: str) -> float | None:
    """Read a Unix time, given in seconds or in milliseconds; null stays None.

    Raises:
        ProtocolError: If it is no number, or none that a clock could show.
    """
    told = number(value, name)
    if told is None:
        return None
    if told > _MILLISECONDS:
        told = told / 1000
    if not 0 <= told <= _LAST_SECOND:
        raise ProtocolError(f"{name} is no time")
    return told


def _code(value: object) -> int | None:
    """Read the code, which may have been written as a text.

    Raises:
        ProtocolError: If it is none: whether the EMS did as asked is then not known.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return whole(number(value, "responseCode"), "responseCode")


def node_id(value: object, name: str) -> str:
    """Read a node's id, which may have been written as a number.

    The page prints it in quotes; as a text it is sent.

    Raises:
        ProtocolError: If it can be none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return identifier(value, name)


def _of_live_control(document: dict[str, object]) -> object:
    """Read an answer to live control, if it looks like that to a virtual power plant.

    The vendor's page for that shows it; the one for live control shows none.
    """
    match document.get("payload"):
        case {"fields": {"responseCode": code} as fields}:
            told = fields.get("ack")
            return {
                "message_type": LIVE,
                "responseCode": code,
                "error": told if code not in (0, "0") else None,
                "state": told,
            }
    return None


def _error(body: object) -> str | None:
    """Read an error in the EMS's own words, whether text or object."""
    if body is None or body == "":
        return None
    if isinstance(body, Mapping):
        texts = (body.get(key) for key in _ERROR_KEYS)
        body = next((text for text in texts if isinstance(text, str) and text), body)
    text = body if isinstance(body, str) else json.dumps(body)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"
