"""OpenEVSE: a charger with a controller that speaks RAPI, and a Wi-Fi gateway."""

from typing import Final

from ..family import EXPERT, Family
from .actions import ACTIONS
from .controls import CONTROLS
from .flow import MQTT, POLL
from .sensors import SENSORS

FAMILY: Final = Family(
    key="openevse",
    name="OpenEVSE",
    manufacturer="OpenEVSE",
    model="OpenEVSE",
    connections={connection.key: connection for connection in (MQTT,)},
    descriptions=(*SENSORS, *CONTROLS),
    options=(POLL, EXPERT),
    actions=ACTIONS,
)
