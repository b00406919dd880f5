"""An ECU that is asked over TCP: what is shown, and what happens when it fails."""

from datetime import UTC, datetime, timedelta
import logging
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus.const import LOGGER
from custom_components.wattbus.families.apsystems.const import INVERTER
from custom_components.wattbus.families.sink import CONNECTED, MAIN_DEVICE, DeviceKey
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...helpers import make_entry, set_up, state
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_report import EcuModel, Layout
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance, tcp_data

HOUR = timedelta(hours=1)


def value(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    key: str,
    device: DeviceKey = MAIN_DEVICE,
    platform: str = "sensor",
) -> str:
    """Give what an entity shows."""
    found = state(hass, entry, device, key, platform)
    assert found is not None, key
    return found.state


def inverters(entry: MockConfigEntry) -> list[DeviceKey]:
    """Give the inverters that the entry has."""
    return [key for key in entry.runtime_data.devices if key.kind == INVERTER]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"model": EcuModel.ECU_R}, id="ecu-r"),
        pytest.param({"model": EcuModel.ECU_R_PRO}, id="ecu-r-pro"),
        pytest.param({"model": EcuModel.ECU_B}, id="ecu-b"),
        pytest.param({"model": EcuModel.ECU_C}, id="ecu-c"),
    ],
)
async def test_entities(
    hass: HomeAssistant, entry: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    """Each model, and inverters of several kinds, with all their entities."""
    registry = er.async_get(hass)
    shown = {
        item.unique_id.removeprefix(f"{entry.entry_id}|"): found.state
        for item in er.async_entries_for_config_entry(registry, entry.entry_id)
        if (found := hass.states.get(item.entity_id))
    }
    assert dict(sorted(shown.items())) == snapshot
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    main = next(device for device in devices if device.via_device_id is None)
    assert main.model == entry.runtime_data.devices[MAIN_DEVICE].facts.model
    assert {device.via_device_id for device in devices} == {None, main.id}


async def test_values_change_with_the_cycle(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """A poll is three questions, each with its own connection, once a cycle."""
    before = float(value(hass, entry, "energy_today"))
    await advance(HOUR)
    after = float(value(hass, entry, "energy_today"))
    made = ecu.ecu.report().today / 100 - before
    assert after - before == pytest.approx(made, abs=0.3)
    commands = [request.command for request in ecu.requests]
    assert commands[:6] == ["0001", "0002", "0030"] * 2
    assert 12 * 3 <= len(commands) <= 14 * 3


async def test_inverter_energy_follows_its_power(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """It is added up over the ECU's time stamps, and goes on after a restart."""
    device = inverters(entry)[0]
    inverter = ecu.ecu.inverter(device.id)
    assert inverter
    await advance(CYCLE)
    start = inverter.energy
    shown = float(value(hass, entry, "energy", device))
    await advance(HOUR)
    made = (inverter.energy - start) / 1000
    grown = float(value(hass, entry, "energy", device)) - shown
    assert grown == pytest.approx(made, rel=0.1)
    before = float(value(hass, entry, "energy", device))
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await advance(CYCLE)
    assert float(value(hass, entry, "energy", device)) >= before


async def test_poll_is_a_little_after_the_cycle(
    ecu: EcuSimulator, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """20 seconds after the ECU's own time stamp, wherever the clock stands."""
    stamp = ecu.ecu.report().stamp
    assert (stamp.minute % 5, stamp.second) == (0, 7)
    # Set up at 0:40: the next cycle is at 5:07.
    left = entry.runtime_data.driver.interval
    assert left.total_seconds() == pytest.approx(287, abs=0.5)


@pytest.mark.parametrize("options", [{"inverters": 100, "kinds": ("ds3",)}])
async def test_a_hundred_inverters_are_polled_at_once(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """0001, 0002 and 0030 in less than 200 ms of real time, on this machine."""
    assert len(inverters(entry)) == 100
    times = []
    for _ in range(5):
        start = time.perf_counter_ns()
        await entry.runtime_data.driver.poll()
        times.append((time.perf_counter_ns() - start) / 1e6)
    assert min(times) < 200, times


@pytest.mark.parametrize(
    "options", [{"kinds": ("unknown", "unpaired", "ecu", "ds3"), "inverters": 4}]
)
async def test_unknown_inverters_do_not_stop_the_rest(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """A new type, one that never answered, and the ECU's own id in its list."""
    online = {
        key.id[:3]: value(hass, entry, "online", key, "binary_sensor")
        for key in inverters(entry)
    }
    assert online == {"970": "on", "806": "off", "702": "on"}
    (known,) = [key for key in inverters(entry) if key.id.startswith("702")]
    assert int(value(hass, entry, "power", known)) > 100


@pytest.mark.parametrize("options", [{"layout": Layout.OLDEST, "kinds": ("yc600",)}])
async def test_oldest_firmware(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """It says neither types nor who is online."""
    assert len(inverters(entry)) == 3
    assert int(value(hass, entry, "channel_1_power", inverters(entry)[0])) > 0


@pytest.mark.parametrize("options", [{"layout": Layout.RSD}])
async def test_optimizers(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """An ECU-R-RS shows the whole, and its signal."""
    assert float(value(hass, entry, "power")) > 0
    assert value(hass, entry, "signal") == "90"


@pytest.mark.parametrize("options", [{"history_days": 0}])
async def test_new_ecu(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """One that has never counted anything is no error."""
    assert float(value(hass, entry, "lifetime_energy")) == 0


async def test_no_data(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """An ECU that knows no inverters yet still tells of itself."""
    ecu.misbehave(Quirk.NO_DATA, command="0002", times=None)
    await advance()
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "on"
    assert float(value(hass, entry, "power")) > 0


async def test_no_data_any_more(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """What an ECU has forgotten is not shown for longer than what it does not say."""
    device = inverters(entry)[0]
    ecu.misbehave(Quirk.NO_DATA, command="0002", times=None)
    await advance(3 * CYCLE)
    assert int(value(hass, entry, "power", device)) > 0
    await advance(3 * CYCLE)
    assert value(hass, entry, "online", device, "binary_sensor") == "off"
    assert value(hass, entry, "power", device) == STATE_UNKNOWN
    assert value(hass, entry, "stale", platform="binary_sensor") == "on"
    assert float(value(hass, entry, "energy", device)) >= 0
    ecu.behave()
    await advance(2 * CYCLE)
    assert value(hass, entry, "online", device, "binary_sensor") == "on"
    assert value(hass, entry, "stale", platform="binary_sensor") == "off"


# --- failures -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "quirk",
    [
        Quirk.EMPTY,
        Quirk.RESET,
        Quirk.CUT,
        Quirk.DOUBLED,
        Quirk.CONCATENATED,
        Quirk.SEGMENTS,
        Quirk.MISSING_LF,
        Quirk.BIT_FLIP,
    ],
)
async def test_a_bad_answer_is_asked_for_again(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
    quirk: Quirk,
) -> None:
    """Nobody notices one: the question is put again."""
    before = value(hass, entry, "energy_today")
    ecu.misbehave(quirk, command="0002")
    await advance(2 * CYCLE)
    assert value(hass, entry, "energy_today") > before
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


async def test_last_values_are_kept_for_a_while(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An ECU that restarts shows what it showed, for 20 minutes and no longer."""
    await ecu.close_port()
    await advance(2 * CYCLE)
    assert float(value(hass, entry, "power")) > 0
    await advance(4 * CYCLE)
    assert value(hass, entry, "power") == STATE_UNAVAILABLE
    assert value(hass, entry, "energy", inverters(entry)[0]) == STATE_UNAVAILABLE
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "off"
    await ecu.open_port()
    await advance(2 * CYCLE)
    told = [r.message for r in caplog.records if r.name == LOGGER.name]
    assert [line.partition(":")[0] for line in told if line.startswith("Test")] == [
        "Test device is not there, and is unavailable",
        "Test device is there again",
    ]
    assert not [r for r in caplog.records if r.levelno == logging.ERROR]
    assert float(value(hass, entry, "power")) > 0
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "on"


async def test_old_data_are_not_shown_as_new(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """An ECU that repeats its last time stamp has stopped to ask its inverters."""
    ecu.misbehave(Quirk.STALE, times=None)
    await advance(2 * CYCLE)
    assert value(hass, entry, "stale", platform="binary_sensor") == "off"
    await advance(5 * CYCLE)
    assert value(hass, entry, "stale", platform="binary_sensor") == "on"
    assert value(hass, entry, "power") == STATE_UNKNOWN
    assert value(hass, entry, "power", inverters(entry)[0]) == STATE_UNKNOWN
    assert float(value(hass, entry, "energy_today")) > 0
    ecu.behave()
    await advance(2 * CYCLE)
    assert value(hass, entry, "stale", platform="binary_sensor") == "off"
    assert float(value(hass, entry, "power")) > 0


async def test_firmware_without_signals(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """After three failures it is not asked any more; the rest goes on."""
    ecu.misbehave(Quirk.EMPTY, command="0030", times=None)
    await advance(HOUR)
    assert float(value(hass, entry, "power")) > 0
    asked = [request for request in ecu.requests if request.command == "0030"]
    assert len(asked) == 4


async def test_another_ecu_at_the_address(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Its values are not mixed into those of the first."""
    async with EcuSimulator(now=lambda: datetime.now(UTC)) as other:
        other.ecu.who = type(other.ecu.who)("216099999999", "ECU_R_1.2", "80971b000000")
        await hass.config_entries.async_unload(entry.entry_id)
        hass.config_entries.async_update_entry(entry, data=tcp_data(other))
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.reason
        assert "another device" in entry.reason


async def test_ecu_that_is_not_there(hass: HomeAssistant, ecu: EcuSimulator) -> None:
    """The entry waits."""
    await ecu.close_port()
    made = make_entry(hass, tcp_data(ecu))
    assert not await set_up(hass, made)
    assert made.state is ConfigEntryState.SETUP_RETRY


@pytest.mark.parametrize(
    ("entry_options", "warned"),
    [({"ecu_zone": "Asia/Shanghai"}, False), ({"ecu_zone": "Nowhere"}, True)],
)
async def test_zone_of_the_ecu(
    caplog: pytest.LogCaptureFixture, entry: MockConfigEntry, warned: bool
) -> None:
    """Its time stamps are read in the zone that the user gives."""
    stamp = entry.runtime_data.driver.state.stamp
    hours = (datetime.now(UTC) - stamp).total_seconds() / 3600
    # The simulated one is in Berlin, two hours ahead of UTC, Shanghai eight.
    assert round(hours) == (0 if warned else 6)
    logged = [record.message for record in caplog.get_records("setup")]
    assert any("There is no time zone" in text for text in logged) is warned


async def test_inverter_that_is_taken_off(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """It is not available any more, and may be deleted."""
    gone = inverters(entry)[-1]
    assert value(hass, entry, "online", gone, "binary_sensor") == "on"
    assert not entry.runtime_data.forget(gone)
    del ecu.ecu.inverters[-1]
    await advance(2 * CYCLE)
    assert value(hass, entry, "online", gone, "binary_sensor") == STATE_UNAVAILABLE
    assert entry.runtime_data.forget(gone)


async def test_diagnostics(entry: MockConfigEntry) -> None:
    told: dict[str, Any] = entry.runtime_data.driver.diagnostics()
    assert told["last_poll_worked"]
    assert told["asks_for_signals"]
    assert not told["rests"]
