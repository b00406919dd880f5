"""Energy made of power, for devices that measure no energy."""

from datetime import datetime, timedelta
from typing import Final

from .sink import Sink

# Rarer than a state, so that a disk is not written all the time. After a crash the
# sensor, a lifetime counter, does not step back.
_KEPT_WITHIN: Final = 300.0
_HOUR: Final = timedelta(hours=1)


class Integral:
    """The energy [Wh] of a power, by the trapezoidal rule, over restarts too."""

    def __init__(
        self, sink: Sink, name: str, *, longest: timedelta, most: float
    ) -> None:
        """Go on from what was remembered under `name`; made when the driver starts.

        Between two powers that are further apart than `longest`, nothing is known. More
        than `most` [W] is none: its energy could not be taken back.
        """
        self._sink = sink
        self._key = f"integral|{name}"
        self._longest = longest
        self._most = most
        self._last: tuple[datetime, float] | None = None
        known = sink.recall(self._key)
        self.energy: float = known if isinstance(known, int | float) else 0.0

    def add(self, power: float | None, moment: datetime) -> float:
        """Take the power [W] at a moment of the device's clock in; gives the energy.

        A power that is not known, or can be none, interrupts; one not later than the
        last is ignored.
        Power of the wrong sign is the caller's to leave out: energy never falls.
        """
        if power is None or not power <= self._most:
            self._last = None
            return self.energy
        power = max(power, 0.0)
        if self._last is not None:
            before, last = self._last
            passed = moment - before
            if passed <= timedelta(0):
                if passed > -self._longest:
                    return self.energy
            elif passed <= self._longest:
                self.energy += (last + power) / 2 * (passed / _HOUR)
                self._sink.remember(self._key, self.energy, within=_KEPT_WITHIN)
        self._last = (moment, power)
        return self.energy
