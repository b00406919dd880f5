"""Every count that goes on for ever is guarded, in all families, and how fast it may be."""

from typing import Final

import pytest

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import SensorDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass

# They begin again with the day, the session or the start of the device, or when the user
# sets them to 0; the last three count no energy.
_BEGINS_AGAIN: Final = {
    *("daily", "today", "week", "month", "monthly", "year", "yearly"),
    *("session", "since"),
    *("fault", "relay", "rapi"),
}
COUNTERS: Final = [
    pytest.param(item, id=f"{family.key} {item.kind} {item.key}")
    for family in FAMILIES.values()
    for item in family.all_descriptions
    if isinstance(item, SensorDescription)
    and item.state_class in (SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING)
]


@pytest.mark.parametrize("item", COUNTERS)
def test_a_count_is_guarded_or_begins_again(item: SensorDescription) -> None:
    begins_again = bool(_BEGINS_AGAIN & set(item.key.split("_")))
    assert (item.most_per_hour is None) == begins_again


@pytest.mark.parametrize("item", COUNTERS)
def test_it_may_be_as_fast_as_what_it_measures(item: SensorDescription) -> None:
    """10 kW of an inverter at least, 5 MW of a site with an EMS at most."""
    if item.most_per_hour is None:
        return
    kilo = 1000 if item.native_unit_of_measurement == "kWh" else 1
    if item.device_class is SensorDeviceClass.DISTANCE:
        assert item.most_per_hour == 1000
    else:
        assert 10_000 <= item.most_per_hour * kilo <= 5_000_000
