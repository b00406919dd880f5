"""Hourly energy made of what an ECU has kept: its curve of a day, and the day's energy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from ...protocols.ecu import PowerPoint

# Each point is what the inverters made in the cycle before it.
_CYCLE = timedelta(minutes=5)
_LONGEST = timedelta(minutes=15)
_HOUR = timedelta(hours=1)


def hourly(
    points: Sequence[PowerPoint],
    day: date,
    zone: tzinfo,
    total: float | None,
) -> dict[datetime, float]:
    """Give the energy [kWh] of the hours (UTC) in which something was made.

    `total` is the energy of the day [kWh], to which the curve is scaled; None: the ECU
    does not tell.
    """
    energies: dict[datetime, float] = defaultdict(float)
    before: datetime | None = None
    for point in sorted(points, key=lambda point: point.time):
        local = datetime.combine(day, point.time, zone)
        moment = local.astimezone(UTC)
        gap = _CYCLE if before is None else min(moment - before, _LONGEST)
        before = moment
        middle = moment - gap / 2
        hour = middle.replace(minute=0, second=0, microsecond=0)
        energies[hour] += point.power / 1000 * (gap / _HOUR)
    made = sum(energies.values())
    if total is not None and made > 0:
        return {hour: energy * total / made for hour, energy in energies.items()}
    return dict(energies)


def days(first: date, last: date) -> list[date]:
    """Give all days from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def running_sums(
    known: Mapping[datetime, float], new: Mapping[datetime, float]
) -> list[tuple[datetime, float, float]]:
    """Put hours together; gives each hour from the first new one on.

    `known` has the sums [kWh] of the hours that are there already, `new` the energies
    of those to be filled, none of which is known. What comes out is the hour, its
    energy and the sum. Between any two known hours the sum grows as before, and by what
    was filled between them.
    """
    energies = dict(new)
    last = 0.0
    for hour in sorted(known):
        energies[hour] = known[hour] - last
        last = known[hour]
    if not new:
        return []
    first = min(new)
    total = 0.0
    rows: list[tuple[datetime, float, float]] = []
    for hour in sorted(energies):
        total += energies[hour]
        if hour >= first:
            rows.append((hour, energies[hour], total))
    return rows
