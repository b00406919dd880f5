"""What may be tuned on an ECU that is asked over TCP."""

from dataclasses import replace
from typing import Final

from homeassistant.const import CONF_SCAN_INTERVAL
from homeassistant.helpers.selector import (
    LocationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)

from ..family import Option
from ..fields import BOOLEAN, HOST, MULTILINE, PASSWORD, PORT
from .const import (
    CONF_COUNT,
    CONF_NIGHT,
    CONF_PLACE,
    CONF_PUBLISH,
    CONF_PUBLISH_CA,
    CONF_PUBLISH_CLIENT_ID,
    CONF_PUBLISH_DISCOVERY,
    CONF_PUBLISH_DISCOVERY_PREFIX,
    CONF_PUBLISH_HOST,
    CONF_PUBLISH_PASSWORD,
    CONF_PUBLISH_PORT,
    CONF_PUBLISH_PREFIX,
    CONF_PUBLISH_RETAIN,
    CONF_PUBLISH_TLS,
    CONF_PUBLISH_USERNAME,
    CONF_PUBLISH_VERIFY,
    CONF_RESTART,
    CONF_RESTART_AFTER,
    CONF_RESTART_PASSWORD,
    CONF_SSID,
    CONF_WEB_PORT,
    CONF_ZONE,
    DEFAULT_DISCOVERY_PREFIX,
    DEFAULT_INTERVAL,
    DEFAULT_PUBLISH_PORT,
    DEFAULT_WEB_PORT,
)


def _number(lowest: int, highest: int, unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(min=lowest, max=highest, mode=NumberSelectorMode.BOX)
    if unit:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def _text(
    key: str, *, needs: str | None = None, topic: bool = False, default: str = ""
) -> Option:
    return Option(
        key=key,
        default=default,
        selector=TextSelector(),
        optional=True,
        needs=needs,
        topic=topic,
    )


_READING: Final = (
    Option(
        key=CONF_SCAN_INTERVAL, default=DEFAULT_INTERVAL, selector=_number(60, 900, "s")
    ),
    Option(key=CONF_NIGHT, default=False, selector=BOOLEAN),
    Option(key=CONF_COUNT, default=False, selector=BOOLEAN),
    Option(key=CONF_PLACE, default=None, selector=LocationSelector(), optional=True),
    _text(CONF_ZONE),
)

_RESTARTING: Final = (
    Option(key=CONF_WEB_PORT, default=DEFAULT_WEB_PORT, selector=PORT),
    Option(key=CONF_RESTART, default=False, selector=BOOLEAN),
    _text(CONF_SSID, needs=CONF_RESTART),
    Option(
        key=CONF_RESTART_PASSWORD,
        default="",
        selector=PASSWORD,
        optional=True,
        secret=True,
        needs=CONF_RESTART,
    ),
    Option(key=CONF_RESTART_AFTER, default=0, selector=_number(0, 100)),
)

_PUBLISHING: Final = (
    Option(key=CONF_PUBLISH, default=False, selector=BOOLEAN),
    Option(
        key=CONF_PUBLISH_HOST,
        default="",
        selector=HOST,
        optional=True,
        needs=CONF_PUBLISH,
    ),
    Option(key=CONF_PUBLISH_PORT, default=DEFAULT_PUBLISH_PORT, selector=PORT),
    _text(CONF_PUBLISH_USERNAME, needs=CONF_PUBLISH),
    Option(
        key=CONF_PUBLISH_PASSWORD,
        default="",
        selector=PASSWORD,
        optional=True,
        secret=True,
        needs=CONF_PUBLISH,
        told_to=CONF_PUBLISH_HOST,
    ),
    Option(key=CONF_PUBLISH_TLS, default=False, selector=BOOLEAN),
    Option(key=CONF_PUBLISH_VERIFY, default=True, selector=BOOLEAN),
    Option(
        key=CONF_PUBLISH_CA,
        default="",
        selector=MULTILINE,
        optional=True,
        needs=CONF_PUBLISH_TLS,
    ),
    _text(CONF_PUBLISH_CLIENT_ID, needs=CONF_PUBLISH),
    _text(CONF_PUBLISH_PREFIX, topic=True),
    Option(key=CONF_PUBLISH_RETAIN, default=False, selector=BOOLEAN),
    Option(key=CONF_PUBLISH_DISCOVERY, default=False, selector=BOOLEAN),
    Option(
        key=CONF_PUBLISH_DISCOVERY_PREFIX,
        default=DEFAULT_DISCOVERY_PREFIX,
        selector=TextSelector(),
        topic=True,
    ),
)

OPTIONS: Final = tuple(
    replace(option, connections=frozenset({"tcp"}))
    for option in (*_READING, *_RESTARTING, *_PUBLISHING)
)
