"""The simulated openWB's retained topics, and what of them is still to be published.

The rules of openWB/core, helpermodules/pub.py (2.1.7 to master): each value is JSON with
escaped umlauts, retained; null is a value; what is deleted is an empty payload. Only the
old smart-home topics are plain text. Answers to orders are told once, and not all of them
are retained. openWB repeats many values in each cycle that have not changed; this one tells
a value again only if it was set (`echo`), which makes no difference to a retained topic.
"""

from dataclasses import dataclass
import json
import re
from typing import Any


class Raw(str):
    """A payload that is not JSON: the old smart-home topics."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message to publish; the topic is without the root."""

    topic: str
    payload: str
    retain: bool = True


def encode(value: Any) -> str:
    """Return a payload as openWB writes it: JSON with escaped umlauts."""
    return str(value) if isinstance(value, Raw) else json.dumps(value)


class Store:
    """All topics with their values, topics without the root."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Begin with values that are published with the first connection."""
        self.values = values
        self.outbox: list[Message] = []
        self._sent = {topic: encode(value) for topic, value in values.items()}

    def get(self, topic: str, default: Any = None) -> Any:
        """Return a value, the default if there is none or it is null."""
        value = self.values.get(topic)
        return default if value is None else value

    def set(self, topic: str, value: Any, *, echo: bool = False) -> None:
        """Keep a value and publish it if it is another one, with `echo` in any case."""
        self.values[topic] = value
        payload = encode(value)
        if echo or self._sent.get(topic) != payload:
            self._sent[topic] = payload
            self.outbox.append(Message(topic, payload))

    def remove(self, topic: str) -> None:
        """Delete a topic: an empty payload is retained."""
        self.values.pop(topic, None)
        self._sent.pop(topic, None)
        self.send(topic, "")

    def send(self, topic: str, payload: str, *, retain: bool = True) -> None:
        """Publish something that is no state."""
        self.outbox.append(Message(topic, payload, retain))

    def take(self) -> list[Message]:
        """Return what is to be published, once."""
        messages, self.outbox = self.outbox, []
        return messages

    def everything(self) -> list[Message]:
        """Return all retained topics."""
        return [Message(topic, payload) for topic, payload in self._sent.items()]

    def ids(self, pattern: str) -> list[int]:
        """Return the numbers that stand in all topics like the pattern, in order."""
        expression = re.compile(pattern)
        found = (expression.fullmatch(topic) for topic in self.values)
        return sorted({int(match[1]) for match in found if match})

    @property
    def charge_points(self) -> list[int]:
        """The ids of the charge points."""
        return self.ids(r"chargepoint/(\d+)/config")

    @property
    def vehicles(self) -> list[int]:
        """The ids of the vehicles."""
        return self.ids(r"vehicle/(\d+)/name")

    def components(self, kind: str) -> list[int]:
        """Return the ids of the counters, inverters or batteries (`bat`)."""
        return sorted(
            int(value["id"])
            for topic, value in self.values.items()
            if re.fullmatch(r"system/device/\d+/component/\d+/config", topic)
            and value["type"] == kind
        )
