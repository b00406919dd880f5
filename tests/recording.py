"""What Home Assistant's recorder makes of states."""

from datetime import datetime, timedelta

from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.history import state_changes_during_period
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant

PERIOD = timedelta(minutes=5)


async def summed(
    hass: HomeAssistant, recorder: Recorder, entity: str, begin: datetime, end: datetime
) -> float:
    """Give what the Energy dashboard shows of a counter, from its first state on.

    A period in which no state was written changes no sum, and is left out.
    """
    await async_wait_recording_done(hass)
    begin = _period(begin)
    found = await recorder.async_add_executor_job(
        state_changes_during_period, hass, begin, end + PERIOD, entity, True
    )
    for start in sorted({_period(state.last_updated) for state in found[entity]}):
        do_adhoc_statistics(hass, start=start)
    await async_wait_recording_done(hass)
    rows = await recorder.async_add_executor_job(
        statistics_during_period, hass, begin, None, {entity}, "5minute", None, {"sum"}
    )
    total = rows[entity][-1]["sum"]
    assert total is not None
    return total


def _period(moment: datetime) -> datetime:
    """Give when the period of the statistics began that a moment is in."""
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
