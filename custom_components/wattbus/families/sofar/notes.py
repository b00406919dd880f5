"""What the EMS does not tell of its schedules: it is remembered from what was ordered."""

from collections.abc import Collection
from typing import Any, Final

from ...protocols.sofar import Order, Schedule
from ..sink import Sink, Value
from .const import SITE_EXPORT, SITE_IMPORT, TAG

_KEY: Final = "notes"


class Notes:
    """The tag and the site's limits of schedules, by their ids, over restarts too."""

    def __init__(self, sink: Sink) -> None:
        """Take up what is remembered."""
        self._sink = sink
        known = sink.recall(_KEY)
        self._notes: dict[str, dict[str, Any]] = dict(known or {})

    def note(self, schedule: Schedule, order: Order) -> None:
        """Remember what was ordered."""
        told = {
            TAG: order.tag,
            SITE_IMPORT: order.site_import,
            SITE_EXPORT: order.site_export,
        }
        self._notes[str(schedule.id)] = {k: v for k, v in told.items() if v is not None}
        self._save()

    def keep(self, ids: Collection[int]) -> None:
        """Forget all but these."""
        gone = [key for key in self._notes if int(key) not in ids]
        for key in gone:
            del self._notes[key]
        if gone:
            self._save()

    def of(self, schedule: Schedule) -> dict[str, Value]:
        """Give the tag and the limits; what the EMS itself tells is right."""
        noted = self._notes.get(str(schedule.id), {})
        told = {
            SITE_IMPORT: schedule.site_import,
            SITE_EXPORT: schedule.site_export,
        }
        return {
            TAG: noted.get(TAG),
            **{
                key: noted.get(key) if value is None else value
                for key, value in told.items()
            },
        }

    def order(self, schedule: Schedule) -> Order:
        """Give the order that would make a schedule again."""
        noted = self.of(schedule)
        return Order(
            device_type=schedule.device_type,
            node_id=schedule.node_id,
            start=schedule.start,
            end=schedule.end,
            policy=schedule.policy or "",
            power=schedule.power,
            **noted,  # type: ignore[arg-type]  # a text and two numbers
        )

    def _save(self) -> None:
        self._sink.remember(_KEY, dict(self._notes))
