"""Limits of an OpenEVSE that does not charge by itself (`default_state` off).

From 5.1.5 on a limit with auto_release claims "active" there, above the manual override
(openevse_esp32_firmware #1029; limit.cpp).
"""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import limits, state as state_module
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...helpers import ask, set_up, until, use
from ...simulators.openevse_model import Mode
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import http_entry, mqtt_entry
from .test_mqtt import shows


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a turn of a gateway that lives thirty times as fast."""
    monkeypatch.setattr(limits, "_LOOP", 0.2)


async def _off(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await set_up(hass, entry)
    await shows(hass, entry, "enabled", "off", "switch")
    await shows(hass, entry, "override_state", "auto", "select")


async def _running(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> MockConfigEntry:
    """Set up a charger that is off unless it is told otherwise."""
    simulator.gateway.set_config({"default_state": False})
    entry = mqtt_entry(hass, broker, poll=3600)
    await _off(hass, entry)
    return entry


def _limit(simulator: OpenEvseSimulator) -> dict[str, Any]:
    return simulator.gateway.limit.document


async def _removed(entry: MockConfigEntry, simulator: OpenEvseSimulator) -> None:
    """Wait until there is no limit, and that has been heard."""
    await until(lambda: _limit(simulator)["type"] == "none")
    driver = entry.runtime_data.driver
    await until(lambda: driver.state.limit is None)
    await until(lambda: driver.commands.limits._ending.done())


async def _session(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: OpenEvseSimulator
) -> None:
    """Set a limit: it starts nothing, "off" wins, and with the car it goes."""
    charger = simulator.charger
    charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await use(hass, entry, "number.set_value", "energy_limit", value=5)
    simulator.step(10)
    assert charger.mode is Mode.SLEEPING
    await use(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "switch.turn_off", "enabled")
    simulator.step(10)
    assert charger.mode is Mode.SLEEPING
    assert _limit(simulator)["value"] == 5000
    charger.unplug()
    await shows(hass, entry, "energy_limit", "0.0", "number")
    await _removed(entry, simulator)


async def test_a_limit_starts_nothing(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    entry = await _running(hass, broker, simulator)
    await _session(hass, entry, simulator)


async def test_a_limit_starts_nothing_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    served.gateway.set_config({"default_state": False})
    entry = http_entry(hass, served, poll=600)
    await _off(hass, entry)
    await _session(hass, entry, served)


async def test_off_wins_over_the_limit_of_somebody_else(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The limit stays, and does not start the charger again."""
    entry = await _running(hass, broker, simulator)
    simulator.charger.plug(50_000)
    web_page = {"type": "energy", "value": 7000, "auto_release": True}
    simulator.gateway.set_limit(web_page)
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "select.select_option", "override_state", option="off")
    simulator.step(10)
    assert simulator.charger.mode is Mode.SLEEPING
    assert _limit(simulator) == web_page | {"auto_release": False}
    # Nor does another limit start it.
    simulator.gateway.set_limit(web_page)
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "number.set_value", "time_limit", value=30)
    simulator.step(10)
    assert simulator.charger.mode is Mode.SLEEPING
    await shows(hass, entry, "energy_limit", "0.0", "number")


async def test_the_session_ends_while_home_assistant_does_not_run(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Its limit is removed when that is seen; one that was set since stays."""
    entry = await _running(hass, broker, simulator)
    simulator.charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await ask(hass, entry, "set_limit", type="time", value=30)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.charger.unplug()
    simulator.step(5)
    await _off(hass, entry)
    await _removed(entry, simulator)


async def test_a_limit_for_the_next_session(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """It waits for the car; what is meant to stay, or is somebody else's, stays."""
    entry = await _running(hass, broker, simulator)
    await ask(hass, entry, "set_limit", type="energy", value=3000)
    simulator.step(40)
    assert _limit(simulator)["value"] == 3000
    simulator.charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    simulator.gateway.set_limit({"type": "soc", "value": 80, "auto_release": False})
    simulator.charger.unplug()
    await shows(hass, entry, "vehicle_connected", "off", "binary_sensor")
    simulator.step(40)
    assert _limit(simulator)["value"] == 80
    await ask(hass, entry, "set_limit", type="energy", value=4000, auto_release=False)
    simulator.charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    simulator.charger.unplug()
    await shows(hass, entry, "vehicle_connected", "off", "binary_sensor")
    simulator.step(40)
    assert _limit(simulator)["value"] == 4000


async def test_a_limit_that_somebody_else_removes(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A later one that is just like it is not taken for it."""
    entry = await _running(hass, broker, simulator)
    simulator.charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await ask(hass, entry, "set_limit", type="energy", value=3000)
    simulator.gateway.set_limit({})
    await shows(hass, entry, "energy_limit", "0.0", "number")
    simulator.charger.unplug()
    await shows(hass, entry, "vehicle_connected", "off", "binary_sensor")
    like_it = {"type": "energy", "value": 3000, "auto_release": False}
    simulator.gateway.set_limit(like_it)
    await shows(hass, entry, "energy_limit", "3.0", "number")
    simulator.step(40)
    assert _limit(simulator) == like_it


async def test_a_limit_that_is_not_removed_at_once(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is tried again when the gateway tells once more that nobody is there."""
    entry = await _running(hass, broker, simulator)
    simulator.charger.plug(50_000)
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await ask(hass, entry, "set_limit", type="energy", value=3000)
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 0.3)
    asked: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(simulator.gateway, "set_limit", asked.append)
        simulator.charger.unplug()
        await until(lambda: asked)
    await _removed(entry, simulator)


@pytest.mark.parametrize("options", [{"version": "5.1.2"}, {"version": "v5.1.5"}])
async def test_where_a_limit_may_end_by_itself(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Where the charger charges by itself, or the gateway is older."""
    old = simulator.options.version == "5.1.2"
    simulator.gateway.set_config({"default_state": not old})
    entry = mqtt_entry(hass, broker, poll=3600)
    assert await set_up(hass, entry)
    await shows(hass, entry, "enabled", "off" if old else "on", "switch")
    await use(hass, entry, "number.set_value", "energy_limit", value=5)
    assert _limit(simulator)["auto_release"] is True


async def test_a_gateway_that_keeps_its_limit(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error names what could not be changed; nothing else is sent after it."""
    entry = await _running(hass, broker, simulator)
    simulator.gateway.set_limit({"type": "energy", "value": 7000, "auto_release": True})
    await shows(hass, entry, "energy_limit", "7.0", "number")
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 0.3)
    asked: list[Any] = []
    monkeypatch.setattr(simulator.gateway, "set_limit", asked.append)
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "switch.turn_off", "enabled")
    assert error.value.translation_key == "not_confirmed"
    assert error.value.translation_placeholders == {
        "field": "OpenEVSE: set session limit"
    }
    assert asked == [{}]
