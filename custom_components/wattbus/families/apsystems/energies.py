"""The energies that an ECU tells, without what is not so: zeros, or far too much.

Energy of the day, lifetime energy and the number of inverters drop to 0 now and then,
for one answer or for many, and come back. A counter that follows makes the Energy
dashboard count twice what was counted already.
"""

from datetime import date
from typing import Any, Final

from ..sink import Sink

_TODAY: Final = "energy_today"
_LIFETIME: Final = "lifetime_energy"
# Overnight, a zero that is none is gone again after an answer or two.
_CONVINCING: Final = 3
# Less than that is a new day, and no rounding (as Home Assistant's recorder has it).
_DIP: Final = 0.9
# kWh that no inverter makes in a day: none has more than some 2 kW, and a day 24 hours.
_MOST_OF_ONE: Final = 60.0
# As long as it is not known how many there are.
_MOST_INVERTERS: Final = 400


class TodayEnergy:
    """Tells a reset of the day's energy, whenever the ECU makes it, from a glitch."""

    def __init__(self, sink: Sink) -> None:
        """Go on from what was shown before a restart."""
        self._sink = sink
        self._zeros = 0
        self._last: float | None = None
        self._day: date | None = None
        known: Any = sink.recall(_TODAY)
        if isinstance(known, list) and len(known) == 2:
            self._last, self._day = float(known[0]), date.fromisoformat(known[1])

    def accept(self, energy: float, day: date, inverters: int = 0) -> float | None:
        """Give the energy [kWh] to show for what the ECU says on one of its days.

        That is nothing new if so many inverters could not make it in a day; 0 is not
        known. None: there is nothing to show yet.
        """
        most = _MOST_OF_ONE * (inverters or _MOST_INVERTERS)
        if energy > most or not self._believable(energy, day):
            return self._last
        self._zeros = 0
        if energy != self._last:
            self._last, self._day = energy, day
            self._sink.remember(_TODAY, [energy, day.isoformat()], within=300.0)
        return energy

    def _believable(self, energy: float, day: date) -> bool:
        if self._last is None or energy >= self._last:
            return True
        if energy > 0:
            return energy < self._last * _DIP
        # On the day on which something was made, many answers may be one mistake. A
        # reset is none the worse for being shown on the next day, or when more than
        # zero comes after it; and of ECUs that say zero for days, nothing better does.
        self._zeros += 1
        return self._zeros >= _CONVINCING and day != self._day


class LifetimeEnergy:
    """Leaves zeros out, but those of an ECU that has never counted anything."""

    def __init__(self, sink: Sink) -> None:
        """Know from before whether it has counted."""
        self._sink = sink
        self._counted = bool(sink.recall(_LIFETIME))
        self.last: float | None = None
        """What was accepted last [kWh]."""

    def accept(self, energy: float) -> float | None:
        """Give the energy [kWh] to show; None: nothing new."""
        if energy > 0 and not self._counted:
            self._counted = True
            self._sink.remember(_LIFETIME, True)
        if self._counted and not energy:
            return None
        self.last = energy
        return energy
