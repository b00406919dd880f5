"""Which entities the hub makes, of what is reported and of what was known before."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.wattbus import entities
from custom_components.wattbus.const import CONF_EXPERT, DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from .helpers import entity_id, set_up, state
from .toy import ONE, PART, TWO, running, says, settle, shown, toy

pytestmark = pytest.mark.usefixtures("toy_families")


# --- of what is reported ------------------------------------------------------------


async def test_an_entity_exists_from_its_first_value(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=None, on=None)
    assert shown(hass, entry, "power") is None, "null is not a value"
    await says(entry, power=1.25, on=True)
    assert shown(hass, entry, "power") == "1.2"
    on = state(hass, entry, ONE, "on", "binary_sensor")
    assert on is not None
    assert on.state == "on"
    assert shown(hass, entry, "energy") is None
    await says(entry, energy=100.0)
    assert shown(hass, entry, "energy") == "100.0"
    await says(entry, TWO, power=2)
    assert shown(hass, entry, "power", TWO) == "2.0"
    await says(entry, power=None, on=None)
    assert shown(hass, entry, "power") == "unknown"


async def test_a_value_that_no_table_knows(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, x_new=5, forgotten=6)
    assert shown(hass, entry, "x_new") == "5"
    assert shown(hass, entry, "forgotten") is None


async def test_a_button_exists_when_what_it_needs_is_there(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    assert state(hass, entry, MAIN_DEVICE, "press", "button") is None
    await says(entry, MAIN_DEVICE, can_press=True)
    button = entity_id(hass, entry, MAIN_DEVICE, "press", "button")
    assert button
    press = [
        hass.services.async_call(
            "button", "press", {"entity_id": button}, blocking=True
        )
        for _ in range(2)
    ]
    await asyncio.gather(*press)
    # One command at a time.
    assert entry.runtime_data.driver.presses == ["begin", "end"] * 2


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, set()),
        ({CONF_EXPERT: False, "with_forecast": False}, set()),
        ({CONF_EXPERT: True}, {"calibration"}),
        ({"with_forecast": True}, {"forecast"}),
    ],
)
async def test_some_entities_are_an_option(
    hass: HomeAssistant, options: dict[str, Any], names: set[str]
) -> None:
    """Given up, they leave."""
    entry = await running(hass, options=options)
    values: dict[str, Any] = {"calibration": 1, "forecast": 2}
    await says(entry, **values)
    assert {name for name in values if shown(hass, entry, name)} == names
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, **values)
    assert not any(shown(hass, entry, name) for name in values)
    assert not any(entity_id(hass, entry, ONE, name) for name in values)


async def test_a_value_that_another_platform_shows_now(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """The entity that showed it before leaves; what no table knows any more stays."""
    entry = toy(hass)
    for platform, name in (("sensor", "on"), ("sensor", "forgotten")):
        entity_registry.async_get_or_create(
            platform,
            DOMAIN,
            f"{entry.entry_id}|{ONE.identifier}|{name}",
            config_entry=entry,
        )
    assert await set_up(hass, entry)
    await says(entry, on=True)
    assert entity_id(hass, entry, ONE, "on") is None
    assert entity_id(hass, entry, ONE, "forgotten")
    found = state(hass, entry, ONE, "on", "binary_sensor")
    assert found and found.state == "on"


async def test_an_option_that_is_newer_than_our_table(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, mode="turbo")
    assert shown(hass, entry, "mode") == "unknown"
    await says(entry, mode="eco")
    assert shown(hass, entry, "mode") == "eco"


async def test_all_new_entities_of_a_message_come_together(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    calls: list[int] = []
    for platform, (factory, adder) in list(hub.entities._platforms.items()):

        def counting(entities: Any, adder: Any = adder) -> None:
            entities = list(entities)
            calls.append(len(entities))
            adder(entities)

        hub.entities._platforms[platform] = (factory, counting)
    for number in range(10):
        hub.report(DeviceKey(PART, str(number)), {"power": 1, "energy": 1, "on": True})
    await settle(hass)
    assert sorted(calls) == [10, 20]
    assert shown(hass, entry, "power", DeviceKey(PART, "9")) is not None


async def test_a_time_is_a_state(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, x_time=datetime(2026, 11, 1).isoformat())
    assert shown(hass, entry, "x_time") == "2026-11-01T00:00:00"


async def test_more_entities_than_home_assistant_can_take(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entities, "MOST_ENTITIES", 3)
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    assert issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}") is None
    await says(entry, TWO, power=1, energy=1)
    assert shown(hass, entry, "power", TWO) is None
    assert issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}")
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0", "those that are there go on"


# --- after a restart ----------------------------------------------------------------


async def test_known_entities_are_there_before_the_device_speaks(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    await says(entry, power=1, on=False)
    await says(entry, MAIN_DEVICE, can_press=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") == "unavailable"
    on = state(hass, entry, ONE, "on", "binary_sensor")
    assert on is not None
    assert on.state == "unavailable"
    assert not on.attributes.get("restored"), "an entity is behind it"
    button = state(hass, entry, MAIN_DEVICE, "press", "button")
    assert button is not None
    assert button.state == "unknown"
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0"


async def test_an_energy_is_guarded_from_the_value_before_the_restart(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """A meter that starts with zero would count its whole life again."""
    entry = toy(hass)
    found = entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.entry_id}|part|1|energy",
        config_entry=entry,
        suggested_object_id="energy",
    )
    stored = {"native_value": 1234.5, "native_unit_of_measurement": "Wh"}
    mock_restore_cache_with_extra_data(
        hass, ((State(found.entity_id, "1.2345"), stored),)
    )
    assert await set_up(hass, entry)
    await says(entry, energy=0)
    assert shown(hass, entry, "energy") == "1234.5"
    await says(entry, energy=1234.8)
    assert shown(hass, entry, "energy") == "1234.8"


@pytest.mark.parametrize(
    ("rose", "shown_then"),
    [
        pytest.param({"rose": timedelta(hours=10)}, "1000000.0", id="long ago"),
        pytest.param({"rose": timedelta(0)}, "1000.0", id="just now"),
        pytest.param({"rose": timedelta(days=-9)}, "1000.0", id="by a clock ahead"),
        pytest.param({}, "1000.0", id="unknown, as before this was kept"),
    ],
)
async def test_what_was_counted_while_home_assistant_was_off_is_believed(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    rose: dict[str, timedelta],
    shown_then: str,
) -> None:
    """As much as the time since the last rise allows."""
    entry = toy(hass)
    found = entity_registry.async_get_or_create(
        "sensor", DOMAIN, f"{entry.entry_id}|part|1|energy", config_entry=entry
    )
    stored = {
        "native_value": 1000.0,
        "native_unit_of_measurement": "Wh",
        **{key: (dt_util.utcnow() - age).isoformat() for key, age in rose.items()},
    }
    mock_restore_cache_with_extra_data(hass, ((State(found.entity_id, "1"), stored),))
    assert await set_up(hass, entry)
    await says(entry, energy=1_000_000)
    assert shown(hass, entry, "energy") == shown_then


async def test_a_count_in_another_unit_is_none_to_go_on_from(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entry = toy(hass)
    found = entity_registry.async_get_or_create(
        "sensor", DOMAIN, f"{entry.entry_id}|part|1|energy", config_entry=entry
    )
    stored = {"native_value": 5000.0, "native_unit_of_measurement": "kWh"}
    mock_restore_cache_with_extra_data(hass, ((State(found.entity_id, "1"), stored),))
    assert await set_up(hass, entry)
    await says(entry, energy=10)
    assert shown(hass, entry, "energy") == "10.0"


async def test_a_count_is_kept_over_starts_in_which_nothing_was_said(
    hass: HomeAssistant,
) -> None:
    """Nor does null, just before it, take away what it is to go on from."""
    entry = await running(hass)
    await says(entry, energy=5000)
    await says(entry, energy=None)
    for _ in range(2):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    await says(entry, energy=0)
    assert shown(hass, entry, "energy") == "5000.0"


# --- deleted by the user ------------------------------------------------------------


async def test_a_deleted_entity_comes_back_with_its_value(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    found = entity_id(hass, entry, ONE, "power")
    assert found
    entity_registry.async_remove(found)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") is None
    await says(entry, power=2, energy=2)
    assert shown(hass, entry, "power") == "2.0"
    assert shown(hass, entry, "energy") == "2.0"


async def test_an_entity_deleted_while_others_are_born(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """None of them is made twice."""
    entry = await running(hass)
    await says(entry, power=1)
    found = entity_id(hass, entry, ONE, "power")
    assert found
    hub: Hub = entry.runtime_data
    for number in range(3, 10):
        hub.report(DeviceKey(PART, str(number)), {"power": 1})
    await asyncio.sleep(0)  # they are on their way
    entity_registry.async_remove(found)
    for number in range(3, 10):
        hub.report(DeviceKey(PART, str(number)), {"power": 2})
    await settle(hass)
    assert "unique ID" not in caplog.text
    assert shown(hass, entry, "power", DeviceKey(PART, "9")) is not None
