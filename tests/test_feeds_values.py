"""What a feed makes of an entity's state: the device's unit, or nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.core import HomeAssistant

from .helpers import state, until
from .hungry import GRID, KILOWATT, WATT, fed, issue, told

pytestmark = pytest.mark.usefixtures("hungry_family")


@pytest.mark.parametrize(
    ("key", "value", "unit", "expected"),
    [
        ("grid_power", "-1077.6", "W", -1078),
        ("grid_power", "1.2345", "kW", 1234),
        ("grid_power", "0", "W", 0),
        ("grid_power", "-0.2", "W", 0),
        ("voltage", "231.26", "V", 231.3),
        ("voltage", "231260", "mV", 231.3),
        ("vehicle_soc", "79.6", "%", 80),
        ("vehicle_soc", "100.2", "%", 100),
        ("vehicle_range", "250", "km", 250),
        ("vehicle_range", "100", "mi", 161),
        ("vehicle_time_to_full", "90", "min", 5400),
        ("vehicle_time_to_full", "1.5", "h", 5400),
        ("vehicle_time_to_full", "90", "s", 90),
        ("vehicle_charge_limit", "80", "%", 80),
    ],
)
async def test_value_is_converted(
    hass: HomeAssistant, key: str, value: str, unit: str, expected: float
) -> None:
    """A device expects one unit, whatever the entity has."""
    hass.states.async_set("sensor.source", value, {"unit_of_measurement": unit})
    entry = await fed(hass, **{f"feed_{key}": "sensor.source"})
    assert told(entry, key) == [expected]
    assert str(told(entry, key)[0]) == str(expected), "with the decimals it reads"


async def test_time_at_which_the_car_is_full(hass: HomeAssistant) -> None:
    """Cars tell it as a time of the day, chargers want the seconds until then."""
    full = datetime.now(UTC) + timedelta(hours=2)
    attributes = {"device_class": "timestamp"}
    hass.states.async_set("sensor.full", full.isoformat(), attributes)
    entry = await fed(hass, feed_vehicle_time_to_full="sensor.full")
    await asyncio.sleep(2.2)
    values = told(entry, "vehicle_time_to_full")
    assert 7190 < values[0] <= 7200
    # Not each second, but once more as the connection's state is written.
    assert len(values) <= 2


async def test_no_time_is_left_when_it_is_past(hass: HomeAssistant) -> None:
    """Cars leave the time when they were full as it was."""
    full = datetime.now(UTC) - timedelta(hours=2)
    attributes = {"device_class": "timestamp"}
    hass.states.async_set("sensor.full", full.isoformat(), attributes)
    entry = await fed(hass, feed_vehicle_time_to_full="sensor.full")
    await until(lambda: told(entry, "vehicle_time_to_full") == [0])


@pytest.mark.parametrize(
    ("key", "value", "attributes"),
    [
        ("grid_power", "unavailable", WATT),
        ("grid_power", "unknown", WATT),
        ("grid_power", "", WATT),
        ("grid_power", "on", WATT),
        ("grid_power", "nan", WATT),
        ("grid_power", "-inf", WATT),
        ("grid_power", "1200", {}),
        ("grid_power", "1200", {"unit_of_measurement": "Wh"}),
        ("grid_power", "1200", {"unit_of_measurement": ["W"]}),
        ("grid_power", "2", {"unit_of_measurement": "MW"}),
        ("voltage", "0", {"unit_of_measurement": "V"}),
        ("vehicle_soc", "101", {"unit_of_measurement": "%"}),
        ("vehicle_soc", "0.5", {}),
        ("vehicle_soc", "5", {"unit_of_measurement": "‰"}),
        ("vehicle_time_to_full", "soon", {"device_class": "timestamp"}),
        ("grid_power", "2030-01-01T00:00:00+00:00", {"device_class": "timestamp"}),
    ],
)
async def test_what_cannot_be_right_is_not_sent(
    hass: HomeAssistant, key: str, value: str, attributes: dict[str, Any]
) -> None:
    """Least of all as a zero, which the device would act on."""
    hass.states.async_set("sensor.source", value, attributes)
    entry = await fed(hass, **{f"feed_{key}": "sensor.source"})
    await until(lambda: issue(hass, entry, key))
    assert told(entry, key) == []
    assert state(hass, entry, MAIN_DEVICE, f"feed_{key}") is None


async def test_meter_that_counts_the_other_way(hass: HomeAssistant) -> None:
    """The option is for the grid alone."""
    hass.states.async_set(GRID, "1.5", KILOWATT)
    entry = await fed(
        hass, feed_grid_power=GRID, feed_solar_power=GRID, feed_grid_inverted=True
    )
    assert told(entry) == [-1500]
    assert told(entry, "solar_power")[0] == 1500
