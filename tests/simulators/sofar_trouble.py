"""What goes wrong between the simulated EMS and its clients, by plan or by chance."""

from collections.abc import Mapping
from enum import StrEnum, auto
import random


class Fault(StrEnum):
    """What may happen to a request and its reply."""

    LOST_REQUEST = auto()
    """The EMS does not get it."""
    LOST_REPLY = auto()
    """It is done, but nobody hears of it."""
    SLOW = auto()
    """The reply comes late, perhaps after that to a later request."""
    HALF_JSON = auto()
    """Half of the reply arrives."""
    WRONG_REQUEST_TIME = auto()
    """The reply has a requestTime that nobody sent."""
    UNREADABLE_REQUEST_TIME = auto()
    """The reply has a requestTime that is no time."""
    STRAY_REPLY = auto()
    """Before the reply comes one with another requestTime."""
    DUPLICATE = auto()
    """The reply comes twice."""
    GENERAL_ERROR = auto()
    """Nothing is done, the reply is a general_error."""


class Trouble:
    """Chooses what goes wrong.

    Args:
        shares: How often each fault happens by chance, 0 to 1.
        slow_seconds: How late a slow reply is.
        seed: Of chance.
    """

    def __init__(
        self,
        shares: Mapping[Fault, float] | None = None,
        *,
        slow_seconds: float = 5.0,
        seed: int = 0,
    ) -> None:
        """Remember what may happen."""
        self.shares = dict(shares or {})
        self.slow_seconds = slow_seconds
        self._random = random.Random(seed)
        self._planned: list[tuple[Fault, str | None]] = []

    def plan(
        self, fault: Fault, message_type: str | None = None, *, times: int = 1
    ) -> None:
        """Let something happen to the next requests, or the next of a type."""
        self._planned += [(fault, message_type)] * times

    def choose(self, message_type: str | None) -> Fault | None:
        """Return what happens to a request; what is planned goes before chance."""
        for index, (fault, wanted) in enumerate(self._planned):
            if wanted in {None, message_type}:
                del self._planned[index]
                return fault
        for fault, share in self.shares.items():
            if share > 0 and self._random.random() < share:
                return fault
        return None
