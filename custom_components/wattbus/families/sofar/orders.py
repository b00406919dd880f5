"""What the EMS does not tell of its schedules: it is remembered from what was ordered."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from ...protocols.sofar import Order, Schedule
from ..sink import Sink, Value
from .const import SITE_EXPORT, SITE_IMPORT, TAG

_KEY: Final = "notes"
_PAST: Final = "past"
_BY_ACTION: Final = "by_action"


class Orders:
    """The tag and the site's limits of schedules, by their ids, and those that are over.

    All of it is known after a restart, too.
    """

    def __init__(self, sink: Sink) -> None:
        """Take up what is remembered."""
        self._sink = sink
        self._ordered: dict[str, dict[str, Any]] = dict(sink.recall(_KEY) or {})

    def remember(self, schedule: Schedule, order: Order, *, by_action: bool) -> None:
        """Remember what was ordered, and whether an action did it."""
        ordered = {
            TAG: order.tag,
            SITE_IMPORT: order.site_import,
            SITE_EXPORT: order.site_export,
            _BY_ACTION: by_action or None,
        }
        self._ordered[schedule.key] = {
            key: value for key, value in ordered.items() if value is not None
        }
        self._save()

    def has(self, schedule: Schedule) -> bool:
        """Whether a schedule was set here."""
        return schedule.key in self._ordered

    def is_of_action(self, schedule: Schedule) -> bool:
        """Whether an action set a schedule, and not the calendar or another program."""
        return _BY_ACTION in self._ordered.get(schedule.key, {})

    def forget_others(self, schedules: Mapping[str, Schedule], now: float) -> None:
        """Forget all but these, by their ids."""
        gone = [key for key in self._ordered if key not in schedules]
        for key in gone:
            del self._ordered[key]
        if gone:
            self._save()
        over = [asdict(item) for item in schedules.values() if item.end <= now]
        self._sink.remember(_PAST, over, within=300.0)

    def past(self) -> list[Schedule]:
        """Give the schedules that were over, which the EMS does not tell any more."""
        return [Schedule(**item) for item in self._sink.recall(_PAST) or ()]

    def of(self, schedule: Schedule) -> dict[str, Value]:
        """Give the tag and the limits; what the EMS itself tells is right."""
        ordered = self._ordered.get(schedule.key, {})
        told = {SITE_IMPORT: schedule.site_import, SITE_EXPORT: schedule.site_export}
        return {TAG: ordered.get(TAG)} | {
            key: ordered.get(key) if value is None else value
            for key, value in told.items()
        }

    def again(self, schedule: Schedule) -> Order:
        """Give the order that would make a schedule again."""
        return Order(
            device_type=schedule.device_type,
            node_id=schedule.node_id,
            start=schedule.start,
            end=schedule.end,
            policy=schedule.policy or "",
            power=schedule.power,
            **self.of(schedule),  # type: ignore[arg-type]  # a text and two numbers
        )

    def _save(self) -> None:
        self._sink.remember(_KEY, dict(self._ordered))
