"""Sofar EMS (Eniris SmartgridOne controller): schedules, live control and feedback."""

from typing import Final

from ..family import Family
from .actions import ACTIONS
from .calendar import CALENDAR
from .const import GROUP
from .controls import CONTROLS
from .flow import MQTT
from .sensors import SENSORS, unknown
from .settings import OPTIONS, device_types_of

FAMILY: Final = Family(
    key="sofar",
    name="Sofar EMS",
    manufacturer="Sofar",
    model="EMS",
    connections={MQTT.key: MQTT},
    descriptions=(*SENSORS, CALENDAR, *CONTROLS),
    unknown=unknown,
    options=OPTIONS,
    actions=ACTIONS,
    # The device of a group whose type is no longer in the list.
    outdated=lambda key, options: (
        key.kind == GROUP and key.id not in device_types_of(options)
    ),
)
