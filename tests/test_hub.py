"""The hub's life: its set-up, and that its end leaves nothing behind."""

import asyncio
from typing import Any

import pytest

from custom_components.wattbus.const import CONF_EXPERT, DOMAIN
from custom_components.wattbus.errors import Issue
from custom_components.wattbus.families.sink import CONNECTED, MAIN_DEVICE
from custom_components.wattbus.hub import Hub
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir

from .helpers import make_entry, set_up, state
from .toy import ONE, TWO, running, says, settle, shown, toy

pytestmark = pytest.mark.usefixtures("toy_families")


# --- set-up -------------------------------------------------------------------------


async def test_at_first_there_is_the_main_device_and_its_connection(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass, title="My toy")
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert [(item.name, item.manufacturer, item.model) for item in devices] == [
        ("My toy", "Toys", "Toy 1")
    ]
    connection = state(hass, entry, MAIN_DEVICE, CONNECTED, "binary_sensor")
    assert connection is not None
    assert connection.state == "on"


@pytest.mark.parametrize(
    ("refusal", "result"),
    [
        ("refused", ConfigEntryState.SETUP_RETRY),
        ("invalid_auth", ConfigEntryState.SETUP_ERROR),
    ],
)
async def test_a_set_up_that_fails_leaves_nothing_running(
    hass: HomeAssistant, refusal: str, result: ConfigEntryState
) -> None:
    entry = toy(hass, refusal=refusal)
    assert not await set_up(hass, entry)
    assert entry.state is result
    assert entry.runtime_data.driver.stopped == 1
    flows = hass.config_entries.flow.async_progress()
    assert len(flows) == (refusal == "invalid_auth")


@pytest.mark.parametrize(
    ("security", "warns"),
    [
        ({}, False),
        ({"tls": True}, False),
        ({"tls": True, "verify": True}, False),
        ({"tls": True, "verify": False}, True),
        ({"tls": False, "verify": False}, False),
        ({"broker": {"tls": True, "verify": False}, "tls": False}, True),
        ({"broker": None, "tls": True, "verify": False}, True),
    ],
)
async def test_an_unchecked_certificate_is_warned_of(
    hass: HomeAssistant, security: dict[str, Any], warns: bool
) -> None:
    data = {"family": "toy", "connection": "own", **security}
    entry = make_entry(hass, data)
    assert await set_up(hass, entry)
    name = f"tls_unverified_{entry.entry_id}"
    assert bool(ir.async_get(hass).async_get_issue(DOMAIN, name)) == warns


@pytest.mark.parametrize("expert", [False, True])
async def test_what_can_do_harm_is_an_option(hass: HomeAssistant, expert: bool) -> None:
    entry = await running(hass, options={CONF_EXPERT: expert})
    assert entry.runtime_data.expert is expert


async def test_credentials_refused_later_are_asked_for_once(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    entry.runtime_data.refused()
    entry.runtime_data.refused()
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


# --- what a driver may ask for and tell ---------------------------------------------


async def test_an_event_reaches_who_listens_to_it(hass: HomeAssistant) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    heard: list[tuple[str, Any]] = []
    hub.devices[ONE].listen_to_event("card", lambda *event: heard.append(event))
    hub.happened(TWO, "card", "shown", {"id": "05"})
    hub.happened(ONE, "card", "shown", {"id": "04"})
    assert heard == [("shown", {"id": "04"})]


async def test_a_count_set_back_on_purpose_begins_again(hass: HomeAssistant) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, energy=1000)
    hub.begins_again(TWO, "energy")  # of which nothing is known
    hub.begins_again(ONE, "energy")
    await says(entry, energy=5)
    assert shown(hass, entry, "energy") == "5.0"


async def test_the_sensor_that_shows_a_value_is_found(hass: HomeAssistant) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    await says(entry, TWO, energy=1)
    found = hub.entity_id(ONE, "power")
    assert found and (power := hass.states.get(found))
    assert power.state == "1.0"
    assert hub.entity_id(TWO, "power") is None
    assert hub.entity_id(ONE, "energy") is None


# --- the end ------------------------------------------------------------------------


async def test_the_driver_stops_when_home_assistant_does(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The callbacks of an unload do not run then."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    hub.remember("key", 1)
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"] == {"key": 1}
    await hub.stop()
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]


async def test_an_unload_leaves_no_timer(hass: HomeAssistant) -> None:
    """Nor does a word that comes while it is under way; the plugin looks for timers."""
    entry = await running(hass, "patient_toy")
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    hub.report(ONE, {"power": 2})
    await asyncio.sleep(0)
    hub.report(ONE, {"power": 3})
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]
    hub.seen(ONE)
    hub.report(ONE, {"power": 4})
    hub.connected(False)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") == "unavailable"


async def test_a_word_after_the_unload_leaves_no_timer(hass: HomeAssistant) -> None:
    """When nothing was waiting to be written as it ended."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    for number in range(3):
        hub.report(ONE, {"power": 10 + number})
        await asyncio.sleep(0)


async def test_many_set_ups_pile_nothing_up(hass: HomeAssistant) -> None:
    entry = await running(hass)
    for _ in range(3):
        await says(entry, power=1)
        assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0"
    assert len(entry.runtime_data.devices[ONE].listeners({"power"})) == 1


async def test_repairs_end_with_the_entry(hass: HomeAssistant) -> None:
    """Those of a part, too; and not those of another entry."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    hub.issue(Issue.TLS_UNVERIFIED)
    hub.issue(Issue.WEB_GONE, part="meter", page="x")
    ir.async_create_issue(
        hass,
        DOMAIN,
        "web_gone_other",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="web_gone",
        translation_placeholders={"name": "Other", "page": "x"},
    )
    assert len(ir.async_get(hass).issues) == 3
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert list(ir.async_get(hass).issues) == [(DOMAIN, "web_gone_other")]


async def test_a_repair_that_is_ignored_stays_ignored(hass: HomeAssistant) -> None:
    """Through a reload, for as long as it is so; and no longer than the entry.

    frenck/spook #1572: issues deleted at an unload take the user's *Ignore* along.
    """
    entry = await running(hass)
    registry = ir.async_get(hass)
    name = f"web_gone_{entry.entry_id}_meter"

    def tell(present: bool) -> None:
        hub: Hub = entry.runtime_data
        hub.issue(Issue.WEB_GONE, present=present, part="meter", page="x")

    tell(True)
    ir.async_ignore_issue(hass, DOMAIN, name, True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    tell(True)
    found = registry.async_get_issue(DOMAIN, name)
    assert found and found.dismissed_version
    tell(False)
    tell(True)
    found = registry.async_get_issue(DOMAIN, name)
    assert found and not found.dismissed_version, "it came back: another one"
    ir.async_ignore_issue(hass, DOMAIN, name, True)
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert not registry.issues


async def test_a_device_that_has_gone(hass: HomeAssistant) -> None:
    """It may be deleted, or comes back with its next sign of life."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    assert not hub.forget(ONE)
    hub.gone(ONE)
    await settle(hass)
    assert shown(hass, entry, "power") == "unavailable"
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0"
    hub.gone(ONE)
    assert hub.forget(ONE)
