"""What fails on an ECU fails alone: another part, another ECU, another time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock

from freezegun.api import FrozenDateTimeFactory
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.apsystems import web
from custom_components.wattbus.families.sink import CONNECTED
from homeassistant.components.recorder import Recorder
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import ask, make_entry, set_up, use
from ...simulators.ecu_quirks import Quirk
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance, tcp_data
from .test_rest import NIGHT
from .test_tcp import inverters, value
from .test_web import RESTART, with_meter, with_page


@with_page
@pytest.mark.parametrize("entry_options", [{**RESTART, "restart_after": 1}])
async def test_another_ecu_is_not_restarted(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """One that has got the address is not ours: its access point stays as it is."""
    entry.runtime_data.remember("ecu_id", "216200000000")
    await advance(4 * CYCLE)
    with pytest.raises(HomeAssistantError, match="another device"):
        await use(hass, entry, "button.press", "restart")
    assert not ecu.posts


@with_meter
async def test_a_graph_that_cannot_be_read(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its powers grow old; what inverters are set to is read all the same."""
    assert value(hass, entry, "consumption_power") != STATE_UNKNOWN
    monkeypatch.setattr(web.WebPage, "meter_graph", AsyncMock(return_value=b"No Data"))
    ecu.ecu.inverters[0].maximum = 77
    await advance(timedelta(hours=1, minutes=15))
    assert value(hass, entry, "consumption_power") == STATE_UNKNOWN
    device = inverters(entry)[0]
    assert value(hass, entry, "max_power", device, "number") == "77"


