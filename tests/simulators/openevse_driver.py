"""What happens to the simulated OpenEVSE all day: a car comes and goes."""

from collections.abc import Iterator
from dataclasses import dataclass
import random

from custom_components.wattbus.protocols.rapi import State

from .openevse_model import Charger


@dataclass(frozen=True, slots=True)
class Habits:
    """How long everything takes [s], and how often something trips."""

    away: float = 1800
    stay: float = 1800
    least_wh: float = 3000
    most_wh: float = 12_000
    # Each so many visits the GFCI trips for a while; 0 is never.
    fault_every: int = 3
    fault_seconds: float = 120


class Driver:
    """Plugs the car in, waits until it is full, stays a while, and drives away."""

    def __init__(
        self, charger: Charger, habits: Habits | None = None, seed: int = 0
    ) -> None:
        """Begin when the driver comes home."""
        self.charger = charger
        self.habits = habits or Habits()
        self.visits = 0
        self._random = random.Random(seed)
        self._story = self._tell()
        self._left = 0.0

    def step(self, seconds: float) -> None:
        """Let time pass for the driver; the charger has a step of its own."""
        self._left -= seconds
        if self._left <= 0:
            self._left = next(self._story)

    def _tell(self) -> Iterator[float]:
        """Do one thing after the other, with the time until the next in between."""
        charger, habits = self.charger, self.habits
        while True:
            charger.car.missing_wh = self._random.uniform(
                habits.least_wh, habits.most_wh
            )
            charger.plug()
            self.visits += 1
            yield 60
            if habits.fault_every and self.visits % habits.fault_every == 0:
                charger.fault(State.GFCI_FAULT)
                yield habits.fault_seconds
                charger.clear_fault()
            # Somebody may have switched it off: the driver has no day to waste.
            for _ in range(12 * 60):
                if charger.car.full:
                    break
                yield 60
            yield habits.stay
            charger.unplug()
            yield habits.away
