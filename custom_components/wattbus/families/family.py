"""What a device family is: tables that describe it.

A family describes, the core does. Nothing here knows the hub or an entity.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import ServiceResponse
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)

from ..const import CONF_EXPERT, CONF_PATIENCE, DEFAULT_PATIENCE
from ..errors import WattbusError
from .descriptions import Description, SensorDescription
from .sink import DeviceKey

if TYPE_CHECKING:
    import probatio as vol

    from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
    from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .driver import Driver
else:
    import voluptuous as vol


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing the user may tune: a field of the options form."""

    key: str
    default: Any
    selector: Any
    connections: frozenset[str] | None = None
    """The connection kinds it belongs to; None: all."""
    optional: bool = False
    """Whether it may be left empty; then it is missing."""
    secret: bool = False
    """Whether no form shows it; left empty, it stays as it is."""
    needs: str | None = None
    """The option without which it is not stored."""
    recipient: str | None = None
    """The option that names whom this secret is sent to: nobody else gets it."""
    topic: bool = False
    """Whether it is a topic to publish below, which takes no wildcard."""

    @property
    def may_be_empty(self) -> bool:
        """Whether the form does without it.

        Home Assistant's pages do not send a form with an empty text in a required field.
        """
        return self.optional or self.default == ""


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


EXPERT: Final = Option(key=CONF_EXPERT, default=False, selector=BooleanSelector())
"""For families with commands that touch a device's safety or wear its memory."""


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
    optional_secrets: frozenset[str] = frozenset()
    """Those of them that a device may not have."""
    uses_broker: bool = False
    serial: Callable[[Mapping[str, Any]], str] | None = None
    """Gives the device's own id from the fields, if the user is asked for it."""
    broker: Mapping[str, Any] = field(default_factory=dict)
    """What the form for the broker has filled in at first."""
    topics: frozenset[str] = frozenset()
    """The fields that hold topic filters, which are checked."""
    base_topics: frozenset[str] = frozenset()
    """The fields that hold a topic to publish below, which takes no wildcard."""


DEVICE: Final = "device"
"""In the data of an action: the key of the device that is asked."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that an automation can ask of a device, beside its entities."""

    name: str
    """Of the action; begins with the family's key."""
    fields: Mapping[vol.Marker, Any]
    """What can be said, beside the device."""
    run: Callable[[Any, Mapping[str, Any]], Awaitable[ServiceResponse]]
    """Asks the driver; gives what the device answered."""
    reads: bool = False
    """Whether the answer is all that it is for."""
    alone: bool = True
    """Whether it waits for the device's other commands to end, and they for it."""
    kinds: frozenset[str] = frozenset()
    """The kinds of devices that can be asked; then `DEVICE` in the data is its key.

    Empty: it is of the installation, whichever of its devices is named.
    """


GRID_INVERTED: Final = "feed_grid_inverted"
"""Option beside feeds with the power at the grid: the entity counts the other way."""

HOUSE_LASTS: Final = 900.0
"""The seconds that the power of a house may stand still; see `Feed.lasts`."""


FEED_METER: Final = "feed_meter"
"""Option beside feeds with a `meter_key`: a meter of Wattbus, for all of them."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A quantity that a device wants to be told, from an entity that the user picks."""

    key: str
    unit: str
    device_class: SensorDeviceClass | None
    refresh: float
    """Seconds without a message after which the device calls the value stale."""
    send: Callable[[Any, float, datetime], Awaitable[None]]
    """Has the driver send a value, and when the entity told it, within a time limit.

    Raises WattbusError or ProtocolError; it is tried again with the next value, or at
    the next refresh.
    """
    minimum: float
    maximum: float
    decimals: int = 0
    meter_key: str | None = None
    """The value of a meter that it is taken from when the meter is picked as a whole."""
    sooner: Callable[[Any], float | None] = lambda driver: None
    """Gives other seconds than `refresh` if the driver knows that they are fewer."""
    keeps: bool = False
    """Whether the device keeps it until it is told another, as a charge level.

    It is sent again only when the entity has told it again, or to a device that was
    away: what is repeated merely because time passes would look new.
    """
    lasts: float | None = None
    """Seconds after which a value that the entity does not tell again is none.

    Only where what hangs would do harm and nothing in life stands still: the power of
    a whole house, to whose fuse a charger keeps. The power of a roof or of a battery is
    0 for hours, and integrations that write only what changes say nothing meanwhile.
    """
    inverted_by: str | None = None
    """The option with which the entity counts the other way."""
    ignored: Callable[[Any], WattbusError | None] = lambda driver: None
    """Says why the device, as it is set, does not use it."""

    @property
    def name(self) -> str:
        """The name of its option, of the value last sent, and of the sensor for that."""
        return f"feed_{self.key}"


def feed_description(feed: Feed) -> SensorDescription:
    """Describe the sensor that shows what was last sent."""
    return SensorDescription(
        key=feed.name,
        device_class=feed.device_class,
        native_unit_of_measurement=feed.unit,
        suggested_display_precision=feed.decimals,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


@dataclass(frozen=True, kw_only=True)
class Discovered:
    """A device that has made itself known."""

    connection: str
    """The kind of connection that it offers."""
    data: Mapping[str, Any]
    """What it told of the connection's fields."""
    unique_id: str | None
    """The device's own; None: the device is asked before it is offered."""
    name: str


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
    options: tuple[Option, ...] = ()
    outdated: Callable[[DeviceKey, Mapping[str, Any]], bool] = lambda key, options: (
        False
    )
    """Whether a device is one that the options no longer have."""
    actions: tuple[Action, ...] = ()
    feeds: tuple[Feed, ...] = ()
    by_zeroconf: Callable[[ZeroconfServiceInfo], Discovered | None] = lambda info: None
    by_dhcp: Callable[[DhcpServiceInfo], Discovered | None] = lambda info: None
    by_mqtt: Callable[[MqttServiceInfo], Discovered | None] = lambda info: None
    """Recognise a device by what it announces; None if it is none of this family."""

    @property
    def all_descriptions(self) -> tuple[Description, ...]:
        """The family's own descriptions, and those of its feeds."""
        return (*self.descriptions, *map(feed_description, self.feeds))

    def options_of(self, connection: str) -> tuple[Option, ...]:
        """The options that an entry with this connection kind has."""
        return tuple(
            option
            for option in self.options
            if option.connections is None or connection in option.connections
        )
