"""The charge templates of an openWB: which there are, and which counts where."""

from collections.abc import Mapping
from typing import Final

from ...protocols.openwb import (
    Generation,
    Kind,
    Plan,
    Template,
    Value,
    generation,
    members,
)
from .told import Place, Told

_MOST_PLANS: Final = 100

# What changes when another version of openWB starts.
_UPDATED: Final = ("version", "datastore_version", "current_commit")


class Templates:
    """Keeps the charge templates, and the plans that have topics."""

    def __init__(self, told: Told) -> None:
        """Have none yet."""
        self._told = told
        self.own: dict[int, Template] = {}
        """Those in use, by charge point (from 2.1.8)."""
        self.lasting: dict[int, Template] = {}
        """Those that vehicles have, by number."""
        self.plans: dict[tuple[int, str], dict[int, Plan]] = {}
        """The plans that have topics (up to 2.1.7), by template and kind."""
        self._members: dict[tuple[Place, int | None], frozenset[tuple[str, ...]]] = {}
        """What the template of a place has had, by the number that it calls its own."""

    @property
    def generation(self) -> Generation | None:
        """How charge templates are changed."""
        return generation(has_template=bool(self.own), version=self._told.version)

    def keep(self, place: Place, template: Value) -> None:
        """Keep the template of a charge point, or a lasting one; None is deleted."""
        kind, number = place
        kept = self.own if kind is Kind.CHARGE_POINT else self.lasting
        assert number is not None
        if not isinstance(template, Mapping):
            kept.pop(number, None)
            return
        kept[number] = template
        key = (place, _number_of(template))
        self._members[key] = self._members.get(key, frozenset()) | members(template)

    def keep_plan(self, template: int, values: Mapping[str, Value]) -> None:
        """Keep a plan that has a topic (up to 2.1.7); None is deleted."""
        number = values["plan"]
        assert isinstance(number, int)
        for kind in ("schedule", "time"):
            if f"{kind}_plan" not in values:
                continue
            plans = self.plans.setdefault((template, kind), {})
            plan = values[f"{kind}_plan"]
            if isinstance(plan, Mapping) and len(plans) < _MOST_PLANS:
                plans[number] = plan
            else:
                plans.pop(number, None)

    def look_for_update(self, values: Mapping[str, Value]) -> None:
        """Forget what templates had when openWB becomes another version."""
        for name in _UPDATED:
            before = self._told.value(Kind.SYSTEM, name)
            if name in values and before not in (None, values[name]):
                self._members.clear()

    def at(self, place: Place) -> Template | None:
        """Give the template of a charge point, or a lasting one."""
        kind, number = place
        if number is None:
            return None
        if kind is not Kind.CHARGE_POINT:
            return self.lasting.get(number)
        if self.generation is not Generation.FIELDS:
            return self.own.get(number)
        lasting = self.number_at(number)
        return None if lasting is None else self.lasting.get(lasting)

    def number_at(self, point: int) -> int | None:
        """Give the number of the template that a charge point's vehicle has.

        What the charge point itself names follows a cycle after the vehicle's.
        """
        value = self._told.value
        number = value(Kind.CHARGE_POINT, "connected_charge_template", point)
        if isinstance(vehicle := value(Kind.CHARGE_POINT, "vehicle", point), int):
            assigned = value(Kind.VEHICLE, "charge_template", vehicle)
            number = number if assigned is None else assigned
        return number if isinstance(number, int) else None

    def lost(self, place: Place, template: Template) -> tuple[str, ...] | None:
        """Give a member that the template of a place had before and has no more.

        openWB itself drops what its version does not know: that no template has then.
        """
        others = [
            members(other)
            for other in (*self.own.values(), *self.lasting.values())
            if other is not template
        ]
        had = self._members.get((place, _number_of(template)), frozenset())
        missing = {
            path
            for path in had - members(template)
            if any(path in other for other in others)
        }
        return min(missing, default=None)

    def sharing(self) -> list[int]:
        """Give the charge points whose template is that of another one, too."""
        users: dict[int, list[int]] = {}
        for point, template in self.own.items():
            if (number := _number_of(template)) is not None:
                users.setdefault(number, []).append(point)
        return [one for points in users.values() if len(points) > 1 for one in points]

    @property
    def last(self) -> bool:
        """Whether a change of a charge point's template is one of the lasting one."""
        name = "temporary_charge_templates_active"
        return self._told.value(Kind.SYSTEM, name) is False

    def document(self, place: Place) -> Place:
        """Give the place of what is changed: a lasting template is one for all."""
        template = self.at(place)
        number = _number_of(template) if template and self.last else None
        return place if number is None else (Kind.CHARGE_TEMPLATE, number)

    def copies(self, document: Place) -> list[Place]:
        """Give the places whose template openWB changes with a lasting one."""
        kind, number = document
        if kind is not Kind.CHARGE_TEMPLATE:
            return []
        points = [one for one in self.own if self.number_at(one) == number]
        there = [document] if number in self.lasting else []
        return there + [(Kind.CHARGE_POINT, point) for point in points]


def _number_of(template: Template) -> int | None:
    number = template.get("id")
    return number if isinstance(number, int) else None
