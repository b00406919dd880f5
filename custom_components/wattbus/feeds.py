"""Telling devices what only Home Assistant knows: the power at the grid, say.

A feed takes its value from an entity that the user picked. A device acts on what it is
told, so no value at all is better than a wrong one: while the entity has none, the feed
pauses, and the device itself decides what to do without.
"""

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.sensor.const import UNIT_CONVERTERS
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    Platform,
    UnitOfTime,
)
from homeassistant.core import CALLBACK_TYPE, Event, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .errors import Issue
from .families.family import FEED_METER, GRID_INVERTED, GRID_POWER, Feed
from .families.sink import CONNECTED, MAIN_DEVICE, SEPARATOR
from .protocols import ProtocolError
from .texts import reason, texts

if TYPE_CHECKING:
    from .hub import Hub

# The least seconds between two messages of a feed; the newest value wins.
_EVERY: Final = 2.0

# Seconds until a message that could not be sent is tried again.
_RETRY: Final = 10.0

# A feed pauses at once; the user hears of it when it still does after so many seconds.
_GRACE: Final = 60.0


class Feeds:
    """The feeds of one entry that have an entity."""

    def __init__(self, hub: Hub) -> None:
        """Prepare; `start` begins to send."""
        self._hub = hub
        self._feeders = [
            _Feeder(hub, feed, entity_id)
            for feed in hub.family.feeds
            if (entity_id := hub.entry.options.get(feed.name) or _of_meter(hub, feed))
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @callback
    def tidy(self) -> None:
        """Remove the sensors of feeds that the user has given up."""
        registry = er.async_get(self._hub.hass)
        fed = {feeder.feed for feeder in self._feeders}
        for feed in self._hub.family.feeds:
            unique_id = self._hub.unique_id(MAIN_DEVICE, feed.name)
            found = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
            if feed not in fed and found:
                registry.async_remove(found)

    @callback
    def start(self) -> None:
        """Send what the entities show, and go on as it changes."""
        hub = self._hub
        for feeder in self._feeders:
            feeder.follow()
            self._tasks.append(
                hub.entry.async_create_background_task(
                    hub.hass, feeder.run(), f"{hub.entry.title}: {feeder.feed.name}"
                )
            )

    async def stop(self) -> None:
        """Stop sending."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for feeder in self._feeders:
            feeder.leave()
            feeder.resume()
            feeder.succeed()


class _Feeder:
    """Keeps a device fed with one quantity."""

    def __init__(self, hub: Hub, feed: Feed, entity_id: str) -> None:
        """Prepare; `run` sends."""
        self.feed = feed
        self.entity_id = entity_id
        self._hub = hub
        self._loop = hub.hass.loop
        self._inverted = feed.key == GRID_POWER and hub.entry.options.get(GRID_INVERTED)
        self._news = asyncio.Event()
        self._last_sent = float("-inf")
        self._paused_since: float | None = None
        self._failing_since: float | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []

    @property
    def _refresh(self) -> float:
        """The seconds between two messages: half of what the device waits for one.

        One message may be lost.
        """
        stale = self.feed.refresh
        if sooner := self.feed.sooner(self._hub.driver):
            stale = min(stale, sooner)
        return max(_EVERY, stale / 2)

    @callback
    def follow(self) -> None:
        """Look at the entity whenever it, its id or the connection changes."""
        hass, entity_id = self._hub.hass, self.entity_id
        self._unsubscribe = [
            async_track_state_change_event(hass, entity_id, self.wake),
            async_track_entity_registry_updated_event(hass, entity_id, self._renamed),
            self._hub.devices[MAIN_DEVICE].listen(CONNECTED, self.wake),
        ]

    @callback
    def leave(self) -> None:
        """Look at it no longer."""
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _renamed(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Go on with an entity that the user has given another id."""
        entity_id = event.data["entity_id"]
        if event.data["action"] != "update" or entity_id == self.entity_id:
            return
        self.entity_id = entity_id
        entry = self._hub.entry
        if self.feed.name in entry.options:  # else a meter was picked as a whole
            self._hub.hass.config_entries.async_update_entry(
                entry, options={**entry.options, self.feed.name: entity_id}
            )
        self.leave()
        self.follow()

    @callback
    def wake(self, *_: Any) -> None:
        """Have a look at the entity and the connection: one of them changed."""
        self._news.set()

    async def run(self) -> None:
        """Send each new value, and the last one again before it is stale."""
        while True:
            self._news.clear()
            if (value := self._value()) is None:
                await self._pause()
                continue
            self.resume()
            if not self._hub.up:
                # Nothing is to wait in some queue and arrive when it is old.
                await self._news.wait()
                continue
            sent = await self._send(value)
            await self._rest(
                value, self._refresh if sent else min(self._refresh, _RETRY)
            )

    def _value(self) -> float | None:
        state = self._hub.hass.states.get(self.entity_id)
        return None if state is None else _read(self.feed, state, bool(self._inverted))

    async def _send(self, value: float) -> bool:
        """Send a value; gives whether the device was told."""
        self._last_sent = self._loop.time()
        try:
            await self.feed.send(self._hub.driver, value)
        except (HomeAssistantError, ProtocolError) as err:
            LOGGER.debug("%s could not be sent: %s", self.feed.name, err)
            self._failed(reason(self._hub.hass, self._hub.family.key, err))
        except Exception:  # noqa: BLE001 # a mistake must not end the feed for good
            LOGGER.exception("%s could not be sent", self.feed.name)
        else:
            self.succeed()
            self._hub.report(MAIN_DEVICE, {self.feed.name: value})
            return True
        return False

    @callback
    def _failed(self, why: str) -> None:
        """Tell the user of what does not work for long, as where no topic is known."""
        now = self._loop.time()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since >= _GRACE:
            self._hub.issue(
                Issue.FEED_FAILING,
                part=self.feed.key,
                feed=self._label(),
                reason=why,
            )

    @callback
    def succeed(self) -> None:
        """Take back what `_failed` told the user."""
        if self._failing_since is not None:
            self._failing_since = None
            self._hub.issue(Issue.FEED_FAILING, present=False, part=self.feed.key)

    async def _rest(self, value: float, seconds: float) -> None:
        """Wait for another value, or until the device has to hear this one again."""
        try:
            async with asyncio.timeout_at(self._last_sent + seconds):
                while True:
                    # First, for a time that is left is another one each second.
                    await self._news.wait()
                    self._news.clear()
                    if not self._hub.up or self._value() != value:
                        break
        except TimeoutError:
            pass
        await asyncio.sleep(self._last_sent + _EVERY - self._loop.time())

    async def _pause(self) -> None:
        """Wait for news; when they stay away for too long, the user is to know."""
        if self._paused_since is None:
            self._paused_since = self._loop.time()
        try:
            async with asyncio.timeout_at(self._paused_since + _GRACE):
                await self._news.wait()
        except TimeoutError:
            self._hub.issue(
                Issue.FEED_PAUSED,
                part=self.feed.key,
                entity=self.entity_id,
                feed=self._label(),
            )
            await self._news.wait()

    @callback
    def resume(self) -> None:
        """Take back what `_pause` told the user."""
        if self._paused_since is not None:
            self._paused_since = None
            self._hub.issue(Issue.FEED_PAUSED, present=False, part=self.feed.key)

    def _label(self) -> str:
        """Name the feed as the options form does."""
        name = f"options.step.init.sections.feeds.data.{self.feed.name}"
        return texts(self._hub.hass, "options").get(name, self.feed.key)


def _of_meter(hub: Hub, feed: Feed) -> str | None:
    """Find the entity of the meter that was picked as a whole."""
    meter = hub.entry.options.get(FEED_METER)
    if not meter or not feed.meter_key:
        return None
    registry = er.async_get(hub.hass)
    for item in er.async_entries_for_device(registry, meter):
        if item.unique_id.rpartition(SEPARATOR)[2] == feed.meter_key:
            return item.entity_id
    return None


def _read(feed: Feed, state: State, inverted: bool) -> float | None:
    """Read what an entity shows, as the feed wants it; None: it cannot be sent."""
    value = _converted(feed, state)
    if value is None or not math.isfinite(value):
        return None
    if inverted:
        value = -value
    # A whole number for a device that reads no decimals; + 0.0 turns -0.0 into 0.0.
    value = round(value, feed.decimals) + 0.0 if feed.decimals else round(value)
    return value if feed.minimum <= value <= feed.maximum else None


def _converted(feed: Feed, state: State) -> float | None:
    """Give a state's number in the feed's unit; one without a unit could be anything."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        if (
            feed.device_class is SensorDeviceClass.DURATION
            and state.attributes.get(ATTR_DEVICE_CLASS) == SensorDeviceClass.TIMESTAMP
        ):
            value, unit = _seconds_until(state.state), UnitOfTime.SECONDS
        else:
            value = float(state.state)
        if unit == feed.unit:
            return value
        converter = UNIT_CONVERTERS.get(feed.device_class)
        if converter is None or not isinstance(unit, str):
            return None
        return converter.convert(value, unit, feed.unit)
    except ValueError, HomeAssistantError:
        return None


def _seconds_until(text: str) -> float:
    """Give the seconds until a time; none are left when it is past. Raises ValueError."""
    moment = dt_util.parse_datetime(text, raise_on_error=True)
    return max(0.0, (dt_util.as_utc(moment) - dt_util.utcnow()).total_seconds())
