"""APsystems ECU: the gateway of microinverters, over TCP or through aps2mqtt."""

from typing import Final

from ..family import Family
from .actions import ACTIONS
from .controls import CONTROLS
from .discovery import by_dhcp
from .flow import MQTT, OPTIONS, TCP
from .sensors import SENSORS

FAMILY: Final = Family(
    key="apsystems",
    name="APsystems ECU",
    manufacturer="APsystems",
    model="ECU",
    connections={connection.key: connection for connection in (TCP, MQTT)},
    descriptions=(*SENSORS, *CONTROLS),
    options=OPTIONS,
    actions=ACTIONS,
    by_dhcp=by_dhcp,
)
