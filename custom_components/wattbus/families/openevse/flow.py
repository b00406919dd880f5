"""How an OpenEVSE charger is reached, and what may be tuned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from ..family import Connection, Option
from ..fields import broker_identity
from .const import CONF_BASE, CONF_POLL, DEFAULT_POLL
from .driver import OpenEvseMqtt

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol


def _mqtt_identity(data: Mapping[str, Any]) -> str:
    """Name a charger whose gateway does not announce itself by its topic."""
    return f"{broker_identity(data)}|{data[CONF_BASE]}"


MQTT: Final = Connection(
    key="mqtt",
    driver=OpenEvseMqtt,
    uses_broker=True,
    fields={vol.Required(CONF_BASE, default="openevse"): TextSelector()},
    base_topics=frozenset({CONF_BASE}),
    identity=_mqtt_identity,
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
