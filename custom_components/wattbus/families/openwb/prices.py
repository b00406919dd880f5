"""The electricity tariff: the price of now, and the series that price cards read."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..sink import Value
from .const import PRICE, RAW_TODAY, RAW_TOMORROW

# Attributes are to stay below 16 kB. Two days have up to 196 quarters of an hour: so each
# price has 82 bytes at most, its times without seconds.
_MOST: Final = 196
_DIGITS: Final = 4
_LONGEST: Final = timedelta(hours=1)


def tariff(prices: Mapping[str, float], now: datetime) -> dict[str, Value]:
    """Give the price [€/kWh] of `now`, and those of today and tomorrow.

    `prices` are in €/Wh, by the unix time that they begin at. Up to 2.1, openWB's clock
    is a text without a time zone, taken to be ours. All is compared in UTC: between
    local times, an hour is missing or twice there when the clock is changed.
    """
    now = dt_util.as_utc(now)
    begins = [datetime.fromtimestamp(int(key), now.tzinfo) for key in prices]
    step = min(
        (after - before for before, after in pairwise(begins)),
        default=_LONGEST,
    )
    step = min(step, _LONGEST)
    days: dict[int, list[dict[str, Any]]] = {0: [], 1: []}
    price = None
    today = dt_util.as_local(now).date()
    for begin, value in list(zip(begins, prices.values(), strict=True)):
        shown = value * 1000
        end = begin + step
        if begin <= now < end:
            price = round(shown, 6)
        start = dt_util.as_local(begin)
        day = days.get((start.date() - today).days)
        if day is not None and sum(map(len, days.values())) < _MOST:
            day.append(
                {
                    "start": start.isoformat(timespec="minutes"),
                    "end": dt_util.as_local(end).isoformat(timespec="minutes"),
                    "value": round(shown, _DIGITS),
                }
            )
    return {PRICE: price, RAW_TODAY: days[0], RAW_TOMORROW: days[1]}
