"""Telling devices what only Home Assistant knows: the power at the grid, say.

A feed takes its value from an entity that the user picked. A device acts on what it is
sent, so no value at all is better than a wrong one: while the entity has none, the feed
pauses, and the device itself decides what to do without. Nor is an old value sent as a
new one: see `Feed.keeps`, `Feed.lasts` and `readings.Source`.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, Event, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.helpers.start import async_at_started

from .const import DOMAIN, LOGGER
from .errors import Issue
from .families.family import FEED_METER, Feed
from .families.sink import CONNECTED, MAIN_DEVICE, SEPARATOR
from .protocols import ProtocolError
from .readings import Reading, Source
from .texts import reason, texts

if TYPE_CHECKING:
    from .hub import Hub

# The least seconds between two messages of a feed; the newest value wins.
_EVERY: Final = 2.0

# Seconds until a message that could not be sent is tried again.
_RETRY: Final = 10.0

# A feed pauses at once; the user hears of it when it still does after so many seconds.
_GRACE: Final = 60.0


# Why nothing is sent for now.
_PAUSES: Final = frozenset((Issue.FEED_PAUSED, Issue.FEED_SILENT))


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
            feeder.unfollow()


class _Feeder:
    """Keeps a device fed with one quantity."""

    def __init__(self, hub: Hub, feed: Feed, entity_id: str) -> None:
        """Prepare; `run` sends."""
        self.feed = feed
        self.entity_id = entity_id
        self._hub = hub
        self._loop = hub.hass.loop
        options = hub.entry.options
        inverted = bool(feed.inverted_by and options.get(feed.inverted_by))
        self._source = Source(feed, hub, inverted=inverted)
        self._news = asyncio.Event()
        self._last_sent = float("-inf")
        self._sent: tuple[Reading, int] | None = None
        self._paused_since: float | None = None
        self._since: dict[Issue, float] = {}
        """Since when something is so that is an issue if it lasts."""
        self._raised: dict[Issue, bool] = {}
        """Which issues stand in the repairs; of one that is missing, nothing is known."""
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
        self._source.recall()
        hass, entity_id = self._hub.hass, self.entity_id
        self._unsubscribe = [
            async_track_state_change_event(hass, entity_id, self.look),
            async_track_state_report_event(hass, entity_id, self.wake),
            async_track_entity_registry_updated_event(hass, entity_id, self._renamed),
            self._hub.devices[MAIN_DEVICE].listen(CONNECTED, self.wake),
        ]

    @callback
    def unfollow(self) -> None:
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
        self.unfollow()
        self.follow()

    @callback
    def wake(self, *_: Any) -> None:
        """Have a look at the entity and the connection: one of them changed."""
        self._news.set()

    @callback
    def look(self, *_: Any) -> None:
        """See each state, also one that is gone again when it could be sent."""
        self._reading()
        self.wake()

    async def run(self) -> None:
        """Send each new value, and the last one again before it is stale."""
        if self.feed.keeps:
            await self._started()
        while True:
            self._news.clear()
            self._check_used()
            reading, silent = self._reading(), self._source.silent(self._state)
            if reading is None or silent:
                await self._pause(Issue.FEED_SILENT if silent else Issue.FEED_PAUSED)
                continue
            self._resume()
            if not self._hub.up:
                # Nothing is to wait in some queue and arrive when it is old.
                await self._news.wait()
                continue
            if self.feed.keeps and self._sent == (reading, self._hub.connections):
                await self._rest(reading, self._loop.time() + self._refresh)
                continue
            sent = await self._send(reading)
            seconds = self._refresh if sent else min(self._refresh, _RETRY)
            await self._rest(reading, self._last_sent + seconds)

    async def _started(self) -> None:
        """Wait until all of Home Assistant is there: before, states are yesterday's."""
        started = asyncio.Event()
        cancel = async_at_started(self._hub.hass, callback(lambda _: started.set()))
        try:
            await started.wait()
        finally:
            cancel()

    @property
    def _state(self) -> State | None:
        return self._hub.hass.states.get(self.entity_id)

    def _reading(self) -> Reading | None:
        return self._source.read(self._state)

    async def _send(self, reading: Reading) -> bool:
        """Send a value; gives whether it has arrived."""
        self._last_sent = self._loop.time()
        connections = self._hub.connections
        try:
            await self.feed.send(self._hub.driver, *reading)
        except (HomeAssistantError, ProtocolError) as err:
            LOGGER.debug("%s could not be sent: %s", self.feed.name, err)
            self._failed(reason(self._hub.hass, self._hub.family.key, err))
        except Exception:  # noqa: BLE001 # a mistake must not end the feed for good
            LOGGER.exception("%s could not be sent", self.feed.name)
        else:
            self._end_issues(Issue.FEED_FAILING)
            self._sent = (reading, connections)
            self._hub.report(MAIN_DEVICE, {self.feed.name: reading.value})
            return True
        return False

    @callback
    def _check_used(self) -> None:
        """Tell the user why the device does not use this, if it is so for long."""
        if (why := self.feed.ignored(self._hub.driver)) is None:
            self._end_issues(Issue.FEED_IGNORED)
        elif self._lasts(Issue.FEED_IGNORED):
            said = reason(self._hub.hass, self._hub.family.key, why)
            self._raise_issue(Issue.FEED_IGNORED, reason=said)

    @callback
    def _failed(self, why: str) -> None:
        """Tell the user of what does not work for long, as where no topic is known."""
        if self._lasts(Issue.FEED_FAILING):
            self._raise_issue(Issue.FEED_FAILING, reason=why)

    def _lasts(self, issue: Issue) -> bool:
        """Whether this has been so for long; `_end_issues` begins anew."""
        now = self._loop.time()
        return now - self._since.setdefault(issue, now) >= _GRACE

    @callback
    def _raise_issue(self, issue: Issue, **placeholders: str) -> None:
        """Put something into the user's repairs, once."""
        if not self._raised.get(issue):
            self._raised[issue] = True
            self._hub.issue(
                issue,
                present=True,
                part=self.feed.key,
                feed=self._label(),
                **placeholders,
            )

    @callback
    def _end_issues(self, *issues: Issue) -> None:
        """Take it out again, for it is not so, or not any more."""
        for issue in issues:
            self._since.pop(issue, None)
            if self._raised.get(issue) is not False:
                self._raised[issue] = False
                self._hub.issue(issue, present=False, part=self.feed.key)

    async def _rest(self, reading: Reading, until: float) -> None:
        """Wait for another value, or until the device has to hear this one again."""
        connections = self._hub.connections
        try:
            async with asyncio.timeout_at(until):
                while True:
                    # First, for a time that is left is another one each second.
                    await self._news.wait()
                    self._news.clear()
                    if self._hub.connections != connections:
                        break
                    now = self._reading()
                    if now is None or now.value != reading.value:
                        break
        except TimeoutError:
            pass
        await asyncio.sleep(self._last_sent + _EVERY - self._loop.time())

    async def _pause(self, issue: Issue) -> None:
        """Wait for news; when they stay away for too long, the user is to know."""
        if self._paused_since is None:
            self._paused_since = self._loop.time()
        (other,) = _PAUSES - {issue}
        self._end_issues(other)
        try:
            async with asyncio.timeout_at(self._paused_since + _GRACE):
                await self._news.wait()
        except TimeoutError:
            self._raise_issue(issue, entity=self.entity_id)
            await self._news.wait()

    @callback
    def _resume(self) -> None:
        """Take back what `_pause` told the user."""
        self._paused_since = None
        self._end_issues(*_PAUSES)

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
