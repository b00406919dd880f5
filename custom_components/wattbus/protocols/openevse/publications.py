"""The gateway's command topics: one builder for each.

Facts are from mqtt.cpp, evse_man.cpp, limit.cpp, scheduler.cpp and app_config.cpp of the
ESP32 firmware. Nothing is published retained: a gateway executes what it finds when it
connects.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
import math
from typing import Final, Literal

import orjson

from .. import InputError, ProtocolError
from ..inputs import check_number
from ..payload import quote
from ..publication import Publication
from ..rapi import MAX_CURRENT, MIN_CURRENT, payload as rapi_payload
from .documents import LimitType, ScheduleEvent
from .settings import check_settings
from .values import DivertMode, ServiceState

# Drops one property of a claim or override; it does nothing for its state.
CLEAR: Final = "clear"
# The gateway parses a schedule in 1024 bytes: four entries of seven days fit.
MAX_EVENTS: Final = 4
MAX_EVENT_ID: Final = 2**31 - 1
# The most that makes sense, by type: a week, a MWh, percent, km or miles.
LIMITS: Final[Mapping[LimitType, int]] = {
    LimitType.TIME: 7 * 24 * 60,
    LimitType.ENERGY: 1_000_000,
    LimitType.SOC: 100,
    LimitType.RANGE: 5000,
}

type Current = int | Literal["clear"]


class Restart(StrEnum):
    """What can be restarted: the gateway or the controller."""

    GATEWAY = "gateway"
    CONTROLLER = "evse"


def send_rapi(
    base: str, command: str, *parameters: str | int, sequence: int | None = None
) -> Publication:
    """Send a RAPI command; the answer comes on `<base>/rapi/out`.

    Raises:
        ProtocolError: If the controller could not take it.
    """
    content = rapi_payload(command, *parameters, sequence=sequence)
    return _publication(base, f"rapi/in/${command}", content)


def set_divert_mode(base: str, mode: DivertMode) -> Publication:
    """Follow the surplus, or do not."""
    return _publication(base, "divertmode/set", str(mode.value))


def set_shaper(base: str, enabled: bool) -> Publication:
    """Switch the current shaper until the next start."""
    return _publication(base, "shaper/set", str(int(enabled)))


def set_override(
    base: str,
    *,
    state: ServiceState | None = None,
    charge_current: Current | None = None,
    max_current: Current | None = None,
    auto_release: bool | None = None,
) -> Publication:
    """Set properties of the manual override; those that are None stay as they are.

    Currents are in A, `CLEAR` drops them.

    Raises:
        InputError: If a current is none, or out of range.
        ProtocolError: If there is nothing to set.
    """
    properties = _properties(state, charge_current, max_current, auto_release)
    return _publication(base, "override/set", properties)


def clear_override(base: str) -> Publication:
    """End the manual override."""
    return _publication(base, "override/set", "clear")


def set_claim(
    base: str,
    *,
    state: ServiceState | None = None,
    charge_current: Current | None = None,
    max_current: Current | None = None,
    auto_release: bool | None = None,
) -> Publication:
    """Set properties of the claim of MQTT, which loses to a manual override.

    Raises:
        InputError: If a current is none, or out of range.
        ProtocolError: If there is nothing to set.
    """
    properties = _properties(state, charge_current, max_current, auto_release)
    return _publication(base, "claim/set", properties)


def release_claim(base: str) -> Publication:
    """Give up the claim of MQTT."""
    return _publication(base, "claim/set", "release")


def set_schedule(base: str, events: Sequence[ScheduleEvent]) -> Publication:
    """Add entries to the schedule, or change those with the same id.

    Raises:
        InputError: If one has no days, or an id that cannot be.
        ProtocolError: If there are none or too many, or one is not complete.
    """
    if not 1 <= len(events) <= MAX_EVENTS:
        raise ProtocolError(f"a message has 1 to {MAX_EVENTS} entries")
    return _publication(base, "schedule/set", _json([_event(e) for e in events]))


def clear_schedule(base: str, event_id: int) -> Publication:
    """Remove one entry of the schedule.

    Raises:
        InputError: If there can be no such id.
    """
    return _publication(base, "schedule/clear", str(_event_id(event_id)))


def set_limit(
    base: str, limit: LimitType, value: int, *, auto_release: bool = True
) -> Publication:
    """Limit the session: minutes, Wh, percent or the vehicle's range.

    Raises:
        InputError: If the value is out of range; the gateway takes none of 0.
    """
    value = check_limit(limit, value)
    document = {"type": limit.value, "value": value, "auto_release": auto_release}
    return _publication(base, "limit/set", _json(document))


def clear_limit(base: str) -> Publication:
    """Remove the session's limit."""
    return _publication(base, "limit/set", "clear")


