"""openWB 2.x: a charger and energy manager that tells and takes everything by MQTT."""

from typing import Final

from ..family import Family
from .actions import ACTIONS
from .controls import CONTROLS
from .discovery import by_mqtt
from .feeds import FEEDS
from .flow import FED, MQTT
from .sensors import SENSORS

FAMILY: Final = Family(
    key="openwb",
    name="openWB",
    manufacturer="openWB",
    model="openWB",
    connections={MQTT.key: MQTT},
    descriptions=(*SENSORS, *CONTROLS),
    options=FED,
    actions=ACTIONS,
    feeds=FEEDS,
    by_mqtt=by_mqtt,
)
