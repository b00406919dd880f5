"""Which devices the hub holds for available: those that were seen not too long ago."""

import asyncio
import logging

import pytest

from custom_components.wattbus import contact, freshness
from custom_components.wattbus.const import LOGGER
from custom_components.wattbus.families.sink import CONNECTED, MAIN_DEVICE
from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant

from .helpers import make_entry, state, until
from .toy import ONE, TWO, running, says, settle, shown

pytestmark = pytest.mark.usefixtures("toy_families")


async def test_a_device_is_available_when_it_was_seen(hass: HomeAssistant) -> None:
    entry = await running(hass)
    entry.runtime_data.report(ONE, {"power": 1})
    await settle(hass)
    assert shown(hass, entry, "power") == "unavailable"
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"


@pytest.mark.parametrize("family", ["toy", "patient_toy"])
async def test_the_connection_goes_and_comes(hass: HomeAssistant, family: str) -> None:
    entry = await running(hass, family)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    await says(entry, MAIN_DEVICE, x_main=1)

    def connection() -> str | None:
        found = state(hass, entry, MAIN_DEVICE, CONNECTED, "binary_sensor")
        return found and found.state

    hub.connected(False)
    hub.connected(False)
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    assert shown(hass, entry, "x_main", MAIN_DEVICE) == "unavailable"
    assert connection() == "off"
    hub.connected(True)
    await until(lambda: connection() == "on")
    assert shown(hass, entry, "x_main", MAIN_DEVICE) == "1"
    assert shown(hass, entry, "power") == "unavailable", "not seen yet"
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"


async def test_silence_means_nothing_to_a_family_that_does_not_say_so(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "_SHORTEST", 0.01)
    entry = await running(hass, options={"patience": 0.0001})
    await says(entry, power=1)
    await says(entry)
    await asyncio.sleep(0.2)
    assert shown(hass, entry, "power") == "1.0"


async def test_a_device_that_falls_silent(hass: HomeAssistant) -> None:
    """Of which only one word was heard: the option decides."""
    entry = await running(hass, "patient_toy", options={"patience": 1 / 60})
    await says(entry, power=1)
    await says(entry, TWO, power=1)
    assert shown(hass, entry, "power") == "1.0"
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    await until(lambda: shown(hass, entry, "power", TWO) == "unavailable")
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"
    assert shown(hass, entry, "power", TWO) == "unavailable"


async def test_an_outage_of_the_connection_is_no_interval_of_a_device(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How often it speaks is known as before, and so when it has fallen silent."""
    monkeypatch.setattr(freshness, "_SHORTEST", 0.01)
    entry = await running(hass, "patient_toy")
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    await says(entry)
    known = hub.devices[ONE].freshness
    assert known is not None
    timeout = known.timeout
    hub.connected(False)
    await asyncio.sleep(timeout + 0.05)
    hub.connected(True)
    await says(entry)
    assert known.timeout == timeout
    await until(lambda: shown(hass, entry, "power") == "unavailable")


async def test_silence_and_return_leave_one_line_each(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Of each device that falls silent, and of an installation that is lost."""
    caplog.set_level(logging.INFO, LOGGER.name)

    def lines() -> list[str]:
        return [r.message for r in caplog.records if r.name == LOGGER.name]

    entry = await running(hass, "patient_toy", options={"patience": 1 / 60})
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    assert not lines()
    await until(lines)
    await asyncio.sleep(0.1)
    assert [line.partition(" 1 s,")[0] for line in lines()] == [
        "patient_toy_part has said nothing for"
    ]
    await says(entry)
    await says(entry)
    assert lines()[1:] == ["patient_toy_part speaks again"]
    for _ in range(2):
        hub.connected(False, "The cable is out")
    for _ in range(2):
        hub.connected(True)
    await says(entry)
    assert lines()[2:] == [
        "Test device is not there, and is unavailable: The cable is out",
        "Test device is there again",
    ]
    assert await hass.config_entries.async_unload(entry.entry_id)
    hub.connected(False)
    assert not lines()[4:], "what is unloaded is not missed"


async def test_an_installation_that_is_not_there_at_the_start_is_told_of_once(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, LOGGER.name)
    monkeypatch.setattr(contact, "_GRACE", 0.05)
    entry = await running(hass, absent=True)
    hub: Hub = entry.runtime_data
    hub.connected(False)
    await until(
        lambda: "Test device is not there, and is unavailable" in caplog.messages
    )
    hub.connected(False)
    hub.connected(True)
    told = [m for m in caplog.messages if m.startswith("Test device is")]
    assert told == [
        "Test device is not there, and is unavailable",
        "Test device is there again",
    ]


async def test_a_lost_broker_has_a_line_of_its_own(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What does not come back with it has one, too."""
    caplog.set_level(logging.INFO, LOGGER.name)
    monkeypatch.setattr(contact, "_GRACE", 0.05)
    linked = False
    watched = contact.Contact(hass, make_entry(hass, {}), lambda: linked)
    watched.start()
    watched.changed(True)
    watched.changed(False)
    await asyncio.sleep(0.2)
    assert not caplog.messages
    linked = True
    await until(lambda: caplog.messages)
    assert caplog.messages == ["Test device is not there, and is unavailable"]
    watched.stop()


async def test_a_device_that_speaks_on_stays(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, writes: list[str]
) -> None:
    monkeypatch.setattr(freshness, "_SHORTEST", 1.0)
    entry = await running(hass, "patient_toy")
    await says(entry, power=1)
    for _ in range(20):
        await says(entry)
    assert "unavailable" not in writes
    await until(lambda: shown(hass, entry, "power") == "unavailable")


async def test_old_news_make_no_device_available(hass: HomeAssistant) -> None:
    entry = await running(hass, "patient_toy", options={"patience": 1})
    hub: Hub = entry.runtime_data
    hub.report(ONE, {"power": 1})
    hub.seen(ONE, age=61)
    await settle(hass)
    assert shown(hass, entry, "power") == "unavailable"
    hub.seen(ONE, age=30)
    await until(lambda: shown(hass, entry, "power") == "1.0")
