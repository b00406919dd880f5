"""What automations can ask of an ECU beside its entities."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from ...const import LOGGER
from ...errors import CommandError, ConnectError
from ...protocols import InputError
from ...protocols.ecu import Period, PowerPoint
from ..family import Action
from ..sink import MAIN_DEVICE
from .driver import EcuTcp
from .history import fill, hourly, statistic_id, sums

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

type Data = Mapping[str, Any]

# 0004 tells of a month's days at most, the curves are kept for longer.
_MOST_DAYS: Final = 366
# Days in a row without an answer, after which no more are asked for.
_MOST_FAILURES: Final = 3

_PERIODS: Final = {period.name.lower(): period for period in Period}


def _over_tcp(
    run: Callable[[EcuTcp, Data], Awaitable[ServiceResponse]],
) -> Callable[[Any, Data], Awaitable[ServiceResponse]]:
    """Refuse what only the ECU itself can answer, where it is heard of by MQTT."""

    async def checked(driver: Any, data: Data) -> ServiceResponse:
        if not isinstance(driver, EcuTcp):
            raise CommandError("only_over_tcp")
        return await run(driver, data)

    return checked


def _local(ecu: EcuTcp, day: date, time: Any) -> str:
    return datetime.combine(day, time, ecu.state.zone).isoformat()


async def _power_history(ecu: EcuTcp, data: Data) -> ServiceResponse:
    day = data["date"]
    return {
        "date": day.isoformat(),
        "power": [
            {"time": _local(ecu, day, point.time), "power": point.power}
            for point in await ecu.client.power_history(day)
        ],
    }


async def _energy_history(ecu: EcuTcp, data: Data) -> ServiceResponse:
    points = await ecu.client.energy_history(_PERIODS[data["period"]])
    return {
        "period": data["period"],
        "energy": [
            {"date": point.date.isoformat(), "energy": point.energy} for point in points
        ],
    }


async def _alarms(ecu: EcuTcp, data: Data) -> ServiceResponse:
    day = data["date"]
    return {
        "date": day.isoformat(),
        "alarms": [
            {
                "inverter": alarm.inverter_id,
                "time": _local(ecu, day, alarm.time),
                "alarms": list(alarm.names),
            }
            for alarm in await ecu.client.alarms(day)
        ],
    }


async def _import_history(ecu: EcuTcp, data: Data) -> ServiceResponse:
    """Fill the hours that no statistic has; tell which, and which not."""
    # Each goes on from the sums that the one before has left.
    async with ecu.importing:
        return await _import(ecu, data["from"], data["to"])


async def _import(ecu: EcuTcp, first: date, last: date) -> ServiceResponse:
    if last < first or (last - first).days >= _MOST_DAYS:
        raise InputError("days_invalid", most=_MOST_DAYS)
    if ecu.client.ecu_id is None:
        await ecu.client.info()
    ecu_id = ecu.client.ecu_id
    assert ecu_id is not None
    known = await sums(ecu.hass, statistic_id(ecu_id))
    watched = await _watched_from(ecu)
    totals = await _totals(ecu)
    new: dict[datetime, float] = {}
    covered = 0
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    curves = await _curves(ecu, days)
    now = dt_util.utcnow()
    for day, points in curves.items():
        energies = hourly(points, day, ecu.state.zone, totals.get(day))
        for hour, energy in energies.items():
            if hour in known or (watched and hour >= watched):
                covered += 1
            elif hour + timedelta(hours=1) <= now:
                new[hour] = energy
    if new:
        await fill(ecu.hass, ecu_id, f"ECU {ecu_id}", known, new)
    return {
        "statistic": statistic_id(ecu_id),
        "hours_filled": len(new),
        "energy": round(sum(new.values()), 3),
        "first": min(new).isoformat() if new else None,
        "last": max(new).isoformat() if new else None,
        "hours_known_before": covered,
        "days_without_data": _dates(day for day in curves if not curves[day]),
        "days_without_answer": _dates(day for day in days if day not in curves),
        # That of today is of the day so far, like the curve; but for a moment.
        "days_scaled": _dates(day for day in curves if curves[day] and day in totals),
    }


def _dates(days: Iterable[date]) -> list[JsonValueType]:
    return [day.isoformat() for day in days]


async def _curves(
    ecu: EcuTcp, wanted: Sequence[date]
) -> dict[date, Sequence[PowerPoint]]:
    """Ask for the curves of days; those that have no answer are left out.

    Raises ConnectError if the ECU answers nothing at all.
    """
    curves: dict[date, Sequence[PowerPoint]] = {}
    failed = 0
    for day in wanted:
        try:
            curves[day] = await ecu.client.power_history(day)
        except ConnectError as err:
            LOGGER.debug("No curve of %s from %s: %s", day, err.host, err.detail)
            failed += 1
            # It may have no answer for this day; or for none any more, and finding
            # that out for each would take hours.
            if failed == _MOST_FAILURES:
                break
        else:
            failed = 0
    if not curves:
        await ecu.client.info()
    return curves


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

_PERIOD: Final[Mapping[vol.Marker, Any]] = {
    vol.Required("period"): vol.In(list(_PERIODS))
}
_DAYS: Final[Mapping[vol.Marker, Any]] = {
    vol.Required("from"): cv.date,
    vol.Required("to"): cv.date,
}

# An ECU may be asked for minutes: no control waits for that. The questions take turns.
ACTIONS: Final = tuple(
    Action(
        name=f"apsystems_{name}",
        fields=fields,
        run=_over_tcp(run),
        reads=reads,
        alone=False,
    )
    for name, fields, run, reads in (
        ("get_power_history", _DAY, _power_history, True),
        ("get_energy_history", _PERIOD, _energy_history, True),
        ("get_alarms", _DAY, _alarms, True),
        ("import_history", _DAYS, _import_history, False),
    )
)
