"""What a driver says, and whom it says it to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, NamedTuple

from ..errors import Issue

type Value = (
    str | int | float | bool | datetime | time | list[Any] | dict[str, Any] | None
)
"""What a state can be made of; None is "not known" and never brings an entity.

Lists and dictionaries, of what JSON has, are for attributes.
"""

type Values = Mapping[str, Value]

SEPARATOR: Final = "|"
"""Joins the parts of identifiers; it can stand in no part."""

MAIN: Final = "main"
"""The kind of the one device of each entry below which all others hang."""

CONNECTED: Final = "connected"
"""The main device's value that tells whether the connection is up; always known."""


class DeviceKey(NamedTuple):
    """Names a device within its entry: its kind, and which of that kind."""

    kind: str
    id: str = ""

    @property
    def identifier(self) -> str:
        """The part of a registry identifier after the entry id."""
        return f"{self.kind}{SEPARATOR}{self.id}"

    @classmethod
    def parse(cls, identifier: str) -> DeviceKey:
        """Read what `identifier` wrote."""
        kind, _, device_id = identifier.partition(SEPARATOR)
        return cls(kind, device_id)


MAIN_DEVICE: Final = DeviceKey(MAIN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a driver knows about a device; None leaves what was known before."""

    via: DeviceKey | None = None
    """The device that this one hangs below; at first it is the main one."""

    name: str | None = None
    model: str | None = None
    model_id: str | None = None
    serial_number: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    configuration_url: str | None = None


class Sink:
    """Where a driver reports to: the hub of a running entry, or the flow's probe.

    A sink does what it has a method for, and nothing with the rest.
    """

    def describe(self, device: DeviceKey, facts: Facts) -> None:
        """Tell who a device is; it is made when this is the first word of it."""

    def report(self, device: DeviceKey, values: Values) -> None:
        """Tell new values of a device; those left out stay as they are.

        A list or dictionary that was told is not to be changed any more.
        """

    def begins_again(self, device: DeviceKey, key: str) -> None:
        """Tell that the device has confirmed that a count was set back on purpose.

        The next value is believed, as the first one was.
        """

    def seen(self, device: DeviceKey, age: float = 0.0) -> None:
        """Tell that a device gave a sign of life `age` seconds ago.

        That makes it available, until the connection goes down; with the option
        `PATIENCE`, also until the signs stop. The main device follows the connection.
        """

    def gone(self, device: DeviceKey) -> None:
        """Tell that a device is not there any more; the user may delete it.

        The next sign of life brings it back.
        """

    def happened(
        self, device: DeviceKey, key: str, what: str, details: Mapping[str, Any]
    ) -> None:
        """Tell that something happened, to the event entity of this key."""

    def connected(self, up: bool, why: object = None) -> None:
        """Tell that the connection came up or went down, and for the log, why."""

    def refused(self) -> None:
        """Tell that the credentials are no longer accepted."""

    def recall(self, key: str) -> Any:
        """Give back what was remembered under `key`, also before a restart."""

    def remember(self, key: str, value: Any, *, within: float = 10.0) -> None:
        """Keep a JSON value for the next start, on disk within so many seconds.

        It is not to be changed any more; a new one takes its place.
        """

    def entity_id(self, device: DeviceKey, key: str) -> str | None:
        """Find the sensor that shows a value, whose statistics the user may have."""

    def issue(
        self,
        issue: Issue,
        *,
        present: bool = True,
        part: str = "",
        **placeholders: str,
    ) -> None:
        """Put something into the user's repairs, or take it away again.

        `part` tells apart those that one installation has several times.
        """
