"""The EM420's counters in the Energy dashboard: from its own bytes to what is summed."""

from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import counter
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from ...helpers import entity_id, set_up, shows, state
from ...recording import summed
from .conftest import S0, TOPIC, detailed

ENERGY = "active_energy_+"
LIFE = 5_000_000_000
"""5 MWh, in the mWh of the device."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three rises be enough, so that it is not time alone that keeps glitches off."""
    monkeypatch.setattr(counter, "_CONVINCING_SECONDS", 0.0)


class Meter:
    """A meter that says what it is told, and is heard."""

    def __init__(
        self, hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
    ) -> None:
        """Begin without having said anything."""
        self._hass = hass
        self._entry = entry
        self._device = device
        self._volts = 0

    async def says(self, *values: Any) -> None:
        """Say something of its energy, and wait until it is taken in."""
        for value in values:
            self._volts += 1
            told = {ENERGY: value, "voltage_L1": self._volts * 1000}
            await self._device.publish(TOPIC, detailed(**told))
            await shows(self._hass, self._entry, S0, "voltage_L1", f"{self._volts}.0")

    def shown(self) -> float:
        """Give the state [kWh]."""
        found = state(self._hass, self._entry, S0, ENERGY)
        assert found
        return float(found.state)

    async def reload(self) -> None:
        """Have the entry loaded again, as after its options were changed."""
        assert await self._hass.config_entries.async_reload(self._entry.entry_id)
        await self._hass.async_block_till_done()


@pytest.fixture
async def meter(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
) -> Meter:
    """Run a meter that is recorded."""
    assert await async_setup_component(hass, "sensor", {})
    assert await set_up(hass, entry)
    return Meter(hass, entry, device)


async def total(
    hass: HomeAssistant, recorder: Recorder, entry: MockConfigEntry, begin: Any
) -> float:
    """Give what the Energy dashboard has for the meter [kWh]."""
    found = entity_id(hass, entry, S0, ENERGY)
    assert found
    return await summed(hass, recorder, found, begin, dt_util.utcnow())


@pytest.mark.parametrize(
    "glitch",
    [
        pytest.param([0] * 8, id="zeros"),
        pytest.param([LIFE // 2] * 8, id="half the value"),
        pytest.param([900_000_000_000], id="900,000 kWh"),
        pytest.param([900_000_000_000] * 8, id="900,000 kWh for long"),
        pytest.param([None, None], id="null"),
        pytest.param([-LIFE, -LIFE + 1000, -1000, -100, -1], id="negative"),
        pytest.param([0, None, LIFE // 2, 0, -5, 900_000_000_000], id="all at once"),
    ],
)
async def test_a_glitch_is_not_counted(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    meter: Meter,
    glitch: list[Any],
) -> None:
    """Neither before nor after a reload in the middle of it."""
    begin = dt_util.utcnow()
    await meter.says(LIFE, LIFE + 100_000, *glitch)
    await meter.reload()
    await meter.says(*glitch, LIFE + 300_000)
    assert meter.shown() == 5000.3
    assert await total(hass, recorder_mock, entry, begin) == pytest.approx(0.3)


async def test_a_glitch_that_comes_first_is_not_counted(
    recorder_mock: Recorder, hass: HomeAssistant, entry: MockConfigEntry, meter: Meter
) -> None:
    """What no meter at home has counted brings no entity until it has lasted."""
    begin = dt_util.utcnow()
    await meter.says(900_000_000_000)
    assert entity_id(hass, entry, S0, ENERGY) is None
    await meter.says(LIFE, LIFE + 200_000)
    assert meter.shown() == 5000.2
    assert await total(hass, recorder_mock, entry, begin) == pytest.approx(0.2)


async def test_another_meter_is_counted_from_where_it_is(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    meter: Meter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A log line says so, once."""
    begin = dt_util.utcnow()
    await meter.says(LIFE, 0, 0, 100_000, 200_000, 300_000)
    assert meter.shown() == 5000.0
    await meter.says(400_000, 500_000)
    assert meter.shown() == 0.5
    assert await total(hass, recorder_mock, entry, begin) == pytest.approx(0.5)
    lines = [item.message for item in caplog.records if "another meter" in item.message]
    (line,) = lines
    assert line.startswith(ENERGY)
    assert "at 400.0 instead of 5000000.0" in line
