"""aps2mqtt's messages, of version 2 (JSON) and of those before (a value per topic)."""

from collections.abc import Mapping
import math
import re
from statistics import mean
from typing import Final

from .. import ProtocolError
from ..payload import decode_object, number, quote
from .model import EcuState, InverterState, SingleValue, Status, is_id, known, root

# The largest, of an inverter with four panels, has some 300 bytes.
_LARGEST: Final = 4096
# No inverter has more than four; a simulated one may.
_MOST_PANELS: Final = 8

_ECU_KEYS: Final = ("current_power", "today_energy", "lifetime_energy")
# The topics before version 2, and what their values were called afterwards.
_ECU_VALUES: Final[Mapping[str, str]] = {
    "power": "current_power",
    "energy/today": "today_energy",
    "energy/lifetime": "lifetime_energy",
}
_INVERTER_VALUES: Final = frozenset(
    {"signal", "temperature", "frequency", "power", "voltage"}
)
_PANEL_VALUES: Final = frozenset({"power", "voltage"})
_STATUSES: Final = {b"online": True, b"offline": False}
# As Python writes them.
_BOOLEANS: Final = {b"True": True, b"False": False}
_PANEL: Final = re.compile(rf"[1-{_MOST_PANELS}]")
# As Python writes integers and floats.
_NUMBER: Final = re.compile(rb"-?[0-9]{1,20}(\.[0-9]{1,20})?(e[+-]?[0-9]{1,3})?")

type Message = Status | EcuState | InverterState | SingleValue


def decode(topic: str, payload: bytes | str, prefix: str = "") -> Message | None:
    """Decode a message of aps2mqtt.

    Args:
        topic: Where it came.
        payload: The message. An empty one clears what was retained and says nothing.
        prefix: aps2mqtt's `MQTT_TOPIC_PREFIX`.

    Returns:
        What it says, None if it says nothing or the topic is not one of aps2mqtt's. A
        value that cannot be read is left out, and its `unread` says why.

    Raises ProtocolError if aps2mqtt would not send this on this topic.
    """
    base = root(prefix)
    if not payload or not topic.startswith(base):
        return None
    match topic[len(base) :].split("/"):
        case ["status"]:
            return Status(online=_word(payload, _STATUSES))
        case [ecu_id] if is_id(ecu_id):
            return _ecu(ecu_id, payload)
        case [ecu_id, inverter_id] if is_id(ecu_id) and is_id(inverter_id):
            return _inverter(ecu_id, inverter_id, payload)
        case [ecu_id, *rest] if is_id(ecu_id):
            return _single(ecu_id, rest, payload)
    return None


def _ecu(ecu_id: str, payload: bytes | str) -> EcuState:
    document = decode_object(payload, limit=_LARGEST)
    if document.keys().isdisjoint(_ECU_KEYS):
        raise ProtocolError("no value of an ECU in it")
    unread: list[str] = []
    values = {key: _value(document, key, unread) for key in _ECU_KEYS}
    return EcuState(ecu_id, **values, unread=tuple(unread))


def _inverter(ecu_id: str, inverter_id: str, payload: bytes | str) -> InverterState:
    document = decode_object(payload, limit=_LARGEST)
    unread: list[str] = []
    if not _online(document, unread):
        return InverterState(ecu_id, inverter_id, online=False)
    read = {key: _value(document, key, unread) for key in _INVERTER_VALUES}
    values = {key: known(key, value) for key, value in read.items()}
    voltages = _panels(document, "voltage", unread)
    if measured := [each for each in voltages if each is not None]:
        if len(measured) < len(voltages):
            # The mean that was published counts what is not known as 0 V.
            values["voltage"] = mean(measured)
    if values["voltage"] is None and read["voltage"] is not None:
        # Without the grid an inverter that just starts tells any frequency.
        values["frequency"] = None
    return InverterState(
        ecu_id,
        inverter_id,
        online=True,
        **values,
        panel_powers=_panels(document, "power", unread),
        panel_voltages=voltages,
        unread=tuple(unread),
    )


def _online(document: Mapping[str, object], unread: list[str]) -> bool:
    """Read whether an inverter is; only of one that is there are values."""
    online = document.get("online")
    if isinstance(online, bool):
        return online
    reason = f"online is not a boolean: {quote(online)}"
    if document.keys().isdisjoint(_INVERTER_VALUES):
        raise ProtocolError(reason)
    unread.append(reason)
    return True


def _value(document: Mapping[str, object], key: str, unread: list[str]) -> float | None:
    """Read a number; one that cannot be read is None, and `unread` says why."""
    try:
        return number(document.get(key), key)
    except ProtocolError as err:
        unread.append(str(err))
        return None


def _panels(
    document: Mapping[str, object], quantity: str, unread: list[str]
) -> tuple[float | None, ...]:
    """Read what is said of the panels, which are numbered from 1 without a gap."""
    values: list[float | None] = []
    for panel in range(1, _MOST_PANELS + 1):
        key = f"panel_{panel}_{quantity}"
        if key not in document:
            break
        values.append(known(quantity, _value(document, key, unread)))
    return tuple(values)


def _single(ecu_id: str, rest: list[str], payload: bytes | str) -> SingleValue | None:
    """Read a value that has a topic of its own, if this is such a topic."""
    match rest:
        case [inverter_id, "online"] if is_id(inverter_id):
            return SingleValue(
                ecu_id, inverter_id, None, "online", _word(payload, _BOOLEANS)
            )
        case [inverter_id, key] if is_id(inverter_id) and key in _INVERTER_VALUES:
            value = known(key, _plain(payload))
            return SingleValue(ecu_id, inverter_id, None, key, value)
        case [inverter_id, panel, key] if (
            is_id(inverter_id) and _PANEL.fullmatch(panel) and key in _PANEL_VALUES
        ):
            value = known(key, _plain(payload))
            return SingleValue(ecu_id, inverter_id, int(panel), key, value)
    key = _ECU_VALUES.get("/".join(rest), "")
    return SingleValue(ecu_id, None, None, key, _plain(payload)) if key else None


def _word(payload: bytes | str, words: Mapping[bytes, bool]) -> bool:
    """Read one of two words."""
    if (found := words.get(_bytes(payload))) is None:
        raise ProtocolError(f"neither {' nor '.join(map(bytes.decode, words))}")
    return found


def _plain(payload: bytes | str) -> float:
    """Read a number that is the whole payload."""
    text = _bytes(payload)
    if not _NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
        raise ProtocolError("not a number")
    return value


def _bytes(payload: bytes | str) -> bytes:
    """Give both kinds of payload as bytes; what is no text stays wrong."""
    if isinstance(payload, str):
        return payload.encode(errors="replace")
    return payload
