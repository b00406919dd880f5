"""A simulated APsystems ECU in an event loop: its TCP server and its web page."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
import time
from typing import Final, Self

from .ecu_frame import Request
from .ecu_inverter import KINDS, Inverter
from .ecu_model import Ecu
from .ecu_quirks import Quirk, Quirks
from .ecu_report import IDENTITIES, EcuModel, Layout, Report
from .ecu_server import Server
from .ecu_sun import Sun
from .ecu_web import Pages, Post
from .listening import HOST, WebServer

# What is usual on the roof of each model's owner.
_USUAL: Final = {
    EcuModel.ECU_R: ("yc600", "qs1", "ds3"),
    EcuModel.ECU_R_PRO: ("ds3", "qs1a", "qt2"),
    EcuModel.ECU_B: ("ds3",),
    EcuModel.ECU_C: ("ds3-l", "qt2"),
}


@dataclass
class Options:
    """What a simulated ECU is like; the defaults are a stock one.

    Attributes:
        kinds: Of the inverters (`KINDS`), over and over until there are enough.
        ecu_id: None for the model's; so are `firmware`, `timezone` and `history_bytes`.
        history_bytes: Per entry of command 0004, 6 or 8, or 0 for no answer.
        zone: Where it is, for a clock with a zone; None for this machine's.
        lifetime: What it has counted until its start [kWh].
        reset_hour: When it begins a new day.
        history_days: How many earlier days it remembers; 0 makes a brand-new ECU.
        speed: How much faster than real time its clock runs, if none is given.
    """

    model: EcuModel = EcuModel.ECU_R
    inverters: int = 3
    kinds: tuple[str, ...] = ()
    layout: Layout = Layout.CURRENT
    ecu_id: str | None = None
    firmware: str | None = None
    timezone: str | None = None
    history_bytes: int | None = None
    zone: tzinfo | None = None
    lifetime: float = 1995.5
    reset_hour: int = 0
    history_days: int = 366
    sun: Sun = field(default_factory=Sun)
    speed: float = 1.0
    seed: int = 0


class EcuSimulator:
    """A simulated ECU in an event loop.

    async with EcuSimulator(Options(EcuModel.ECU_C), now=clock) as simulator:
        simulator.misbehave(Quirk.HANG, command="0002", times=2)
        ... # read it at simulator.host, simulator.port and simulator.http_port
        assert simulator.requests[0].command == "0001"
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Build it; with a clock of the test's own, time passes as that one says.

        By the machine's clock it has no maintenance: whoever runs the tests or the demo
        at that hour of the night is not to wait for its end.
        """
        self.options = options = options or Options()
        self.host = HOST
        self.quirks = Quirks()
        who = replace(IDENTITIES[options.model], layout=options.layout)
        if options.ecu_id is not None:
            who = replace(who, ecu_id=options.ecu_id)
        if options.firmware is not None:
            who = replace(who, firmware=options.firmware)
        if options.timezone is not None:
            who = replace(who, timezone=options.timezone)
        if options.history_bytes is not None:
            who = replace(who, history_bytes=options.history_bytes or None)
        self.ecu = Ecu(
            who,
            _inverters(options, who.ecu_id),
            now=now or _clock(options.speed),
            zone=options.zone,
            sun=options.sun,
            lifetime=options.lifetime if options.history_days else 0.0,
            reset_hour=options.reset_hour,
            history_days=options.history_days,
        )
        self.ecu.has_maintenance = now is not None
        self.server = Server(self.ecu, self.quirks, options.seed)
        self.pages = Pages(self.ecu, self.quirks)
        # The web page's port; None where the model has no page.
        self.http_port: int | None = None
        self._web = WebServer(self.pages.app())

    @property
    def port(self) -> int:
        """Return the TCP port."""
        return self.server.port

    @property
    def ecu_id(self) -> str:
        """Return the ECU's id."""
        return self.ecu.who.ecu_id

    @property
    def requests(self) -> list[Request]:
        """Return what clients have asked over TCP."""
        return self.server.requests

    @property
    def posts(self) -> list[Post]:
        """Return what clients have posted to the web page."""
        return self.pages.posts

    async def __aenter__(self) -> Self:
        """Start on free ports."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self, port: int = 0, http_port: int = 0) -> None:
        """Listen; 0 lets the operating system choose."""
        await self.server.open(port)
        if self.ecu.who.has_web:
            await self._web.start(http_port)
            self.http_port = self._web.port

    async def stop(self) -> None:
        """End all connections."""
        await self.server.stop()
        await self._web.stop()

    def misbehave(
        self,
        quirk: Quirk,
        *,
        command: str | None = None,
        times: int | None = 1,
        every: int = 1,
    ) -> None:
        """Let a quirk happen with the next answers (of a command), None: for good."""
        self.quirks.arm(quirk, command=command, times=times, every=every)

    def behave(self, quirk: Quirk | None = None) -> None:
        """End a quirk, or all that are armed."""
        self.quirks.disarm(quirk)

    def restart(self, seconds: float = 600) -> None:
        """Start it anew: it resets connections for so long by its own clock."""
        self.ecu.restart(seconds)

    async def close_port(self) -> None:
        """Refuse TCP connections, as an ECU whose access point has gone to sleep."""
        await self.server.close()

    async def open_port(self) -> None:
        """Accept TCP connections again, on the same port."""
        await self.server.open()

    def pin(self, report: Report | None) -> None:
        """Let it say this, whatever the sun does; None lets it live on."""
        self.ecu.pinned = report

    def energy_of(self, day: date) -> float:
        """Return what was made on a calendar day of its zone, until now [kWh]."""
        return self.ecu.energy_of(day)


def _inverters(options: Options, ecu_id: str) -> list[Inverter]:
    """Return the inverters on the roof, with ids that stay the same."""
    kinds = options.kinds or _USUAL[options.model]
    inverters = []
    for index in range(options.inverters):
        kind = KINDS[kinds[index % len(kinds)]]
        number = (index * 7_919_317 + 202_650_371) % 1_000_000_000
        inverter_id = ecu_id if kind is KINDS["ecu"] else f"{kind.prefix}{number:09}"
        inverters.append(Inverter(inverter_id, kind, options.seed * 1000 + index))
    return inverters


def _clock(speed: float) -> Callable[[], datetime]:
    """Return a clock that starts now and runs so much faster."""
    start, began = datetime.now(UTC), time.monotonic()
    return lambda: start + timedelta(seconds=(time.monotonic() - began) * speed)
