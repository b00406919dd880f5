"""What automations can ask of an ECU beside its entities."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ...errors import CommandError, ConnectError
from ...protocols.ecu import Period
from ..family import Action
from ..sink import MAIN_DEVICE
from .driver import EcuTcp
from .history import days, hourly
from .statistics import fill, statistic_id, sums

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Data = Mapping[str, Any]

# 0004 tells of a month's days at most, the curves are kept for longer.
_MOST_DAYS: Final = 366

_PERIODS: Final = {
    "week": Period.WEEK,
    "month": Period.MONTH,
    "year": Period.YEAR,
}


def _tcp(driver: Any) -> EcuTcp:
    if not isinstance(driver, EcuTcp):
        raise CommandError("only_over_tcp")
    return driver


async def _power_history(driver: Any, data: Data) -> ServiceResponse:
    ecu = _tcp(driver)
    points = await ecu.client.power_history(data["date"])
    return {
        "date": data["date"].isoformat(),
        "power": [
            {
                "time": _local(ecu, data["date"], point.time).isoformat(),
                "power": point.power,
            }
            for point in points
        ],
    }


def _local(ecu: EcuTcp, day: date, time: Any) -> datetime:
    return datetime.combine(day, time, ecu.reading.zone)


async def _energy_history(driver: Any, data: Data) -> ServiceResponse:
    points = await _tcp(driver).client.energy_history(_PERIODS[data["period"]])
    return {
        "period": data["period"],
        "energy": [
            {"date": point.date.isoformat(), "energy": point.energy} for point in points
        ],
    }


async def _alarms(driver: Any, data: Data) -> ServiceResponse:
    ecu = _tcp(driver)
    return {
        "date": data["date"].isoformat(),
        "alarms": [
            {
                "inverter": alarm.inverter_id,
                "time": _local(ecu, data["date"], alarm.time).isoformat(),
                "alarms": list(alarm.names),
            }
            for alarm in await ecu.client.alarms(data["date"])
        ],
    }


async def _import_history(driver: Any, data: Data) -> ServiceResponse:
    """Fill the hours that no statistic has; tell which, and which not."""
    ecu = _tcp(driver)
    first, last = data["from"], data["to"]
    if last < first or (last - first).days >= _MOST_DAYS:
        raise CommandError("days_invalid", most=str(_MOST_DAYS))
    if ecu.client.ecu_id is None:
        await ecu.client.info()
    ecu_id = ecu.client.ecu_id
    assert ecu_id is not None
    known = await sums(ecu.hass, statistic_id(ecu_id))
    watched = await _watched_from(ecu)
    totals = await _totals(ecu)
    new: dict[datetime, float] = {}
    without: list[JsonValueType] = []
    scaled: list[JsonValueType] = []
    covered = 0
    now = dt_util.utcnow()
    for day in days(first, last):
        try:
            points = await ecu.client.power_history(day)
        except ConnectError:
            # There may be no answer for this day; or for no day, which ends this:
            # finding it out for each would take hours.
            await ecu.client.info()
            points = ()
        if not points:
            without.append(day.isoformat())
            continue
        # That of today is of the day so far, like the curve; but for a moment.
        if day in totals:
            scaled.append(day.isoformat())
        for hour, energy in hourly(
            points, day, ecu.reading.zone, totals.get(day)
        ).items():
            if hour in known or (watched and hour >= watched):
                covered += 1
            elif hour + timedelta(hours=1) <= now:
                new[hour] = energy
    if new:
        fill(ecu.hass, ecu_id, f"ECU {ecu_id}", known, new)
    return {
        "statistic": statistic_id(ecu_id),
        "hours_filled": len(new),
        "energy": round(sum(new.values()), 3),
        "first": min(new).isoformat() if new else None,
        "last": max(new).isoformat() if new else None,
        "hours_known_before": covered,
        "days_without_data": without,
        "days_scaled": scaled,
    }


async def _totals(ecu: EcuTcp) -> dict[date, float]:
    """Ask for the energy of days; many ECUs do not answer that at all."""
    totals: dict[date, float] = {}
    for period in (Period.MONTH, Period.WEEK):
        try:
            points = await ecu.client.energy_history(period)
        except ConnectError:
            continue
        totals |= {point.date: point.energy for point in points}
    return totals


async def _watched_from(ecu: EcuTcp) -> datetime | None:
    """Give the first hour of the sensor's own statistic.

    From then on all is counted there: after a gap, in the hour that follows it.
    """
    entity = ecu.sink.entity_id(MAIN_DEVICE, "lifetime_energy")
    if entity is None:
        return None
    return min(await sums(ecu.hass, entity), default=None)


_DAY: Final[Mapping[vol.Marker, Any]] = {vol.Required("date"): cv.date}

ACTIONS: Final = (
    Action(
        name="apsystems_get_power_history", fields=_DAY, run=_power_history, reads=True
    ),
    Action(
        name="apsystems_get_energy_history",
        fields={vol.Required("period"): vol.In(list(_PERIODS))},
        run=_energy_history,
        reads=True,
    ),
    Action(name="apsystems_get_alarms", fields=_DAY, run=_alarms, reads=True),
    Action(
        name="apsystems_import_history",
        fields={vol.Required("from"): cv.date, vol.Required("to"): cv.date},
        run=_import_history,
    ),
)
