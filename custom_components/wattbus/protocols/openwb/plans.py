"""Plans of a charge template: a time to be charged at, and times to charge in.

From 2.1.8 they are lists in the template, up to 2.1.7 each plan has a topic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
import copy
from dataclasses import dataclass
from datetime import date
import re
from types import MappingProxyType
from typing import Any, Final

from .. import InputError
from ..payload import quote_name
from ..publication import Publication
from . import rules
from .rules import Rule, choice
from .settings import publication
from .version import MIN_BATTERY_SOC, Version

type Plan = Mapping[str, Any]
type Check = Callable[[object, str], Any]

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MOST_PLANS: Final = 100
_DAYS: Final = 7


def _time(value: object, what: str) -> str:
    """Check a time of the day, `07:00`."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise InputError("not_a_time", field=what)
    return value


def _date(value: object, what: str) -> str:
    """Check a date, `2026-01-05`."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError:
        raise InputError("not_a_date", field=what) from None


def _list(check: Check, length: int) -> Check:
    def checked(value: object, what: str) -> list[Any]:
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or len(value) != length
        ):
            raise InputError("not_a_list", field=what, length=length)
        return [check(item, what) for item in value]

    return checked


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a plan: where it is, and what checks it."""

    path: tuple[str, ...]
    check: Check
    rule: Rule | None = None
    since: Version | None = None
    """The first version that has it, if not all that have such plans; null at first."""

    def is_new(self, version: Version | None) -> bool:
        """Whether a version has it that earlier ones have not."""
        return None not in (self.since, version) and version >= self.since  # type: ignore[operator]  # both are there


def _if_any(rule: Rule) -> Check:
    return lambda value, what: None if value is None else rule.check(value, what)


def _rows(
    rows: Mapping[str, Rule | Check | tuple[str, Rule | Check]],
) -> dict[str, Member]:
    """Give members, by their names; those that are elsewhere are named with a place."""
    found = {}
    for name, row in rows.items():
        place, check = row if isinstance(row, tuple) else (name, row)
        path = tuple(place.split("."))
        if isinstance(check, Rule):
            found[name] = Member(path, check.check, check)
        else:
            found[name] = Member(path, check)
    return found


_COMMON: Final[Mapping[str, Rule | Check | tuple[str, Rule | Check]]] = {
    "id": rules.COUNT,
    "name": rules.TEXT,
    "active": rules.BOOL,
    "current": rules.CURRENT,
    "dc_current": rules.DC_CURRENT,
    "frequency": ("frequency.selected", choice("daily", "once", "weekly")),
    "weekly": ("frequency.weekly", _list(rules.BOOL.check, _DAYS)),
    "amount": ("limit.amount", rules.whole(0, 1_000_000, "Wh")),
    "phases_to_use": rules.PHASES,
}

MEMBERS: Final[Mapping[str, Mapping[str, Member]]] = MappingProxyType(
    {
        "schedule": _rows(
            {
                **_COMMON,
                "time": _time,
                "once": ("frequency.once", _date),
                "limit": ("limit.selected", choice("soc", "amount")),
                "soc_limit": ("limit.soc_limit", rules.PERCENT),
                "soc_scheduled": ("limit.soc_scheduled", rules.PERCENT),
                "phases_to_use_pv": rules.PHASES,
                "et_active": rules.BOOL,
                "bidi_charging_enabled": rules.BOOL,
                "bidi_power": rules.POWER,
            }
        ),
        "time": _rows(
            {
                **_COMMON,
                "time": _list(_time, 2),
                "once": ("frequency.once", _list(_date, 2)),
                "limit": ("limit.selected", choice("none", "soc", "amount")),
                "soc": ("limit.soc", rules.PERCENT),
            }
        )
        | {
            "min_bat_soc": Member(
                ("min_bat_soc",), _if_any(rules.PERCENT), rules.PERCENT, MIN_BATTERY_SOC
            )
        },
    }
)
"""By the kind of plan and the name of the member."""

# What the actions call a member that they name in another way.
_SAID: Final = {
    "phases_to_use": "phases",
    "phases_to_use_pv": "phases_pv",
    "et_active": "use_prices",
    "weekly": "days",
    "amount": "energy",
    "soc_scheduled": "soc",
    "once": "date",
}


def _said(member: str) -> str:
    """Give the field under which the user knows a member."""
    return _SAID.get(member, quote_name(member))


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


def named(plans: Iterable[object], name: str) -> Plan | None:
    """Find a plan by its name; what is no plan is passed over."""
    return next((plan for plan in _plans(plans) if plan.get("name") == name), None)


def _plans(plans: object) -> list[Plan]:
    """Give what is a plan of what openWB has told as plans.

    Raises:
        InputError: If it has told something else than a list.
    """
    if not isinstance(plans, Sequence) or isinstance(plans, str):
        raise InputError("openwb_plans_unusable", most=_MOST_PLANS)
    return [plan for plan in plans if isinstance(plan, Mapping)]


