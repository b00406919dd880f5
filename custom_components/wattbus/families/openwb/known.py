"""What is known of an openWB: what its topics said, and what follows from that."""

from typing import Final

from ...protocols.openwb import (
    Generation,
    Kind,
    Plan,
    State,
    Template,
    Value,
    Version,
    generation,
    parse_version,
)

# Seconds; the longest of openWB's control intervals.
_LONGEST_INTERVAL: Final = 60

# What a broker could make up has to end somewhere.
_MOST_PLACES: Final = 2000

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

    def keep(self, state: State) -> bool:
        """Keep what a topic said; gives whether there was room."""
        place = (state.kind, state.id)
        if place not in self.told and len(self.told) >= _MOST_PLACES:
            return False
        self.told.setdefault(place, {}).update(state.values)
        return True

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
