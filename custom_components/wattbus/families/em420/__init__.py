"""TQ-Systems EM420: an energy manager that exports its measurements as JSON."""

from typing import Final

from ..family import PATIENCE, Family
from .flow import INTERVAL, MQTT, REST
from .sensors import DESCRIPTIONS, unknown

FAMILY: Final = Family(
    key="em420",
    name="TQ EM420",
    manufacturer="TQ-Systems",
    model="EM420",
    connections={connection.key: connection for connection in (MQTT, REST)},
    descriptions=DESCRIPTIONS,
    unknown=unknown,
    options=(PATIENCE, INTERVAL),
)
