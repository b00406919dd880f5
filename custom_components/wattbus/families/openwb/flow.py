"""How an openWB is reached."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.helpers.selector import TextSelector

from ..family import Connection, Option
from ..fields import broker_identity
from .const import (
    BATTERY,
    CONF_FED,
    CONF_ROOT,
    COUNTER,
    DEFAULT_ROOT,
    INVERTER,
    VEHICLE,
)
from .driver import OpenWbMqtt

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


def _identity(data: Mapping[str, Any]) -> str:
    """Name an openWB without a serial number by where its topics are."""
    return f"{broker_identity(data)}|{data[CONF_ROOT]}"


MQTT: Final = Connection(
    key="mqtt",
    driver=OpenWbMqtt,
    uses_broker=True,
    fields={vol.Required(CONF_ROOT, default=DEFAULT_ROOT): TextSelector()},
    base_topics=frozenset({CONF_ROOT}),
    identity=_identity,
)

FED: Final = tuple(
    Option(key=f"{CONF_FED}{kind}", default="", selector=TextSelector())
    for kind in (COUNTER, INVERTER, BATTERY, VEHICLE)
)
"""For an openWB that has several MQTT devices of a kind."""
