"""What Home Assistant's recorder makes of states."""

from datetime import datetime, timedelta

from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant


async def summed(
    hass: HomeAssistant, recorder: Recorder, entity: str, begin: datetime, end: datetime
) -> float:
    """Give what the Energy dashboard shows of a counter, from its first state on."""
    await async_wait_recording_done(hass)
    start = begin = begin.replace(minute=begin.minute // 5 * 5, second=0, microsecond=0)
    while start <= end:
        do_adhoc_statistics(hass, start=start)
        start += timedelta(minutes=5)
    await async_wait_recording_done(hass)
    found = await recorder.async_add_executor_job(
        statistics_during_period, hass, begin, None, {entity}, "5minute", None, {"sum"}
    )
    total = found[entity][-1]["sum"]
    assert total is not None
    return total
