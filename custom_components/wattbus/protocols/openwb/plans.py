"""Plans of a charge template: a time to be charged at, and times to charge in.

From 2.1.8 they are lists in the template, up to 2.1.7 each plan has a topic.
"""

from collections.abc import Callable, Mapping, Sequence
import copy
from datetime import date
import re
from types import MappingProxyType
from typing import Any, Final

from .. import ProtocolError
from ..payload import quote, quote_name
from ..publication import Publication
from . import rules
from .rules import Rule, choice
from .settings import publication

type Plan = Mapping[str, Any]
type Check = Callable[[object, str], Any]

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MOST_PLANS: Final = 100
_DAYS: Final = 7


def _time(value: object, what: str) -> str:
    """Check a time of the day, `07:00`."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ProtocolError(f"{quote_name(what)} is not a time: {quote(value)}")
    return value


def _date(value: object, what: str) -> str:
    """Check a date, `2026-01-05`."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise ProtocolError(
            f"{quote_name(what)} is not a date: {quote(value)}"
        ) from None


def _list(check: Check, length: int) -> Check:
    def checked(value: object, what: str) -> list[Any]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ProtocolError(f"{quote_name(what)} is not a list: {quote(value)}")
        if len(value) != length:
            raise ProtocolError(f"{quote_name(what)} has not {length} entries")
        return [check(item, what) for item in value]

    return checked


_COMMON: Final[Mapping[str, tuple[tuple[str, ...], Check]]] = {
    "id": (("id",), rules.COUNT.check),
    "name": (("name",), rules.TEXT.check),
    "active": (("active",), rules.BOOL.check),
    "current": (("current",), rules.CURRENT.check),
    "dc_current": (("dc_current",), rules.DC_CURRENT.check),
    "frequency": (
        ("frequency", "selected"),
        choice("daily", "once", "weekly").check,
    ),
    "weekly": (("frequency", "weekly"), _list(rules.BOOL.check, _DAYS)),
    "amount": (("limit", "amount"), Rule(kind=int, minimum=0, maximum=1_000_000).check),
    "phases_to_use": (("phases_to_use",), rules.PHASES.check),
}

MEMBERS: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], Check]]]] = (
    MappingProxyType(
        {
            "schedule": {
                **_COMMON,
                "time": (("time",), _time),
                "once": (("frequency", "once"), _date),
                "limit": (("limit", "selected"), choice("soc", "amount").check),
                "soc_limit": (("limit", "soc_limit"), rules.PERCENT.check),
                "soc_scheduled": (("limit", "soc_scheduled"), rules.PERCENT.check),
                "phases_to_use_pv": (("phases_to_use_pv",), rules.PHASES.check),
                "et_active": (("et_active",), rules.BOOL.check),
                "bidi_charging_enabled": (
                    ("bidi_charging_enabled",),
                    rules.BOOL.check,
                ),
                "bidi_power": (("bidi_power",), rules.POWER.check),
            },
            "time": {
                **_COMMON,
                "time": (("time",), _list(_time, 2)),
                "once": (("frequency", "once"), _list(_date, 2)),
                "limit": (("limit", "selected"), choice("none", "soc", "amount").check),
                "soc": (("limit", "soc"), rules.PERCENT.check),
            },
        }
    )
)
"""By the kind of plan and name: where a member is, and what checks it."""

_WEEK: Final = [False] * _DAYS

# What openWB itself gives a new plan (2.2.2); an older one passes over what it does not
# know.
_DEFAULTS: Final[Mapping[str, Plan]] = {
    "schedule": {
        "active": True,
        "bidi_charging_enabled": False,
        "bidi_power": 10000,
        "current": 14,
        "dc_current": 145,
        "et_active": False,
        "frequency": {"selected": "daily", "once": "2000-01-01", "weekly": _WEEK},
        "id": 0,
        "name": "",
        "limit": {
            "selected": "soc",
            "amount": 1000,
            "soc_limit": 90,
            "soc_scheduled": 80,
        },
        "phases_to_use": 0,
        "phases_to_use_pv": 0,
        "time": "07:00",
    },
    "time": {
        "active": True,
        "time": ["06:00", "07:00"],
        "frequency": {
            "selected": "daily",
            "once": ["2000-01-01", "2000-01-01"],
            "weekly": _WEEK,
        },
        "current": 16,
        "dc_current": 145,
        "id": 0,
        "limit": {"selected": "none", "amount": 50000, "soc": 50},
        "name": "",
        "phases_to_use": 1,
    },
}


def named(plans: Sequence[Plan], name: str) -> Plan | None:
    """Find a plan by its name.

    Raises:
        ProtocolError: If openWB has told something else than plans.
    """
    _check_objects(plans)
    return next((plan for plan in plans if plan.get("name") == name), None)


