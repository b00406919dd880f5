"""How an ECU is reached: what the user is asked, and what may be tuned over TCP."""

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL
from homeassistant.helpers.selector import (
    LocationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from ...protocols.ecu import PORT as ECU_PORT
from ..family import Connection, Option
from ..fields import BOOLEAN, HOST, MULTILINE, PASSWORD, PORT, broker_identity
from . import const
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


def _number(lowest: int, highest: int, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=lowest, max=highest, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


_ONLY_TCP: Final = frozenset({"tcp"})
_TEXT: Final = TextSelector()
_MAY_BE_EMPTY: Final = {"optional": True}
_RESTART: Final = {"optional": True, "needs": const.CONF_RESTART}
_PUBLISH: Final = {"optional": True, "needs": const.CONF_PUBLISH}
_TOPIC: Final = {"topic": True}
_SECRET: Final = {"secret": True}
_CA: Final = {"optional": True, "needs": const.CONF_PUBLISH_TLS}
_RECIPIENT: Final = {"recipient": const.CONF_PUBLISH_HOST}

# Key, default, selector, and what else an option has.
_OPTIONS: Final[tuple[tuple[str, Any, Any, dict[str, Any]], ...]] = (
    (CONF_SCAN_INTERVAL, const.DEFAULT_INTERVAL, _number(60, 900, "s"), {}),
    (const.CONF_NIGHT, False, BOOLEAN, {}),
    (const.CONF_COUNT, False, BOOLEAN, {}),
    (const.CONF_PLACE, None, LocationSelector(), _MAY_BE_EMPTY),
    (const.CONF_ZONE, "", _TEXT, _MAY_BE_EMPTY),
    (const.CONF_WEB_PORT, const.DEFAULT_WEB_PORT, PORT, {}),
    (const.CONF_RESTART, False, BOOLEAN, {}),
    (const.CONF_SSID, "", _TEXT, _RESTART),
    (const.CONF_RESTART_PASSWORD, "", PASSWORD, _RESTART | _SECRET),
    (const.CONF_RESTART_AFTER, 0, _number(0, 100), {}),
    (const.CONF_PUBLISH, False, BOOLEAN, {}),
    (const.CONF_PUBLISH_HOST, "", HOST, _PUBLISH),
    (const.CONF_PUBLISH_PORT, const.DEFAULT_PUBLISH_PORT, PORT, {}),
    (const.CONF_PUBLISH_USERNAME, "", _TEXT, _PUBLISH),
    (const.CONF_PUBLISH_PASSWORD, "", PASSWORD, _PUBLISH | _SECRET | _RECIPIENT),
    (const.CONF_PUBLISH_TLS, False, BOOLEAN, {}),
    (const.CONF_PUBLISH_VERIFY, True, BOOLEAN, {}),
    (const.CONF_PUBLISH_CA, "", MULTILINE, _CA),
    (const.CONF_PUBLISH_CLIENT_ID, "", _TEXT, _PUBLISH),
    (const.CONF_PUBLISH_PREFIX, "", _TEXT, _MAY_BE_EMPTY | _TOPIC),
    (const.CONF_PUBLISH_RETAIN, False, BOOLEAN, {}),
    (const.CONF_PUBLISH_DISCOVERY, False, BOOLEAN, {}),
    (
        const.CONF_PUBLISH_DISCOVERY_PREFIX,
        const.DEFAULT_DISCOVERY_PREFIX,
        _TEXT,
        _TOPIC,
    ),
)

OPTIONS: Final = tuple(
    Option(key=key, default=default, selector=selector, connections=_ONLY_TCP, **more)
    for key, default, selector, more in _OPTIONS
)