def set_config(base: str, changes: Mapping[str, object]) -> Publication:
    """Change settings of the gateway, which keeps them in its flash.

    A changed topic makes it connect to the broker anew.

    Raises:
        InputError: If a value cannot be sent.
        ProtocolError: If one is not in the table of settings.
    """
    return _publication(base, "config/set", _json(check_settings(changes)))


def restart(base: str, device: Restart) -> Publication:
    """Restart the gateway or the controller."""
    return _publication(base, "restart", _json({"device": device.value}))


def _publication(base: str, name: str, payload: str) -> Publication:
    """Return a message below the base topic."""
    if not base or not base.isprintable() or not set(base).isdisjoint("+#$"):
        raise ProtocolError(f"not a base topic: {quote(base)}")
    return Publication(f"{base}/{name}", payload)


def _json(document: object) -> str:
    """Return a document as text."""
    return orjson.dumps(document).decode()


def _properties(
    state: ServiceState | None,
    charge_current: Current | None,
    max_current: Current | None,
    auto_release: bool | None,
) -> str:
    """Return the document of a claim or override."""
    properties = {
        "state": state and state.value,
        "charge_current": _current(charge_current, "charge_current"),
        "max_current": _current(max_current, "max_current"),
        "auto_release": auto_release,
    }
    given = {name: value for name, value in properties.items() if value is not None}
    if not given:
        raise ProtocolError("there is nothing to set")
    return _json(given)


def _event(event: ScheduleEvent) -> dict[str, object]:
    """Return an entry of the schedule as the gateway writes it."""
    if event.state is None or event.time is None:
        raise ProtocolError("an entry needs a state and a time")
    if not event.days:
        raise InputError("none_chosen", field="days")
    document: dict[str, object] = (
        {} if event.id is None else {"id": _event_id(event.id)}
    )
    document |= {
        "state": event.state.value,
        "time": event.time.strftime("%H:%M:%S"),
        "days": [day.value for day in event.days],
    }
    for name in ("feature", "feature_value", "limit", "limit_value"):
        value = getattr(event, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise ProtocolError(f"{name} is out of range")
        if value is not None:
            document[name] = value
    return document


def _event_id(event_id: int) -> int:
    """Check the id of an entry; 0 is none."""
    return _whole(event_id, "id", 1, MAX_EVENT_ID)


def check_limit(limit: LimitType, value: object) -> int:
    """Give the value of a limit, in its unit. Raises InputError."""
    return _whole(value, "value", 1, LIMITS[limit])


def check_current(current: object, field: str) -> int:
    """Give a current [A] that can be asked for. Raises InputError."""
    return _whole(current, field, MIN_CURRENT, MAX_CURRENT)


def _current(current: Current | None, field: str) -> Current | None:
    if current is None or current == CLEAR:
        return current
    return check_current(current, field)


def _whole(value: object, field: str, minimum: int, maximum: int) -> int:
    return int(check_number(value, field, minimum=minimum, maximum=maximum, whole=True))