def put(
    kind: str, plans: Sequence[Plan], name: str, changes: Mapping[str, object]
) -> list[Plan]:
    """Return the plans with one changed, by its name, or added if there is none.

    Raises:
        ProtocolError: If a change is not one that such a plan can have.
    """
    old = named(plans, name)
    plan: dict[str, Any] = copy.deepcopy(dict(old or _DEFAULTS[kind]))
    if old is None:
        plan["name"] = name
        numbers = [n for known in plans if type(n := known.get("id")) is int]
        plan["id"] = max(numbers, default=-1) + 1
    for member, value in changes.items():
        if member not in MEMBERS[kind] or member == "id":
            raise ProtocolError(f"a plan has no {quote_name(member)}")
        path, check = MEMBERS[kind][member]
        place: Any = plan
        for part in path[:-1]:
            place = place.get(part)
            if not isinstance(place, dict):
                raise ProtocolError(f"this openWB's plans have no {path[0]}")
        if path[-1] not in place:
            raise ProtocolError(f"this openWB's plans have no {quote_name(member)}")
        place[path[-1]] = check(value, member)
    result = [plan if known is old else known for known in plans]
    if old is None:
        result.append(plan)
    check_plans(kind, result, plans)
    return result


def remove(plans: Sequence[Plan], name: str) -> list[Plan]:
    """Return the plans without one.

    Raises:
        ProtocolError: If there is no such plan.
    """
    if (old := named(plans, name)) is None:
        raise ProtocolError(f"there is no plan {quote(name)}")
    return [plan for plan in plans if plan is not old]


def _check_objects(plans: object) -> None:
    if not isinstance(plans, Sequence) or not all(
        isinstance(plan, Mapping) for plan in plans
    ):
        raise ProtocolError("the plans are no list of objects")


def check_plans(kind: str, plans: Sequence[Plan], before: Sequence[Plan]) -> None:
    """Check the plans of a template: of one that was there, what has changed in it.

    Raises:
        ProtocolError: If openWB could not work with them.
    """
    _check_objects(plans)
    if len(plans) > _MOST_PLANS:
        raise ProtocolError("there are too many plans")
    allowed = _DEFAULTS[kind].keys() | {
        name for plan in before if isinstance(plan, Mapping) for name in plan
    }
    for plan in plans:
        if plan in before:
            continue
        for name in plan.keys() - allowed:
            raise ProtocolError(f"a plan has no {quote_name(str(name))}")
        old = next((one for one in before if _alike(one, plan)), None)
        _check_members(kind, plan, old, before)
    for name in ("id", "name"):
        values = [plan.get(name) for plan in plans]
        if len(set(map(str, values))) != len(values):
            raise ProtocolError(f"two plans have the same {name}")


def _alike(one: object, other: Plan) -> bool:
    """Whether one plan is another, changed."""
    number = _find(one, ("id",))
    return number is not None and number == other.get("id")


def _check_members(
    kind: str, plan: Plan, old: Plan | None, before: Sequence[Plan]
) -> None:
    """Check a plan's members; those that this version's other plans lack may be absent.

    What is as it was is openWB's own. Up to 2.1.7 a new schedule plan has two dates,
    until it is given the one that it needs once it is to charge on a date.
    """
    selected = ("frequency", "selected")
    dated = _find(plan, selected) == "once" != _find(old, selected)
    for name, (path, check) in MEMBERS[kind].items():
        found = _find(plan, path)
        if old is not None and found == _find(old, path):
            if not (name == "once" and dated):
                continue
        if found is not None:
            check(found, name)
        elif not before or any(_find(known, path) is not None for known in before):
            raise ProtocolError(f"{quote_name(name)} is missing in a plan")


def _find(plan: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(plan, Mapping):
            return None
        plan = plan.get(name)
    return plan


# --- up to 2.1.7 ------------------------------------------------------------------------

_PLACES: Final = {
    "schedule": "chargemode/scheduled_charging/plans",
    "time": "time_charging/plans",
}


def set_plan(
    root: str, template: int, kind: str, number: int, plan: Plan
) -> Publication:
    """Write a plan of a template to its own topic, up to 2.1.7."""
    return publication(
        root,
        f"vehicle/template/charge_template/{template}/{_PLACES[kind]}/{number}",
        plan,
    )


_LATER: Final = frozenset({"phases_to_use", "phases_to_use_pv", "et_active"})


def check_old(changes: Mapping[str, object]) -> None:
    """Check what a plan is to be that is not there yet, up to 2.1.7.

    Raises:
        ProtocolError: If such a plan does not have it.
    """
    for member in sorted(_LATER & changes.keys()):
        raise ProtocolError(f"this openWB's plans have no {quote_name(member)}")
