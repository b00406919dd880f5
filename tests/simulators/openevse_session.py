"""A charging session at the simulated OpenEVSE: what it took, and its limits.

The rules of the controller, OpenEVSE/open_evse (J1772EvseController.cpp; 4.8.0 to 8.2.3):

- What was taken stays until the next car is plugged in; only then is it 0 again.
- Limits are of one session, and go with the car. From 4.12.1 to 5.0.x they count from
  when they are set, else from the session's start.
"""

from dataclasses import dataclass
from typing import Final

_QUARTER_SECONDS: Final = 15 * 60
_WS_PER_KWH: Final = 3_600_000


@dataclass
class Session:
    """The session, from plug to plug: it stays as it was until the next car comes.

    Attributes:
        number: How many there have been.
        ended: Whether the car has left.
        ws: Its energy [Ws].
        elapsed: How long the car has charged [s].
        limit_kwh: What ends it [kWh], 0 for nothing.
        limit_quarters: The same in quarters of an hour.
    """

    number: int = 0
    ended: bool = True
    ws: float = 0.0
    elapsed: float = 0.0
    limit_kwh: int = 0
    limit_quarters: int = 0
    _from_ws: float = 0.0
    _from_seconds: float = 0.0

    @property
    def wh(self) -> float:
        """Its energy [Wh]."""
        return self.ws / 3600

    def start(self) -> None:
        """Begin with another car."""
        self.number += 1
        self.ended = False
        self.ws = self.elapsed = 0.0

    def end(self) -> None:
        """The car leaves, and the limits with it."""
        self.ended = True
        self.clear_limits()

    def reset(self) -> None:
        """Forget all of it, as without power."""
        self.ws = self.elapsed = 0.0
        self.ended = True
        self.clear_limits()

    def clear_limits(self) -> None:
        """Go on as long as the car likes."""
        self.limit_kwh = self.limit_quarters = 0

    def limit_energy(self, kwh: int, *, from_now: bool) -> None:
        """End it after so much energy, since its start or from now."""
        self.limit_kwh = kwh
        self._from_ws = self.ws if from_now else 0.0

    def limit_time(self, quarters: int, *, from_now: bool) -> None:
        """End it after so many quarters of an hour, since its start or from now."""
        self.limit_quarters = quarters
        self._from_seconds = self.elapsed if from_now else 0.0

    @property
    def limit_reached(self) -> bool:
        """Whether one of the limits is reached."""
        most_ws = self._from_ws + self.limit_kwh * _WS_PER_KWH
        most = self._from_seconds + self.limit_quarters * _QUARTER_SECONDS
        return bool(
            (self.limit_kwh and self.ws >= most_ws)
            or (self.limit_quarters and self.elapsed >= most)
        )
