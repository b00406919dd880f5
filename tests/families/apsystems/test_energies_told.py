"""Zeros in the middle of the day, resets, and a whole day with all that goes wrong."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.wattbus.families.apsystems.energies import (
    LifetimeEnergy,
    TodayEnergy,
)
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from ...helpers import entity_id, make_entry, set_up
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, settle, tcp_data

ONE, TWO = date(2026, 6, 15), date(2026, 6, 16)


class Memory:
    """What a sink remembers."""

    def __init__(self) -> None:
        """Remember nothing."""
        self.kept: dict[str, Any] = {}
        self.sink = Mock()
        self.sink.recall = self.kept.get
        self.sink.remember = lambda key, value, within=0.0: self.kept.update(
            {key: value}
        )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param(
            [(5.0, ONE), (0.0, ONE), (0.0, ONE), (5.2, ONE)],
            [5.0, 5.0, 5.0, 5.2],
            id="zero in the middle of the day",
        ),
        pytest.param(
            [(5.0, ONE), *[(0.0, ONE)] * 60, (5.2, ONE)],
            [5.0] * 61 + [5.2],
            id="zero for an hour, as after a restart at noon",
        ),
        pytest.param(
            [(5.0, ONE), *[(0.0, ONE)] * 4, (0.1, ONE)],
            [5.0] * 5 + [0.1],
            id="reset on the same day",
        ),
        pytest.param(
            [(9.8, ONE), *[(0.0, TWO)] * 4, (0.01, TWO)],
            [9.8, 9.8, 9.8, 0.0, 0.0, 0.01],
            id="reset at midnight",
        ),
        pytest.param(
            [(9.8, ONE), (9.8, TWO), *[(0.0, TWO)] * 3],
            [9.8, 9.8, 9.8, 9.8, 0.0],
            id="reset at six in the morning",
        ),
        pytest.param(
            [(9.8, ONE), (9.8, TWO), (0.0, TWO), (0.02, TWO)],
            [9.8, 9.8, 9.8, 0.02],
            id="reset after sunrise",
        ),
        pytest.param(
            [(9.8, ONE), (0.3, TWO)],
            [9.8, 0.3],
            id="not asked at night",
        ),
        pytest.param(
            [(9.8, ONE), (9.79, ONE), (9.81, ONE)],
            [9.8, 9.8, 9.81],
            id="a dip",
        ),
        pytest.param(
            [(9.8, ONE), *[(0.0, ONE)] * 9, *[(0.0, TWO)] * 2],
            [9.8] * 10 + [0.0, 0.0],
            id="zero for days, as some firmware says",
        ),
        pytest.param(
            [(9.8, ONE), *[(9.8, TWO)] * 3, *[(0.0, TWO)] * 3, (0.0, TWO), (0.1, TWO)],
            [9.8] * 6 + [0.0, 0.0, 0.1],
            id="no news in the night",
        ),
        pytest.param([(0.0, ONE), (0.1, ONE)], [0.0, 0.1], id="new"),
    ],
)
def test_energy_today(said: list[tuple[float, date]], shown: list[float]) -> None:
    """What the ECU says, on which day; and what is shown."""
    guard = TodayEnergy(Memory().sink)
    assert [guard.accept(energy, day) for energy, day in said] == shown


def test_energy_today_after_a_restart() -> None:
    """What was shown before is known."""
    memory = Memory()
    TodayEnergy(memory.sink).accept(5.0, ONE)
    guard = TodayEnergy(memory.sink)
    assert guard.accept(0.0, ONE) == 5.0


def test_lifetime_energy() -> None:
    """Zero is believed until something was counted, also before a restart."""
    memory = Memory()
    guard = LifetimeEnergy(memory.sink)
    assert [guard.accept(energy) for energy in (0.0, 0.0, 0.1, 0.0, 0.2)] == [
        *(0.0, 0.0, 0.1),
        *(None, 0.2),
    ]
    assert LifetimeEnergy(memory.sink).accept(0.0) is None


class Day:
    """Lets a day go by, with a real recorder, and notes what the sensors show."""

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, sensors: list[str]
    ) -> None:
        """Watch these sensors."""
        self.hass = hass
        self.freezer = freezer
        self.sensors = sensors
        self.shown: dict[str, list[float]] = {name: [] for name in sensors}

    async def until(self, end: datetime) -> None:
        """Let time pass."""
        while datetime.now(UTC) < end:
            self.freezer.tick(CYCLE)
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done(wait_background_tasks=True)
            for name in self.sensors:
                found = self.hass.states.get(name)
                assert found
                if found.state not in ("unavailable", "unknown"):
                    self.shown[name].append(float(found.state))


@pytest.mark.parametrize("recorder_config", [{"commit_interval": 0}])
@pytest.mark.timeout(120)
async def test_a_day(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    ecu: EcuSimulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A hang, a restart, glitches and a night: the statistics are the ECU's energy."""
    assert await async_setup_component(hass, "sensor", {})
    begin = datetime(2026, 6, 15, 22, 0, 40, tzinfo=UTC)  # midnight in Berlin
    freezer.move_to(begin)
    entry: MockConfigEntry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    await settle(hass, freezer)
    today = entity_id(hass, entry, MAIN_DEVICE, "energy_today")
    total = entity_id(hass, entry, MAIN_DEVICE, "lifetime_energy")
    assert today
    assert total
    day = Day(hass, freezer, [today, total])
    await day.until(begin + timedelta(hours=9))
    ecu.misbehave(Quirk.REFUSED, times=3)
    await day.until(begin + timedelta(hours=10))
    ecu.restart()
    await day.until(begin + timedelta(hours=12))
    for quirk in (Quirk.TODAY_ZERO, Quirk.LIFETIME_ZERO, Quirk.COUNTS_ZERO):
        ecu.misbehave(quirk, times=4)
    await day.until(begin + timedelta(hours=14))
    await ecu.close_port()
    await day.until(begin + timedelta(hours=15))
    await ecu.open_port()
    await day.until(begin + timedelta(hours=24, minutes=30))

    assert day.shown[total] == sorted(day.shown[total])
    resets = [
        (a, b)
        for a, b in zip(day.shown[today], day.shown[today][1:], strict=False)
        if b < a
    ]
    # That of the first midnight may still have been to come.
    assert len(resets) <= 2
    assert all(after == 0 for _, after in resets)

    made = ecu.energy_of(date(2026, 6, 16))
    assert made > 10
    await async_wait_recording_done(hass)
    for hour in range(25):
        start = begin.replace(minute=0, second=0) + timedelta(hours=hour)
        for minute in range(0, 60, 5):
            do_adhoc_statistics(hass, start=start + timedelta(minutes=minute))
    await async_wait_recording_done(hass)
    found = await recorder_mock.async_add_executor_job(
        statistics_during_period,
        hass,
        begin.replace(minute=0, second=0),
        None,
        {today, total},
        "hour",
        {"energy": "kWh"},
        {"change"},
    )
    for name in (today, total):
        counted = sum(row["change"] or 0.0 for row in found[name])
        assert counted == pytest.approx(made, rel=0.01), name
