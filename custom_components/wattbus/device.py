"""One Home Assistant device of an entry: its values, and who shows them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback

from .const import LOGGER
from .counter import Count, LifetimeCounter
from .families.descriptions import NumberDescription, SensorDescription
from .families.sink import DeviceKey, Facts, Value, Values

if TYPE_CHECKING:
    from .families.descriptions import Description
    from .freshness import Freshness

# Home Assistant's own limit for a state.
_LONGEST_STATE: Final = 255

# Beyond it a float may overflow in a sum or a conversion.
_LARGEST: Final = 1e100

type Listener = Callable[[], None]
type EventListener = Callable[[str, Mapping[str, Any]], None]
type Describe = Callable[[DeviceKey, str], tuple[Description, ...]]


class Device:
    """The current values of a device, comparing each new one with the last."""

    def __init__(self, key: DeviceKey, describe: Describe) -> None:
        """Start with nothing known."""
        self.key = key
        self.facts = Facts()
        self.values: dict[str, Value] = {}
        self.available = False
        self.freshness: Freshness | None = None
        self.registry_id: str | None = None
        self.brought: set[str] = set()
        """The values that have brought their entities."""
        self._describe = describe
        self._raw: dict[str, Value] = {}
        """The values as they came, but those that a counter doubts, for it learns."""
        self._digits: dict[str, int | None] = {}
        self._counters: dict[str, LifetimeCounter] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self._event_listeners: dict[str, list[EventListener]] = {}

    def _learn(self, name: str) -> None:
        """Look up, once, how the value is to be treated."""
        if name in self._digits:
            return
        descriptions = self._describe(self.key, name)
        self._digits[name] = _digits(descriptions)
        sensors = [i for i in descriptions if isinstance(i, SensorDescription)]
        if most := max((item.most_per_hour or 0 for item in sensors), default=0):
            self._counters[name] = LifetimeCounter(most, partial(self._replaced, name))

    def _replaced(self, name: str, old: float | None, new: float) -> None:
        """Note that a count goes on elsewhere: the Energy dashboard shows a step."""
        if old is not None:
            LOGGER.warning(
                "%s of %s goes on at %s instead of %s: taken for another meter",
                name,
                self.facts.name or " ".join(self.key),
                new,
                old,
            )

    def update(self, values: Values, moment: float) -> list[str]:
        """Take new values in; gives the names of those that differ from before."""
        changed = []
        known = self.values
        raw = self._raw
        for name, value in values.items():
            # What most values do most of the time: nothing.
            if name in raw and raw[name] == value:
                continue
            if name not in known:
                if value is None:
                    continue  # null is not a value: it brings no entity
                self._learn(name)
            shown = self._shape(name, value, moment)
            counter = self._counters.get(name)
            if counter is None or not counter.doubting:
                raw[name] = value
            if name in known:
                if shown == known[name]:
                    continue
            elif shown is None:
                continue  # neither is what no state can show
            known[name] = shown
            changed.append(name)
        return changed

    def _shape(self, name: str, value: Value, moment: float) -> Value:
        """Make a value fit to be a state: finite, rounded, short, never stepping back."""
        kind = type(value)
        if kind is float or kind is int:
            if not -_LARGEST < value < _LARGEST:  # type: ignore[operator]  # a number
                return None  # infinite, not a number, or what no device measures
            if (digits := self._digits[name]) is not None:
                # Adding 0.0 turns -0.0 into 0.0.
                value = round(value, digits) + 0.0  # type: ignore[arg-type]  # a number
                if digits <= 0:
                    value = int(value)  # a count reads 5, not 5.0
            if (counter := self._counters.get(name)) is not None:
                return counter.accept(value, moment)  # type: ignore[arg-type]  # a number
        elif name in self._counters:
            return None  # what is no number is no count
        elif isinstance(value, str) and len(value) > _LONGEST_STATE:
            if self._describe(self.key, name):  # what is no state may be longer
                return value[: _LONGEST_STATE - 1] + "…"
        return value

    def count(self, name: str) -> Count | None:
        """Give what a lifetime counter has shown last, also before a restart."""
        counter = self._counters.get(name)
        return None if counter is None else counter.believed

    def begins_again(self, name: str) -> None:
        """Forget what a lifetime counter has counted: it was set back on purpose."""
        if (counter := self._counters.get(name)) is not None:
            counter.forget()
            self._raw.pop(name, None)

    def restore_counter(self, name: str, value: float, moment: float) -> None:
        """Guard a lifetime counter from the value it showed before a restart.

        That had last risen at `moment`, by the clock of `update`.
        """
        self._learn(name)
        if (counter := self._counters.get(name)) is not None:
            counter.restore(value, moment)
            if self.values.get(name) is not None:
                self.values[name] = counter.value

    @callback
    def listen(self, name: str, listener: Listener) -> Callable[[], None]:
        """Call back when the value changes; the result ends that."""
        self._listeners.setdefault(name, []).append(listener)

        def unlisten() -> None:
            self._listeners[name].remove(listener)

        return unlisten

    @callback
    def listen_to_event(self, name: str, listener: EventListener) -> Callable[[], None]:
        """Call back when something happens; the result ends that."""
        self._event_listeners.setdefault(name, []).append(listener)

        def unlisten() -> None:
            self._event_listeners[name].remove(listener)

        return unlisten

    @callback
    def happened(self, name: str, what: str, details: Mapping[str, Any]) -> None:
        """Tell those who show it that something happened."""
        for listener in self._event_listeners.get(name, ()):
            listener(what, details)

    def listeners(self, names: set[str] | None = None) -> set[Listener]:
        """Give who shows these values; of all values if None."""
        if names is None:
            return {item for items in self._listeners.values() for item in items}
        return {item for name in names for item in self._listeners.get(name, ())}


def _digits(descriptions: tuple[Description, ...]) -> int | None:
    """Find the decimals of the finest resolution; None leaves a value as it is."""
    steps = (
        item.native_step if isinstance(item, NumberDescription) else item.resolution
        for item in descriptions
        if isinstance(item, NumberDescription | SensorDescription)
    )
    known = [step for step in steps if step is not None]
    return -int(Decimal(str(min(known))).adjusted()) if known else None


def merged(old: Facts, new: Facts) -> Mapping[str, Any]:
    """Give what the new facts change, by name; the parent is not among it."""
    return {
        name: value
        for name in Facts.__slots__
        if isinstance(value := getattr(new, name), str) and value != getattr(old, name)
    }
