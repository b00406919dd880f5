"""How an openWB shows at Home Assistant's broker: a bridge has brought its topics."""

from typing import TYPE_CHECKING, Final

from ...protocols import ProtocolError
from ...protocols.openwb import decode
from ..family import Discovered
from .const import CONF_ROOT

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.mqtt import MqttServiceInfo

_SERIAL: Final = "/system/serial_number"
_LONGEST: Final = 64


def by_mqtt(info: MqttServiceInfo) -> Discovered | None:
    """Recognise the topic with the serial number of an openWB."""
    if not info.topic.endswith(_SERIAL):
        return None
    root = info.topic.removesuffix(_SERIAL)
    payload = info.payload if isinstance(info.payload, str) else bytes(info.payload)
    try:
        state = decode(info.topic, payload, root)
    except ProtocolError:
        return None
    serial = state and state.values.get("serial_number")
    if (
        not isinstance(serial, str)
        or len(serial) > _LONGEST
        or not serial.isprintable()
    ):
        return None
    return Discovered(
        connection="mqtt", data={CONF_ROOT: root}, unique_id=serial, name="openWB"
    )
