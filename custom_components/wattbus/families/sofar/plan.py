"""A plan of slots, handed over to the EMS as often as a planner likes.

The EMS lets no schedule go that has started, and refuses a whole message for one slot
that overlaps with it (the vendor's page, rules of `remove_schedule` and overlaps). A
planner's list begins with the step that runs. So only what differs is sent, and begins
when that which runs ends.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
import re
from typing import Final

from ...errors import CommandError
from ...protocols import ProtocolError
from ...protocols.sofar import Order, Schedule, ScheduleId, set_schedule
from . import answers
from .commands import Commands, describe
from .const import SITE_EXPORT, SITE_IMPORT
from .orders import Orders
from .requests import Refused
from .schedules import does, shares_devices
from .settings import Settings
from .slots import Step

# What starts within so many seconds has started when the message arrives.
_MOMENT: Final = 5.0


class Result(StrEnum):
    """What has become of a slot."""

    SET = "set"
    AFTER = "set_after_running"
    """Set from when a running schedule ends."""
    UNCHANGED = "unchanged"
    RUNNING = "running"
    """What runs does that, until the end of the slot at least."""
    KEPT_OUT = "kept_out"
    """What runs is something else, until the end of the slot at least."""
    OVER = "over"


@dataclass(slots=True)
class Outcome:
    """A slot, what it takes to have it, and the schedule that has come of it."""

    step: Step
    result: Result
    order: Order
    """As it is sent."""
    schedule: Schedule | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the EMS has to be asked for it."""
        return self.result in (Result.SET, Result.AFTER)


def check(
    steps: Iterable[Step], settings: Settings, say: Callable[[Exception], str]
) -> None:
    """Look for what is wrong with a plan before anything is asked.

    Raises CommandError, which names the slot, and says with `say` what is wrong.
    """
    for step in steps:
        order = step.order
        try:
            settings.check(order.device_type, order.policy, order.power)
            set_schedule(order, settings.dialect)
        except (CommandError, ProtocolError) as err:
            raise CommandError(
                "slot_wrong", slot=str(step.number), reason=say(err)
            ) from err


async def hand_over(
    commands: Commands, steps: Sequence[Step]
) -> tuple[list[Outcome], tuple[ScheduleId, ...]]:
    """Have the EMS do what a checked plan says; gives what came of it, and what went.

    Raises CommandError, ConnectError or ProtocolError; which slots are set, it says.
    """
    await commands.refresh()
    outcomes = compare(steps, commands)
    if all(outcome.result is Result.OVER for outcome in outcomes):
        raise CommandError("schedule_over")
    while wanted := [outcome for outcome in outcomes if outcome.is_sent]:
        sent = await commands.add_all([outcome.order for outcome in wanted])
        for outcome, schedule in zip(wanted, sent.schedules, strict=True):
            outcome.schedule = schedule
        if sent.failure is None:
            return outcomes, sent.deleted
        left = compare(steps, commands)
        # A schedule may have started while the message was on its way: then there is
        # less to ask for now, or it begins later.
        if not isinstance(sent.failure, Refused) or not _is_less(left, wanted):
            raise _failure(wanted, sent.failure)
        outcomes = left
    return outcomes, ()


def _is_less(left: Iterable[Outcome], wanted: Sequence[Outcome]) -> bool:
    """Whether nothing was set, and not all that was asked for would be asked again."""
    if any(item.schedule for item in wanted):
        return False
    before = {item.step.number: item.order for item in wanted}
    after = {item.step.number: item.order for item in left if item.is_sent}
    return after.keys() < before.keys() or any(
        after[number].start > order.start + _MOMENT
        for number, order in before.items()
        if number in after
    )


# --- comparing ------------------------------------------------------------------------


