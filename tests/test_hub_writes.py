"""When the hub has a state written: only when it changed, a burst as first and last."""

import asyncio

import pytest

from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant

from .helpers import entity_id, until
from .toy import ONE, running, says, settle, shown

pytestmark = pytest.mark.usefixtures("toy_families")


async def test_a_burst_is_written_as_its_first_and_its_last(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=0)
    await settle(hass)
    writes.clear()
    for number in range(1, 21):
        hub.report(ONE, {"power": number})
        await asyncio.sleep(0)
    await until(lambda: shown(hass, entry, "power") == "20.0")
    await hass.async_block_till_done()
    assert writes == ["1.0", "20.0"]


async def test_what_comes_at_once_is_written_once(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=0)
    await settle(hass)
    writes.clear()
    for number in range(1, 21):
        hub.report(ONE, {"power": number})
    await settle(hass)
    assert writes == ["20.0"]


async def test_what_did_not_change_is_not_written(
    hass: HomeAssistant, writes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await running(hass)
    await says(entry, power=5.0, energy=1.0)
    writes.clear()
    calls: list[str] = []
    for name in ("power", "energy"):
        (listener,) = entry.runtime_data.devices[ONE].listeners({name})
        entity = listener.__self__
        monkeypatch.setattr(
            type(entity), "_async_write_ha_state", lambda self: calls.append(self.name)
        )
    await says(entry, power=5.01, energy=1.0)
    await says(entry, power=None, energy=0.0)
    assert len(calls) == 1, "only the power, and only once"


async def test_a_disabled_entity_costs_nothing(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    await says(entry, hidden=1)
    assert entity_id(hass, entry, ONE, "hidden")
    assert shown(hass, entry, "hidden") is None
    writes.clear()
    await says(entry, hidden=2)
    assert writes == []


async def test_a_value_that_home_assistant_refuses_does_not_stop_the_others(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    await says(entry, power="a lot", energy=2, x_new=3)
    assert shown(hass, entry, "energy") == "2.0"
    assert shown(hass, entry, "x_new") == "3"
    assert "a lot" in caplog.text
    caplog.clear()
