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
from .rules import Rule, choice, joined
from .settings import publication
from .version import SURPLUS, Generation, Version

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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a template: where it is, and what it may be in each generation."""

    path: tuple[str, ...]
    document: Rule | None
    """From 2.1.8; None: it is no more."""
    field: Rule | None
    """Up to 2.1.7; None: it was not yet."""
    until: Version | None = None
    """The first version where it means nothing any more, though templates have it."""

    def counts(self, version: Version | None) -> bool:
        """Whether it means something; not while that cannot be known."""
        return self.until is None or (version is not None and version < self.until)

    def rule(self, generation: Generation) -> Rule | None:
        """Give what it may be; None if that generation does not have it."""
        return self.document if generation is Generation.DOCUMENT else self.field


def _both(rule: Rule, *path: str) -> Field:
    return Field(path, rule, rule)


def _mode(
    name: str, *, phases: Rule | None, instant: bool = False, new: bool = True
) -> dict[str, Field]:
    """Return what the modes have in common; their limit is new but for instant."""
    path = ("chargemode", f"{name}_charging")
    old = None if not instant else _LIMITS
    fields = {
        f"{name}_limit": Field((*path, "limit", "selected"), _LIMITS, old),
        f"{name}_limit_soc": Field(
            (*path, "limit", "soc"), rules.PERCENT, old and rules.PERCENT
        ),
        f"{name}_limit_amount": Field(
            (*path, "limit", "amount"), rules.AMOUNT, old and rules.AMOUNT
        ),
    }
    if phases:
        fields[f"{name}_phases"] = Field((*path, "phases_to_use"), phases, None)
    return fields


def _dc(name: str, least: float | None, *path: str) -> dict[str, Field]:
    """Return the current of a DC charger; up to 2.1.7 it has bounds, if it is there."""
    old = None if least is None else Rule(kind=float, minimum=least, maximum=300)
    return {name: Field(("chargemode", *path), rules.DC_CURRENT, old)}


FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "charge_mode": Field(
            ("chargemode", "selected"), choice(*_MODES), choice(*_OLD_MODES)
        ),
        # From 2.3 there is a list of priorities (ChargeTemplateData.prio is obsolete).
        "priority": Field(("prio",), rules.BOOL, rules.BOOL, until=SURPLUS),
        "load_default": _both(rules.BOOL, "load_default"),
        "time_charging": _both(rules.BOOL, "time_charging", "active"),
        "instant_current": _both(
            rules.CURRENT, "chargemode", "instant_charging", "current"
        ),
        **_dc("instant_dc_current", 4, "instant_charging", "dc_current"),
        **_mode("instant", phases=rules.PHASES, instant=True),
        "pv_min_current": _both(
            rules.OPTIONAL_CURRENT, "chargemode", "pv_charging", "min_current"
        ),
        "pv_min_soc": _both(rules.PERCENT, "chargemode", "pv_charging", "min_soc"),
        "pv_min_soc_current": _both(
            rules.CURRENT, "chargemode", "pv_charging", "min_soc_current"
        ),
        **_dc("pv_dc_min_current", 0, "pv_charging", "dc_min_current"),
        **_dc("pv_dc_min_soc_current", 4, "pv_charging", "dc_min_soc_current"),
        # From 2.3 it is one for all: `surplus/feed_in_limit`.
        "pv_feed_in_limit": _both(
            rules.BOOL, "chargemode", "pv_charging", "feed_in_limit"
        ),
        # 101 is "no limit".
        "pv_max_soc": Field(
            ("chargemode", "pv_charging", "max_soc"), None, rules.whole(0, 101)
        ),
        **_mode("pv", phases=rules.PHASES),
        "pv_min_soc_phases": Field(
            ("chargemode", "pv_charging", "phases_to_use_min_soc"), rules.PHASES, None
        ),
        "eco_current": Field(
            ("chargemode", "eco_charging", "current"), rules.CURRENT, None
        ),
        **_dc("eco_dc_current", None, "eco_charging", "dc_current"),
        # €/Wh.
        "eco_max_price": Field(
            ("chargemode", "eco_charging", "max_price"),
            Rule(kind=float, minimum=-0.001, maximum=0.01),
            None,
        ),
        **_mode("eco", phases=rules.PHASES),
        "price_charging": Field(("et", "active"), None, rules.BOOL),
        "price_charging_max_price": Field(
            ("et", "max_price"), None, Rule(kind=float, minimum=-0.001, maximum=0.01)
        ),
    }
)
"""By name: the fields of a template that a user may want to see or to change."""

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
    for name, field in FIELDS.items():
        if (rule := field.rule(generation)) is not None:
            value = find(template, field.path) if field.counts(version) else None
            values[name] = value if _fits(rule, value) else None
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
    field = FIELDS.get(name)
    if field is None or field.field is None:
        raise InputError("openwb_without", field=quote_name(name))
    sent = field.field.check(value, name)
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
        field = FIELDS.get(name)
        if field is None or field.document is None:
            raise InputError("openwb_without", field=quote_name(name))
        place = find(result, field.path[:-1])
        if not isinstance(place, dict) or field.path[-1] not in place:
            raise InputError("openwb_without", field=name)
        place[field.path[-1]] = field.document.check(value, name)
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
    known = {field.path: name for name, field in FIELDS.items() if field.field}
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
    for name, field in FIELDS.items():
        value = find(template, field.path)
        if field.document and value != find(known, field.path):
            field.document.check(value, name)
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
