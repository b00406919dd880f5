"""Home Assistant's long-term statistics: what they have, and filling them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from homeassistant.const import UnitOfEnergy
from homeassistant.util.unit_conversion import EnergyConverter

from ...const import DOMAIN
from ...errors import CommandError
from .history import running_sums

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_RECORDER: Final = "recorder"
_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
