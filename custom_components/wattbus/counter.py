"""The guard of lifetime counters: what is believed of a count that only goes up.

Home Assistant adds up what such a sensor shows. A drop by more than a tenth is a new
meter to it, whose whole count it adds; a leap it adds as it is. So one wrong value puts
a meter's life into the Energy dashboard once more, and for good. Hence:

- Zero and less is nothing: what was shown stays.
- A value is believed if it goes on from the last one: not lower, and not higher than
  the device can have counted since that one rose.
- Any other has to prove itself, by going on from itself: rising several times over a
  few minutes. Then it is a new meter, or one that was set. What stands still proves
  nothing; nor do glitches, which do not count.
- A value that goes on from the last believed one ends every doubt.
- The first value ever has nothing to go on from. It is believed, unless it is more than
  the device counts in weeks at its fastest; nothing would take that back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_CONVINCING_RISES: Final = 3
_CONVINCING_SECONDS: Final = 120.0

# Devices count in steps, of 1 kWh some, and tell them late, some when a car has gone:
# seconds beyond those that have passed. And the most that count: a device at its fastest
# for a whole night is none.
_GRACE: Final = 60.0
_LONGEST: Final = 7200.0

# A count that goes on from itself may be so much faster than thought: a site that is
# larger than any we know of is to be late, not to stand still.
_LEEWAY: Final = 3

# The seconds of its fastest counting that a first value may be worth: 500 hours.
_FIRST: Final = 1_800_000.0

type Replaced = Callable[[float | None, float], None]
"""Hears of a count that went on after another, the old and the new one."""


@dataclass(slots=True)
class Count:
    """One count that goes on."""

    value: float
    moment: float
    """When it last rose."""
    begin: float
    rises: int = 0

    def goes_on_to(self, value: float, moment: float, fastest: float) -> bool:
        """Go on to a value, if it can be reached at so much a second."""
        passed = min(max(moment - self.moment, 0.0), _LONGEST)
        if not self.value <= value <= self.value + fastest * (passed + _GRACE):
            return False
        if value > self.value:
            self.value, self.moment = value, moment
            self.rises += 1
        return True

    @property
    def is_proven(self) -> bool:
        """Whether it has risen often enough, for long enough."""
        lasted = self.moment - self.begin
        return self.rises >= _CONVINCING_RISES and lasted >= _CONVINCING_SECONDS


class LifetimeCounter:
    """Lets a counter's values through that can be true; moments are in seconds."""

    def __init__(self, most_per_hour: float, replaced: Replaced | None = None) -> None:
        """Start knowing nothing, of a device that counts so much at most."""
        self._fastest = most_per_hour / 3600
        self._replaced = replaced
        self._doubted: Count | None = None
        self.believed: Count | None = None
        """The count that is shown."""

    @property
    def value(self) -> float | None:
        """What is to be shown; None: nothing is known."""
        return None if self.believed is None else self.believed.value

    @property
    def doubting(self) -> bool:
        """Whether the last value was doubted, and may be believed when it comes again."""
        return self._doubted is not None

    def forget(self) -> None:
        """Begin again, knowing nothing."""
        self.believed = self._doubted = None

    def restore(self, value: float, moment: float) -> None:
        """Go on from what was shown before a restart, and had last risen at `moment`.

        What came before this did is weighed against it.
        """
        early, self.believed = self.believed, Count(value, moment, moment)
        if early is not None:
            self.accept(early.value, early.moment)

    def accept(self, value: float, moment: float) -> float | None:
        """Give the value to show for one that came."""
        if value > 0 or (value == 0 and self.believed is None):
            self._weigh(value, moment)
        return self.value

    def _weigh(self, value: float, moment: float) -> None:
        believed, doubted = self.believed, self._doubted
        if believed is None and value <= self._fastest * _FIRST:
            self.believed = Count(value, moment, moment)
            self._doubted = None
        elif believed is not None and believed.goes_on_to(value, moment, self._fastest):
            self._doubted = None
        elif doubted is None or not doubted.goes_on_to(
            value, moment, self._fastest * _LEEWAY
        ):
            self._doubted = Count(value, moment, moment)
        elif doubted.is_proven:
            old, self.believed, self._doubted = self.value, doubted, None
            if self._replaced is not None:
                self._replaced(old, value)
