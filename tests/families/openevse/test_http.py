"""An OpenEVSE over its web interface, in Home Assistant: every generation."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse.http import OpenEvseHttp
from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ...helpers import set_up, state, until
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from ...simulators.openevse_values import status
from .conftest import http_entry
from .test_mqtt import every, shows

NEW = [Generation.ESP32_4_1, Generation.ESP32_5_1]
OLD = [Generation.ESP8266_2_7, Generation.ESP8266_2_9]
SELDOM = 600


async def running(
    hass: HomeAssistant, served: OpenEvseSimulator, **options: Any
) -> MockConfigEntry:
    """Set the charger up."""
    entry = http_entry(hass, served, **options)
    assert await set_up(hass, entry)
    await shows(hass, entry, "enabled", "on", "switch")
    return entry


def driver(entry: MockConfigEntry) -> OpenEvseHttp:
    """Give the driver of an entry."""
    found = entry.runtime_data.driver
    assert isinstance(found, OpenEvseHttp)
    return found


async def listening(entry: MockConfigEntry) -> None:
    """Wait until the WebSocket is there."""
    await until(lambda: driver(entry).diagnostics()["websocket"])


@every
async def test_first_look(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """What the charger is, and what it can do, is there when the set-up is."""
    entry = await running(hass, served)
    version = served.gateway.profile.version
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.sw_version == version
    assert device.configuration_url == f"http://127.0.0.1:{served.http_port}"
    await shows(hass, entry, "state", "not_connected")
    number = state(hass, entry, MAIN_DEVICE, "charge_current", "number")
    assert number
    assert (number.state, number.attributes["min"]) == ("32", 6)
    assert number.attributes["max"] == 32
    diagnostics = driver(entry).diagnostics()
    assert ("override" in diagnostics["offers"]) is served.gateway.profile.esp32
    assert ("restart" in diagnostics["offers"]) is served.gateway.profile.limits
    assert diagnostics["controller"] == served.charger.firmware.name


@every
async def test_session(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """A car comes, charges, and leaves."""
    entry = await running(hass, served, poll=0.5)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    served.charger.unplug()
    await shows(hass, entry, "state", "not_connected")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_7])
@pytest.mark.parametrize("options", [{"protocol": "5.2.1"}])
async def test_state_that_an_old_gateway_reads_wrongly(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """`fe` is 254, not 0: the controller itself is asked."""
    entry = await running(hass, served, poll=0.5)
    served.charger.sleep()
    assert status(served.gateway)["state"] == 0
    await shows(hass, entry, "state", "sleeping")
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.mark.parametrize("generation", NEW)
async def test_push(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """The WebSocket tells what changes, long before the next poll."""
    entry = await running(hass, served, poll=SELDOM)
    await listening(entry)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")
    # Somebody uses the button: the document is read when its counter has changed.
    served.gateway.toggle_override()
    await shows(hass, entry, "manual_override", "on", "switch")
    await until(lambda: driver(entry).state.override)


@pytest.mark.parametrize("generation", NEW)
async def test_push_comes_back(
    hass: HomeAssistant, served: OpenEvseSimulator, impatient: None
) -> None:
    """A gateway that restarts is gone at once, and heard again as soon as it is back."""
    entry = await running(hass, served, poll=SELDOM)
    await listening(entry)
    await served.close_http()
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
    await served.serve_http()
    await shows(hass, entry, "enabled", "on", "switch")
    await listening(entry)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")


@pytest.mark.usefixtures("no_websocket", "impatient")
@pytest.mark.parametrize("generation", NEW)
async def test_polling_without_a_websocket(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    entry = await running(hass, served, poll=0.5)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")
    served.gateway.toggle_override()
    await until(lambda: driver(entry).state.override)
    assert not driver(entry).diagnostics()["websocket"]


@pytest.mark.usefixtures("impatient")
async def test_rubbish_on_the_websocket(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ignored, and what comes after it is not."""
    entry = await running(hass, served, poll=SELDOM)
    await listening(entry)
    for rubbish in ([1, 2], {"state": [], "amp": "many"}, {"pong": 1}):
        for listener in served.gateway.on_event:
            listener(rubbish)  # type: ignore[arg-type]
    # A configuration that cannot be read ends the WebSocket, but not for ever.
    with monkeypatch.context() as patch:
        patch.setattr(served.gateway.config, "document", dict)
        served.gateway.event({"config_version": 99})
        await until(lambda: not driver(entry).diagnostics()["websocket"])
    await listening(entry)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")


# --- feeds --------------------------------------------------------------------------


@pytest.mark.parametrize("generation", NEW)
async def test_feed(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """The gateway is told a quantity by the name that `/status` has for it."""
    entry = await running(hass, served)
    await driver(entry).feed("grid_power", -1500)
    assert served.gateway.divert.grid_ie == -1500
    await driver(entry).feed("solar_power", 2500)
    assert served.gateway.divert.solar == 2500
    await driver(entry).feed("live_power", 900)
    assert served.gateway.shaper.live_power == 900


@pytest.mark.parametrize("generation", OLD)
async def test_feed_of_old_gateways(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    entry = await running(hass, served)
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).feed("grid_power", -1500)
    assert error.value.translation_key == "not_offered"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("options", [{"version": "v6.0.0"}])
async def test_the_gateways_own_connections(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """In `/status` alone; an error that is over is unknown (web_server.cpp of 2026)."""
    gateway = served.gateway
    gateway.mqtt_error = ("auth", "Bad username or password")
    entry = await running(hass, served, poll=1)
    await shows(hass, entry, "mqtt_error", "auth")
    await shows(hass, entry, "mqtt_error_detail", "Bad username or password")
    await shows(hass, entry, "ocpp_connected", "off", "binary_sensor")
    await shows(hass, entry, "rfid_failure", "off", "binary_sensor")
    await shows(hass, entry, "rfid_reader_found", "on", "binary_sensor")
    await shows(hass, entry, "history_ready", "on", "binary_sensor")
    assert state(hass, entry, MAIN_DEVICE, "vehicle_update")
    gateway.mqtt_error, gateway.mqtt_since = None, 1_793_000_000
    await shows(hass, entry, "mqtt_error", "unknown")
    await shows(hass, entry, "mqtt_connected_since", "2026-10-26T07:33:20+00:00")
