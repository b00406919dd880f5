"""When silence means that a device is gone."""

from collections import deque
from typing import Final

# Silence of this many of its longest recent intervals makes a device unavailable.
_MISSED: Final = 3
_SHORTEST: Final = 10.0
_REMEMBERED: Final = 5


class Freshness:
    """Learns how often a device speaks, in seconds of any steady clock."""

    def __init__(self, patience: float) -> None:
        """Allow `patience` seconds of silence until the interval is known."""
        self._patience = patience
        self._intervals: deque[float] = deque(maxlen=_REMEMBERED)
        self._last: float | None = None
        self.timeout = patience
        """How long the device may be silent."""
        self.deadline = float("-inf")
        """When the silence has been too long; before the first sign, long ago."""

    def seen(self, moment: float) -> None:
        """Note a sign of life."""
        if self._last is not None:
            if moment <= self._last:
                return
            if self._intervals and moment > self.deadline:
                # An outage is no interval. But a device that was slower than the
                # patience from the start has none yet, and must be learned.
                self._intervals.clear()
                self.timeout = self._patience
            else:
                self._intervals.append(moment - self._last)
                self.timeout = max(_MISSED * max(self._intervals), _SHORTEST)
        self._last = moment
        self.deadline = moment + self.timeout

    def reset(self) -> None:
        """Forget the last sign of life: the connection was away, not the device."""
        self._last = None
        self.deadline = float("-inf")
