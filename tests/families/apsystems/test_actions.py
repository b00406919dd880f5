"""What automations can ask of an ECU, and its history as statistics."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.wattbus.families.apsystems.history import hourly, running_sums
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.ecu import PowerPoint
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import ask, entity_id, make_entry, set_up
from ...simulators.ecu_model import Alarm
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import NOON, settle, tcp_data

BERLIN = ZoneInfo("Europe/Berlin")
YESTERDAY = date(2026, 6, 14)
STATISTIC = "wattbus:216053089840_energy"


async def test_power_history(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    answer = await ask(hass, entry, "get_power_history", date="2026-06-14")
    curve = ecu.ecu.curve(YESTERDAY)
    assert [point["power"] for point in answer["power"]] == [p for _, p in curve]
    first = datetime.fromisoformat(answer["power"][0]["time"])
    assert first.replace(tzinfo=None).date() == YESTERDAY
    assert first.utcoffset() == timedelta(hours=2)
    assert await ask(hass, entry, "get_power_history", date="2019-01-01") == {
        "date": "2019-01-01",
        "power": [],
    }


async def test_energy_history(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    answer = await ask(hass, entry, "get_energy_history", period="week")
    energies = {point["date"]: point["energy"] for point in answer["energy"]}
    assert energies["2026-06-14"] == pytest.approx(ecu.energy_of(YESTERDAY), abs=0.02)
    ecu.misbehave(Quirk.EMPTY, command="0004")
    with pytest.raises(HomeAssistantError):
        await ask(hass, entry, "get_energy_history", period="year")


async def test_alarms(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    inverter = ecu.ecu.inverters[0].inverter_id
    at = datetime(2026, 6, 15, 9, 30)
    ecu.ecu.alarms.append(Alarm(inverter, at, frozenset({0, 16})))
    answer = await ask(hass, entry, "get_alarms", date="2026-06-15")
    assert answer["alarms"] == [
        {
            "inverter": inverter,
            "time": "2026-06-15T09:30:00+02:00",
            "alarms": ["ac_frequency_high", "over_temperature"],
        }
    ]
    empty = await ask(hass, entry, "get_alarms", date="2026-06-14")
    assert empty["alarms"] == []


# --- history ------------------------------------------------------------------------


def test_hours_of_a_curve() -> None:
    """Each point is the energy of the cycle before it; the day's energy scales it."""
    points = [PowerPoint(time(12, minute), 1200) for minute in range(5, 60, 5)]
    points += [PowerPoint(time(13, 0), 1200), PowerPoint(time(13, 5), 1200)]
    hours = hourly(points, YESTERDAY, BERLIN, None)
    assert hours == {
        datetime(2026, 6, 14, 10, tzinfo=UTC): pytest.approx(1.2),
        datetime(2026, 6, 14, 11, tzinfo=UTC): pytest.approx(0.1),
    }
    scaled = hourly(points, YESTERDAY, BERLIN, 2.6)
    assert sum(scaled.values()) == pytest.approx(2.6)
    assert hourly([], YESTERDAY, BERLIN, 2.6) == {}


def test_sums_go_on() -> None:
    """Between known hours the sum grows as before, and by what is filled in."""
    hours = [datetime(2026, 6, 14, hour, tzinfo=UTC) for hour in range(8, 13)]
    known = {hours[1]: 1.0, hours[3]: 3.0}
    assert running_sums(known, {hours[2]: 5.0, hours[4]: 1.0}) == [
        (hours[2], 5.0, 6.0),
        (hours[3], 2.0, 8.0),
        (hours[4], 1.0, 9.0),
    ]
    assert running_sums(known, {}) == []


async def test_import_needs_the_recorder(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    days = {"from": "2026-06-10", "to": "2026-06-14"}
    with pytest.raises(HomeAssistantError, match="recorder"):
        await ask(hass, entry, "import_history", **days)
    with pytest.raises(HomeAssistantError, match="in order"):
        await ask(
            hass, entry, "import_history", **{"from": "2026-06-14", "to": "2026-06-10"}
        )


async def imported(hass: HomeAssistant, recorder: Recorder) -> list[float]:
    """Give the sums of the hours that have been imported."""
    found = await recorder.async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2026, 6, 1, tzinfo=UTC),
        None,
        {STATISTIC},
        "hour",
        None,
        {"sum"},
    )
    return [row["sum"] or 0.0 for row in found[STATISTIC]]


