"""OpenEVSE: a charger with a controller that speaks RAPI, and a Wi-Fi gateway."""

from typing import Final

from ..family import EXPERT, Family
from .actions import ACTIONS
from .controls import CONTROLS
from .discovery import by_mqtt, by_zeroconf
from .feeds import FEEDS
from .firmware import FIRMWARE_UPDATE
from .flow import FIRMWARE_CHECK, HTTP, MQTT, POLL, TOPICS
from .sensors import SENSORS

FAMILY: Final = Family(
    key="openevse",
    name="OpenEVSE",
    manufacturer="OpenEVSE",
    model="OpenEVSE",
    connections={connection.key: connection for connection in (MQTT, HTTP)},
    descriptions=(*SENSORS, *CONTROLS, FIRMWARE_UPDATE),
    options=(POLL, EXPERT, FIRMWARE_CHECK, *TOPICS),
    actions=ACTIONS,
    feeds=FEEDS,
    by_zeroconf=by_zeroconf,
    by_mqtt=by_mqtt,
)
