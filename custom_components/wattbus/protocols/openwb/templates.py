"""Charge templates: how a vehicle is charged (control/ev/charge_template.py).

Up to 2.1.7 each field has a topic. From 2.1.8 openWB takes the whole template, and takes
anything: one that is wrong breaks the charge point's control. So a template is only ever
made from the newest one that openWB told, and compared with it before it is written. Which
members it has is a matter of the version: 2.3 has taken some away and added others.
"""

from collections.abc import Mapping, Sequence
import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from .. import InputError
from ..payload import quote_name
from ..publication import Publication
from . import rules
from .plans import check_plans
from .rules import Rule, Versioned, choice, joined, real
from .settings import publication
from .version import SURPLUS, WHOLE_TEMPLATES, Generation, Version

type Template = Mapping[str, Any]

_MODES: Final = (
    "instant_charging",
    "pv_charging",
    "eco_charging",
    "scheduled_charging",
    "stop",
)
_OLD_MODES: Final = (
    "instant_charging",
    "pv_charging",
    "scheduled_charging",
    "time_charging",
    "standby",
    "stop",
)
_LIMITS: Final = choice("none", "soc", "amount")
_OLD_DC_CURRENT: Final = real(4, 300, "A")


@dataclass(frozen=True, slots=True)
class Field(Versioned):
    """One field of a template: where it is, and what it may be."""

    path: tuple[str, ...]
    rule: Rule


type Fields = tuple[Field, ...]


def _field(
    place: str, new: Rule | None, old: Rule | None, *, until: Version | None = None
) -> Fields:
    """Give the rows of a field: what it may be from 2.1.8 on, and up to 2.1.7."""
    path = tuple(place.split("."))
    if new == old and new is not None:
        return (Field(path, new, until=until),)
    rows = []
    if new is not None:
        rows.append(Field(path, new, since=WHOLE_TEMPLATES, until=until))
    if old is not None:
        rows.append(Field(path, old, until=WHOLE_TEMPLATES))
    return tuple(rows)


def _ends(mode: str, *, old: bool = False) -> dict[str, Fields]:
    """Give when a mode ends; up to 2.1.7 only instant charging has that."""
    return {
        f"{mode}_{name}": _field(
            f"chargemode.{mode}_charging.limit.{member}", rule, rule if old else None
        )
        for name, member, rule in (
            ("limit", "selected", _LIMITS),
            ("limit_soc", "soc", rules.PERCENT),
            ("limit_amount", "amount", rules.AMOUNT),
        )
    }


_INSTANT: Final = "chargemode.instant_charging"
_PV: Final = "chargemode.pv_charging"
_ECO: Final = "chargemode.eco_charging"

FIELDS: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        "charge_mode": _field(
            "chargemode.selected", choice(*_MODES), choice(*_OLD_MODES)
        ),
        # From 2.3 there is a list of priorities: ChargeTemplateData.prio is obsolete,
        # though templates have it.
        "priority": _field("prio", rules.BOOL, rules.BOOL, until=SURPLUS),
        "load_default": _field("load_default", rules.BOOL, rules.BOOL),
        "time_charging": _field("time_charging.active", rules.BOOL, rules.BOOL),
        "instant_current": _field(f"{_INSTANT}.current", rules.CURRENT, rules.CURRENT),
        "instant_dc_current": _field(
            f"{_INSTANT}.dc_current", rules.DC_CURRENT, _OLD_DC_CURRENT
        ),
        **_ends("instant", old=True),
        "instant_phases": _field(f"{_INSTANT}.phases_to_use", rules.PHASES, None),
        "pv_min_current": _field(
            f"{_PV}.min_current", rules.OPTIONAL_CURRENT, rules.OPTIONAL_CURRENT
        ),
        "pv_min_soc": _field(f"{_PV}.min_soc", rules.PERCENT, rules.PERCENT),
        "pv_min_soc_current": _field(
            f"{_PV}.min_soc_current", rules.CURRENT, rules.CURRENT
        ),
        "pv_dc_min_current": _field(
            f"{_PV}.dc_min_current", rules.DC_CURRENT, real(0, 300, "A")
        ),
        "pv_dc_min_soc_current": _field(
            f"{_PV}.dc_min_soc_current", rules.DC_CURRENT, _OLD_DC_CURRENT
        ),
        # From 2.3 it is one for all: `surplus/feed_in_limit`.
        "pv_feed_in_limit": _field(f"{_PV}.feed_in_limit", rules.BOOL, rules.BOOL),
        # 101 is "no limit".
        "pv_max_soc": _field(f"{_PV}.max_soc", None, rules.whole(0, 101, "%")),
        **_ends("pv"),
        "pv_phases": _field(f"{_PV}.phases_to_use", rules.PHASES, None),
        "pv_min_soc_phases": _field(f"{_PV}.phases_to_use_min_soc", rules.PHASES, None),
        "eco_current": _field(f"{_ECO}.current", rules.CURRENT, None),
        "eco_dc_current": _field(f"{_ECO}.dc_current", rules.DC_CURRENT, None),
        "eco_max_price": _field(f"{_ECO}.max_price", rules.MAX_PRICE, None),
        **_ends("eco"),
        "eco_phases": _field(f"{_ECO}.phases_to_use", rules.PHASES, None),
        "price_charging": _field("et.active", None, rules.BOOL),
        "price_charging_max_price": _field("et.max_price", None, rules.MAX_PRICE),
    }
)
"""By name: the fields of a template that a user may want to see or to change.

Each has a row for what it may be in some versions, the newest first.
"""


