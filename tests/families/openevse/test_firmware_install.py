"""The firmware of a charger's gateway: its installation."""

import asyncio
import dataclasses
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import firmware
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import STATE_OFF, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ...helpers import entity_id, state, until, use
from ...simulators.openevse_firmware import NEWEST
from ...simulators.openevse_simulator import OpenEvseSimulator
from .releases import IMAGE
from .test_firmware import KEY, checked, update
from .test_http import driver, listening
from .test_mqtt import shows

NUMBER = ".".join(map(str, NEWEST))
pytestmark = pytest.mark.usefixtures("github")


async def refused(hass: HomeAssistant, entry: MockConfigEntry) -> HomeAssistantError:
    """Install, and give the error."""
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "update.install", KEY)
    return error.value


def newest(served: OpenEvseSimulator) -> None:
    """Make the gateway the development of 2026."""
    profile = served.gateway.profile
    served.gateway.profile = dataclasses.replace(profile, version=NUMBER)


async def test_install(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """It is done when the gateway is back with the new version."""
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    seen: list[State] = []
    entity = entity_id(hass, entry, MAIN_DEVICE, KEY, "update")

    def changed(event: Any) -> None:
        if event.data["entity_id"] == entity and event.data["new_state"]:
            seen.append(event.data["new_state"])

    hass.bus.async_listen("state_changed", changed)
    served.charger.plug()
    await use(hass, entry, "update.install", KEY)
    found = (await update(hass, entry, STATE_OFF)).attributes
    assert found["installed_version"] == "v5.2.0"
    assert found["in_progress"] is False
    assert served.gateway.update.loaded == [IMAGE]
    shown = [item.attributes.get("update_percentage") for item in seen]
    assert len({percent for percent in shown if percent}) >= 3
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.sw_version == "v5.2.0"
    # The controller has gone on.
    await shows(hass, entry, "state", "charging")
    # There is nothing left to do.
    await driver(entry).firmware.install()
    assert len(served.gateway.update.loaded) == 1


@pytest.mark.usefixtures("no_websocket")
async def test_install_without_a_websocket(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """The gateway is asked for its version meanwhile."""
    entry = await checked(hass, served)
    await update(hass, entry)
    await use(hass, entry, "update.install", KEY)
    await update(hass, entry, STATE_OFF)


@pytest.mark.usefixtures("no_websocket")
async def test_gone_for_a_while(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """A gateway that restarts cannot be reached at first."""
    entry = await checked(hass, served)
    await update(hass, entry)
    installing = hass.async_create_task(use(hass, entry, "update.install", KEY))
    await until(lambda: served.gateway.update.loaded)
    await served.close_http()
    await until(lambda: not served.gateway.update.running)
    await asyncio.sleep(0.3)
    assert not installing.done()
    await served.serve_http()
    await installing
    assert driver(entry).state.rapi.gateway.version == "v5.2.0"


async def test_commands_during_an_update(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """Nobody has to wait for the end of it to switch charging off."""
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    served.gateway.update.stops_at = 20
    installing = hass.async_create_task(use(hass, entry, "update.install", KEY))
    await until(lambda: served.gateway.update.loaded)
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "enabled", "off", "switch")
    # It is not begun twice.
    await refused(hass, entry)
    assert not installing.done()
    # And it does not outlive the installation in Home Assistant.
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as error:
        await installing
    assert error.value.translation_key == "update_lost"


async def test_refused(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that loads from other hosts only says so at once.

    So the development of 2026 does (openevse_esp32_firmware, ota_url_allow.cpp).
    """
    newest(served)
    monkeypatch.setattr("tests.simulators.openevse_update.ALLOWED", ("example.com",))
    entry = await checked(hass, served)
    await update(hass, entry)
    error = await refused(hass, entry)
    assert error.translation_key == "update_refused"
    assert error.translation_placeholders == {"reason": "HTTP 500"}
    assert (await update(hass, entry)).attributes["in_progress"] is False


async def test_failed(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """What the gateway cannot install is told, and can be tried again."""
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    served.gateway.update.fails_at = 50
    assert (await refused(hass, entry)).translation_key == "update_failed"
    assert (await update(hass, entry)).attributes["in_progress"] is False
    served.gateway.update.fails_at = None
    await use(hass, entry, "update.install", KEY)
    await update(hass, entry, STATE_OFF)


async def test_lost(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing watches over a download that stands still (http_update.cpp, 5.1.5)."""
    monkeypatch.setattr(firmware, "_INSTALL_TIMEOUT", 1.0)
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    served.gateway.update.stops_at = 30
    assert (await refused(hass, entry)).translation_key == "update_lost"
    assert (await update(hass, entry)).attributes["in_progress"] is False


async def test_missing_image(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway is told an address with nothing there.

    Up to 5.1.5 it tells nobody, in 2026 that it failed (openevse_esp32_firmware,
    web_server_update.cpp).
    """
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    served.gateway.update.missing = True
    with monkeypatch.context() as patch:
        patch.setattr(firmware, "_INSTALL_TIMEOUT", 0.5)
        assert (await refused(hass, entry)).translation_key == "update_lost"
    newest(served)
    assert (await refused(hass, entry)).translation_key == "update_failed"


async def test_gone_before_the_update(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """A gateway that cannot be reached is an error like with any command."""
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    await served.close_http()
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).firmware.install()
    assert error.value.translation_key == "refused"
    await update(hass, entry, STATE_UNAVAILABLE)


async def test_update_by_somebody_else(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """What is begun at the gateway's own page is shown, too, also its end."""
    entry = await checked(hass, served)
    await listening(entry)
    await update(hass, entry)
    served.gateway.update.fails_at = 60
    served.gateway.update.start(IMAGE)

    def progress() -> Any:
        found = state(hass, entry, MAIN_DEVICE, KEY, "update")
        return found and found.attributes["update_percentage"]

    await until(progress)
    await until(lambda: progress() is None)
    served.gateway.update.fails_at = None
    served.gateway.update.start(IMAGE)
    await until(progress)
    await update(hass, entry, STATE_OFF)
    await until(lambda: progress() is None)


async def test_restart_in_between(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """A gateway that loses its power while somebody else updates it forgets that."""
    entry = await checked(hass, served)
    await listening(entry)
    served.gateway.update.stops_at = 40
    served.gateway.update.start(IMAGE)
    await update(hass, entry)
    assert await until(
        lambda: state(hass, entry, MAIN_DEVICE, KEY, "update").attributes["in_progress"]
    )
    served.gateway.restart("gateway")
    await until(
        lambda: (
            state(hass, entry, MAIN_DEVICE, KEY, "update").attributes.get("in_progress")
            is False
        )
    )
