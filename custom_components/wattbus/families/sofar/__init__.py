"""Sofar EMS (Eniris SmartgridOne controller): schedules, live control and feedback."""

from collections.abc import Mapping
from typing import Any, Final

from ..family import Family
from ..sink import DeviceKey
from .actions import ACTIONS
from .agenda import CALENDAR
from .const import CONF_DEVICE_TYPES, GROUP
from .controls import CONTROLS
from .flow import MQTT, OPTIONS
from .sensors import SENSORS, unknown
from .settings import DEFAULTS


def _outdated(key: DeviceKey, options: Mapping[str, Any]) -> bool:
    """Whether a group's device type is no longer in the list."""
    types = options.get(CONF_DEVICE_TYPES, DEFAULTS[CONF_DEVICE_TYPES])
    return key.kind == GROUP and key.id not in {name.strip() for name in types}


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
    outdated=_outdated,
)
