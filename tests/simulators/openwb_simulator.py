"""A simulated openWB in an event loop: model, cars, connection, other clients."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
import time
from typing import Any, Self

from .access import Access
from .openwb_driver import Driver
from .openwb_model import OpenWb
from .openwb_mqtt import Connection
from .openwb_sets import Change, Refusal, When, Write
from .openwb_versions import Version
from .openwb_words import misunderstood

_LEAST_SECONDS = 0.05


@dataclass(frozen=True)
class Options:
    """What a simulated openWB is like.

    Attributes:
        root: The root topic.
        interval: Real seconds between control cycles; None for what
            `general/control_interval` says, divided by the speed.
        automatic: Whether cycles come by themselves, or only with `cycle`.
        speed: How much faster than the clock it lives.
        driver: Whether cars come and go by themselves.
        extras: Whether it has an io module and smart-home devices.
        resume: Whether it goes on with the counters that the broker has kept.
        start: Its time at the beginning [unix s], None for the clock's.
        clock: Tells the time [s]; only differences count where there is a start.
        zone: Where it stands.
    """

    version: Version = Version.V2_2_2
    root: str = "openWB"
    interval: float | None = None
    automatic: bool = True
    speed: float = 1.0
    driver: bool = False
    extras: bool = False
    resume: bool = False
    start: float | None = None
    clock: Callable[[], float] = time.time
    zone: tzinfo = UTC


class OpenWbSimulator:
    """A simulated openWB.

    async with OpenWbSimulator(Options(version=Version.V2_1_9)) as simulator:
        await simulator.start(broker.host, broker.port)
        await simulator.plug(4)
    """

    def __init__(self, options: Options | None = None) -> None:
        """Build it; no time passes yet."""
        self.options = options = options or Options()
        start = options.clock() if options.start is None else options.start
        self.model = OpenWb(options.version, start, options.zone, extras=options.extras)
        self._driver = Driver(self.model) if options.driver else None
        self._last = options.clock()
        self._connection: Connection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def accepted(self) -> list[Write]:
        """The set topics that it has taken, in order; without root and `set/`."""
        return self.model.sets.accepted

    @property
    def refused(self) -> list[Refusal]:
        """The set topics that it has refused, and why."""
        return self.model.sets.refused

    @property
    def commands(self) -> list[str]:
        """The orders that it has carried out: `systemReboot`, `getChargeLog` …."""
        return self.model.commands.done

    @property
    def broken(self) -> list[int]:
        """The charge points that the control cannot work with."""
        return self.model.broken

    @property
    def misunderstood(self) -> list[str]:
        """The words that it has taken, but does not work with."""
        return misunderstood(self.model.store, self.model.features)

    def value(self, topic: str) -> Any:
        """Return what it has on a topic (without the root), None if nothing."""
        return self.model.store.get(topic)

    async def __aenter__(self) -> Self:
        """Do nothing yet: `start` begins."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    async def start(self, host: str, port: int, **login: str | None) -> None:
        """Connect and stay connected; return when all retained topics are published."""
        await self.stop()
        self._connection = Connection(
            self.model,
            Access(host, port, **login),
            root=self.options.root,
            reconnect_seconds=max(0.05, 1 / self.options.speed),
            resume=self.options.resume,
        )
        self._tasks.append(asyncio.create_task(self._connection.run()))
        await self._connection.connected.wait()
        if self.options.automatic:
            self._last = self.options.clock()
            self._tasks.append(asyncio.create_task(self._live()))

    async def stop(self) -> None:
        """Stop it as if the power were cut: retained topics stay at the broker."""
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._connection = None
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            now = self.options.clock()
            seconds, self._last = max(0.0, now - self._last), now
            await self.cycle(seconds * self.options.speed)

    @property
    def _interval(self) -> float:
        """The real time between two cycles [s]."""
        if self.options.interval is not None:
            return max(_LEAST_SECONDS, self.options.interval)
        seconds = float(self.model.store.get("general/control_interval", 10))
        return max(_LEAST_SECONDS, seconds / self.options.speed)

    async def flush(self) -> None:
        """Publish what has changed."""
        if self._connection is not None:
            await self._connection.flush()

    async def cycle(self, seconds: float = 10.0) -> None:
        """Let a control cycle of so many seconds pass, and publish what it changed."""
        if self._driver is not None:
            self._driver.step()
        self.model.step(seconds)
        await self.flush()

    async def plug(self, charge_point: int) -> None:
        """Plug the car in at a charge point; it charges from the next cycle on."""
        self.model.plug(charge_point)
        await self.flush()

    async def unplug(self, charge_point: int) -> None:
        """Let the car leave: the session ends, a temporary template is dropped."""
        self.model.unplug(charge_point)
        await self.flush()

    async def scan(self, charge_point: int, tag: str) -> None:
        """Hold an RFID tag to a charge point."""
        self.model.scan(charge_point, tag)
        await self.flush()

    async def put(self, topic: str, value: Any) -> None:
        """Have a value on a state topic, whatever it is."""
        self.model.store.set(topic, value, echo=True)
        await self.flush()

    async def add_charge_point(self, number: int, name: str) -> None:
        """Add a charge point, as when one is configured in openWB."""
        self.model.add_charge_point(number, name)
        await self.flush()

    async def manage_users(self) -> None:
        """Have user management switched on.

        Until openWB starts anew nothing changes but the topic that tells it (subdata.py,
        2.2.2); then the broker is another one (runs/setup_mosquitto.sh), which shows
        those without a user little more than the clock.
        """
        await self.put("system/security/user_management_active", True)

    async def tell_time(self, seconds: float) -> None:
        """Let time pass without a control cycle: the clock goes on, nothing else."""
        self.model.now += seconds
        await self.put("system/time", round(self.model.now, 6))

    async def remove(self, pattern: str) -> None:
        """Delete the state topics that match a regular expression."""
        self.model.remove(pattern)
        await self.flush()

    async def edit_template(self, charge_point: int, change: Change) -> None:
        """Have another client change the template in use, now; from 2.1.8 on."""
        self.model.sets.edit(charge_point, change)
        await self.flush()

    def rival(self, charge_point: int, change: Change, when: When = "before") -> None:
        """Have another client write at the moment of the next template write.

        It has read the same template as the writer, and changes something in it. Its
        write arrives `before` (and is overwritten), `after` (and overwrites; both are
        echoed), or `instead`: it overwrites, and only its echo is seen.
        """
        self.model.sets.rival(charge_point, change, when)

    def lose_echoes(self, count: int = 1) -> None:
        """Do what the next set topics want, but publish no state for it."""
        self.model.sets.lost_echoes += count

    def drop_writes(self, count: int = 1) -> None:
        """Clear the next set topics without doing anything."""
        self.model.sets.dropped_writes += count
