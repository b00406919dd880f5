"""How a charger makes itself known: ESP32 gateways do, in two ways."""

from typing import TYPE_CHECKING, Final

from homeassistant.const import CONF_HOST, CONF_PORT

from ...protocols import ProtocolError
from ...protocols.openevse import decode_announce
from ..family import Discovered
from .const import CONF_BASE

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

_SERVICE: Final = "_openevse._tcp.local."
_LONGEST_ID: Final = 64


def by_zeroconf(info: ZeroconfServiceInfo) -> Discovered | None:
    """Recognise a gateway's service; its TXT record has the long id."""
    device = info.properties.get("id")
    if info.type != _SERVICE or not isinstance(device, str):
        return None
    if not device or len(device) > _LONGEST_ID or not device.isprintable():
        return None
    return Discovered(
        connection="http",
        data={CONF_HOST: info.host, CONF_PORT: info.port or 80},
        unique_id=device,
        name=info.name.removesuffix(f".{_SERVICE}") or info.host,
    )


def by_mqtt(info: MqttServiceInfo) -> Discovered | None:
    """Recognise an announcement; a last will names no topic."""
    payload = info.payload if isinstance(info.payload, str) else bytes(info.payload)
    try:
        announce = decode_announce(payload)
    except ProtocolError:
        return None
    if not announce.connected or not announce.id or not announce.base_topic:
        return None
    return Discovered(
        connection="mqtt",
        data={CONF_BASE: announce.base_topic},
        unique_id=announce.id,
        name=announce.name or announce.base_topic,
    )
