"""What is to be published over MQTT."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """A message to publish; commands are never retained."""

    topic: str
    payload: str
    retain: bool = False
