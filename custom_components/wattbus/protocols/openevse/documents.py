"""The gateway's JSON documents (ESP32): claims, override, limit, schedule, announce.

They are retained below the base topic and published again when they change, which is
the acknowledgement of a command. Facts are from the ESP32 firmware's mqtt.cpp,
evse_man.cpp, limit.cpp and scheduler.cpp, and docs/Developers_Guide_MQTT.md.
"""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum, auto
from typing import Final

from .. import ProtocolError
from ..payload import decode_json, decode_object, identifier, quote
from .values import ServiceState, boolean, integer, number, service_state, text, topic

MAX_DOCUMENT: Final = 65_536
MAX_ENTRIES: Final = 256


class LimitType(StrEnum):
    """What a limit is of; the value's unit is min, Wh, % or km (or miles)."""

    TIME = auto()
    ENERGY = auto()
    SOC = auto()
    RANGE = auto()


class Weekday(StrEnum):
    """The days as the scheduler writes them."""

    SUNDAY = auto()
    MONDAY = auto()
    TUESDAY = auto()
    WEDNESDAY = auto()
    THURSDAY = auto()
    FRIDAY = auto()
    SATURDAY = auto()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a client of the gateway, or the manual override, wants; currents in A.

    What is None is left to claims of a lower priority. `client` and `priority` are not
    in every document.
    """

    state: ServiceState | None = None
    charge_current: float | None = None
    max_current: float | None = None
    auto_release: bool | None = None
    priority: int | None = None
    client: int | None = None


class Holder(StrEnum):
    """Whose claim decides something; `OTHER` is another program's."""

    NOBODY = auto()
    MANUAL = auto()
    DIVERT = auto()
    BOOST = auto()
    SCHEDULE = auto()
    LIMIT = auto()
    ERROR = auto()
    OHM = auto()
    OCPP = auto()
    RFID = auto()
    MQTT = auto()
    SHAPER = auto()
    TEMPERATURE = auto()
    OTHER = auto()