def put(
    kind: str,
    plans: Sequence[Plan],
    name: str,
    changes: Mapping[str, object],
    version: Version | None = None,
) -> list[Plan]:
    """Return the plans with one changed, by its name, or added if there is none.

    Raises:
        InputError: If a change is not one that such a plan can have.
    """
    old = named(plans, name)
    plan: dict[str, Any] = copy.deepcopy(
        dict(_new(kind, plans, name, version) if old is None else old)
    )
    for member, value in changes.items():
        row = MEMBERS[kind].get(member)
        if row is None or member == "id":
            raise InputError("openwb_plan_without", field=_said(member))
        place: Any = plan
        for part in row.path[:-1]:
            place = place.get(part)
            if not isinstance(place, dict):
                raise InputError("openwb_plan_without", field=_said(member))
        if row.path[-1] not in place and not row.is_new(version):
            raise InputError("openwb_plan_without", field=_said(member))
        place[row.path[-1]] = row.check(value, _said(member))
    if old is None:
        result = [*plans, plan]
    else:
        result = [plan if known is old else known for known in plans]
    check_plans(kind, result, plans)
    return result


def _new(
    kind: str, plans: Sequence[Plan], name: str, version: Version | None
) -> dict[str, Any]:
    """Make a plan as openWB does itself, with what its other plans have, too."""
    known = _plans(plans)
    later = {
        row.path[0]: None
        for row in MEMBERS[kind].values()
        if row.since and (row.is_new(version) or any(row.path[0] in p for p in known))
    }
    numbers = [number for plan in known if type(number := plan.get("id")) is int]
    return {
        **_DEFAULTS[kind],
        **later,
        "name": name,
        "id": max(numbers, default=-1) + 1,
    }


def remove(plans: Sequence[Plan], name: str) -> list[Plan]:
    """Return the plans without one.

    Raises:
        InputError: If there is no such plan.
    """
    if (old := named(plans, name)) is None:
        raise InputError("openwb_no_plan", name=quote_name(name))
    return [plan for plan in plans if plan is not old]


def check_plans(kind: str, plans: object, before: object) -> None:
    """Check the plans of a template: what has changed, compared with what was there.

    What openWB has told is its own, whatever it is.

    Raises:
        InputError: If openWB could not work with them.
    """
    if (
        not isinstance(plans, Sequence)
        or isinstance(plans, str)
        or len(plans) > _MOST_PLANS
    ):
        raise InputError("openwb_plans_unusable", most=_MOST_PLANS)
    told = _plans(before) if before is not None else []
    allowed = (
        _DEFAULTS[kind].keys()
        | {row.path[0] for row in MEMBERS[kind].values() if row.since}
        | {name for plan in told for name in plan}
    )
    for plan in plans:
        if isinstance(before, Sequence) and plan in before:
            continue
        if not isinstance(plan, Mapping):
            raise InputError("openwb_plans_unusable", most=_MOST_PLANS)
        for name in plan.keys() - allowed:
            raise InputError("openwb_plan_without", field=quote_name(str(name)))
        old = next((one for one in told if _alike(one, plan)), None)
        _check_members(kind, plan, old, told)
        _check_unlike(plan, _plans(plans), told)


def _check_unlike(plan: Plan, plans: Sequence[Plan], before: Sequence[Plan]) -> None:
    """Refuse a number or a name that another plan has, unless it was so before."""
    for name in ("id", "name"):
        value = plan.get(name)
        now, then = (
            sum(p.get(name) == value for p in all_) for all_ in (plans, before)
        )
        if now > max(1, then):
            raise InputError("openwb_plan_twice")


def _alike(one: Plan, other: Plan) -> bool:
    """Whether one plan is another, changed."""
    number = one.get("id")
    return number == other.get("id") and (
        number is not None or one.get("name") == other.get("name")
    )


def _check_members(
    kind: str, plan: Plan, old: Plan | None, before: Sequence[Plan]
) -> None:
    """Check a plan's members; those that this version's other plans lack may be absent.

    What is as it was is openWB's own. Up to 2.1.7 a new schedule plan has two dates,
    until it is given the one that it needs once it is to charge on a date.
    """
    selected = ("frequency", "selected")
    dated = _find(plan, selected) == "once" != _find(old, selected)
    for name, row in MEMBERS[kind].items():
        found = _find(plan, row.path)
        if old is not None and found == _find(old, row.path):
            if not (name == "once" and dated):
                continue
        if found is not _ABSENT:
            row.check(found, _said(name))
        elif (not before and not row.since) or any(
            _find(known, row.path) is not _ABSENT for known in before
        ):
            raise InputError("openwb_plan_incomplete", field=_said(name))


_ABSENT: Final = object()


def _find(plan: Any, path: Sequence[str]) -> Any:
    for name in path:
        if not isinstance(plan, Mapping) or name not in plan:
            return _ABSENT
        plan = plan[name]
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
        InputError: If such a plan does not have it.
    """
    for member in sorted(_LATER & changes.keys()):
        raise InputError("openwb_plan_without", field=_said(member))
