"""The tariff's prices, where openWB's clock is a text without a time zone (up to 2.1)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.wattbus.families.openwb.const import PRICE, RAW_TODAY
from custom_components.wattbus.families.openwb.prices import tariff
from homeassistant.core import HomeAssistant

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "day",
    [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 6, 1)],
    ids=["spring", "autumn", "summer"],
)
@pytest.mark.parametrize("zone", [None, BERLIN], ids=["text", "number"])
async def test_prices_of_a_day_on_which_the_clock_is_changed(
    hass: HomeAssistant, day: datetime, zone: ZoneInfo | None
) -> None:
    """openWB/core 2.1.7 writes `10/25/2026, 12:05:00`, its own local time."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    begin = int(day.replace(tzinfo=BERLIN).timestamp())
    end = int((day + timedelta(days=1)).replace(tzinfo=BERLIN).timestamp())
    prices = {
        str(moment): number / 1_000_000
        for number, moment in enumerate(range(begin, end, 900))
    }
    noon = day.replace(hour=12, minute=5)
    told = tariff(prices, noon.replace(tzinfo=zone))
    quarters = (noon.replace(tzinfo=BERLIN).timestamp() - begin) // 900
    assert told[PRICE] == quarters / 1000
    today = told[RAW_TODAY]
    assert isinstance(today, list)
    assert len(today) == len(prices)
    lengths = {
        datetime.fromisoformat(item["end"]).timestamp()
        - datetime.fromisoformat(item["start"]).timestamp()
        for item in today
    }
    assert lengths == {900}
