"""What an ECU has kept of former days, made hourly and filled into the statistics."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.util.unit_conversion import EnergyConverter

from ...const import DOMAIN
from ...errors import CommandError
from ...protocols.ecu import PowerPoint

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

# Each point is what the inverters made in the cycle before it.
_CYCLE = timedelta(minutes=5)
_LONGEST = timedelta(minutes=15)
_HOUR = timedelta(hours=1)

_RECORDER: Final = "recorder"
_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


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


def statistic_id(ecu_id: str) -> str:
    """Name the statistic of an ECU's history."""
    return f"{DOMAIN}:{ecu_id}_energy"


async def sums(hass: HomeAssistant, name: str) -> dict[datetime, float]:
    """Give the sum [kWh] at each hour that a statistic has.

    Raises CommandError.
    """
    if _RECORDER not in hass.config.components:
        raise CommandError("no_recorder")
    # Not before: an installation may be without it, and without what it needs.
    from homeassistant.components.recorder import statistics  # noqa: PLC0415
    from homeassistant.helpers.recorder import get_instance  # noqa: PLC0415

    await _settle(hass)
    found = await get_instance(hass).async_add_executor_job(
        statistics.statistics_during_period,
        hass,
        _ALWAYS,
        None,
        {name},
        "hour",
        {"energy": UnitOfEnergy.KILO_WATT_HOUR},
        {"sum"},
    )
    return {
        datetime.fromtimestamp(row["start"], UTC): total
        for row in found.get(name, ())
        if (total := row.get("sum")) is not None
    }


async def _settle(hass: HomeAssistant) -> None:
    """Wait until the recorder has done what it was given before.

    It has a method for that, which does not wait for what is just being done.
    """
    from homeassistant.components.recorder.tasks import SynchronizeTask  # noqa: PLC0415 # see above
    from homeassistant.helpers.recorder import get_instance  # noqa: PLC0415 # see above

    done = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


async def fill(
    hass: HomeAssistant,
    ecu_id: str,
    title: str,
    known: Mapping[datetime, float],
    new: Mapping[datetime, float],
) -> None:
    """Add hours [kWh] to an ECU's statistic; `known` is what `sums` gave."""
    from homeassistant.components.recorder.models import (  # noqa: PLC0415 # see above
        StatisticData,
        StatisticMeanType,
        StatisticMetaData,
    )
    from homeassistant.components.recorder.statistics import (  # noqa: PLC0415 # see above
        async_add_external_statistics,
    )

    async_add_external_statistics(
        hass,
        StatisticMetaData(
            statistic_id=statistic_id(ecu_id),
            source=DOMAIN,
            name=title,
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            unit_class=EnergyConverter.UNIT_CLASS,
            unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        ),
        [
            StatisticData(start=hour, state=total, sum=total)
            for hour, _, total in running_sums(known, new)
        ],
    )
    await _settle(hass)
