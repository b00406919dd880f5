"""The day around the simulated openWB: sun, house, prices, mains. No chance in it.

No rule of openWB's is in it, but for the form of prices (modules/common/component_state.py,
TariffState): €/Wh by the unix time that they begin at, as text, in quarters of an hour, and
none of the past.
"""

from datetime import datetime
import math

_QUARTER = 900


def _noise(moment: float, salt: float = 0.0) -> float:
    """Return something between -1 and 1 that looks like chance and is always the same."""
    return (
        math.sin(moment / 37 + salt)
        + math.sin(moment / 11.3 + 2 * salt)
        + math.sin(moment / 173 + 3 * salt)
    ) / 3


def sunshine(moment: float, local: datetime) -> float:
    """Return the share of its peak that a roof produces, 0 to 1, clouds included."""
    hour = local.hour + local.minute / 60 + local.second / 3600
    height = math.sin((hour - 6) / 14 * math.pi)
    if height <= 0 or not 6 <= hour <= 20:
        return 0.0
    return height * (0.75 + 0.2 * _noise(moment / 3))


def house_power(moment: float, local: datetime) -> float:
    """Return what the house takes [W]: more in the morning, at noon and in the evening."""
    hour = local.hour + local.minute / 60
    peaks = sum(
        size * math.exp(-((hour - at) ** 2))
        for at, size in ((7, 700), (12, 900), (19, 1400))
    )
    return 420 + peaks + 60 * _noise(moment, 1)


def price(moment: float) -> float:
    """Return the price of electricity in the quarter of an hour [€/Wh]."""
    hour = moment // _QUARTER * _QUARTER % 86_400 / 3600
    return round((29 + 9 * math.cos((hour - 19) / 12 * math.pi)) / 1e5, 7)


def prices(moment: float, hours: int = 24) -> dict[str, float]:
    """Return the price series as openWB publishes it: from this quarter of an hour on."""
    first = int(moment // _QUARTER * _QUARTER)
    times = range(first, first + hours * 3600, _QUARTER)
    return {str(time): price(time) for time in times}


def voltages(moment: float) -> list[float]:
    """Return the mains' voltages [V]."""
    return [round(231 + 1.5 * _noise(moment / 5, phase), 2) for phase in range(3)]


def frequency(moment: float) -> float:
    """Return the mains' frequency [Hz]."""
    return round(50 + 0.03 * _noise(moment / 2, 5), 2)
