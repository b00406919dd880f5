"""Which devices the hub holds for available: those that were seen not too long ago."""

import asyncio

import pytest

from custom_components.wattbus import freshness
from custom_components.wattbus.families.sink import CONNECTED, MAIN_DEVICE
from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant

from .helpers import state, until
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