@pytest.mark.parametrize("options", [{"history_days": 3}])
async def test_import(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    ecu: EcuSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Days that the ECU knows become hours; a second time there is nothing to do."""
    freezer.move_to(NOON)
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    await settle(hass, freezer)
    answer = await ask(
        hass, entry, "import_history", **{"from": "2026-06-10", "to": "2026-06-14"}
    )
    known = [date(2026, 6, 12), date(2026, 6, 13), YESTERDAY]
    made = sum(ecu.energy_of(day) for day in known)
    assert answer["statistic"] == f"wattbus:{ecu.ecu_id}_energy"
    assert answer["energy"] == pytest.approx(made, rel=0.01)
    assert answer["days_without_data"] == ["2026-06-10", "2026-06-11"]
    assert answer["days_scaled"] == ["2026-06-12", "2026-06-13", "2026-06-14"]
    sums = await imported(hass, recorder_mock)
    assert len(sums) == answer["hours_filled"]
    assert sums == sorted(sums)
    assert sums[-1] == pytest.approx(made, rel=0.01)
    (metadata,) = await recorder_mock.async_add_executor_job(
        list_statistic_ids, hass, {answer["statistic"]}
    )
    assert metadata["unit_class"] == "energy"
    assert answer["days_without_answer"] == []
    again = await ask(
        hass, entry, "import_history", **{"from": "2026-06-12", "to": "2026-06-14"}
    )
    assert again["hours_filled"] == 0
    assert again["hours_known_before"] == answer["hours_filled"]


async def test_import_in_parts(
    recorder_mock: Recorder, hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    """Each goes on from the sums of the one before, though they come at once."""
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    for day in ("2026-06-12", "2026-06-14", "2026-06-13"):
        await ask(hass, entry, "import_history", **{"from": day, "to": day})
    sums = await imported(hass, recorder_mock)
    assert sums == sorted(sums)
    made = sum(ecu.energy_of(date(2026, 6, day)) for day in (12, 13, 14))
    assert sums[-1] == pytest.approx(made, rel=0.01)


async def test_import_of_an_ecu_that_falls_silent(
    recorder_mock: Recorder, hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    """What it has told until then is not lost."""
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    client = entry.runtime_data.driver.client
    ask_for = client.power_history

    async def tell(day: date) -> tuple[PowerPoint, ...]:
        if day == date(2026, 6, 3):
            ecu.misbehave(Quirk.EMPTY, times=None)
        return await ask_for(day)

    client.power_history = tell
    answer = await ask(
        hass, entry, "import_history", **{"from": "2026-06-01", "to": "2026-06-14"}
    )
    assert len(await imported(hass, recorder_mock)) == answer["hours_filled"] > 0
    assert answer["days_without_data"] == []
    assert answer["days_without_answer"][0] == "2026-06-03"
    assert len(answer["days_without_answer"]) == 12


async def test_import_of_an_ecu_without_curves(
    recorder_mock: Recorder, hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    """It is not asked for each day in vain."""
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    ecu.misbehave(Quirk.EMPTY, command="0003", times=None)
    answer = await ask(
        hass, entry, "import_history", **{"from": "2026-06-01", "to": "2026-06-14"}
    )
    assert answer["hours_filled"] == 0
    assert len(answer["days_without_answer"]) == 14
    assert sum(request.command == "0003" for request in ecu.requests) < 10


@pytest.mark.parametrize("options", [{"history_days": 3}])
async def test_import_ends_where_the_sensor_begins(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    ecu: EcuSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What the sensor's own statistic has counted would else be counted twice."""
    freezer.move_to(NOON)
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    await settle(hass, freezer)
    sensor = entity_id(hass, entry, MAIN_DEVICE, "lifetime_energy")
    assert sensor
    begin = datetime(2026, 6, 13, 9, tzinfo=UTC)
    async_import_statistics(
        hass,
        StatisticMetaData(
            statistic_id=sensor,
            source="recorder",
            name=None,
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            unit_class="energy",
            unit_of_measurement="kWh",
        ),
        [StatisticData(start=begin, state=1.0, sum=1.0)],
    )
    await async_wait_recording_done(hass)
    answer = await ask(
        hass, entry, "import_history", **{"from": "2026-06-12", "to": "2026-06-14"}
    )
    assert answer["last"] == (begin - timedelta(hours=1)).isoformat()
    assert answer["hours_known_before"] > 0
