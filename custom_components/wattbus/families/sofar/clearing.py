"""Removing many schedules, several at once, and whose they have to be."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from itertools import batched
from typing import Final

from ...errors import CommandError
from ...protocols.sofar import MessageType, Reply, Schedule, ScheduleId, remove_schedule
from . import answers
from .commands import Commands
from .requests import NoAnswer
from .rules import Rules

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


def made_by(maker: Maker, commands: Commands, rules: Rules, item: Schedule) -> bool:
    """Whether a schedule is one of those that are meant.

    One that is not known to be Wattbus' own is another's.
    """
    recurs = rules.maker(item) is not None
    if maker is Maker.ACTIONS:
        return not recurs and commands.orders.is_of_action(item)
    return maker is Maker.ALL or recurs or commands.orders.has(item)


async def clear(
    commands: Commands, is_meant: Callable[[Schedule], bool]
) -> tuple[list[ScheduleId], list[ScheduleId]]:
    """Remove what is meant and has not started; gives what went, and what would not go.

    Raises CommandError or ConnectError.
    """
    await commands.refresh()
    now, kind = commands.now(), MessageType.REMOVE_SCHEDULE
    wanted = {
        item.key: item.id
        for item in commands.schedules
        if item.start > now and is_meant(item)
    }
    if not wanted:
        return [], []
    replies = await _ask(commands, wanted)
    # What the EMS has now is what counts, and not what it said.
    await commands.settle(kind)
    kept = []
    for key in wanted:
        if key not in commands.schedules.by_id:
            continue
        if replies.get(key) is not None:
            kept.append(key)
            continue
        if not any(replies.values()):
            raise NoAnswer("ems_timeout", field=kind)
        try:
            await commands.remove(key)
        except NoAnswer:
            raise  # each of the others would wait for as long
        except CommandError:
            kept.append(key)
    return (
        [given for key, given in wanted.items() if key not in kept],
        [wanted[key] for key in kept],
    )


async def _ask(
    commands: Commands, wanted: dict[str, ScheduleId]
) -> dict[str, Reply | None]:
    """Ask for all to be removed, until the EMS says nothing to a whole batch."""
    replies: dict[str, Reply | None] = {}
    for batch in batched(wanted, _AT_ONCE, strict=False):
        commands.touched()
        try:
            told = await commands.requests.ask_at_once(
                MessageType.REMOVE_SCHEDULE,
                [
                    (
                        remove_schedule(wanted[key]),
                        partial(answers.may_be_about, schedule_id=key, asked=batch),
                    )
                    for key in batch
                ],
            )
        finally:
            commands.touched()
        replies |= zip(batch, told, strict=True)
        if not any(told):
            break
    return replies
