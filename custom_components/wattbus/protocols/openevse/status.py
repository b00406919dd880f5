"""From a gateway's messages to values: MQTT below the base topic, `/status`, `/ws`."""

from collections.abc import Callable, Mapping
from typing import Final

from .. import ProtocolError
from ..payload import decode_object, quote_name
from ..rapi import VersionNumber, temperature
from .configuration import Config, decode_config
from .documents import (
    MAX_DOCUMENT,
    Claim,
    Limit,
    ScheduleEvent,
    decode_claim,
    decode_limit,
    decode_schedule,
    decode_will,
)
from .keys import KEYS, LEFT_OUT, TEMPERATURES, Key
from .values import Scalar

type Value = Scalar | Claim | Limit | Config | tuple[ScheduleEvent, ...]

MAX_SCALAR: Final = 1024
# ESP8266 published the session's watt-seconds as `wh` up to 2.7.5.
WH_IS_TOTAL_SINCE: Final = (2, 7, 6)

_DOCUMENTS: Final[Mapping[str, Callable[[bytes | str], Value]]] = {
    "claim": decode_claim,
    "override": decode_claim,
    "schedule": decode_schedule,
    "config": decode_config,
}


def decode(
    key: str, payload: bytes | str, *, firmware: VersionNumber | None = None
) -> dict[str, Value]:
    """Decode a message on `<base>/<key>`; the base topic itself is the key "".

    The result has the names of the table in `keys`, or `claim`, `override`, `limit`,
    `schedule`, `config`, or `gateway_connected` (the base topic); it is empty for what
    is none of the gateway's values: unknown keys, commands, replies. None is a value
    that the charger does not have. `firmware` is the controller's: before 4.10.0 a
    missing temperature sensor reads 0.

    Raises:
        ProtocolError: If the value is not one that a gateway sends.
    """
    if key == "":
        return {"gateway_connected": decode_will(payload)}
    if key in _DOCUMENTS:
        return {key: _DOCUMENTS[key](payload)}
    if key == "limit" and payload[:1] in (b"{", "{"):
        limit = decode_limit(payload)
        return {"limit": limit, "has_limit": limit is not None}
    # The gateway's event has the name of its document.
    entry = KEYS.get("has_limit" if key == "limit" else key)
    if entry is None:
        return {}
    return {entry.name: _read(entry, _text(key, payload), firmware)}


def is_told(key: str) -> bool:
    """Return whether `<base>/<key>` is where a gateway tells something."""
    return key in KEYS or key in _DOCUMENTS or key in ("limit", "rapi/out")


def decode_status(
    document: bytes | str | Mapping[str, object],
    *,
    firmware: VersionNumber | None = None,
) -> dict[str, Value]:
    """Decode `GET /status`, or a message of `/ws`, which has a part of it.

    The names are those of `decode`. A member that cannot be read is None, and so is
    what the whole `/status` leaves out where there is none.

    Raises:
        ProtocolError: If it is not an object.
    """
    if isinstance(document, bytes | str):
        document = decode_object(document, limit=MAX_DOCUMENT)
    values: dict[str, Value] = {}
    if {"mode", "mqtt_status"} <= document.keys():
        values = dict.fromkeys(KEYS[key].name for key in LEFT_OUT)
    for key, entry in KEYS.items():
        if key in document:
            try:
                values[entry.name] = _read(entry, document[key], firmware)
            except ProtocolError:
                values[entry.name] = None
    if isinstance(limit := document.get("limit"), bool):
        values["has_limit"] = limit
    return values


def resolve_wh(
    value: float | None, *, version: VersionNumber | None = None
) -> dict[str, float]:
    """Return what the key `wh` is: `session_energy` or `total_energy` [Wh], or nothing.

    Up to 2.7.5 it is the session's watt-seconds, then the total watt-hours. `version`
    is the gateway's. MQTT does not tell it; there nothing is better than to take a long
    session, which has as many watt-seconds as the life has watt-hours, for the life.
    """
    if value is None or version is None:
        return {}
    if version >= WH_IS_TOTAL_SINCE:
        return {"total_energy": value}
    return {"session_energy": value / 3600}


def _read(entry: Key, raw: object, firmware: VersionNumber | None) -> Scalar:
    """Read a value; a temperature may be a missing sensor's."""
    value = entry.read(raw, entry.key)
    if entry.key in TEMPERATURES and isinstance(value, int | float):
        return temperature(round(value * 10, 1), firmware)
    return value


def _text(key: str, payload: bytes | str) -> str:
    """Return the text of a scalar."""
    if len(payload) > MAX_SCALAR:
        raise ProtocolError(f"{quote_name(key)} is longer than {MAX_SCALAR} bytes")
    if isinstance(payload, str):
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError(f"{quote_name(key)} is not UTF-8") from None
