"""What an openWB has told: the values of its topics, in openWB's units."""

from typing import Final

from ...protocols.openwb import (
    Kind,
    Setting,
    State,
    Value,
    Version,
    parse_version,
    setting_of,
)
from ..sink import DeviceKey

# Seconds; the longest of openWB's control intervals.
_LONGEST_INTERVAL: Final = 60

# What a broker could make up has to end somewhere.
_MOST_PLACES: Final = 2000

type Place = tuple[Kind, int | None]


def place_of(device: DeviceKey) -> Place:
    """Give what a device is at openWB."""
    return (Kind(device.kind), int(device.id)) if device.id else (Kind.SYSTEM, None)


class Told:
    """Keeps what the topics said, by kind and number."""

    def __init__(self) -> None:
        """Have been told nothing yet."""
        self.values: dict[Place, dict[str, Value]] = {}
        self._topics: dict[str, str] = {}
        """Where openWB's own settings were told last, by their names."""

    def keep(self, state: State) -> bool:
        """Keep what a topic said; gives whether it counts, and there was room."""
        place = (state.kind, state.id)
        if place not in self.values and len(self.values) >= _MOST_PLACES:
            return False
        if state.kind is Kind.SYSTEM:
            for name, value in state.values.items():
                if value is None and self._topics.get(name, state.topic) != state.topic:
                    return False  # an update has moved it: the old topic is deleted
                self._topics[name] = state.topic
        self.values.setdefault(place, {}).update(state.values)
        return True

    def value(self, kind: Kind, name: str, number: int | None = None) -> Value:
        """Give a value as openWB told it last."""
        return self.values.get((kind, number), {}).get(name)

    def numbers(self, kind: Kind) -> list[int]:
        """Give the numbers of all of a kind."""
        return sorted(n for k, n in self.values if k is kind and n is not None)

    @property
    def version(self) -> Version | None:
        """The version of openWB, once it has told it."""
        version = self.value(Kind.SYSTEM, "version")
        return parse_version(version) if isinstance(version, str) else None

    @property
    def control_interval(self) -> int:
        """Seconds between two control cycles: 10, 20 or 60."""
        interval = self.value(Kind.SYSTEM, "control_interval")
        if isinstance(interval, int) and 0 < interval <= _LONGEST_INTERVAL:
            return interval
        return _LONGEST_INTERVAL

    def setting(self, kind: Kind, name: str) -> Setting | None:
        """Give where and how this openWB has a value to be set; None if it has not."""
        return setting_of(kind, name, self.version, self.topic(kind, name))

    def topic(self, kind: Kind, name: str) -> str | None:
        """Give where a value of openWB itself was told last."""
        return self._topics.get(name) if kind is Kind.SYSTEM else None

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
