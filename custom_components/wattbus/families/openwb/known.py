"""What is known of an openWB: what its topics said, and what follows from that."""

from collections.abc import Mapping
from typing import Final

from ...protocols.openwb import (
    Generation,
    Kind,
    Plan,
    Setting,
    State,
    Template,
    Value,
    Version,
    generation,
    members,
    parse_version,
    setting_of,
)

# Seconds; the longest of openWB's control intervals.
_LONGEST_INTERVAL: Final = 60

# What a broker could make up has to end somewhere.
_MOST_PLACES: Final = 2000
_MOST_PLANS: Final = 100

# What changes when another version of openWB starts.
_UPDATED: Final = frozenset({"version", "datastore_version", "current_commit"})

type Place = tuple[Kind, int | None]


class Known:
    """Keeps the values of all topics, in openWB's units, and the charge templates."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.told: dict[Place, dict[str, Value]] = {}
        """By kind and number."""
        self.own: dict[int, Template] = {}
        """The templates in use, by charge point (from 2.1.8)."""
        self.lasting: dict[int, Template] = {}
        """The templates that vehicles have, by number."""
        self.plans: dict[tuple[int, str], dict[int, Plan]] = {}
        """The plans that have topics (up to 2.1.7), by template and kind."""
        self._members: dict[tuple[Place, int | None], frozenset[tuple[str, ...]]] = {}
        """What the template of a place has had, by the number that it calls its own."""
        self._topics: dict[str, str] = {}
        """Where openWB's own settings were told last, by their names."""

    def keep(self, state: State) -> bool:
        """Keep what a topic said; gives whether it counts, and there was room."""
        place = (state.kind, state.id)
        if place not in self.told and len(self.told) >= _MOST_PLACES:
            return False
        if state.kind is Kind.SYSTEM and not self._keep_topics(state):
            return False
        self.told.setdefault(place, {}).update(state.values)
        return True

    def _keep_topics(self, state: State) -> bool:
        """Note where a setting is told; gives whether it is still told there."""
        for name, value in state.values.items():
            if value is None and self._topics.get(name, state.topic) != state.topic:
                return False  # an update has moved it: the old topic is deleted
            self._topics[name] = state.topic
            if name in _UPDATED and self.value(state.kind, name) not in (None, value):
                self._members.clear()
        return True

    def keep_template(self, place: Place, template: Value) -> None:
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

    def template_at(self, place: Place) -> Template | None:
        """Give the template of a charge point, or a lasting one."""
        kind, number = place
        if number is None:
            return None
        if kind is Kind.CHARGE_POINT:
            return self.template_of(number)
        return self.lasting.get(number)

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

    def setting(self, kind: Kind, name: str) -> Setting | None:
        """Give where and how this openWB has a value to be set; None if it has not."""
        told = self._topics.get(name) if kind is Kind.SYSTEM else None
        return setting_of(kind, name, self.version, told)

    def sharing(self) -> list[int]:
        """Give the charge points whose template is that of another one, too."""
        users: dict[int, list[int]] = {}
        for point, template in self.own.items():
            if (number := _number_of(template)) is not None:
                users.setdefault(number, []).append(point)
        return [one for points in users.values() if len(points) > 1 for one in points]

    def lasting_number(self, template: Template) -> int | None:
        """Give the number of a template whose changes last; None if they do not."""
        temporary = self.value(Kind.SYSTEM, "temporary_charge_templates_active")
        return _number_of(template) if temporary is False else None

    def copies(self, document: Place) -> list[Place]:
        """Give the places whose template openWB changes with a lasting one."""
        kind, number = document
        if kind is not Kind.CHARGE_TEMPLATE:
            return []
        points = [one for one in self.own if self.template_number(one) == number]
        there = [document] if number in self.lasting else []
        return there + [(Kind.CHARGE_POINT, point) for point in points]

    def value(self, kind: Kind, name: str, number: int | None = None) -> Value:
        """Give a value as openWB told it last."""
        return self.told.get((kind, number), {}).get(name)

    @property
    def version(self) -> Version | None:
        """The version of openWB, once it has told it."""
        version = self.value(Kind.SYSTEM, "version")
        return parse_version(version) if isinstance(version, str) else None

    @property
    def generation(self) -> Generation | None:
        """How charge templates are changed."""
        return generation(has_template=bool(self.own), version=self.version)

    @property
    def control_interval(self) -> int:
        """Seconds between two control cycles: 10, 20 or 60."""
        interval = self.value(Kind.SYSTEM, "control_interval")
        known = isinstance(interval, int) and 0 < interval <= _LONGEST_INTERVAL
        return int(interval) if known else _LONGEST_INTERVAL  # type: ignore[arg-type]  # a number

    def numbers(self, kind: Kind) -> list[int]:
        """Give the numbers of all of a kind."""
        return sorted(n for k, n in self.told if k is kind and n is not None)

    def template_number(self, point: int) -> int | None:
        """Give the number of the template that a charge point's vehicle has."""
        number = self.value(Kind.CHARGE_POINT, "connected_charge_template", point)
        if isinstance(vehicle := self.value(Kind.CHARGE_POINT, "vehicle", point), int):
            assigned = self.value(Kind.VEHICLE, "charge_template", vehicle)
            number = number if assigned is None else assigned
        return number if isinstance(number, int) else None

    def template_of(self, point: int) -> Template | None:
        """Give the template in use at a charge point."""
        if self.generation is not Generation.FIELDS:
            return self.own.get(point)
        number = self.template_number(point)
        return None if number is None else self.lasting.get(number)

    def mqtt_devices(self, kind: Kind) -> list[int]:
        """Give the numbers of a kind that openWB expects to be told of by MQTT."""
        if kind is Kind.VEHICLE:
            return [
                number
                for number in self.numbers(kind)
                if self.value(kind, "soc_module", number) == "mqtt"
            ]
        return [
            number
            for number in self.numbers(Kind.COMPONENT)
            if self.value(Kind.COMPONENT, "component", number) is kind
            and isinstance(
                hardware := self.value(Kind.COMPONENT, "hardware", number), int
            )
            and self.value(Kind.HARDWARE, "type", hardware) == "mqtt"
        ]

    def names(self, kind: Kind) -> dict[int, str]:
        """Give the names of all vehicles or templates; each name is there once."""
        if kind is Kind.CHARGE_TEMPLATE:
            told = {number: self.lasting[number].get("name") for number in self.lasting}
        else:
            told = {n: self.value(kind, "name", n) for n in self.numbers(kind)}
        found: dict[int, str] = {}
        for number, name in sorted(told.items()):
            if isinstance(name, str) and name:
                twice = name in found.values()
                found[number] = f"{name} ({number})" if twice else name
        return found


def _number_of(template: Template) -> int | None:
    number = template.get("id")
    return number if isinstance(number, int) else None