def compare(steps: Iterable[Step], commands: Commands) -> list[Outcome]:
    """Tell what of a plan the EMS has, and what it lacks, in the order of the list.

    Raises CommandError if something is in the way that is not to be removed.
    """
    now = commands.now()
    there: dict[str, deque[Schedule]] = {}
    for item in commands.schedules:
        if item.end > now:
            there.setdefault(item.device_type, deque()).append(item)
    found = []
    for step in sorted(steps, key=lambda item: item.order.start):
        # A start in the past is the present; a whole second, not rounded into the
        # future.
        order = replace(step.order, start=max(step.order.start, now // 1))
        if order.end <= now:
            found.append(Outcome(step, Result.OVER, step.order))
            continue
        others = there.get(order.device_type, deque())
        while others and others[0].end <= order.start:
            others.popleft()
        met = list(_met(others, order))
        found.append(_compared(step, order, met, commands.orders, now))
    return sorted(found, key=lambda item: item.step.number)


def _met(others: Iterable[Schedule], order: Order) -> Iterator[Schedule]:
    """Give those at the same time for the same devices; they come by their start."""
    for item in others:
        if item.start >= order.end:
            return
        if item.end > order.start and shares_devices(item, order):
            yield item


def _compared(
    step: Step, order: Order, met: Sequence[Schedule], orders: Orders, now: float
) -> Outcome:
    running = [item for item in met if item.start <= now + _MOMENT]
    for item in running:
        if item.end >= order.end - 1 and _does(item, order, orders):
            return Outcome(step, Result.RUNNING, order, item)
    free = max((item.end for item in running), default=order.start)
    if free >= order.end:
        return Outcome(step, Result.KEPT_OUT, order, running[-1])
    begins_late = free > order.start
    order = replace(order, start=max(free, order.start))
    for item in met:
        if item in running:
            continue
        if (
            abs(item.start - order.start) < 1
            and abs(item.end - order.end) < 1
            and _does(item, order, orders)
        ):
            return Outcome(step, Result.UNCHANGED, order, item)
        if not order.remove_overlap:
            raise CommandError(
                "slot_in_the_way", slot=str(step.number), schedule=describe(item)
            )
    return Outcome(step, Result.AFTER if begins_late else Result.SET, order)


def _does(schedule: Schedule, order: Order, orders: Orders) -> bool:
    """Whether a schedule has devices do what is ordered, whenever that is."""
    limits = orders.of(schedule)
    return (
        does(schedule, order)
        and limits[SITE_IMPORT] == order.site_import
        and limits[SITE_EXPORT] == order.site_export
    )


# --- telling --------------------------------------------------------------------------


def _failure(wanted: Sequence[Outcome], failure: CommandError) -> CommandError:
    """Say which slots are not there, in the words of the EMS where it has any."""
    reason = answers.words(failure)
    missing = [item for item in wanted if item.schedule is None]
    if len(missing) == len(wanted):
        if reason is None:
            return failure
        if named := _named(missing, reason):
            return CommandError(
                "slots_refused",
                slots=_numbers(named),
                all=str(len(wanted)),
                reason=reason,
            )
        return CommandError("plan_refused", all=str(len(wanted)), reason=reason)
    done, slots = str(len(wanted) - len(missing)), _numbers(missing)
    if reason is None:
        return CommandError(
            "slots_not_confirmed", done=done, all=str(len(wanted)), slots=slots
        )
    return CommandError(
        "slots_partly", done=done, all=str(len(wanted)), slots=slots, reason=reason
    )


def _named(outcomes: Sequence[Outcome], reason: str) -> list[Outcome]:
    """Find the slots with a policy or a node that a refusal names, unless all have it."""
    for field in ("policy", "node_id"):
        named = [
            item
            for item in outcomes
            if (value := getattr(item.order, field))
            and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", reason)
        ]
        if 0 < len(named) < len(outcomes):
            return named
    return []


def _numbers(outcomes: Iterable[Outcome]) -> str:
    """Write the places of slots: 3, 7-9."""
    runs: list[list[int]] = []
    for number in sorted(item.step.number for item in outcomes):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs
    )
