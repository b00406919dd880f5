"""How a Sofar EMS is reached."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT

from ...protocols.sofar import DEFAULT_SUFFIX
from ..family import Connection
from . import const
from .driver import SofarMqtt
from .settings import TEXT

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

# The page does not show them. These are made after topics of other interfaces of the
# same vendor, and the form says that they have to be checked.
DEFAULT_COMMAND_TOPIC: Final = "standard1/outbound/remoteControlMetrics/{serial}"
DEFAULT_FEEDBACK_TOPIC: Final = "standard1/rp_one_s/remoteControlMetrics/{serial}"


def _identity(data: Mapping[str, Any]) -> str:
    """Name the site, which is the same at any broker."""
    return f"{data[const.CONF_SERIAL]}{data.get(const.CONF_SUFFIX) or ''}"


MQTT: Final = Connection(
    key="mqtt",
    driver=SofarMqtt,
    uses_broker=True,
    # The vendor's; port 80 is there for networks that block 1883.
    broker={CONF_HOST: "mqtt.eniris.be", CONF_PORT: 1883},
    fields={
        vol.Required(const.CONF_SERIAL): TEXT,
        vol.Required(const.CONF_COMMAND_TOPIC, default=DEFAULT_COMMAND_TOPIC): TEXT,
        vol.Required(const.CONF_FEEDBACK_TOPIC, default=DEFAULT_FEEDBACK_TOPIC): TEXT,
        # Not a default, for it may be cleared.
        vol.Optional(
            const.CONF_SUFFIX, description={"suggested_value": DEFAULT_SUFFIX}
        ): TEXT,
    },
    # The serial number becomes a part of them.
    base_topics=frozenset(
        {const.CONF_SERIAL, const.CONF_COMMAND_TOPIC, const.CONF_FEEDBACK_TOPIC}
    ),
    identity=_identity,
    serial=_identity,
)
