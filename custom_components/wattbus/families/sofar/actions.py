"""What automations can ask of an EMS: the ten messages, and live control."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ...const import LOGGER
from ...errors import CommandError
from ...protocols import sofar
from ...protocols.sofar import MessageType, Schedule, TopologyNode, check_schedule_id
from ..family import Action
from . import plan
from .clearing import Maker, clear, made_by
from .driver import SofarMqtt
from .requests import Refused
from .settings import feedback_level
from .slots import DETAILS, SLOTS, TARGET, moment, order, steps, with_powers

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Data = Mapping[str, Any]

_GROUP: Final = {
    vol.Required("device_type"): cv.string,
    vol.Optional("node_id"): cv.string,
}


def _one(driver: SofarMqtt, schedule: Schedule | None) -> JsonValueType:
    if schedule is None:
        return None
    return driver.state.details(schedule)


async def _of_group(
    kind: MessageType, driver: SofarMqtt, data: Data
) -> ServiceResponse:
    """Give a schedule, or none: an EMS may say so with an error, whose words are kept."""
    try:
        found = await driver.commands.of_group(
            kind, data["device_type"], data.get("node_id")
        )
    except Refused as err:
        return {"schedule": None, "reason": driver.say(err)}
    return {"schedule": _one(driver, found)}


async def _listed(
    kind: MessageType,
    fields: Callable[[Data], sofar.Fields],
    driver: SofarMqtt,
    data: Data,
) -> ServiceResponse:
    """Give the schedules, and the ids of those that cannot be read, if there are any."""
    found = await driver.requests.read(kind, fields(data), sofar.read_schedules)
    for item in found.unread:
        LOGGER.debug("Schedule %s cannot be read: %s", item.id, item.reason)
    return {
        "schedules": [_one(driver, item) for item in found.schedules],
        **({"unread": [item.id for item in found.unread]} if found.unread else {}),
    }


# --- schedules ------------------------------------------------------------------------


async def _set_schedule(driver: SofarMqtt, data: Data) -> ServiceResponse:
    now = dt_util.now()
    slot = {"start": now, **with_powers(data)}
    if "end" not in slot and "duration" not in slot:
        raise CommandError("no_end")
    start = moment(slot["start"])
    end = moment(slot["end"]) if "end" in slot else start + slot["duration"]
    wanted = order(slot, start, end, driver.settings)
    schedule, deleted = await driver.change(
        wanted.device_type, driver.commands.add(wanted, by_action=True)
    )
    return {"schedule": _one(driver, schedule), "deleted_ids": list(deleted)}


async def _set_schedules(driver: SofarMqtt, data: Data) -> ServiceResponse:
    defaults = with_powers(data)
    wanted = steps(defaults.pop("schedules"), defaults, driver.settings)
    plan.check(wanted, driver.settings, driver.say)
    outcomes, deleted = await driver.change(
        wanted[0].order.device_type, plan.hand_over(driver.commands, wanted)
    )
    return {
        "schedules": [_one(driver, item.schedule) for item in outcomes if item.is_sent],
        "deleted_ids": list(deleted),
        "left_out": sum(item.result is plan.Result.OVER for item in outcomes),
        "slots": [_slot(item) for item in outcomes],
    }


def _slot(outcome: plan.Outcome) -> dict[str, JsonValueType]:
    """Tell what has become of a slot, and from when to when it is done."""
    found = outcome.order
    return {
        "slot": outcome.step.number,
        "result": outcome.result,
        "id": outcome.schedule.id if outcome.schedule else None,
        "device_type": found.device_type,
        "start": dt_util.utc_from_timestamp(found.start).isoformat(),
        "end": dt_util.utc_from_timestamp(found.end).isoformat(),
    }


async def _get_schedule(driver: SofarMqtt, data: Data) -> ServiceResponse:
    found = await driver.commands.get(check_schedule_id(data["id"]))
    return {"schedule": _one(driver, found)}


async def _remove_schedule(driver: SofarMqtt, data: Data) -> ServiceResponse:
    schedule_id = driver.commands.as_given(check_schedule_id(data["id"]))
    known = driver.state.schedules.by_id.get(str(schedule_id))
    await driver.change(
        known.device_type if known else None, driver.commands.remove(schedule_id)
    )
    return {"removed_ids": [schedule_id]}


async def _clear_schedules(driver: SofarMqtt, data: Data) -> ServiceResponse:
    group, node_id, maker = (
        data.get("device_type"),
        data.get("node_id"),
        data["made_by"],
    )

    def is_meant(item: Schedule) -> bool:
        return (
            group in (None, item.device_type)
            and node_id in (None, item.node_id)
            and made_by(maker, driver.commands, driver.rules, item)
        )

    # No time of a rule may become a schedule meanwhile that is not known to be its.
    async with driver.rules.lock:
        removed, kept = await driver.change(group, clear(driver.commands, is_meant))
    return {
        "removed_ids": cast(list[JsonValueType], removed),
        "kept_ids": cast(list[JsonValueType], kept),
    }


# --- the site -------------------------------------------------------------------------


async def _get_feedback(driver: SofarMqtt, data: Data) -> ServiceResponse:
    level = data.get("device", driver.settings.feedback_level)
    state = await driver.requests.read(
        MessageType.GET_FEEDBACK,
        sofar.get_feedback(feedback_level(level)),
        lambda told: cast(JsonValueType, told),
    )
    return {"feedback": state}


async def _get_topology(driver: SofarMqtt, _: Data) -> ServiceResponse:
    return {"topology": _node(await driver.site.topology())}


def _node(node: TopologyNode) -> dict[str, JsonValueType]:
    return {
        "node_id": node.node_id,
        "node_type": node.node_type,
        "nominal_current": node.nominal_current,
        "children": [_node(child) for child in node.children],
    }


async def _send_live(driver: SofarMqtt, data: Data) -> ServiceResponse:
    group, policy = data["device_type"], data["policy"]
    power = with_powers(data).get("power")
    driver.settings.check(group, policy, power)
    if power is not None:
        driver.live.check_power()
    await driver.live.send(group, policy, power)
    return {"device_type": group, "policy": policy, "power": power}


def _action(
    name: str,
    run: Any,
    fields: Mapping[Any, Any],
    *,
    reads: bool = False,
    alone: bool = True,
) -> Action:
    return Action(
        name=f"sofar_{name}", fields=fields, run=run, reads=reads, alone=alone
    )


ACTIONS: Final = (
    _action(
        "set_schedule",
        _set_schedule,
        {
            **DETAILS,
            vol.Required("device_type"): cv.string,
            vol.Required("policy"): cv.string,
            vol.Optional("start"): cv.datetime,
            vol.Exclusive("end", "end"): cv.datetime,
            vol.Exclusive("duration", "end"): cv.positive_time_period,
            vol.Optional("tag"): vol.All(cv.string, vol.Length(1, 64)),
        },
    ),
    _action(
        "set_schedules",
        _set_schedules,
        {
            **DETAILS,
            **TARGET,
            vol.Required("schedules"): SLOTS,
            vol.Optional("policy_negative"): cv.string,
            vol.Optional("invert", default=False): cv.boolean,
        },
    ),
    _action("get_schedule", _get_schedule, {vol.Required("id"): object}, reads=True),
    _action(
        "get_active_schedule",
        partial(_of_group, MessageType.GET_ACTIVE_SCHEDULE),
        _GROUP,
        reads=True,
    ),
    _action(
        "get_next_schedule",
        partial(_of_group, MessageType.GET_NEXT_SCHEDULE),
        _GROUP,
        reads=True,
    ),
    _action(
        "get_schedules",
        partial(
            _listed,
            MessageType.GET_SCHEDULES,
            lambda data: sofar.get_schedules(data.get("date") or dt_util.now().date()),
        ),
        {vol.Optional("date"): cv.date},
        reads=True,
    ),
    _action(
        "get_future_schedules",
        partial(
            _listed,
            MessageType.GET_FUTURE_SCHEDULES,
            lambda _: sofar.get_future_schedules(),
        ),
        {},
        reads=True,
    ),
    _action("remove_schedule", _remove_schedule, {vol.Required("id"): object}),
    _action(
        "clear_schedules",
        _clear_schedules,
        {
            vol.Optional("device_type"): cv.string,
            vol.Optional("node_id"): cv.string,
            vol.Optional("made_by", default=Maker.ALL): vol.Coerce(Maker),
        },
    ),
    _action(
        "get_feedback",
        _get_feedback,
        {vol.Optional("device"): vol.Any(bool, cv.string)},
        reads=True,
    ),
    _action("get_topology", _get_topology, {}, reads=True),
    _action(
        "send_live",
        _send_live,
        {
            vol.Required("device_type"): cv.string,
            vol.Required("policy"): cv.string,
            vol.Optional("power"): object,
        },
        alone=False,
    ),
)
