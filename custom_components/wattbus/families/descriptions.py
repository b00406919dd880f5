"""What a family's entities are: Home Assistant's descriptions, and what Wattbus adds."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, ClassVar, Final, override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]  # newer releases define it in a module that 2026.8 does not have
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.calendar import CalendarEntityDescription, CalendarEvent
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.lock import LockEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.text import TextEntityDescription
from homeassistant.components.time import TimeEntityDescription
from homeassistant.components.update import UpdateEntityDescription
from homeassistant.const import EntityCategory, Platform

from .sink import CONNECTED, MAIN, DeviceKey

type Press = Callable[[Any, DeviceKey], Awaitable[None]]
"""What a button, or an update, asks of its family's driver, for one device."""

type Change[T] = Callable[[Any, DeviceKey, T], Awaitable[None]]
"""What a control asks of its family's driver: a new value, confirmed by the device."""


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
    expert: bool = False
    """Whether it exists only with the option for experts."""
    option: str | None = None
    """The key of the option that it exists only with."""
    alone: bool = True
    """Whether a command waits for the device's others to end, and they for it.

    One that takes minutes, or cannot wait, does not.
    """
    attributes: tuple[str, ...] = ()
    """The keys of values that are shown as attributes, under the same names."""

    @property
    def trigger(self) -> str:
        """The key of the value that brings the entity."""
        return self.needs or self.key  # type: ignore[attr-defined]  # from the entity description it is mixed into

    @property
    def also(self) -> tuple[str, ...]:
        """The keys of other values that the entity shows."""
        return self.attributes


@dataclass(frozen=True, kw_only=True)
class SensorDescription(SensorEntityDescription, Described):
    """A value that is shown."""

    platform = Platform.SENSOR

    resolution: float | None = None
    """The smallest change worth a state, in the native unit; None: any change."""
    most_per_hour: float | None = None
    """The most that a value which counts up for ever rises in an hour, generously.

    In the native unit. It lets no glitch through; None: the value is no such counter.
    """


@dataclass(frozen=True, kw_only=True)
class BinarySensorDescription(BinarySensorEntityDescription, Described):
    """A condition that holds or does not; its value is a bool."""

    platform = Platform.BINARY_SENSOR


@dataclass(frozen=True, kw_only=True)
class ButtonDescription(ButtonEntityDescription, Described):
    """Something the device does when asked; it exists once `needs` was reported."""

    platform = Platform.BUTTON

    press: Press


@dataclass(frozen=True, kw_only=True)
class SwitchDescription(SwitchEntityDescription, Described):
    """Something that is on or off, and can be switched; its value is a bool."""

    platform = Platform.SWITCH

    turn: Change[bool]


@dataclass(frozen=True, kw_only=True)
class NumberDescription(NumberEntityDescription, Described):
    """A number that can be set, in steps; the device may tell the limits.

    `minimum` and `maximum` are the keys of the values that tell them.
    """

    platform = Platform.NUMBER

    set: Change[float]
    minimum: str | None = None
    maximum: str | None = None

    @property
    @override
    def also(self) -> tuple[str, ...]:
        limits = tuple(key for key in (self.minimum, self.maximum) if key)
        return (*self.attributes, *limits)


@dataclass(frozen=True, kw_only=True)
class SelectDescription(SelectEntityDescription, Described):
    """One of several options; its value is a text among them.

    `choices` is the key of the value, a list, that tells which options there are now:
    some of `options` or, where those are not given, names that the user has chosen.
    """

    platform = Platform.SELECT

    select: Change[str]
    choices: str | None = None

    @property
    @override
    def also(self) -> tuple[str, ...]:
        return (*self.attributes, self.choices) if self.choices else self.attributes


@dataclass(frozen=True, kw_only=True)
class LockDescription(LockEntityDescription, Described):
    """A lock; its value is whether it is locked."""

    platform = Platform.LOCK

    lock: Change[bool]


@dataclass(frozen=True, kw_only=True)
class TextDescription(TextEntityDescription, Described):
    """A text that can be set."""

    platform = Platform.TEXT

    set: Change[str]


@dataclass(frozen=True, kw_only=True)
class TimeDescription(TimeEntityDescription, Described):
    """A time of the day that can be set."""

    platform = Platform.TIME

    set: Change[time]


@dataclass(frozen=True, kw_only=True)
class UpdateDescription(UpdateEntityDescription, Described):
    """A firmware that can be replaced by a newer one; its value is its version.

    `latest`, `progress`, `notes` and `page` are the keys of the values that tell the
    newest version, how much of it is installed (percent; None unless it is being
    installed), what is new in it (Markdown), and the address of a page about it.
    """

    platform = Platform.UPDATE

    alone: bool = False
    install: Press
    latest: str
    progress: str
    newer: Callable[[str, str], bool]
    """Whether the first of two versions is newer than the second."""
    notes: str
    page: str

    @property
    @override
    def also(self) -> tuple[str, ...]:
        shown = (self.latest, self.progress, self.notes, self.page)
        return (*self.attributes, *shown)


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """Which of a recurring event's times is meant."""

    recurrence_id: str | None = None
    """None: all of them, or the event does not recur."""
    and_later: bool = False


type Read = Callable[[Any, DeviceKey, datetime, datetime], list[CalendarEvent]]
"""Gives the events of a device that touch a span of time, in their order."""

type Delete = Callable[[Any, DeviceKey, str, Occurrence], Awaitable[None]]
"""Deletes an event, by its uid, from the device."""

type Update = Callable[
    [Any, DeviceKey, str, Occurrence, Mapping[str, Any]], Awaitable[None]
]
"""Makes an event of the device, by its uid, another one."""


@dataclass(frozen=True, kw_only=True)
class CalendarDescription(CalendarEntityDescription, Described):
    """Events that the device has, and lets be made, changed and deleted.

    Its value is anything that changes when they do.
    """

    platform = Platform.CALENDAR

    current: Callable[[Any, DeviceKey], CalendarEvent | None]
    """Gives the event that is on, or else the next one."""
    read: Read
    create: Change[Mapping[str, Any]]
    delete: Delete
    update: Update


@dataclass(frozen=True, kw_only=True)
class EventDescription(EventEntityDescription, Described):
    """Something that happens; it exists once `needs` was reported."""

    platform = Platform.EVENT


CONNECTION_SENSOR: Final = BinarySensorDescription(
    key=CONNECTED,
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
    always_available=True,
)
"""Every main device has it."""


type Description = (
    SensorDescription
    | BinarySensorDescription
    | ButtonDescription
    | SwitchDescription
    | NumberDescription
    | SelectDescription
    | LockDescription
    | TextDescription
    | TimeDescription
    | UpdateDescription
    | CalendarDescription
    | EventDescription
)
