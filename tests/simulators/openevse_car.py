"""The car at the simulated OpenEVSE: no firmware, and below 6 A it does not charge.

That is of IEC 61851-1, as is that nobody hears of it but by what it takes.
"""

from dataclasses import dataclass

# Below this a car does not charge (IEC 61851).
_LEAST_CURRENT = 6.0
# When so much is missing, it takes less and less.
_TAPER_WH = 600.0


@dataclass(slots=True)
class Car:
    """A car, which takes what it is offered until it is full.

    Attributes:
        missing_wh: The energy that it can still take.
        max_current: The most that it takes [A].
        start_seconds: How long it takes to begin after it has been enabled.
        ventilation: Whether it asks for ventilation, as hardly any does.
        plugged: Whether it is at the cable.
    """

    missing_wh: float = 10_000
    max_current: float = 32
    start_seconds: float = 3
    ventilation: bool = False
    plugged: bool = False

    @property
    def full(self) -> bool:
        """Whether there is nothing left to charge."""
        return self.missing_wh <= 0

    def current(self, offered: float) -> float:
        """Return what it takes [A] of what it is offered."""
        if self.full or offered < _LEAST_CURRENT:
            return 0.0
        most = min(offered, self.max_current)
        if self.missing_wh < _TAPER_WH:
            most *= 0.3 + 0.7 * self.missing_wh / _TAPER_WH
        return max(most, _LEAST_CURRENT)
