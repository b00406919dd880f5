"""Topics and topic filters (MQTT 5.0, section 4.7)."""

from collections.abc import Callable
from typing import Final

# A dictionary answers for the topics seen so far; this bounds it against a broker
# whose topics never end.
_MOST_ROUTES: Final = 8192


def valid_filter(topic_filter: str) -> bool:
    """Whether a topic filter can be subscribed to."""
    if not topic_filter or "\0" in topic_filter or len(topic_filter.encode()) > 65535:
        return False
    levels = topic_filter.split("/")
    return all(
        level in {"+", "#"} or not {"+", "#"} & set(level) for level in levels
    ) and ("#" not in levels[:-1])


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a topic fits a filter; `$` topics fit no leading wildcard."""
    if topic.startswith("$") and topic_filter[:1] in {"+", "#"}:
        return False
    wanted = topic_filter.split("/")
    levels = topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(levels) or level not in ("+", levels[index]):
            return False
    return len(levels) == len(wanted)


class Router[T]:
    """Finds what was registered for the filters that a topic fits.

    A topic is matched against the filters once, then looked up in a dictionary.
    """

    def __init__(self) -> None:
        """Start with no filter."""
        self._filters: dict[str, list[T]] = {}
        self._routes: dict[str, tuple[T, ...]] = {}

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters in use, in the order of their first registration."""
        return tuple(self._filters)

    def add(self, topic_filter: str, item: T) -> Callable[[], bool]:
        """Register an item; the result removes it, and tells if the filter is free."""
        self._filters.setdefault(topic_filter, []).append(item)
        self._routes.clear()

        def remove() -> bool:
            items = self._filters.get(topic_filter, [])
            if item not in items:
                return False
            items.remove(item)
            self._routes.clear()
            if items:
                return False
            del self._filters[topic_filter]
            return True

        return remove

    def route(self, topic: str) -> tuple[T, ...]:
        """Give the items whose filters the topic fits, each once."""
        if (route := self._routes.get(topic)) is None:
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            route = self._routes[topic] = tuple(
                dict.fromkeys(
                    item
                    for topic_filter, items in self._filters.items()
                    if matches(topic_filter, topic)
                    for item in items
                )
            )
        return route
