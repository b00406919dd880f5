"""TQ-Systems EM420: an energy manager that exports its measurements as JSON."""

from typing import Final

from ..family import Family
from .controls import CONTROLS
from .flow import MQTT, OPTIONS, REST
from .sensors import SENSORS, unknown

FAMILY: Final = Family(
    key="em420",
    name="TQ EM420",
    manufacturer="TQ-Systems",
    model="EM420",
    connections={connection.key: connection for connection in (MQTT, REST)},
    descriptions=(*SENSORS, *CONTROLS),
    unknown=unknown,
    options=OPTIONS,
)