def field_of(
    name: str, generation: Generation, version: Version | None = None
) -> Field | None:
    """Give where a field is and what it may be; None if it means nothing (any more)."""
    if generation is Generation.DOCUMENT:
        least: Version | None = WHOLE_TEMPLATES
    else:
        version, least = Version(2, 1, 7), None
    rows = FIELDS.get(name, ())
    return next((row for row in rows if row.exists(version, least)), None)


def _has(name: str, generation: Generation) -> Field | None:
    """Give a field that the templates of a generation have, if it counts or not."""
    document = generation is Generation.DOCUMENT
    for row in FIELDS.get(name, ()):
        if row.until != WHOLE_TEMPLATES if document else row.since is None:
            return row
    return None


PLANS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "schedule": ("chargemode", "scheduled_charging", "plans"),
        "time": ("time_charging", "plans"),
    }
)
"""Where a template has its plans."""


_DEEPEST: Final = 4


def find(template: Template, path: Sequence[str]) -> Any:
    """Give what is at a place of a template; None if it has no such place."""
    found: Any = template
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def fields(
    template: Template, generation: Generation, version: Version | None = None
) -> dict[str, Any]:
    """Read the fields of a template that its generation has; one that it lacks is None."""
    values = {}
    for name in FIELDS:
        if _has(name, generation):
            row = field_of(name, generation, version)
            value = find(template, row.path) if row else None
            values[name] = value if row and _fits(row.rule, value) else None
    return values


def _fits(rule: Rule, value: object) -> bool:
    """Whether a value is of the kind that the rule names, if not within its bounds."""
    if isinstance(value, bool):
        return rule.kind is bool
    if rule.kind is str:
        return isinstance(value, str)
    return rule.kind is not bool and isinstance(value, int | float)


def set_field(root: str, number: int, name: str, value: object) -> Publication:
    """Set one field of template `number`, up to 2.1.7.

    Raises:
        InputError: If there is no such field, or it may not be that.
    """
    if (field := _has(name, Generation.FIELDS)) is None:
        raise InputError("openwb_without", field=quote_name(name))
    sent = field.rule.check(value, name)
    return publication(
        root, f"vehicle/template/charge_template/{number}/{'/'.join(field.path)}", sent
    )


def changed(template: Template, changes: Mapping[str, object]) -> Template:
    """Return a template with fields changed, by their names (from 2.1.8).

    Raises:
        InputError: If it has no such field, or it may not be that.
    """
    result = copy.deepcopy(dict(template))
    for name, value in changes.items():
        if (field := _has(name, Generation.DOCUMENT)) is None:
            raise InputError("openwb_without", field=quote_name(name))
        place = find(result, field.path[:-1])
        if not isinstance(place, dict) or field.path[-1] not in place:
            raise InputError("openwb_without", field=name)
        place[field.path[-1]] = field.rule.check(value, name)
    check(result, template)
    return result


