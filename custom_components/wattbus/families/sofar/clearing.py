"""Removing many schedules, several at once, and whose they have to be."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import batched
from typing import Final

from ...errors import CommandError
from ...protocols.sofar import MessageType, Reply, Schedule, ScheduleId
from .link import NoAnswer
from .rules import Rules
from .schedules import Schedules

# No page tells how many messages an EMS takes at once. Each batch waits for its
# answers, and for the pause between messages.
_AT_ONCE: Final = 10


class Maker(StrEnum):
    """Whose schedules are meant."""

    ALL = "all"
    """Whosoever's, also other programs'."""
    WATTBUS = "wattbus"
    """Those that this Wattbus has set: by actions, and for events of the calendar."""
    ACTIONS = "actions"
    """Those that actions have set."""


def made_by(maker: Maker, schedules: Schedules, rules: Rules, item: Schedule) -> bool:
    """Whether a schedule is one of those that are meant.

    One that is not known to be Wattbus' own is another's.
    """
    recurs = rules.maker(item) is not None
    if maker is Maker.ACTIONS:
        return not recurs and schedules.notes.is_of_action(item)
    return maker is Maker.ALL or recurs or schedules.notes.has(item)


async def clear(
    schedules: Schedules, is_meant: Callable[[Schedule], bool]
) -> tuple[list[ScheduleId], list[ScheduleId]]:
    """Remove what is meant and has not started; gives what went, and what would not go.

    Raises CommandError or ConnectError.
    """
    await schedules.refresh()
    now = schedules.now()
    wanted = {
        item.key: item.id
        for item in schedules.book
        if item.start > now and is_meant(item)
    }
    if not wanted:
        return [], []
    replies = await _ask(schedules, list(wanted))
    # What the EMS has now is what counts, and not what it said.
    await schedules.settle(MessageType.REMOVE_SCHEDULE)
    kept = []
    for schedule_id in wanted:
        if schedule_id not in schedules.book.schedules:
            continue
        if replies.get(schedule_id) is not None:
            kept.append(schedule_id)
            continue
        if not any(replies.values()):
            raise NoAnswer("ems_timeout", field=MessageType.REMOVE_SCHEDULE)
        try:
            await schedules.remove(schedule_id)
        except NoAnswer:
            raise  # each of the others would wait for as long
        except CommandError:
            kept.append(schedule_id)
    return (
        [told for key, told in wanted.items() if key not in kept],
        [wanted[key] for key in kept],
    )


async def _ask(schedules: Schedules, wanted: Sequence[str]) -> dict[str, Reply | None]:
    """Ask for all to be removed, until the EMS says nothing to a whole batch."""
    replies: dict[str, Reply | None] = {}
    for batch in batched(wanted, _AT_ONCE, strict=False):
        told = await schedules.ask_to_remove(batch)
        replies |= told
        if not any(told.values()):
            break
    return replies
