"""What openWB consists of (`openWB/counter/get/hierarchy`)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from .. import ProtocolError
from .values import Value

_MAX_ID: Final = 999_999


class Kind(StrEnum):
    """What a topic is about."""

    SYSTEM = "system"
    CHARGE_POINT = "charge_point"
    COUNTER = "counter"
    INVERTER = "inverter"
    BATTERY = "battery"
    VEHICLE = "vehicle"
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
"""The words of the hierarchy and of the components' configurations."""


def hierarchy(raw: object, what: str) -> tuple[Place, ...] | None:
    """Read the hierarchy from the grid down; the grid's counter is the first.

    What this does not know is passed over, what hangs below it is not.

    Raises:
        ProtocolError: If it is something else.
    """
    if raw is None:
        return None
    places: list[Place] = []
    _walk(raw, None, places)
    return tuple(places)


def _walk(nodes: object, parent: tuple[Kind, int] | None, places: list[Place]) -> None:
    if not isinstance(nodes, list):
        raise ProtocolError("the hierarchy is not a list")
    for node in nodes:
        if not isinstance(node, dict):
            raise ProtocolError("a place of the hierarchy is not an object")
        here = parent
        kind = (
            COMPONENTS.get(word) if isinstance(word := node.get("type"), str) else None
        )
        if kind is not None:
            number = node.get("id")
            if type(number) is not int or not 0 <= number <= _MAX_ID:
                raise ProtocolError("a place of the hierarchy has no id")
            here = (kind, number)
            places.append(Place(kind, number, parent))
        _walk(node.get("children", []), here, places)


def component(raw: object, what: str) -> Mapping[str, Value]:
    """Read the configuration of a counter, an inverter or a battery.

    Raises:
        ProtocolError: If it is something else.
    """
    if raw is None:
        return {"name": None, "component": None}
    if not isinstance(raw, dict):
        raise ProtocolError("the configuration is not an object")
    name, word = raw.get("name"), raw.get("type")
    return {
        "name": name if isinstance(name, str) and name else None,
        "component": COMPONENTS.get(_component_word(word)),
    }


def _component_word(word: object) -> str:
    """Give the last word: some modules write `counter_consumption`, say."""
    return word.partition("_")[0] if isinstance(word, str) else ""
