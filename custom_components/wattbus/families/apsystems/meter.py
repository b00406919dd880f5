"""The current transformers of an ECU-C, from the graph on its web page.

`power1` is the production and `power2` the grid: at night the first is next to nothing
(ecu_reader #42 with its data, changed accordingly by #47).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ...errors import ConnectError
from ...protocols import ProtocolError
from ...protocols.payload import decode_object, number
from ..integration import Integral
from ..quantities import MOST_POWER, PHASES
from ..sink import MAIN_DEVICE, Sink, Value
from .const import KEPT_FOR, LONGEST_GAP
from .web import WebPage

_FIELDS: Final = ("powerA", "powerB", "powerC")
POWERS: Final = ("production_power", "grid_power", "consumption_power")
ENERGIES: Final = (
    "production_energy",
    "grid_import_energy",
    "grid_export_energy",
    "consumption_energy",
)
# Every value [W] that is reported, those of the phases too.
_KEYS: Final = (*POWERS, *(f"{key}_{phase}" for key in POWERS for phase in PHASES))
# A day has 288.
_MOST_POINTS: Final = 2000
# No clock is ahead by more, whatever its zone; all until then would count for nothing.
_AHEAD: Final = timedelta(days=1)
_LARGEST: Final = 1_000_000
_UNTIL: Final = "meter_until"
# Milliseconds of the year 2100.
_LATEST: Final = 4_102_444_800_000


@dataclass(frozen=True, slots=True)
class Point:
    """Powers [W] at one time; import from the grid is positive.

    `phases` has the production and the grid's of each, None where it is not told.
    """

    moment: datetime
    production: float
    grid: float
    phases: tuple[tuple[float | None, float | None], ...] = ()

    @property
    def consumption(self) -> float:
        """What the house uses."""
        return self.production + self.grid

    @property
    def values(self) -> dict[str, Value]:
        """All of them, by the keys of the entities; None where they are not known."""
        values: dict[str, Value] = dict.fromkeys(_KEYS)
        if not self.known:
            return values
        whole = (self.production, self.grid, self.consumption)
        values |= dict(zip(POWERS, whole, strict=True))
        for phase, (made, grid) in zip(PHASES, self.phases, strict=False):
            used = None if made is None or grid is None else made + grid
            for key, power in zip(POWERS, (made, grid, used), strict=True):
                values[f"{key}_{phase}"] = power
        return values

    @property
    def known(self) -> bool:
        """Whether anything was measured: some firmware gives zeros instead."""
        return bool(self.production or self.grid)


def decode_graph(body: bytes) -> list[Point]:
    """Read the graph, oldest point first. Raises ProtocolError."""
    document = decode_object(body, limit=_LARGEST)
    production = _series(document.get("power1"))
    grid = _series(document.get("power2"))
    return [
        Point(
            datetime.fromtimestamp(at / 1000, UTC),
            _sum(production[at]),
            _sum(grid[at]),
            tuple(zip(production[at], grid[at], strict=True)),
        )
        for at in sorted(production.keys() & grid.keys())
    ]


def _sum(phases: Iterable[float | None]) -> float:
    return sum(power for power in phases if power is not None)


def _series(points: object) -> dict[int, list[float | None]]:
    if not isinstance(points, list):
        return {}
    series: dict[int, list[float | None]] = {}
    for point in points[-_MOST_POINTS:]:
        if not isinstance(point, dict):
            raise ProtocolError("a point of the graph that is none")
        at = number(point.get("time"), "time")
        powers = [number(point.get(phase), phase) for phase in _FIELDS]
        if at is None or not 0 <= at < _LATEST:
            raise ProtocolError("a point of the graph without a time")
        if any(power is not None for power in powers):
            series[int(at)] = powers
    return series


class Meter:
    """Reports what the transformers measure, and adds it up."""

    def __init__(self, sink: Sink, page: WebPage) -> None:
        """Go on from where it was before a restart."""
        self._sink = sink
        self._page = page
        until: Any = sink.recall(_UNTIL)
        self._until = float(until) if isinstance(until, int | float) else 0.0
        self._energies = {
            key: Integral(sink, key, longest=LONGEST_GAP, most=MOST_POWER)
            for key in ENERGIES
        }

    async def update(self) -> None:
        """Ask for the graph, if there is one. Raises ConnectError, ProtocolError.

        Without news for long, no powers are shown.
        """
        now = dt_util.utcnow()
        try:
            body = await self._page.meter_graph()
            if body is None:
                return
            points = decode_graph(body)
        except ConnectError, ProtocolError:
            if now.timestamp() - self._until > KEPT_FOR.total_seconds():
                self._forget_powers()
            raise
        self.read(points, now)
        if not points or now - points[-1].moment > KEPT_FOR:
            self._forget_powers()

    def read(self, points: Iterable[Point], now: datetime) -> None:
        """Report a graph; points that were counted before are not again."""
        last: Point | None = None
        for point in points:
            if point.moment - now > _AHEAD:
                break
            last = point
            # The last one counted is where the next interval begins.
            if point.moment.timestamp() >= self._until:
                self._count(point)
        if last is None:
            return
        # A graph that ends earlier than the one before is no reason to count again.
        self._until = max(self._until, last.moment.timestamp())
        self._sink.remember(_UNTIL, self._until, within=300.0)
        energies = {key: item.energy for key, item in self._energies.items()}
        self._sink.report(MAIN_DEVICE, {**last.values, **energies})

    def _forget_powers(self) -> None:
        self._sink.report(MAIN_DEVICE, dict.fromkeys(_KEYS))

    def _count(self, point: Point) -> None:
        powers = (
            point.production,
            max(point.grid, 0.0),
            max(-point.grid, 0.0),
            max(point.consumption, 0.0),
        )
        for key, power in zip(ENERGIES, powers, strict=True):
            self._energies[key].add(power if point.known else None, point.moment)
