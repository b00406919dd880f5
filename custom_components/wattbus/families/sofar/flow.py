"""How a Sofar EMS is reached, and what may be tuned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ...protocols.sofar import DEFAULT_SUFFIX
from ..family import Connection, Option
from ..fields import BOOLEAN
from . import const
from .driver import SofarMqtt
from .settings import DEFAULT_COMMAND_TOPIC, DEFAULT_FEEDBACK_TOPIC, DEFAULTS

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

_TEXT: Final = TextSelector()
_TEXTS: Final = TextSelector(TextSelectorConfig(multiple=True))


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
        vol.Required(const.CONF_SERIAL): _TEXT,
        vol.Required(const.CONF_COMMAND_TOPIC, default=DEFAULT_COMMAND_TOPIC): _TEXT,
        vol.Required(const.CONF_FEEDBACK_TOPIC, default=DEFAULT_FEEDBACK_TOPIC): _TEXT,
        # Not a default, for it may be cleared.
        vol.Optional(
            const.CONF_SUFFIX, description={"suggested_value": DEFAULT_SUFFIX}
        ): _TEXT,
    },
    # The serial number becomes a part of them.
    base_topics=frozenset(
        {const.CONF_SERIAL, const.CONF_COMMAND_TOPIC, const.CONF_FEEDBACK_TOPIC}
    ),
    identity=_identity,
    serial=_identity,
)


def _number(least: float, most: float, unit: str, step: float = 1) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least,
            max=most,
            step=step,
            unit_of_measurement=unit,
            mode=NumberSelectorMode.BOX,
        )
    )


_SELECTORS: Final[dict[str, Any]] = {
    const.CONF_DEVICE_TYPES: _TEXTS,
    const.CONF_POLICIES: _TEXTS,
    const.CONF_POWER_POLICIES: _TEXTS,
    const.CONF_INVERT: BOOLEAN,
    const.CONF_REFRESH: _number(1, 1440, "min"),
    const.CONF_FEEDBACK_INTERVAL: _number(0, 3600, "s"),
    const.CONF_FEEDBACK_LEVEL: _TEXT,
    const.CONF_HORIZON: _number(1, 60, "d"),
    const.CONF_TIMEOUT: _number(1, 120, "s"),
    const.CONF_SPACING: _number(0, 60, "s", 0.1),
    const.CONF_MILLISECONDS: BOOLEAN,
    const.CONF_AS_TEXT: BOOLEAN,
    const.CONF_LIVE_POLICY: _TEXT,
    const.CONF_LIVE_POWER: _TEXT,
    const.CONF_LIVE_MESSAGE: _TEXT,
    const.CONF_LIVE_TOPIC: _TEXT,
    const.CONF_LIVE_INTERVAL: _number(1, 3600, "s"),
    const.CONF_LIVE_STOP: _TEXT,
}

OPTIONS: Final = tuple(
    Option(
        key=key,
        default=DEFAULTS[key],
        selector=selector,
        topic=key == const.CONF_LIVE_TOPIC,
    )
    for key, selector in _SELECTORS.items()
)
