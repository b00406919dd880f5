"""Lifetime counters: they never step back, unless the meter was replaced."""

from typing import Final

# A lower value is a glitch until it has come this often, for this long, not falling.
_CONVINCING_MESSAGES: Final = 3
_CONVINCING_SECONDS: Final = 120.0


class LifetimeCounter:
    """Lets a counter's values through that can be true."""

    def __init__(self) -> None:
        """Start knowing nothing: any value will do."""
        self._accepted: float | None = None
        self._lower: float = 0.0
        self._messages = 0
        self._since = 0.0

    @property
    def doubting(self) -> bool:
        """Whether the last value was lower, and may be a glitch or a new meter."""
        return self._messages > 0

    def restore(self, value: float) -> None:
        """Go on from the value shown before a restart."""
        if self._accepted is None or value > self._accepted:
            self._accepted = value

    def accept(self, value: float, moment: float) -> float:
        """Give the value to show for one that came at `moment` (seconds)."""
        accepted = self._accepted
        if accepted is None or value >= accepted:
            self._accepted = value
            self._messages = 0
            return value
        if self._messages == 0 or value < self._lower:
            self._messages = 0
            self._since = moment
        self._lower = value
        self._messages += 1
        if (
            self._messages >= _CONVINCING_MESSAGES
            and moment - self._since >= _CONVINCING_SECONDS
        ):
            self._accepted = value
            self._messages = 0
            return value
        return accepted
