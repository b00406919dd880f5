"""What automations can ask of a charger beside its entities."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ...const import CONF_EXPERT
from ...errors import CommandError
from ...protocols import InputError, openevse, rapi
from ...protocols.inputs import check_number, check_text
from ...protocols.openevse import (
    Capability,
    Claim,
    LimitType,
    ScheduleEvent,
    ServiceState,
    Weekday,
)
from ..family import Action
from ..sink import Value
from .claims import CLAIM, OVERRIDE
from .commands import Commands
from .limits import COUNTED
from .state import State

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Data = Mapping[str, Any]

# How long a text may stay on the display, in seconds.
_LONGEST: Final = 3600
# Beside command, place and sequence id.
_MOST_WORDS: Final = rapi.MAX_TOKENS - 4
_LONGEST_WORD: Final = 16


class _Driver(Protocol):
    """What both drivers of this family have."""

    commands: Commands
    state: State
    options: Mapping[str, Any]


def _number(value: Any) -> Any:
    """Take a number that is written as a text for one; what else it is shows later.

    The encoders check what they send, with errors in the user's language: not the
    schema, whose errors are in English.
    """
    with suppress(ValueError):
        return float(value) if isinstance(value, str) else value
    return value


def _chosen[T: StrEnum](kind: type[T], value: object, field: str) -> T:
    """Give one of a few words. Raises InputError."""
    return kind(check_text(value, field, longest=_LONGEST_WORD, choices=tuple(kind)))


_CLAIM: Final = {
    vol.Optional("state"): object,
    vol.Optional("charge_current"): _number,
    vol.Optional("max_current"): _number,
    vol.Optional("auto_release"): cv.boolean,
}


def _claimed(data: Data) -> dict[str, Any]:
    """Give the properties of a claim or override. Raises InputError."""
    state = data.get("state")
    return {
        "state": _chosen(ServiceState, state, "state") if state else None,
        "charge_current": data.get("charge_current"),
        "max_current": data.get("max_current"),
        "auto_release": data.get("auto_release"),
    }


def _answer(claim: Claim | None) -> ServiceResponse:
    if claim is None:
        return {"active": False}
    return {
        "active": True,
        "state": claim.state.value if claim.state else None,
        "charge_current": claim.charge_current,
        "max_current": claim.max_current,
        "auto_release": claim.auto_release,
    }


async def _send_rapi(driver: _Driver, data: Data) -> ServiceResponse:
    command = data["command"].removeprefix("$").strip()
    parameters = data["parameters"]
    if isinstance(parameters, str):
        parameters = parameters.split()
    if rapi.is_expert(command, parameters) and not driver.options.get(CONF_EXPERT):
        rapi.check(command, parameters)  # what cannot be is not a matter of the option
        raise CommandError("expert_only", command=command)
    reply = await driver.state.rapi.ask(command, *parameters)
    if driver.state.rapi.is_silent(command):
        return {"ok": None, "values": [], "fields": {}, "raw": ""}
    return {
        "ok": reply.ok,
        "values": list(reply.values),
        "fields": dict(
            rapi.describe(command, reply, driver.state.firmware) if reply.ok else ()
        ),
        "raw": " ".join(("$OK" if reply.ok else "$NK", *reply.values)),
    }


async def _set_override(driver: _Driver, data: Data) -> ServiceResponse:
    await driver.commands.change(OVERRIDE, **_claimed(data))
    return _answer(driver.state.override)


async def _clear_override(driver: _Driver, _: Data) -> ServiceResponse:
    await driver.commands.overrides.release(OVERRIDE)
    return _answer(driver.state.override)


async def _set_claim(driver: _Driver, data: Data) -> ServiceResponse:
    await driver.commands.change(CLAIM, **_claimed(data))
    return _answer(driver.state.claim)


async def _release_claim(driver: _Driver, _: Data) -> ServiceResponse:
    await driver.commands.overrides.release(CLAIM)
    return _answer(driver.state.claim)


async def _set_limit(driver: _Driver, data: Data) -> ServiceResponse:
    state, limits = driver.state, driver.commands.limits
    kind = _chosen(LimitType, data["type"], "type")
    value = openevse.check_limit(kind, data["value"])
    if Capability.LIMIT not in state.offers and kind in COUNTED:
        await limits.limit(kind, value / COUNTED[kind].scale)
    else:
        await limits.set_limit(kind, value, auto_release=data["auto_release"])
    return _limit(state, kind)


def _limit(state: State, kind: LimitType) -> ServiceResponse:
    """Answer with the limit as it was read back; one that has ended is none."""
    if Capability.LIMIT in state.offers:
        value = state.limit.value if state.limit else None
    else:
        told = _told(state.values.get(COUNTED[kind].name))
        value = round(told * COUNTED[kind].scale)
    return {"type": kind.value if value else None, "value": value or None}


def _told(value: Value) -> float:
    return value if isinstance(value, int | float) else 0


async def _clear_limit(driver: _Driver, _: Data) -> ServiceResponse:
    limits = driver.commands.limits
    if Capability.LIMIT in driver.state.offers:
        await limits.clear_limit()
    else:
        for kind in COUNTED:
            await limits.limit(kind, 0)
    return {"type": None, "value": None}


_EXTRAS: Final = ("feature", "feature_value", "limit", "limit_value")


def _schedule(events: tuple[ScheduleEvent, ...]) -> ServiceResponse:
    return {
        "events": [
            {
                "id": event.id,
                "state": event.state.value if event.state else None,
                "time": event.time.isoformat() if event.time else None,
                "days": [day.value for day in event.days],
                **{
                    name: value
                    for name in _EXTRAS
                    if (value := getattr(event, name)) is not None
                },
            }
            for event in events
        ]
    }


async def _set_schedule(driver: _Driver, data: Data) -> ServiceResponse:
    await driver.commands.set_schedule(
        data.get("id"),
        _chosen(ServiceState, data["state"], "state"),
        data["time"],
        tuple(_chosen(Weekday, day, "days") for day in data["days"]),
    )
    return _schedule(driver.state.schedule)


async def _clear_schedule(driver: _Driver, data: Data) -> ServiceResponse:
    await driver.commands.clear_schedule(data["id"])
    return _schedule(driver.state.schedule)


def _check_line(row: int, line: str) -> None:
    """Refuse a line that the display cannot be sent, sequence id and all."""
    try:
        rapi.check("FP", (0, row, line))
        rapi.encode("FP", 0, row, line, sequence=1)
    except InputError as err:
        raise InputError(
            "openevse_line",
            field=f"line_{row + 1}",
            longest=rapi.LCD_COLUMNS,
            words=_MOST_WORDS,
        ) from err


async def _display_text(driver: _Driver, data: Data) -> ServiceResponse:
    """Print on the display for a while; then the controller has it back."""
    lines = {row: data[f"line_{row + 1}"] for row in range(rapi.LCD_LINES)}
    lines = {row: line for row, line in lines.items() if line}
    for row, line in lines.items():
        _check_line(row, line)  # before the display is taken
    wanted = check_number(data["seconds"], "seconds", minimum=1, maximum=_LONGEST)
    talk = driver.state.rapi
    if lines and talk.gateway.blocks("FP"):
        raise CommandError("rapi_blocked", command="FP")  # other than F0
    seconds = 0.0
    try:
        if lines:
            await talk.order("F0", 0)
            for row, line in lines.items():
                await talk.order("FP", 0, row, line)
            seconds = wanted
    finally:
        # At once after an error: the display may have been taken all the same.
        driver.commands.give_display_back(seconds)
    return {"lines": list(lines.values())}


async def _set_clock(driver: _Driver, data: Data) -> ServiceResponse:
    now = data.get("time") or dt_util.now()
    local = dt_util.as_local(now)
    await driver.state.rapi.order(
        "S1",
        local.year % 100,
        local.month,
        local.day,
        local.hour,
        local.minute,
        local.second,
    )
    clock = rapi.read_time(await driver.state.rapi.order("GT"))
    return {"time": clock.isoformat()}


async def _set_timer(driver: _Driver, data: Data) -> ServiceResponse:
    start, end = data.get("start"), data.get("end")
    commands = driver.commands
    if not isinstance(start, time) or not isinstance(end, time):
        await commands.set_timer(False)
        return {"start": None, "end": None}
    start, end = await commands.set_timer_times(start, end)
    return {"start": start.isoformat(), "end": end.isoformat()}


def _action(
    name: str, run: Any, fields: Mapping[Any, Any], reads: bool = False
) -> Action:
    return Action(name=f"openevse_{name}", fields=fields, run=run, reads=reads)


ACTIONS: Final = (
    _action(
        "send_rapi",
        _send_rapi,
        {
            vol.Required("command"): cv.string,
            vol.Optional("parameters", default=[]): vol.Any([vol.Coerce(str)], str),
        },
    ),
    _action("set_override", _set_override, _CLAIM),
    _action("clear_override", _clear_override, {}),
    _action("set_claim", _set_claim, _CLAIM),
    _action("release_claim", _release_claim, {}),
    _action(
        "set_limit",
        _set_limit,
        {
            vol.Required("type"): object,
            vol.Required("value"): _number,
            vol.Optional("auto_release", default=True): cv.boolean,
        },
    ),
    _action("clear_limit", _clear_limit, {}),
    _action(
        "set_schedule",
        _set_schedule,
        {
            vol.Optional("id"): _number,
            vol.Required("state"): object,
            vol.Required("time"): cv.time,
            vol.Required("days"): cv.ensure_list,
        },
    ),
    _action(
        "clear_schedule",
        _clear_schedule,
        {vol.Required("id"): _number},
    ),
    _action(
        "display_text",
        _display_text,
        {
            vol.Optional("line_1", default=""): cv.string,
            vol.Optional("line_2", default=""): cv.string,
            vol.Optional("seconds", default=30): _number,
        },
    ),
    _action("set_clock", _set_clock, {vol.Optional("time"): cv.datetime}),
    _action(
        "set_timer",
        _set_timer,
        {
            vol.Inclusive("start", "times"): cv.time,
            vol.Inclusive("end", "times"): cv.time,
        },
    ),
)
