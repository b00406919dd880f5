"""A feed without a value: it pauses, tells when that lasts, and comes back."""

import asyncio

import pytest

from custom_components.wattbus import feeds
from custom_components.wattbus.errors import CommandError
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .helpers import until
from .hungry import GRACE, GRID, WATT, fed, issue, told

pytestmark = pytest.mark.usefixtures("hungry_family")


@pytest.mark.parametrize("gone", ["unavailable", "unknown", "rubbish", None])
async def test_feed_pauses_and_comes_back(
    hass: HomeAssistant, gone: str | None
) -> None:
    """At once; the user is told when it lasts."""
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    if gone is None:
        hass.states.async_remove("sensor.sun")
    else:
        hass.states.async_set("sensor.sun", gone, WATT)
    before = list(told(entry, "solar_power"))
    begin = hass.loop.time()
    found = await until(lambda: issue(hass, entry, "solar_power"))
    assert hass.loop.time() - begin > 0.9 * GRACE
    assert found.translation_key == "feed_paused"
    assert found.translation_placeholders == {
        "name": "Charger",
        "entity": "sensor.sun",
        "feed": "Solar power",
    }
    await asyncio.sleep(0.6)
    assert told(entry, "solar_power") == before, "nothing is repeated meanwhile"

    hass.states.async_set("sensor.sun", "50", WATT)
    await until(lambda: told(entry, "solar_power")[-1] == 50)
    assert issue(hass, entry, "solar_power") is None


async def test_short_absence_is_not_mentioned(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do several short ones make a long one."""
    monkeypatch.setattr(feeds, "_GRACE", 2.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 4):
        hass.states.async_set(GRID, "unavailable", WATT)
        await asyncio.sleep(0.8)
        assert issue(hass, entry) is None
        hass.states.async_set(GRID, str(watts), WATT)
        await until(lambda watts=watts: told(entry)[-1] == watts)
    assert told(entry) == [0, 1, 2, 3]


async def test_one_kind_of_absence_after_another(hass: HomeAssistant) -> None:
    """The time counts from the first."""
    entry = await fed(hass, feed_grid_power=GRID)
    for number in range(200):
        hass.states.async_set(GRID, "unknown" if number % 2 else "unavailable")
        await asyncio.sleep(0.02)
        if issue(hass, entry):
            break
    assert issue(hass, entry)
    assert told(entry) == []


async def test_value_that_waited_is_not_sent_when_the_entity_goes(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest wins, also when it is none."""
    monkeypatch.setattr(feeds, "_EVERY", 1.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    hass.states.async_set(GRID, "1", WATT)
    await asyncio.sleep(0.01)
    hass.states.async_set(GRID, "unavailable", WATT)
    await until(lambda: issue(hass, entry))
    await asyncio.sleep(1.0)  # it would have been its turn
    assert told(entry) == [0]


async def test_what_a_house_uses_does_not_stand_still(hass: HomeAssistant) -> None:
    """A meter that hangs, whose integration goes on to show its last value."""
    hass.states.async_set("sensor.house", "900", WATT)
    entry = await fed(hass, feed_live_power="sensor.house")
    await until(lambda: issue(hass, entry, "live_power", "feed_silent"))
    before = list(told(entry, "live_power"))
    await asyncio.sleep(0.6)
    assert told(entry, "live_power") == before
    hass.states.async_set("sensor.house", "900", WATT)  # reported again: it lives
    await until(lambda: told(entry, "live_power") > before)
    assert issue(hass, entry, "live_power", "feed_silent") is None


async def test_an_ignored_pause_stays_ignored(hass: HomeAssistant) -> None:
    """Through a reload, until the entity has a value again."""
    entry = await fed(hass, feed_voltage="a.b")
    found = await until(lambda: issue(hass, entry, "voltage"))
    ir.async_ignore_issue(hass, found.domain, found.issue_id, True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await asyncio.sleep(2 * GRACE)
    found = issue(hass, entry, "voltage")
    assert found and found.dismissed_version
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set("a.b", "230", {"unit_of_measurement": "V"})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: issue(hass, entry, "voltage") is None)


async def test_what_a_user_has_set_may_stand_still(hass: HomeAssistant) -> None:
    hass.states.async_set("input_number.house", "900", WATT)
    entry = await fed(hass, feed_live_power="input_number.house")
    await until(lambda: len(told(entry, "live_power")) > 4)
    assert issue(hass, entry, "live_power", "feed_silent") is None


async def test_what_the_device_does_not_use_is_said(hass: HomeAssistant) -> None:
    """It is sent on: the setting may be changed at any time."""
    hass.states.async_set("sensor.v", "230", {"unit_of_measurement": "V"})
    entry = await fed(hass, feed_voltage="sensor.v")
    driver = entry.runtime_data.driver
    driver.ignores = CommandError("ems_refused", reason="full")
    found = await until(lambda: issue(hass, entry, "voltage", "feed_ignored"))
    assert found.translation_placeholders == {
        "name": "Charger",
        "feed": "Voltage",
        "reason": "The EMS refused: full.",
    }
    sent = len(told(entry, "voltage"))
    await until(lambda: len(told(entry, "voltage")) > sent)
    driver.ignores = None
    await until(lambda: issue(hass, entry, "voltage", "feed_ignored") is None)


async def test_each_feed_pauses_by_itself(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(
        hass, feed_grid_power=GRID, feed_vehicle_soc="sensor.car", feed_voltage="a.b"
    )
    await until(lambda: issue(hass, entry, "voltage"))
    await until(lambda: issue(hass, entry, "vehicle_soc"))
    assert issue(hass, entry) is None
    assert told(entry) == [1]
    hass.states.async_set("sensor.car", "50", {"unit_of_measurement": "%"})
    await until(lambda: told(entry, "vehicle_soc") == [50])
    assert issue(hass, entry, "vehicle_soc") is None
    assert issue(hass, entry, "voltage")
