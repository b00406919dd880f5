"""How an ECU is reached: what the user is asked."""

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import TextSelector

from ...protocols.ecu import PORT as ECU_PORT
from ..family import Connection
from ..fields import HOST, PORT, broker_identity
from .aps2mqtt import EcuMqtt
from .const import CONF_ECU_ID, CONF_PREFIX
from .driver import EcuTcp

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


def _tcp_identity(data: Mapping[str, Any]) -> str:
    """Name an ECU by its address; as soon as it answers, it has an id."""
    return f"{data[CONF_HOST]}:{int(data[CONF_PORT])}"


def _mqtt_identity(data: Mapping[str, Any]) -> str:
    """Name an ECU by where it is heard of."""
    prefix = data.get(CONF_PREFIX, "")
    return f"{broker_identity(data)}|{prefix}|{data[CONF_ECU_ID]}"


TCP: Final = Connection(
    key="tcp",
    driver=EcuTcp,
    fields={
        vol.Required(CONF_HOST): HOST,
        vol.Required(CONF_PORT, default=ECU_PORT): PORT,
    },
    identity=_tcp_identity,
)

MQTT: Final = Connection(
    key="mqtt",
    driver=EcuMqtt,
    uses_broker=True,
    fields={
        vol.Required(CONF_ECU_ID): TextSelector(),
        vol.Optional(CONF_PREFIX): TextSelector(),
    },
    base_topics=frozenset({CONF_ECU_ID, CONF_PREFIX}),
    serial=itemgetter(CONF_ECU_ID),
    identity=_mqtt_identity,
)
