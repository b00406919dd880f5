"""The firmware of a charger's gateway: what is the latest."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wattbus.families.openevse import firmware
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from ...harness.broker import Broker
from ...helpers import entity_id, set_up, state, until
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import http_entry, mqtt_entry
from .releases import RELEASE, GitHub
from .test_http import NEW, OLD, SELDOM, driver, running
from .test_mqtt import shows

KEY = "gateway_firmware"
pytestmark = pytest.mark.usefixtures("github")


async def checked(
    hass: HomeAssistant, served: OpenEvseSimulator, **options: Any
) -> MockConfigEntry:
    """Set the charger up, with the option."""
    return await running(hass, served, poll=SELDOM, firmware_check=True, **options)


async def update(
    hass: HomeAssistant, entry: MockConfigEntry, expected: str = STATE_ON
) -> State:
    """Wait for the entity, and give its state."""
    await shows(hass, entry, KEY, expected, "update")
    found = state(hass, entry, MAIN_DEVICE, KEY, "update")
    assert found
    return found


async def nothing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """There is no entity, also a moment later."""
    await asyncio.sleep(0.3)
    await hass.async_block_till_done()
    assert entity_id(hass, entry, MAIN_DEVICE, KEY, "update") is None


@pytest.mark.parametrize("generation", NEW)
async def test_newer_release(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    github: GitHub,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """The latest release is shown beside the version of the gateway, with its notes."""
    entry = await checked(hass, served)
    found = (await update(hass, entry)).attributes
    assert found["installed_version"] == served.gateway.profile.version
    assert found["latest_version"] == "v5.2.0"
    assert found["release_url"] == RELEASE["html_url"]
    assert (found["in_progress"], found["update_percentage"]) == (False, None)
    assert found["device_class"] == "firmware"
    assert github.asked == 1
    assert await async_setup_component(hass, "update", {})
    client = await hass_ws_client(hass)
    entity = entity_id(hass, entry, MAIN_DEVICE, KEY, "update")
    await client.send_json_auto_id(
        {"type": "update/release_notes", "entity_id": entity}
    )
    # Longer than a state may be.
    assert len(RELEASE["body"]) > 255
    assert (await client.receive_json())["result"] == RELEASE["body"]


async def test_same_release(
    hass: HomeAssistant, served: OpenEvseSimulator, github: GitHub
) -> None:
    github.release["tag_name"] = "v5.1.5"
    entry = await checked(hass, served)
    await update(hass, entry, STATE_OFF)


async def test_developers_build(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """The build that leads to a release is not called outdated by it."""
    served.gateway.config.values["version"] = "v5.2.0_dev_1a2b3c4"
    entry = await checked(hass, served)
    await update(hass, entry, STATE_OFF)


async def test_without_the_option(
    hass: HomeAssistant, served: OpenEvseSimulator, github: GitHub
) -> None:
    """GitHub is not asked unless the user wants it."""
    entry = await running(hass, served)
    await nothing(hass, entry)
    assert not github.asked


async def test_option_switched_off(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """The entity goes with the option, and comes back with it."""
    entry = await checked(hass, served)
    await update(hass, entry)
    for wanted in (False, True):
        hass.config_entries.async_update_entry(
            entry, options={**entry.options, "firmware_check": wanted}
        )
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        if wanted:
            await update(hass, entry)
        else:
            await nothing(hass, entry)
            assert not [
                item
                for item in er.async_entries_for_config_entry(
                    er.async_get(hass), entry.entry_id
                )
                if item.domain == "update"
            ]


@pytest.mark.parametrize("generation", OLD)
async def test_old_gateways(
    hass: HomeAssistant, served: OpenEvseSimulator, github: GitHub
) -> None:
    """An ESP8266 cannot be updated like this, so nobody is asked."""
    entry = await checked(hass, served)
    await nothing(hass, entry)
    assert not github.asked


async def test_over_mqtt(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator, github: GitHub
) -> None:
    """There is no way to begin an update over MQTT."""
    entry = mqtt_entry(hass, broker, firmware_check=True)
    assert await set_up(hass, entry)
    await shows(hass, entry, "enabled", "on", "switch")
    await nothing(hass, entry)
    assert not github.asked


async def test_no_image_for_the_build(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    served.gateway.config.values["buildenv"] = "home_made"
    entry = await checked(hass, served)
    await nothing(hass, entry)
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).firmware.install()
    assert error.value.translation_key == "not_offered"


@pytest.mark.parametrize(
    ("status", "changes"),
    [(403, {}), (500, {}), (301, {}), (200, {"tag_name": "rubbish"})],
)
async def test_github_does_not_answer(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    changes: dict[str, Any],
) -> None:
    """It is asked again later, and the user is not bothered."""
    monkeypatch.setattr(firmware, "_LOOK_AGAIN", 0.1)
    github.status = status
    github.release |= changes
    entry = await checked(hass, served)
    await until(lambda: github.asked > 1)
    await nothing(hass, entry)
    assert not [
        item
        for item in caplog.records
        if item.levelname != "DEBUG" and "firmware" in item.getMessage()
    ]
    github.status, github.release = 200, dict(RELEASE)
    await update(hass, entry)


async def test_daily(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A release that comes later is found."""
    monkeypatch.setattr(firmware, "_LOOK_EVERY", 0.2)
    github.release["tag_name"] = "v5.1.5"
    entry = await checked(hass, served)
    await update(hass, entry, STATE_OFF)
    github.release["tag_name"] = "v5.2.0"
    await update(hass, entry)


async def test_settings_are_kept_apart(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """The option belongs to HTTP."""
    entry = http_entry(hass, served)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert "firmware_check" in result["data_schema"].schema
    assert result["data_schema"]({"poll": 30, "feeds": {}})["firmware_check"] is False
