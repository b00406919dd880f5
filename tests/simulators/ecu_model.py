"""The simulated ECU's life: its cycles, what it adds up, and what it remembers.

Nothing in here waits: the clock is a function, and each look at the ECU first lives
through the cycles that have gone by since the last one. So a test that moves a frozen
clock on moves the ECU on, and the same clock gives the same values.

The rules that it follows, and from where (HAEdwin is homeassistant-apsystems_ecu_reader,
ksheumaker is homeassistant-apsystems_ecur):

- Silence: it answers nobody over TCP while it starts, ten minutes long, and each night
  "around 02.45-03.15 AM local time", when it is at its maintenance (ksheumaker's README
  of January 2025; #42: "query fails five times but recovers").
- Merging: what it is told waits for its next cycle of five minutes ("see the results 5
  minutes later"); of two orders for one inverter until then, the last one counts.
- Dropping: a restart forgets which inverters it has seen; they are type 00 until they
  answer. What it has counted stays. Its day ends at an hour of its own (ksheumaker #110,
  #196), and days that it has not kept are empty.
- A command over TCP that is none that reads takes it down until it is started anew, the
  unkind reading of HAEdwin #137.
- Zero export works only where there are current transformers (HAEdwin #58).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from .ecu_inverter import Inverter
from .ecu_report import Identity, Report
from .ecu_sun import Sun, consumption

CYCLE_SECONDS: Final = 300
# Cycles do not begin at full minutes: stamps such as 12:05:10 are usual.
_OFFSET_SECONDS: Final = 7
_RESTART_SECONDS: Final = 600
_MAINTENANCE: Final = (time(2, 45), time(3, 15))
_WATT_SECONDS: Final = 3600


@dataclass(frozen=True)
class Alarm:
    """An event of an inverter; `bits` are the numbers of its flags, 0 to 63."""

    inverter_id: str
    at: datetime
    bits: frozenset[int]


@dataclass(frozen=True)
class MeterPoint:
    """What the current transformers of an ECU-C measured in a cycle.

    Attributes:
        at: Unix time in seconds.
        production: In W.
        grid: In W, import positive.
    """

    at: int
    production: int
    grid: int


class Ecu:
    """An ECU with its inverters, from the day before it is made.

    Args:
        now: The clock. Naive times are the ECU's local time.
        zone: Where it is, for a clock with a zone; None for this machine's.
        lifetime: What it has counted until now [kWh].
        reset_hour: When it begins a new day; models differ.
        history_days: How many days before its start it remembers; 0 makes a new ECU
            that has made nothing yet today.
    """

    def __init__(
        self,
        who: Identity,
        inverters: Sequence[Inverter],
        *,
        now: Callable[[], datetime],
        zone: tzinfo | None = None,
        sun: Sun | None = None,
        lifetime: float = 1995.5,
        reset_hour: int = 0,
        history_days: int = 366,
    ) -> None:
        """Bring it up to the present."""
        self.who = who
        self.inverters = list(inverters)
        self.sun = sun or Sun()
        self.reset_hour = reset_hour
        # What tests want it to say, whatever the sun does.
        self.pinned: Report | None = None
        self.alarms: list[Alarm] = []
        self.meter: dict[date, list[MeterPoint]] = {}
        # The export limit [W] while zero export is on; from the next cycle on.
        self.export_limit: int | None = None
        self.access_point: tuple[str, str] | None = None
        self.restarts = 0
        self.has_maintenance = True
        # A command that writes over TCP takes its server down until a restart.
        self.crashed = False
        self._now = now
        self._zone = UTC if now().tzinfo is None else zone
        self._curves: dict[date, list[tuple[time, int]]] = {}
        self._energies: dict[date, float] = {}
        self._down_until = 0
        self._report: Report | None = None
        self._today = 0.0
        self._day: date | None = None
        self._lifetime = 0.0
        today = self.local_time().date()
        self._first_day = today - timedelta(days=history_days)
        self._born = today if history_days == 0 else today - timedelta(days=1)
        # A new one has not reached the cloud yet.
        self._uploads = who.knows_upload and history_days > 0
        self._cycle = self._cycle_at(self._seconds())
        if history_days:
            self._cycle = self._cycle_at(self._midnight(self._born))
        self._stamp = self._local(self._cycle_seconds(self._cycle))
        self.advance()
        self._lifetime = lifetime * 1000

    # --- time

    def _seconds(self) -> int:
        """Return the clock's time in seconds."""
        now = self._now()
        return int((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp())

    def _local(self, seconds: float) -> datetime:
        """Return the local time, without a zone."""
        return datetime.fromtimestamp(seconds, self._zone).replace(tzinfo=None)

    def _midnight(self, day: date) -> int:
        """Return when a local day begins."""
        return int(datetime.combine(day, time(), self._zone).timestamp())

    def local_time(self) -> datetime:
        """Return the ECU's clock: local time, without a zone."""
        return self._local(self._seconds())

    @staticmethod
    def _cycle_at(seconds: int) -> int:
        """Return the number of the last cycle until then."""
        return (seconds - _OFFSET_SECONDS) // CYCLE_SECONDS

    @staticmethod
    def _cycle_seconds(cycle: int) -> int:
        """Return when a cycle is."""
        return cycle * CYCLE_SECONDS + _OFFSET_SECONDS

    # --- cycles

    def advance(self) -> None:
        """Live through the cycles until now."""
        last = self._cycle_at(self._seconds())
        while self._cycle < last:
            self._cycle += 1
            self._live(self._cycle_seconds(self._cycle))

    def _live(self, seconds: int) -> None:
        """Live through one cycle."""
        local = self._local(seconds)
        irradiance = self.sun.irradiance(local)
        up = seconds >= self._down_until
        for inverter in self.inverters:
            if up:
                inverter.apply()
            inverter.make(irradiance)
        used = consumption(local)
        if self.who.has_meter and self.export_limit is not None and up:
            self._curtail(used + self.export_limit)
        made = 0
        for inverter in self.inverters:
            made += inverter.power
            inverter.energy += inverter.power * CYCLE_SECONDS / _WATT_SECONDS
            if up and inverter.online:
                inverter.seen = True
        self._count(local, made * CYCLE_SECONDS / _WATT_SECONDS)
        if not up:
            # The inverters count on by themselves, but nobody asks them.
            return
        self._stamp, self._report = local, None
        self._curves.setdefault(local.date(), []).append((local.time(), made))
        if self.who.has_meter:
            point = MeterPoint(seconds, made, used - made)
            self.meter.setdefault(local.date(), []).append(point)

    def _curtail(self, most: int) -> None:
        """Let all inverters together make at most so much [W]."""
        made = sum(inverter.power for inverter in self.inverters)
        if made > most:
            for inverter in self.inverters:
                inverter.curtail(most / made)

    def _count(self, local: datetime, energy: float) -> None:
        """Add a cycle's energy [Wh] to its day; the ECU's day has its own beginning."""
        day = (local - timedelta(hours=self.reset_hour)).date()
        if day != self._day:
            self._day, self._today = day, 0.0
        self._today += energy
        self._lifetime += energy
        calendar = local.date()
        self._energies[calendar] = self._energies.get(calendar, 0.0) + energy

    # --- what it knows

    def report(self) -> Report:
        """Return what it knows since its last cycle."""
        self.advance()
        if self.pinned is not None:
            return self.pinned
        if self._report is None:
            irradiance = self.sun.irradiance(self._stamp)
            readings = tuple(
                inverter.reading(irradiance, self._cycle) for inverter in self.inverters
            )
            self._report = Report(
                stamp=self._stamp,
                power=sum(inverter.power for inverter in self.inverters),
                today=int(self._today / 10),
                lifetime=int(self._lifetime / 100),
                readings=readings,
                last_upload=self._stamp if self._uploads else None,
            )
        return self._report

    def curve(self, day: date) -> list[tuple[time, int]]:
        """Return a day's power [W] by the local time of its cycles, while it is light."""
        self._remember(day)
        return [(at, power) for at, power in self._curves.get(day, []) if power]

    def energy_of(self, day: date) -> float:
        """Return what all inverters made on a calendar day [kWh]."""
        self._remember(day)
        return self._energies.get(day, 0.0) / 1000

    def _remember(self, day: date) -> None:
        """Make up a day from before its life, of which only the sum is known."""
        self.advance()
        if not self._first_day <= day < self._born or day in self._curves:
            return
        peak = sum(sum(inverter.peaks) for inverter in self.inverters)
        first = self._cycle_at(self._midnight(day) - 1) + 1
        last = self._cycle_at(self._midnight(day + timedelta(days=1)) - 1)
        points = []
        for cycle in range(first, last + 1):
            local = self._local(self._cycle_seconds(cycle))
            points.append((local.time(), round(peak * self.sun.irradiance(local))))
        self._curves[day] = points
        total = sum(power for _, power in points)
        self._energies[day] = total * CYCLE_SECONDS / _WATT_SECONDS

    # --- what happens to it

    @property
    def restarting(self) -> bool:
        """Whether it is starting, and reachable by nobody."""
        return self._seconds() < self._down_until

    @property
    def silent(self) -> bool:
        """Whether it is at its nightly maintenance, and answers nothing."""
        begin, end = _MAINTENANCE
        return self.has_maintenance and begin <= self.local_time().time() < end

    def restart(self, seconds: float = _RESTART_SECONDS) -> None:
        """Start it anew: it forgets whom it has seen, but not what it has counted."""
        self.advance()
        self.restarts += 1
        self.crashed = False
        self._down_until = self._seconds() + int(seconds)
        for inverter in self.inverters:
            inverter.seen = False
        self._report = None

    def inverter(self, inverter_id: str) -> Inverter | None:
        """Return an inverter, None if it has no such."""
        for inverter in self.inverters:
            if inverter.inverter_id == inverter_id:
                return inverter
        return None
