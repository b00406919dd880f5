"""The sun over the simulated array, and what the house below it uses.

Both are functions of local time only: each day has its own weather, and asking twice
gives the same answer.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
import math
import random


@dataclass(frozen=True)
class Sun:
    """A sun that rises and sets at the same local time every day.

    Attributes:
        sunrise: In hours.
        sunset: In hours.
        clouds: Whether days and hours differ; without, it is the same clear curve.
    """

    sunrise: float = 6.0
    sunset: float = 20.5
    clouds: bool = True

    def irradiance(self, local: datetime) -> float:
        """Return how much of its full power the sun gives, 0 to 1; 0 at night."""
        hour = local.hour + local.minute / 60 + local.second / 3600
        if not self.sunrise < hour < self.sunset:
            return 0.0
        part = (hour - self.sunrise) / (self.sunset - self.sunrise)
        clear = math.pow(math.sin(math.pi * part), 1.3)
        if not self.clouds:
            return clear
        day = local.toordinal()
        passing = 0.2 * max(0.0, math.sin(5.3 * hour + day))
        return clear * _weather(day) * (1 - passing)


@lru_cache(maxsize=1000)
def _weather(day: int) -> float:
    """Return what the day's weather lets through."""
    return random.Random(day).uniform(0.5, 1.0)


def consumption(local: datetime) -> int:
    """Return what the house uses [W]: little at night, most in the evening."""
    hour = local.hour + local.minute / 60
    morning = 900 * math.exp(-((hour - 7.5) ** 2) / 1.5)
    evening = 1600 * math.exp(-((hour - 19.0) ** 2) / 4)
    fridge = 120 if local.minute % 30 < 10 else 0
    return round(250 + morning + evening + fridge)
