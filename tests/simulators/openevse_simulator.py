"""A simulated OpenEVSE in an event loop: charger, gateway, and their connections."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from .access import Access
from .listening import HOST, WebServer
from .openevse_driver import Driver, Habits
from .openevse_firmware import FIRMWARES, PROFILES, Firmware, Generation
from .openevse_gateway import Gateway
from .openevse_http import Pages
from .openevse_link import Counters, Link, Trouble
from .openevse_model import Charger
from .openevse_mqtt import Connection

_TICK_SECONDS = 0.2
_LEAST_TICK_SECONDS = 0.01


@dataclass
class Options:
    """What a simulated OpenEVSE is like; the defaults are a stock one.

    Attributes:
        version: The gateway's, None for that of the generation.
        protocol: The controller's, None for the one that the generation came with.
        firmware: The controller's, None for one that has the protocol.
        stored: The capacity in its EEPROM [A].
        speed: How much faster than real time it lives.
        driver: Whether its car comes and goes by itself.
        rapi_blocked: Whether it is a build that drops RAPI commands (5.x).
        count_seconds: Whether `wh` is the session's watt-seconds (up to 2.7.5).
        session_login: Whether it has the login of 2026.
        www_username: Who may use its HTTP interface, with `www_password`.
    """

    generation: Generation = Generation.ESP32_5_1
    base: str = "openevse"
    device_id: str = "c44f330dad55"
    version: str | None = None
    protocol: str | None = None
    firmware: str | None = None
    stored: int = 32
    voltage: float = 240.0
    voltmeter: bool = False
    features: frozenset[str] = frozenset()
    serial: str = "SIM001C0DE"
    speed: float = 1.0
    driver: bool = False
    rapi_blocked: bool = False
    count_seconds: bool = False
    session_login: bool = False
    www_username: str = ""
    www_password: str = ""
    trouble: Trouble = field(default_factory=Trouble)
    seed: int = 0


class OpenEvseSimulator:
    """A simulated OpenEVSE in an event loop.

    async with OpenEvseSimulator(Options(...)) as simulator:
        await simulator.connect(broker.host, broker.port)
        simulator.charger.plug()
    """

    def __init__(self, options: Options | None = None) -> None:
        """Build it; it needs a running event loop, but no time passes yet."""
        self.options = options = options or Options()
        profile = PROFILES[options.generation]
        if options.version is not None:
            profile = replace(profile, version=options.version)
        protocol = options.protocol or profile.protocol
        self.charger = Charger(
            Firmware(options.firmware or FIRMWARES[protocol], protocol),
            stored=options.stored,
            voltage=options.voltage,
            voltmeter=options.voltmeter,
            features=options.features,
            serial=options.serial,
            now=datetime.now(UTC).replace(tzinfo=None),
        )
        self.gateway = Gateway(
            profile,
            self.charger,
            base=options.base,
            device_id=options.device_id,
            blocks_rapi=options.rapi_blocked,
            counts_seconds=options.count_seconds,
        )
        if options.count_seconds:
            self.gateway.config.values["version"] = "2.7.5"
        self.gateway.config.values |= {
            "www_username": options.www_username,
            "www_password": options.www_password,
        }
        self.link = Link(self.gateway, options.trouble, seed=options.seed)
        self.driver: Driver | None = None
        if options.driver:
            self.driver = Driver(self.charger, Habits(), options.seed)
        self.connection: Connection | None = None
        self.http_port: int | None = None
        self._clock: asyncio.Task[None] | None = None
        self._mqtt: asyncio.Task[None] | None = None
        self._web: WebServer | None = None

    @property
    def counters(self) -> Counters:
        """What has happened to RAPI commands."""
        return self.link.counters

    @property
    def eeprom_writes(self) -> int:
        """How often a command has worn the controller's EEPROM."""
        return self.charger.eeprom_writes

    async def __aenter__(self) -> Self:
        """Let time pass."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    def start(self) -> None:
        """Let time pass."""
        if self._clock is None:
            self._clock = asyncio.create_task(self._keep_time())

    async def connect(self, host: str, port: int, **login: str | None) -> Connection:
        """Connect to a broker, and stay connected; return when it is for the first time."""
        await self.disconnect()
        self.connection = Connection(
            self.link,
            Access(host, port, **login),
            reconnect_seconds=max(0.05, 5 / self.options.speed),
        )
        self._mqtt = asyncio.create_task(self.connection.run())
        await self.connection.connected.wait()
        return self.connection

    async def disconnect(self, *, crash: bool = False) -> None:
        """Leave the broker; with `crash` as if the power were cut: the will is sent."""
        if self._mqtt is not None and self.connection is not None:
            if crash:
                await self.connection.crash()
            await _end(self._mqtt)
            self.connection.detach()
            self._mqtt = self.connection = None

    async def serve_http(self, port: int | None = None, host: str = HOST) -> int:
        """Serve HTTP, on the same port as before if none is given; return the port."""
        pages = Pages(self.link, sessions=self.options.session_login)
        self._web = WebServer(pages.app())
        await self._web.start(self.http_port or 0 if port is None else port, host)
        self.http_port = self._web.port
        return self.http_port

    async def close_http(self) -> None:
        """Serve HTTP no longer, as a gateway that has no power."""
        if self._web is not None:
            await self._web.stop()
            self._web = None

    async def run(self, host: str, port: int, **login: str | None) -> None:
        """Run at a broker until cancelled."""
        self.start()
        try:
            await self.connect(host, port, **login)
            await asyncio.Event().wait()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End everything."""
        await self.disconnect()
        await self.close_http()
        if self._clock is not None:
            await _end(self._clock)
            self._clock = None

    def step(self, seconds: float) -> None:
        """Let the model's time pass."""
        if self.driver is not None:
            self.driver.step(seconds)
        self.gateway.step(seconds)

    async def _keep_time(self) -> None:
        """Let time pass as fast as wanted."""
        loop, speed = asyncio.get_running_loop(), self.options.speed
        tick = max(_LEAST_TICK_SECONDS, min(_TICK_SECONDS, 0.5 / speed))
        before = loop.time()
        while True:
            await asyncio.sleep(tick)
            now = loop.time()
            self.step((now - before) * speed)
            before = now


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
