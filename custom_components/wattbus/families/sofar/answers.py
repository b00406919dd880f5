"""What the answers of the EMS say of schedules, as far as they can be read."""

from collections.abc import Collection
import re

from ...const import LOGGER
from ...errors import CommandError
from ...protocols import ProtocolError, sofar
from ...protocols.sofar import Created, Reply, Schedule
from .requests import NoAnswer, Refused, refusal


def failure(reply: Reply | None, kind: str) -> CommandError:
    """Say why a change is not there."""
    if reply is None:
        return NoAnswer("ems_timeout", field=kind)
    if not reply.ok:
        return refusal(reply)
    return CommandError("ems_not_confirmed", field=kind)


def words(error: CommandError) -> str | None:
    """Give what the EMS said when it refused, None if it did not."""
    return (
        (error.translation_placeholders or {}).get("reason")
        if isinstance(error, Refused)
        else None
    )


def schedule(reply: Reply) -> Schedule | None:
    """Give the one schedule that was asked for."""
    try:
        return sofar.read_schedule(reply.state) if reply.ok else None
    except ProtocolError:
        return None  # ours or not: it is told when it is read


def created(reply: Reply | None) -> Created:
    """Give the ids of what was made, and of what had to go for it, as far as told."""
    if reply is None or not reply.ok:
        return Created()
    try:
        return sofar.read_created(reply.state)
    except ProtocolError as err:
        LOGGER.debug("An answer without ids: %s", err)
        return Created()


def names(reply: Reply, schedule_id: str) -> bool:
    """Whether the words of an answer are about a schedule."""
    return isinstance(reply.state, str) and _is_in(reply.state, schedule_id)


def may_be_about(reply: Reply, schedule_id: str, asked: Collection[str]) -> bool:
    """Whether an answer is about a schedule, of several that were asked about at once.

    An error need not say of which it is: then it is that of any.
    """
    text = reply.error if reply.error is not None else str(reply.state)
    return _is_in(text, schedule_id) or not any(_is_in(text, item) for item in asked)


def _is_in(text: str, schedule_id: str) -> bool:
    """Whether an id stands in a text, and not as a part of another one."""
    found = rf"(?<![\w-]){re.escape(schedule_id)}(?![\w-])"
    return re.search(found, text) is not None