# By the gateway's numbers for its own clients (evse_man.h).
_CLIENTS: Final = {
    0x10001: Holder.MANUAL,
    0x10002: Holder.DIVERT,
    0x10003: Holder.BOOST,
    0x10004: Holder.SCHEDULE,
    0x10006: Holder.LIMIT,
    0x10007: Holder.ERROR,
    0x10008: Holder.OHM,
    0x10009: Holder.OCPP,
    0x1000A: Holder.RFID,
    0x1000B: Holder.MQTT,
    0x1000C: Holder.SHAPER,
    # The temperature throttle of 2026.
    0x1000D: Holder.TEMPERATURE,
    # OpenEnergyMonitor's demand shaper.
    0x20001: Holder.SHAPER,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Who decides whether the charger charges, and with which current."""

    state: Holder
    charge_current: Holder
    max_current: Holder


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the session: minutes, Wh, percent or the vehicle's range."""

    type: LimitType
    value: float
    auto_release: bool | None = None


@dataclass(frozen=True, slots=True)
class ScheduleEvent:
    """An entry of the gateway's schedule, in the gateway's local time.

    `feature` and `limit` with their values are of the firmware of 2026.
    """

    id: int | None
    state: ServiceState | None
    time: time | None
    days: tuple[Weekday, ...]
    feature: str | None = None
    feature_value: float | None = None
    limit: str | None = None
    limit_value: float | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """The message on the announce topic, which is the last will, too.

    The will has neither `base_topic` nor `url`.
    """

    connected: bool
    id: str | None
    name: str | None
    base_topic: str | None = None
    url: str | None = None


def decode_claim(payload: bytes | str) -> Claim | None:
    """Decode `claim` or `override`; None while there is none.

    Raises:
        ProtocolError: If it is something else.
    """
    return _claim(decode_object(payload, limit=MAX_DOCUMENT))


def decode_target(payload: bytes | str) -> Target:
    """Decode who wins among the claims (`GET /claims/target`).

    Raises:
        ProtocolError: If it is something else.
    """
    claims = decode_object(payload, limit=MAX_DOCUMENT).get("claims")
    if not isinstance(claims, dict):
        raise ProtocolError("nobody's claims")
    return Target(
        *(
            _holder(claims.get(name), name)
            for name in ("state", "charge_current", "max_current")
        )
    )


def _holder(raw: object, what: str) -> Holder:
    client = integer(raw, what)
    if client is None:
        return Holder.NOBODY
    return _CLIENTS.get(client, Holder.OTHER)


def decode_limit(payload: bytes | str) -> Limit | None:
    """Decode `limit`; None while there is none.

    Raises:
        ProtocolError: If it is something else.
    """
    document = decode_object(payload, limit=MAX_DOCUMENT)
    kind = text(document.get("type"), "type")
    if kind in (None, "none"):
        return None
    if kind not in LimitType:
        raise ProtocolError(f"no type of limit: {quote(kind)}")
    value = number(document.get("value"), "value")
    if value is None:
        raise ProtocolError("a limit without a value")
    auto_release = boolean(document.get("auto_release"), "auto_release")
    return Limit(LimitType(kind), value, auto_release)


def decode_schedule(payload: bytes | str) -> tuple[ScheduleEvent, ...]:
    """Decode `schedule`, in the order of the gateway.

    Raises:
        ProtocolError: If it is something else.
    """
    return tuple(_event(entry) for entry in _entries(payload))


def decode_announce(payload: bytes | str) -> Announce:
    """Decode a message on the announce topic.

    Raises:
        ProtocolError: If it is something else.
    """
    document = decode_object(payload, limit=MAX_DOCUMENT)
    connected = _connected(document.get("state"))
    device = document.get("id")
    url = text(document.get("http"), "http")
    return Announce(
        connected,
        None if device is None else identifier(device, "the id"),
        text(document.get("name"), "name"),
        topic(document.get("mqtt"), "mqtt"),
        url if url is not None and url.startswith(("http://", "https://")) else None,
    )


def decode_will(payload: bytes | str) -> bool:
    """Decode what an ESP8266 gateway publishes on the base topic itself.

    `connected` when it connects, `disconnected` as its last will; neither is retained.

    Raises:
        ProtocolError: If it is something else.
    """
    if isinstance(payload, bytes):
        payload = payload.decode("ascii", "replace")
    return _connected(payload)


def _connected(state: object) -> bool:
    """Read what both kinds of last will have in common."""
    if state not in ("connected", "disconnected"):
        raise ProtocolError(f"neither connected nor disconnected: {quote(state)}")
    return state == "connected"


def _claim(document: dict[str, object]) -> Claim | None:
    """Read a claim; the gateway writes the text "null" for the state of none."""
    claim = Claim(
        service_state(document.get("state"), "state"),
        number(document.get("charge_current"), "charge_current"),
        number(document.get("max_current"), "max_current"),
        boolean(document.get("auto_release"), "auto_release"),
        integer(document.get("priority"), "priority"),
        integer(document.get("client"), "client"),
    )
    return None if claim == Claim() else claim


def _event(entry: dict[str, object]) -> ScheduleEvent:
    """Read an entry of the schedule."""
    days = entry.get("days", [])
    if not isinstance(days, list) or any(day not in tuple(Weekday) for day in days):
        raise ProtocolError(f"not a list of weekdays: {quote(days)}")
    written = text(entry.get("time"), "time")
    try:
        moment = None if written is None else time.fromisoformat(written)
    except ValueError:
        raise ProtocolError(f"not a time of day: {quote(written)}") from None
    return ScheduleEvent(
        integer(entry.get("id"), "id"),
        service_state(entry.get("state"), "state"),
        None if moment is None else moment.replace(tzinfo=None),
        tuple(Weekday(day) for day in days),
        text(entry.get("feature"), "feature"),
        number(entry.get("feature_value"), "feature_value"),
        text(entry.get("limit"), "limit"),
        number(entry.get("limit_value"), "limit_value"),
    )


def _entries(payload: bytes | str) -> list[dict[str, object]]:
    """Decode a list of objects; what is inside of them is read key by key."""
    entries = decode_json(payload, limit=MAX_DOCUMENT)
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise ProtocolError(f"not a list of at most {MAX_ENTRIES} entries")
    if not all(isinstance(entry, dict) for entry in entries):
        raise ProtocolError("not a list of objects")
    return entries
