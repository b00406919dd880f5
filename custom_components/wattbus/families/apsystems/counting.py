"""The energy of a whole ECU, counted by us: some do not count what they make.

With QT2, ECU_R_1.3.6C lets the energy of the day and of its life stand still while
power is made (ecur #185, #207, #210).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..integration import Integral
from ..quantities import MOST_POWER
from ..sink import MAIN_DEVICE, Sink
from .const import CONF_COUNT, COUNTED, LONGEST_GAP


class Counted:
    """Adds the ECU's power up over our own clock, if the user wants that."""

    def __init__(self, sink: Sink, options: Mapping[str, Any]) -> None:
        """Go on from what was counted before a restart."""
        self._sink = sink
        self._integral = (
            Integral(sink, "ecu", longest=LONGEST_GAP, most=MOST_POWER)
            if options.get(CONF_COUNT)
            else None
        )

    def add(self, power: float | None, now: datetime) -> None:
        """Take in what the ECU makes [W]; None: it is not known."""
        if self._integral is not None:
            energy = self._integral.add(power, now)
            self._sink.report(MAIN_DEVICE, {COUNTED: energy})
