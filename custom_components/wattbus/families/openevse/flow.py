"""How an OpenEVSE charger is reached, and what may be tuned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from ...const import CONF_TLS, CONF_VERIFY
from ..family import Connection, Option
from ..fields import BOOLEAN, HOST, PASSWORD, PORT, broker_identity
from .const import (
    CONF_BASE,
    CONF_FEED_TOPIC,
    CONF_FIRMWARE_CHECK,
    CONF_POLL,
    DEFAULT_POLL,
)
from .driver import OpenEvseMqtt
from .http import OpenEvseHttp

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


def _mqtt_identity(data: Mapping[str, Any]) -> str:
    """Name a charger whose gateway does not announce itself by its topic."""
    return f"{broker_identity(data)}|{data[CONF_BASE]}"


def _http_identity(data: Mapping[str, Any]) -> str:
    """Name a charger whose gateway tells no serial number by its address."""
    return f"{data[CONF_HOST]}:{int(data[CONF_PORT])}"


MQTT: Final = Connection(
    key="mqtt",
    driver=OpenEvseMqtt,
    uses_broker=True,
    fields={vol.Required(CONF_BASE, default="openevse"): TextSelector()},
    base_topics=frozenset({CONF_BASE}),
    identity=_mqtt_identity,
)

# Gateways before 5.0 do not publish the topics that they are configured to read.
TOPICS: Final = tuple(
    Option(
        key=f"{CONF_FEED_TOPIC}{name}",
        default="",
        selector=TextSelector(),
        connections=frozenset({"mqtt"}),
        topic=True,
    )
    for name in (
        *("grid_power", "solar_power", "live_power", "voltage"),
        *("vehicle_soc", "vehicle_range", "vehicle_time_to_full"),
    )
)

HTTP: Final = Connection(
    key="http",
    driver=OpenEvseHttp,
    fields={
        vol.Required(CONF_HOST): HOST,
        vol.Required(CONF_PORT, default=80): PORT,
        vol.Optional(CONF_USERNAME): TextSelector(),
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Required(CONF_TLS, default=False): BOOLEAN,
        vol.Required(CONF_VERIFY, default=True): BOOLEAN,
    },
    secrets=frozenset({CONF_PASSWORD}),
    optional_secrets=frozenset({CONF_PASSWORD}),
    identity=_http_identity,
)

POLL: Final = Option(
    key=CONF_POLL,
    default=DEFAULT_POLL,
    selector=NumberSelector(
        NumberSelectorConfig(
            min=10, max=600, unit_of_measurement="s", mode=NumberSelectorMode.BOX
        )
    ),
)

# Off by default: it tells somebody on the internet that there is such a charger here.
FIRMWARE_CHECK: Final = Option(
    key=CONF_FIRMWARE_CHECK,
    default=False,
    selector=BOOLEAN,
    connections=frozenset({"http"}),
)
