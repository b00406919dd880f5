"""RFID cards at the charger: what happens with them, from what the gateway tells.

It tells whose card is accepted (`rfid_auth`) when that changes and, where RFID is on, with
each full set; and of a card that was learned (`rfid_input`) just once. Cards that are
unknown, or are not the one that is accepted, are told nobody (rfid.cpp of
openevse_esp32_firmware, 4.1.7 to 2026).
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum, auto
from typing import Any, Final

from ...protocols.openevse import Config
from .const import CAN_READ_CARDS

_ACCEPTED = "rfid_tag"
_LEARNED = "rfid_learned"
# What tells of cards, or of their reader.
_SIGNS: Final = frozenset(("config", _ACCEPTED, _LEARNED))


class CardEvent(StrEnum):
    """What happens with a card."""

    ACCEPTED = auto()
    # The session that it was accepted for, or the time to plug in.
    ENDED = auto()
    LEARNED = auto()


class Cards:
    """Whose card is accepted, as far as it was heard."""

    def __init__(self) -> None:
        """Start without having heard of any."""
        self._accepted: str | None = None
        self._heard = False

    def forget(self) -> None:
        """Be in doubt about what may have happened unheard."""
        self._accepted, self._heard = None, False

    def revise(
        self, told: dict[str, Any], config: Config | None, *, retained: bool
    ) -> Iterable[tuple[CardEvent, str]]:
        """Take in what is told, add whether there is a reader, and give what has happened.

        What the broker has kept, and what is heard first, has not happened now. With the
        vehicle even a gateway without a reader tells that no card is accepted.
        """
        if _SIGNS.isdisjoint(told):
            return ()
        accepted = told.get(_ACCEPTED)
        if accepted or (_ACCEPTED in told if config is None else config.rfid_enabled):
            told[CAN_READ_CARDS] = True
        return list(self._happened(told, retained=retained))

    def _happened(
        self, told: dict[str, Any], *, retained: bool
    ) -> Iterator[tuple[CardEvent, str]]:
        """Give what has happened with which card."""
        learned = told.pop(_LEARNED, None)
        if retained:
            return
        if learned is not None:
            yield CardEvent.LEARNED, learned
        if _ACCEPTED not in told:
            return
        before, now = self._accepted, told[_ACCEPTED]
        first, self._accepted, self._heard = not self._heard, now, True
        if first or now == before:
            return
        if now is not None:
            yield CardEvent.ACCEPTED, now
        elif before is not None:
            yield CardEvent.ENDED, before
