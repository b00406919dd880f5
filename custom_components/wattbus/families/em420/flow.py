"""How an EM420 is reached: what the user is asked, and what may be tuned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL, CONF_TOKEN
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ...const import CONF_TLS, CONF_VERIFY
from ..family import PATIENCE, Connection, Option
from ..fields import BOOLEAN, HOST, PASSWORD, PORT, broker_identity
from .const import (
    CONF_CONFIG_TOPICS,
    CONF_ENDPOINT,
    CONF_TOPICS,
    DEFAULT_ENDPOINT,
    DEFAULT_INTERVAL,
)
from .driver import Em420Mqtt, Em420Rest

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_TOPICS: Final = TextSelector(TextSelectorConfig(multiple=True))


def _mqtt_identity(data: Mapping[str, Any]) -> str:
    """Name the installation by where it publishes: its messages name no device."""
    return "|".join((broker_identity(data), *sorted(data[CONF_TOPICS])))


def _rest_identity(data: Mapping[str, Any]) -> str:
    """Name the installation by its address: its answers name no device."""
    return f"{data[CONF_HOST]}:{int(data[CONF_PORT])}|{data[CONF_ENDPOINT]}"


MQTT: Final = Connection(
    key="mqtt",
    driver=Em420Mqtt,
    uses_broker=True,
    fields={
        vol.Required(CONF_TOPICS, default=["em420/data"]): _TOPICS,
        vol.Optional(CONF_CONFIG_TOPICS, default=[]): _TOPICS,
    },
    topics=frozenset({CONF_TOPICS, CONF_CONFIG_TOPICS}),
    identity=_mqtt_identity,
)

REST: Final = Connection(
    key="rest",
    driver=Em420Rest,
    fields={
        vol.Required(CONF_HOST): HOST,
        vol.Required(CONF_PORT, default=80): PORT,
        vol.Optional(CONF_TOKEN): PASSWORD,
        vol.Required(CONF_ENDPOINT, default=DEFAULT_ENDPOINT): TextSelector(),
        vol.Required(CONF_TLS, default=False): BOOLEAN,
        vol.Required(CONF_VERIFY, default=True): BOOLEAN,
    },
    secrets=frozenset({CONF_TOKEN}),
    identity=_rest_identity,
)

OPTIONS: Final = (
    PATIENCE,
    Option(
        key=CONF_SCAN_INTERVAL,
        default=DEFAULT_INTERVAL,
        selector=NumberSelector(
            NumberSelectorConfig(
                min=1, max=300, unit_of_measurement="s", mode=NumberSelectorMode.BOX
            )
        ),
        connections=frozenset({"rest"}),
    ),
)
