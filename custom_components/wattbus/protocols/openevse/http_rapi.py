"""RAPI over the gateway's HTTP interface: `GET /r?json=1&rapi=%24GS`."""

from typing import Final

from .. import ProtocolError
from ..payload import decode_object, quote
from ..rapi import Notification, Reply, decode as decode_frame
from .documents import MAX_DOCUMENT

_PREFIX: Final = "RAPI_RESPONSE_"
MAX_REASON: Final = 32


class GatewayError(ProtocolError):
    """The gateway has no answer of the controller.

    `reason` is its own word for it: TIMEOUT, QUEUE_FULL, BAD_CHECKSUM, BLOCKED...
    """

    def __init__(self, reason: str) -> None:
        """Keep the gateway's word."""
        super().__init__(f"the gateway answers {reason}")
        self.reason = reason


def decode_rapi(payload: bytes | str) -> Reply:
    """Decode the answer to a RAPI command, of any HTTP status.

    Raises:
        GatewayError: If the gateway says that there is no answer.
        ProtocolError: If it is something else.
    """
    if isinstance(payload, bytes):
        # The controller's bytes as they are, of which a checksum was made.
        payload = payload.decode("latin-1")
    document = decode_object(payload, limit=MAX_DOCUMENT)
    answer, error = document.get("ret"), document.get("error")
    if isinstance(error, str) and not isinstance(answer, str):
        reason = error.removeprefix(_PREFIX)
        if not reason.isidentifier() or len(reason) > MAX_REASON:
            raise ProtocolError(f"not an error of RAPI: {quote(error)}")
        raise GatewayError(reason)
    if not isinstance(answer, str):
        raise ProtocolError("neither an answer nor an error")
    reply = decode_frame(answer)
    if isinstance(reply, Notification):
        raise ProtocolError(f"a notification for an answer: {quote(answer)}")
    return reply