def merged(template: Template, partial: Template) -> Template:
    """Return a template with parts of it replaced; lists are replaced as a whole.

    Raises:
        InputError: If the result is not one that openWB can work with.
    """
    result = copy.deepcopy(dict(template))
    _merge(result, partial)
    check(result, template)
    return result


def nested(path: Sequence[str], value: object) -> Template:
    """Return the part of a template that has a value at a place."""
    for name in reversed(path):
        value = {name: value}
    assert isinstance(value, dict)
    return value


def named_fields(partial: Template) -> dict[str, Any]:
    """Return what a part of a template changes, by the fields' names, up to 2.1.7.

    Raises:
        InputError: If it has something that cannot be set.
    """
    known = {
        row.path: name for name in FIELDS if (row := _has(name, Generation.FIELDS))
    }
    found: dict[str, Any] = {}

    def walk(part: Template, path: tuple[str, ...]) -> None:
        for name, value in part.items():
            here = (*path, name)
            if isinstance(value, Mapping) and len(here) < _DEEPEST:
                walk(value, here)
            elif here in known:
                found[known[here]] = value
            else:
                raise InputError("openwb_template_without", member=_said(here))

    walk(partial, ())
    return found


def _merge(target: dict[str, Any], partial: Template) -> None:
    for name, value in partial.items():
        if isinstance(value, Mapping) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = copy.deepcopy(value)


def check(template: Template, known: Template) -> None:
    """Check a template against the one that openWB told last.

    It has the same members, of the same types; what differs is within its bounds. What
    else this openWB's templates have, or lack, is its own matter.

    Raises:
        InputError: If it would break the charge point's control.
    """
    _check_alike(template, known, ())
    if template.get("id") != known.get("id"):
        # openWB would write it over another one.
        raise InputError("openwb_template_unusable", member="id")
    for name in FIELDS:
        if field := _has(name, Generation.DOCUMENT):
            value = find(template, field.path)
            if value != find(known, field.path):
                field.rule.check(value, name)
    for kind, path in PLANS.items():
        plans, before = find(template, path), find(known, path)
        if plans != before:
            check_plans(kind, plans, before)


def members(template: Template) -> frozenset[tuple[str, ...]]:
    """Give the places of all members of a template, but for those in lists."""
    found: set[tuple[str, ...]] = set()

    def walk(part: Template, path: tuple[str, ...]) -> None:
        for name, value in part.items():
            found.add((*path, name))
            if isinstance(value, Mapping):
                walk(value, (*path, name))

    walk(template, ())
    return frozenset(found)


def _check_alike(value: Any, known: Any, path: tuple[str, ...]) -> None:
    if path in PLANS.values():
        if not isinstance(value, list):
            raise InputError("openwb_template_unusable", member=_said(path))
        return
    if isinstance(known, Mapping):
        if not isinstance(value, Mapping):
            raise InputError("openwb_template_unusable", member=_said(path))
        for name in known.keys() - value.keys():
            raise InputError("openwb_template_unusable", member=_said((*path, name)))
        for name in value.keys() - known.keys():
            raise InputError("openwb_template_without", member=_said((*path, name)))
        for name, item in known.items():
            _check_alike(value[name], item, (*path, name))
    elif known is not None and _kind(value) is not _kind(known):
        raise InputError("openwb_template_unusable", member=_said(path))


def _said(path: Sequence[object]) -> str:
    """Name a place of a template, as openWB does."""
    return quote_name(joined(map(str, path)))


def _kind(value: object) -> type:
    """Give the type of a JSON value, where whole numbers and others are one."""
    return float if type(value) is int else type(value)


def write(root: str, charge_point: int, template: Template) -> Publication:
    """Give a charge point its template, from 2.1.8; `check` it before."""
    return publication(
        root, f"chargepoint/{charge_point}/set/charge_template", template
    )


def write_lasting(root: str, number: int, template: Template) -> Publication:
    """Replace the template that vehicles refer to by its number, from 2.1.8."""
    return publication(root, f"vehicle/template/charge_template/{number}", template)
