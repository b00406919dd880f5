"""What a device family is: tables that describe it, and the sink its driver reports to.

A family describes, the core does. Nothing here knows the hub or an entity.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..const import CONF_PATIENCE, DEFAULT_PATIENCE

if TYPE_CHECKING:
    import probatio as vol

    from .driver import Driver
else:
    import voluptuous as vol

type Value = str | int | float | bool | datetime | None
"""What a state can be made of; None is "not known" and never brings an entity."""

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

    name: str | None = None
    model: str | None = None
    model_id: str | None = None
    serial_number: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    configuration_url: str | None = None


class Sink(Protocol):
    """Where a driver reports to: the hub of a running entry, or the flow's probe."""

    def describe(self, device: DeviceKey, facts: Facts) -> None:
        """Tell who a device is; it is made when this is the first word of it."""

    def report(self, device: DeviceKey, values: Values) -> None:
        """Tell new values of a device; those left out stay as they are."""

    def seen(self, device: DeviceKey, age: float = 0.0) -> None:
        """Tell that a device gave a sign of life `age` seconds ago.

        That makes it available, until the connection goes down; with the option
        `PATIENCE`, also until the signs stop. The main device follows the connection.
        """

    def connected(self, up: bool) -> None:
        """Tell that the connection came up or went down."""

    def refused(self) -> None:
        """Tell that the credentials are no longer accepted."""

    def recall(self, key: str) -> Any:
        """Give back what was remembered under `key`, also before a restart."""

    def remember(self, key: str, value: Any) -> None:
        """Keep a JSON value for the next start."""


type Command = Callable[[Any, DeviceKey], Awaitable[None]]
"""What a control asks of its family's driver, for one device."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """What Wattbus adds to Home Assistant's entity descriptions.

    The description's `key` is the key of the value that it shows.
    """

    platform: ClassVar[Platform]

    kind: str = MAIN
    """The kind of device that has this entity."""
    needs: str | None = None
    """The value whose first report brings the entity; None: that of its own key."""
    placeholders: Mapping[str, str] | None = None
    """Fills the placeholders of the translated name."""
    always_available: bool = False
    """Whether the entity has something to say when the device is silent."""

    @property
    def trigger(self) -> str:
        """The key of the value that brings the entity."""
        return self.needs or self.key  # type: ignore[attr-defined]  # from the entity description it is mixed into


@dataclass(frozen=True, kw_only=True)
class SensorDescription(SensorEntityDescription, Described):
    """A value that is shown."""

    platform = Platform.SENSOR

    resolution: float | None = None
    """The smallest change worth a state, in the native unit; None: any change."""
    lifetime: bool = False
    """Whether the value counts up for ever, so that a step back is a glitch."""


@dataclass(frozen=True, kw_only=True)
class BinarySensorDescription(BinarySensorEntityDescription, Described):
    """A condition that holds or does not; its value is a bool."""

    platform = Platform.BINARY_SENSOR


@dataclass(frozen=True, kw_only=True)
class ButtonDescription(ButtonEntityDescription, Described):
    """Something the device does when asked; it exists once `needs` was reported."""

    platform = Platform.BUTTON

    press: Command


CONNECTION_SENSOR: Final = BinarySensorDescription(
    key=CONNECTED,
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
    always_available=True,
)
"""Every main device has it."""


type Description = SensorDescription | BinarySensorDescription | ButtonDescription


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing the user may tune: a field of the options form."""

    key: str
    default: Any
    selector: Any
    connections: frozenset[str] | None = None
    """The connection kinds it belongs to; None: all."""


PATIENCE: Final = Option(
    key=CONF_PATIENCE,
    default=DEFAULT_PATIENCE,
    selector=NumberSelector(
        NumberSelectorConfig(
            min=1,
            max=4320,
            unit_of_measurement="min",
            mode=NumberSelectorMode.BOX,
        )
    ),
)
"""For families whose devices speak at an interval that only they know."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """One way to reach a family's devices."""

    key: str
    """Last part of the flow's step `<family>_<key>`, and `connection` in the data."""
    driver: type[Driver]
    fields: Mapping[vol.Marker, Any]
    """The fields of its own step."""
    identity: Callable[[Mapping[str, Any]], str]
    """The entry's unique id while the device has told none of its own."""
    secrets: frozenset[str] = frozenset()
    """The fields that a reauthentication asks for; with a broker, those of the broker."""
    uses_broker: bool = False
    topics: frozenset[str] = frozenset()
    """The fields that hold topic filters, which are checked."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A device family: everything that tells it from the others."""

    key: str
    name: str
    manufacturer: str
    model: str
    connections: Mapping[str, Connection]
    descriptions: tuple[Description, ...]
    unknown: Callable[[str, str], Description | None] = lambda kind, key: None
    """Describes a value that no description names, from device kind and key."""
    options: tuple[Option, ...] = field(default=())

    def options_of(self, connection: str) -> tuple[Option, ...]:
        """The options that an entry with this connection kind has."""
        return tuple(
            option
            for option in self.options
            if option.connections is None or connection in option.connections
        )
