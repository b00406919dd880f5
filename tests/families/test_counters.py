"""Every count that goes on for ever is guarded, in all families, and how fast it may be."""

from typing import Final

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import SensorDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass

from ..texts import assert_none

# They begin again with the day, the session or the start of the device, or when the user
# sets them to 0; the last three count no energy.
_BEGINS_AGAIN: Final = {
    *("daily", "today", "week", "month", "monthly", "year", "yearly"),
    *("session", "since"),
    *("fault", "relay", "rapi"),
}
COUNTERS: Final = [
    (f"{family.key} {item.kind} {item.key}", item)
    for family in FAMILIES.values()
    for item in family.all_descriptions
    if isinstance(item, SensorDescription)
    and item.state_class in (SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING)
]


def test_counts_are_guarded_or_begin_again() -> None:
    assert len(COUNTERS) > 100
    assert_none(
        f"{name}: {item.most_per_hour}"
        for name, item in COUNTERS
        if (item.most_per_hour is None)
        != bool(_BEGINS_AGAIN & set(item.key.split("_")))
    )


def test_they_may_be_as_fast_as_what_they_measure() -> None:
    """10 kW of an inverter at least, 5 MW of a site with an EMS at most."""
    faults = set()
    for name, item in COUNTERS:
        if (most := item.most_per_hour) is None:
            continue
        if item.native_unit_of_measurement == "kWh":
            most *= 1000
        distance = item.device_class is SensorDeviceClass.DISTANCE
        lowest, highest = (1000, 1000) if distance else (10_000, 5_000_000)
        if not lowest <= most <= highest:
            faults.add(f"{name}: {most}")
    assert_none(faults)
