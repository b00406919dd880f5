"""What automations can ask of an openWB beside its entities."""

from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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


class _Field(NamedTuple):
    """A field of an action: what it takes, and what is made of it in a plan."""

    takes: Any
    member: str
    said: Callable[[Any], Any] = lambda value: value


def _of(kind: str, member: str) -> _Field:
    """Check a field as the protocol checks the member of a plan."""
    rule = MEMBERS[kind][member].rule
    assert rule
    if rule.choices:
        return _Field(vol.In(rule.choices), member)
    return _Field(whole(int(rule.minimum or 0), int(rule.maximum or 0)), member)


def _phases(member: str) -> _Field:
    # Without quotes, YAML makes numbers of them.
    takes = vol.All(vol.Coerce(str), vol.In(_PHASES))
    return _Field(takes, member, _PHASES.__getitem__)


_TIME: Final = _Field(cv.time, "time", lambda moment: time.strftime(moment, "%H:%M"))
_DATE: Final = _Field(cv.date, "once", date.isoformat)

_PLAN: Final[Mapping[str, _Field]] = {
    "new_name": _Field(cv.string, "name"),
    "active": _Field(cv.boolean, "active"),
    "frequency": _of("time", "frequency"),
    "days": _Field(
        vol.All(cv.ensure_list, [vol.In(_DAYS)]),
        "weekly",
        lambda days: [day in days for day in _DAYS],
    ),
    "current": _of("time", "current"),
    "energy": _Field(
        vol.All(vol.Coerce(float), vol.Range(0, 1000)),
        "amount",
        lambda energy: round(energy * 1000),
    ),
    "phases": _phases("phases_to_use"),
}
_PLANS: Final[Mapping[str, Mapping[str, _Field]]] = {
    "schedule": {
        **_PLAN,
        "time": _TIME,
        "date": _DATE,
        "limit": _of("schedule", "limit"),
        "soc": _of("schedule", "soc_scheduled"),
        "soc_limit": _of("schedule", "soc_limit"),
        "phases_pv": _phases("phases_to_use_pv"),
        "use_prices": _Field(cv.boolean, "et_active"),
    },
    "time": {
        **_PLAN,
        "limit": _of("time", "limit"),
        "soc": _of("time", "soc"),
        "min_bat_soc": _Field(
            vol.Any(None, _of("time", "min_bat_soc").takes), "min_bat_soc"
        ),
    },
}
# Those of a time plan go together.
_PAIRS: Final = {
    "times": (("start", "end"), _TIME),
    "dates": (("start_date", "end_date"), _DATE),
}


def _schema(kind: str) -> dict[Any, Any]:
    """Give what an action takes that sets a plan."""
    schema: dict[Any, Any] = {vol.Required("name"): cv.string}
    schema |= {vol.Optional(name): field.takes for name, field in _PLANS[kind].items()}
    if kind == "time":
        schema |= {
            vol.Inclusive(name, group): field.takes
            for group, (names, field) in _PAIRS.items()
            for name in names
        }
    return schema


def _changes(kind: str, data: Data) -> dict[str, Any]:
    """Give the members of a plan that the fields of an action are."""
    changes = {
        field.member: field.said(data[name])
        for name, field in _PLANS[kind].items()
        if name in data
    }
    for names, field in _PAIRS.values():
        if names[0] in data:
            changes[field.member] = [field.said(data[name]) for name in names]
    return changes


async def _set_plan(driver: OpenWbMqtt, data: Data, *, kind: str) -> ServiceResponse:
    changes = _changes(kind, data)
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
    *(
        _of_template(f"{what}_{kind}_plan", partial(run, kind=kind), fields)
        for kind in _PLANS
        for what, run, fields in (
            ("set", _set_plan, _schema(kind)),
            ("remove", _remove_plan, _NAME),
        )
    ),
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
