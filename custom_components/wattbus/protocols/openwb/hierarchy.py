"""What openWB consists of (`openWB/counter/get/hierarchy`)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from .. import ProtocolError
from .values import Partly, Value, part, text

_MAX_ID: Final = 999_999


class Kind(StrEnum):
    """What a topic is about."""

    SYSTEM = "system"
    CHARGE_POINT = "charge_point"
    COUNTER = "counter"
    INVERTER = "inverter"
    BATTERY = "battery"
    VEHICLE = "vehicle"
    CONSUMER = "consumer"
    """From 2.3: what openWB switches or measures beside the vehicles."""
    IO = "io"
    SMART_HOME = "smart_home"
    OWN_EVSE = "own_evse"
    CHARGE_TEMPLATE = "charge_template"
    VEHICLE_TEMPLATE = "vehicle_template"
    CHARGE_POINT_TEMPLATE = "charge_point_template"
    COMPONENT = "component"
    """A counter, inverter or battery, whose kind is in its configuration."""
    HARDWARE = "hardware"
    """What openWB calls a device: components have one interface in common."""


class Place(NamedTuple):
    """Something in the hierarchy, and what it hangs below."""

    kind: Kind
    id: int
    parent: tuple[Kind, int] | None


COMPONENTS: Final[Mapping[str, Kind]] = {
    "counter": Kind.COUNTER,
    "inverter": Kind.INVERTER,
    "bat": Kind.BATTERY,
    "cp": Kind.CHARGE_POINT,
}
"""The words of the components' configurations."""

_PLACES: Final = {**COMPONENTS, "consumer": Kind.CONSUMER}


def hierarchy(raw: object, what: str) -> tuple[Place, ...] | Partly | None:
    """Read the hierarchy from the grid down; the grid's counter is the first.

    What this does not know is passed over, what hangs below it is not.

    Raises:
        ProtocolError: If it is something else.
    """
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise ProtocolError("the hierarchy is not a list")
    places: list[Place] = []
    reasons: list[str] = []
    _walk(raw, None, places, reasons)
    return Partly(tuple(places), reasons[0]) if reasons else tuple(places)


def _walk(
    nodes: object,
    parent: tuple[Kind, int] | None,
    places: list[Place],
    reasons: list[str],
) -> None:
    if not isinstance(nodes, list):
        reasons.append("what hangs below a place of the hierarchy is not a list")
        return
    for node in nodes:
        if not isinstance(node, dict):
            reasons.append("a place of the hierarchy is not an object")
            continue
        here = parent
        word = node.get("type")
        if isinstance(word, str) and (kind := _PLACES.get(word)) is not None:
            number = node.get("id")
            if type(number) is int and 0 <= number <= _MAX_ID:
                here = (kind, number)
                places.append(Place(kind, number, parent))
            else:
                reasons.append("a place of the hierarchy has no id")
        _walk(node.get("children", []), here, places, reasons)


def component(raw: object, what: str) -> Mapping[str, Value | Partly]:
    """Read the configuration of a counter, an inverter or a battery.

    Raises:
        ProtocolError: If it is something else.
    """
    if raw is None:
        return {"name": None, "component": None}
    if not isinstance(raw, dict):
        raise ProtocolError("the configuration is not an object")
    return {
        "name": part(text, raw.get("name"), "name"),
        "component": COMPONENTS.get(_component_word(raw.get("type"))),
    }


def _component_word(word: object) -> str:
    """Give the last word: some modules write `counter_consumption`, say."""
    return word.partition("_")[0] if isinstance(word, str) else ""
