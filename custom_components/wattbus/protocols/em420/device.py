"""What TQ's energy managers say of themselves over HTTP, to tell one from another.

The EM2xx and EM300 have a web service of their own (evcc's meter/tq-em.go, PyPI
bcontrolpy). The EM410, which KOSTAL sells as its Smart Energy Meter, has the EM420's
operating system: its settings name the product (ioBroker's kostal-ksem, api.md of
ha-kostal-smartmeter).
"""

from dataclasses import dataclass
from typing import Final

from .. import ProtocolError
from ..payload import decode_json, decode_object

EM300_PATH: Final = "/start.php"
"""Where an EM2xx or EM300 tells, without a login, its serial number."""

SETTINGS_PATH: Final = "/api/device-settings"
"""Where an EM4xx tells who it is."""

_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Who a device is, as far as it says."""

    product: str | None
    serial: str | None
    firmware: str | None


def is_document(payload: bytes) -> bool:
    """Whether an answer is JSON at all, as that of a device with a JSON interface is."""
    try:
        return isinstance(decode_json(payload), dict | list)
    except ProtocolError:
        return False


def is_em300(payload: bytes) -> bool:
    """Whether an answer at `EM300_PATH` is that of an EM2xx or EM300."""
    try:
        return decode_object(payload).keys() >= {"serial", "authentication"}
    except ProtocolError:
        return False


def decode_settings(payload: bytes) -> DeviceSettings:
    """Decode the answer at `SETTINGS_PATH`. Raises ProtocolError if it is no object."""
    settings = decode_object(payload)
    return DeviceSettings(
        *(
            _text(settings.get(key))
            for key in ("ProductName", "Serial", "FirmwareVersion")
        )
    )


def _text(value: object) -> str | None:
    """Read a short text; what is none is not told."""
    if not isinstance(value, str):
        return None
    return "".join(filter(str.isprintable, value[:_LONGEST])).strip() or None
