"""Charge levels that somebody has read.

A vehicle without a module for its charge level (`soc_module/config` with the type null) is
told as 0 % and 0 km, by itself and at the charge point it is plugged into. So is one whose
charge level could not be read three times in a row (modules/update_soc.py), beside a fault.
"""

from collections.abc import Mapping
from typing import Final

from ...protocols.openwb import Kind, Value
from .const import FAULT
from .told import Told

_LEVELS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.VEHICLE: frozenset({"soc", "range"}),
    Kind.CHARGE_POINT: frozenset({"connected_vehicle_soc", "connected_vehicle_range"}),
}


def believed(
    told: Told, kind: Kind, number: int | None, values: Mapping[str, Value]
) -> Mapping[str, Value]:
    """Give values, and None for levels that nobody has read.

    Before it is known whether there is a module, a 0 is not believed.
    """
    if _LEVELS[kind].isdisjoint(values):
        return values
    vehicle = told.values.get((Kind.VEHICLE, vehicle_of(told, kind, number)), {})
    has_none = "soc_module" in vehicle and vehicle["soc_module"] is None
    doubted = "soc_module" not in vehicle or vehicle.get("fault_state") == FAULT
    return {
        name: None
        if name in _LEVELS[kind] and (has_none or (doubted and not value))
        else value
        for name, value in values.items()
    }


def levels(told: Told, kind: Kind, number: int | None) -> Mapping[str, Value]:
    """Give the charge level and the range, as far as they are known."""
    values = told.values.get((kind, number), {})
    found = {name: values[name] for name in _LEVELS[kind] if name in values}
    return believed(told, kind, number, found)


def vehicle_of(told: Told, kind: Kind, number: int | None) -> int | None:
    """Give the number of the vehicle itself, or of the one at a charge point."""
    if kind is Kind.VEHICLE:
        return number
    found = told.value(kind, "connected_vehicle_id", number)
    return found if isinstance(found, int) else None
