"""What automations can ask of an openWB beside its entities."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv

from ...protocols.openwb import MEMBERS
from ..family import DEVICE, Action
from ..fields import whole
from .const import CHARGE_POINT, VEHICLE
from .driver import OpenWbMqtt

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Data = Mapping[str, Any]


_DAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_PHASES: Final = {"auto": 0, "1": 1, "3": 3}


# Without quotes, YAML makes numbers of them.
_PHASE: Final = vol.All(vol.Coerce(str), vol.In(_PHASES))


def _of(kind: str, member: str) -> Any:
    """Check a field as the protocol checks the member of a plan."""
    rule = MEMBERS[kind][member].rule
    assert rule
    if rule.choices:
        return vol.In(rule.choices)
    return whole(int(rule.minimum or 0), int(rule.maximum or 0))


_PLAN: Final = {
    vol.Required("name"): cv.string,
    vol.Optional("new_name"): cv.string,
    vol.Optional("active"): cv.boolean,
    vol.Optional("frequency"): _of("time", "frequency"),
    vol.Optional("days"): vol.All(cv.ensure_list, [vol.In(_DAYS)]),
    vol.Optional("current"): _of("time", "current"),
    vol.Optional("energy"): vol.All(vol.Coerce(float), vol.Range(0, 1000)),
    vol.Optional("phases"): _PHASE,
}
_SCHEDULE: Final = {
    **_PLAN,
    vol.Optional("time"): cv.time,
    vol.Optional("date"): cv.date,
    vol.Optional("limit"): _of("schedule", "limit"),
    vol.Optional("soc"): _of("schedule", "soc_scheduled"),
    vol.Optional("soc_limit"): _of("schedule", "soc_limit"),
    vol.Optional("phases_pv"): _PHASE,
    vol.Optional("use_prices"): cv.boolean,
}
_TIMES: Final = {
    **_PLAN,
    vol.Inclusive("start", "times"): cv.time,
    vol.Inclusive("end", "times"): cv.time,
    vol.Inclusive("start_date", "dates"): cv.date,
    vol.Inclusive("end_date", "dates"): cv.date,
    vol.Optional("limit"): _of("time", "limit"),
    vol.Optional("soc"): _of("time", "soc"),
    vol.Optional("min_bat_soc"): vol.Any(None, _of("time", "min_bat_soc")),
}

# What a field of an action is in a plan, where it is said in another way.
_WORDS: Final = {
    "new_name": "name",
    "phases": "phases_to_use",
    "phases_pv": "phases_to_use_pv",
    "use_prices": "et_active",
}
_SAME: Final = frozenset(
    {"active", "frequency", "current", "limit", "soc_limit", "min_bat_soc", *_WORDS}
)


def _common(data: Data) -> dict[str, Any]:
    """Give the members of a plan that both kinds have."""
    changes = {
        _WORDS.get(name, name): _PHASES[value] if name.startswith("phases") else value
        for name, value in data.items()
        if name in _SAME
    }
    if "days" in data:
        changes["weekly"] = [day in data["days"] for day in _DAYS]
    if "energy" in data:
        changes["amount"] = round(data["energy"] * 1000)
    return changes


def _scheduled(data: Data) -> dict[str, Any]:
    changes = _common(data)
    if "time" in data:
        changes["time"] = data["time"].strftime("%H:%M")
    if "date" in data:
        changes["once"] = data["date"].isoformat()
    if "soc" in data:
        changes["soc_scheduled"] = data["soc"]
    return changes


def _timed(data: Data) -> dict[str, Any]:
    changes = _common(data)
    if "start" in data:
        changes["time"] = [data[name].strftime("%H:%M") for name in ("start", "end")]
    if "start_date" in data:
        changes["once"] = [
            data[name].isoformat() for name in ("start_date", "end_date")
        ]
    if "soc" in data:
        changes["soc"] = data["soc"]
    return changes


async def _set_plan(driver: OpenWbMqtt, data: Data, *, kind: str) -> ServiceResponse:
    changes = _scheduled(data) if kind == "schedule" else _timed(data)
    place = driver.commands.place(data[DEVICE])
    await driver.plans.set(place, kind, data["name"], changes)
    return {"name": changes.get("name", data["name"])}


async def _remove_plan(driver: OpenWbMqtt, data: Data, *, kind: str) -> ServiceResponse:
    await driver.plans.remove(driver.commands.place(data[DEVICE]), kind, data["name"])
    return {"name": data["name"]}


async def _update_template(driver: OpenWbMqtt, data: Data) -> ServiceResponse:
    place = driver.commands.place(data[DEVICE])
    await driver.commands.update_template(place, data["template"])
    return {"template": dict(driver.state.templates.at(place) or {})}


async def _charge_log(driver: OpenWbMqtt, data: Data) -> ServiceResponse:
    return dict(await driver.todo.charge_log(data["year"], data["month"]))


async def _scan_rfid(driver: OpenWbMqtt, data: Data) -> ServiceResponse:
    await driver.commands.scan_rfid(int(data[DEVICE].id), data["tag"])
    return {"tag": data["tag"]}


def _of_template(name: str, run: Any, fields: Mapping[Any, Any]) -> Action:
    """Describe what is done to the template of a charge point, or of a vehicle."""
    return Action(
        name=f"openwb_{name}",
        fields=fields,
        run=run,
        kinds=frozenset({CHARGE_POINT, VEHICLE}),
    )


_NAME: Final = {vol.Required("name"): cv.string}

ACTIONS: Final = (
    _of_template("set_schedule_plan", partial(_set_plan, kind="schedule"), _SCHEDULE),
    _of_template("remove_schedule_plan", partial(_remove_plan, kind="schedule"), _NAME),
    _of_template("set_time_plan", partial(_set_plan, kind="time"), _TIMES),
    _of_template("remove_time_plan", partial(_remove_plan, kind="time"), _NAME),
    _of_template(
        "update_charge_template",
        _update_template,
        {vol.Required("template"): vol.All(dict, vol.Length(min=1))},
    ),
    Action(
        name="openwb_scan_rfid",
        fields={vol.Required("tag"): cv.string},
        run=_scan_rfid,
        kinds=frozenset({CHARGE_POINT}),
    ),
    Action(
        name="openwb_get_charge_log",
        fields={
            vol.Required("year"): whole(2010, 2099),
            vol.Required("month"): whole(1, 12),
        },
        run=_charge_log,
        reads=True,
        alone=False,  # openWB may read for long, and nothing has to wait for it
    ),
)