@with_meter
async def test_a_graph_that_ends_earlier(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was counted is not again when the rest of the graph comes back."""
    await advance(timedelta(hours=3))
    before = float(value(hass, entry, "production_energy"))
    today = ecu.ecu.local_time().date()
    made = ecu.energy_of(today)
    graph = orjson.loads(await entry.runtime_data.driver.page.meter_graph())
    cut = orjson.dumps({series: points[:-20] for series, points in graph.items()})
    with monkeypatch.context() as patch:
        patch.setattr(web.WebPage, "meter_graph", AsyncMock(return_value=cut))
        await advance(CYCLE)
    await advance(CYCLE)
    counted = float(value(hass, entry, "production_energy")) - before
    assert counted == pytest.approx(ecu.energy_of(today) - made, abs=0.1)


@with_meter
async def test_a_graph_from_the_future(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """A clock that was wrong once does not stop the counting."""
    today = ecu.ecu.meter[ecu.ecu.local_time().date()]
    today.append(replace(today[-1], at=today[-1].at + 10**8))
    await advance(CYCLE)
    del today[-2]
    before = float(value(hass, entry, "consumption_energy"))
    await advance(timedelta(hours=1))
    assert float(value(hass, entry, "consumption_energy")) > before


@with_page
async def test_limits_without_switch_states(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """Firmware that does not tell the one may tell the other."""
    ecu.misbehave(Quirk.EMPTY, command="0026", times=None)
    ecu.ecu.inverters[0].maximum = 77
    await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    device = inverters(entry)[0]
    assert value(hass, entry, "max_power", device, "number") == "77"


@with_page
@pytest.mark.parametrize("entry_options", [{**RESTART, "restart_after": 3}])
async def test_an_ecu_that_hangs_when_home_assistant_starts(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is known: nothing is shown until it answers, and it can be restarted.

    The log says that it is not there, and that it is again, once each.
    """
    await ecu.close_port()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert value(hass, entry, "power") == STATE_UNAVAILABLE
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "off"
    await use(hass, entry, "button.press", "restart")
    assert ecu.ecu.restarts == 1
    await advance(4 * CYCLE)
    assert ecu.ecu.restarts == 2
    await ecu.open_port()
    await advance(3 * CYCLE)
    assert int(value(hass, entry, "power")) > 0
    assert int(value(hass, entry, "power", inverters(entry)[0])) > 0
    told = [m for m in caplog.messages if m.startswith("Test device is ")]
    assert [line.partition(" there")[0] for line in told] == [
        "Test device is not",
        "Test device is",
    ]


@with_page
@pytest.mark.parametrize("entry_options", [{**RESTART, "restart_after": 3}])
@pytest.mark.parametrize("answers_again", [True, False])
async def test_the_nightly_maintenance(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    answers_again: bool,
) -> None:
    """Its silence of each night is none: no restart, no log, and all is shown on.

    The README of ksheumaker/homeassistant-apsystems_ecur until 2025: "maintenance tasks
    that take place on the ECU around 02.45-03.15 AM local time"; its #42: "query fails
    five times but recovers after maintenance", which restarted the ECU in its middle.
    """
    freezer.move_to(datetime(2026, 6, 16, 0, 31, tzinfo=UTC))  # 2:31 in Berlin
    await advance(3 * CYCLE)
    asked = len(ecu.requests)
    await advance(4 * CYCLE)
    assert len(ecu.requests) > asked
    if not answers_again:
        await ecu.close_port()
    await advance(2 * CYCLE)
    assert ecu.ecu.restarts == 0
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == "on"
    assert value(hass, entry, "power") == "0"
    await advance(3 * CYCLE)
    assert value(hass, entry, CONNECTED, platform="binary_sensor") == (
        "on" if answers_again else "off"
    )
    assert ecu.ecu.restarts == 0
    told = [m for m in caplog.messages if m.startswith("Test device is ")]
    assert len(told) == (0 if answers_again else 1)
    await advance(2 * CYCLE)
    assert ecu.ecu.restarts == (0 if answers_again else 1)


@with_page
async def test_an_ecu_that_takes_its_time(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """It switches after five minutes, which may be after the next poll."""
    device = inverters(entry)[0]
    await use(hass, entry, "switch.turn_off", "switched_on", device)
    inverter = ecu.ecu.inverter(device.id)
    assert inverter
    inverter.enabled = True
    await advance(CYCLE)
    inverter.enabled = False
    await advance(2 * CYCLE)
    assert value(hass, entry, "switched_on", device, "switch") == "off"


async def test_energy_is_there_after_a_restart_at_night(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Inverters are offline then; what they have made is known."""
    await advance(2 * CYCLE)
    device = inverters(entry)[0]
    made = value(hass, entry, "energy", device)
    assert float(made) > 0
    freezer.move_to(NIGHT)
    await advance(2 * CYCLE)
    assert value(hass, entry, "energy", device) == made
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert value(hass, entry, "energy", device) == made


async def test_an_inverter_that_the_user_deletes_does_not_come_back(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """It was taken off the ECU, which is why it is deleted."""
    hub = entry.runtime_data
    gone = inverters(entry)[0]
    ecu.ecu.inverters[:] = [
        one for one in ecu.ecu.inverters if one.inverter_id != gone.id
    ]
    await ecu.close_port()
    await advance(6 * CYCLE)
    assert hub.forget(gone)
    await ecu.open_port()
    await advance(2 * CYCLE)
    assert inverters(entry)
    assert gone not in inverters(entry)


async def test_import_ends_when_the_ecu_falls_silent(
    recorder_mock: Recorder, hass: HomeAssistant, ecu: EcuSimulator
) -> None:
    """It would take hours to find that out for each day, and nothing else could be done."""
    entry = make_entry(hass, tcp_data(ecu), unique_id=ecu.ecu_id)
    assert await set_up(hass, entry)
    ecu.misbehave(Quirk.EMPTY, times=None)
    asked = len(ecu.requests)
    with pytest.raises(HomeAssistantError):
        await ask(
            hass, entry, "import_history", **{"from": "2026-05-01", "to": "2026-06-14"}
        )
    assert len(ecu.requests) - asked < 20


async def test_a_poll_under_way_ends_with_the_entry(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry
) -> None:
    """It does not go on for as long as an ECU that says nothing would let it."""
    ecu.misbehave(Quirk.HANG, times=None)
    driver = entry.runtime_data.driver
    asked = ecu.server.connections
    poll = hass.async_create_task(driver.refresh())
    while ecu.server.connections == asked:  # the clock stands still
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert poll.cancelled()
