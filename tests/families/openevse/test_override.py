"""An override or claim of an OpenEVSE that others have made, changed or dropped."""

import json
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import overrides, state as state_module
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...helpers import ask, until, use
from ...simulators import openevse_gateway
from ...simulators.openevse_claims import MANUAL, MQTT, Properties
from ...simulators.openevse_simulator import OpenEvseSimulator
from . import test_http
from .conftest import BASE
from .test_mqtt import running, shows


@pytest.fixture(autouse=True)
def _taciturn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the full set, which tells how many overrides there are, be long in coming."""
    monkeypatch.setattr(openevse_gateway, "_FULL_SECONDS", 3600.0)
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 20.0)
    monkeypatch.setattr(overrides, "_PROMPT", 0.2)


def _held(simulator: OpenEvseSimulator, client: int = MANUAL) -> dict[str, Any] | None:
    """Give what the gateway has of a client."""
    claim = simulator.gateway.claims.get(client)
    return claim.properties.document() if claim else None


async def _connected(entry: MockConfigEntry, connected: bool) -> None:
    values = entry.runtime_data.driver.state.values
    await until(lambda: values.get("vehicle_connected") is connected)


# --- whole commands -----------------------------------------------------------------


async def test_a_current_does_not_switch_off(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Off, the car leaves, another one charges, 16 A: it goes on charging.

    The gateway merges `override/set` into what MQTT sent last (mqtt.cpp,
    `override_props`): firstof9/openevse #633 and #636.
    """
    entry = await running(hass, broker, poll=3600)
    simulator.charger.plug()
    await use(hass, entry, "switch.turn_off", "enabled")
    simulator.charger.unplug()
    await _connected(entry, False)
    assert _held(simulator) is None
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    assert _held(simulator) == {"charge_current": 16, "auto_release": True}
    await shows(hass, entry, "state", "charging")


async def test_an_override_of_the_web_page_keeps_its_state(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """Active with 12 A where nothing charges by itself, then 14 A: still active.

    What the page posts (web_server.cpp, `handleOverridePost()`) does not reach
    `_override_props`, which MQTT's next message is merged into (mqtt.cpp; 5.1.5).
    """
    entry = await running(hass, broker, poll=3600)
    simulator.gateway.set_config({"default_state": False})
    await shows(hass, entry, "enabled", "off", "switch")
    simulator.gateway.override(Properties("active", charge_current=12))
    await shows(hass, entry, "charge_current", "12", "number")
    await use(hass, entry, "number.set_value", "charge_current", value=14)
    assert _held(simulator) == {
        "state": "active",
        "charge_current": 14,
        "auto_release": True,
    }
    await shows(hass, entry, "enabled", "on", "switch")


@pytest.mark.parametrize(("name", "client"), [("override", MANUAL), ("claim", MQTT)])
async def test_what_is_left_out_stays(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    name: str,
    client: int,
) -> None:
    """Of the one in force; what was said to an earlier one does not come back.

    EvseProperties::deserialize() (evse_man.cpp; 5.1.5) leaves the members that a message
    does not have as the message before has set them.
    """
    entry = await running(hass, broker, poll=3600)
    action = f"set_{name}"
    simulator.charger.plug()
    await ask(hass, entry, action, state="disabled", max_current=9, auto_release=True)
    answer = await ask(hass, entry, action, charge_current=10)
    assert answer == {
        "active": True,
        "state": "disabled",
        "charge_current": 10,
        "max_current": 9,
        "auto_release": True,
    }
    simulator.charger.unplug()
    await _connected(entry, False)
    answer = await ask(hass, entry, action, max_current=20)
    assert (answer["state"], answer["charge_current"]) == (None, None)
    release = for_session = name == "override"
    assert _held(simulator, client) == {"max_current": 20, "auto_release": for_session}
    end = "clear_override" if release else "release_claim"
    for _ in range(2):
        assert await ask(hass, entry, end) == {"active": False}


async def test_an_odd_current_of_somebody_else(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The gateway takes any number and goes by what the charger can: so do we.

    EvseProperties::deserialize() checks none (evse_man.cpp; 5.1.5).
    """
    entry = await running(hass, broker, poll=3600)
    simulator.gateway.override(Properties(charge_current=0, max_current=99))
    await until(lambda: entry.runtime_data.driver.state.override)
    await use(hass, entry, "switch.turn_on", "enabled")
    assert _held(simulator) == {
        "state": "active",
        "charge_current": 6,
        "max_current": 80,
        "auto_release": True,
    }


# --- dropped without a word ---------------------------------------------------------


async def _dropped(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: OpenEvseSimulator
) -> None:
    """Let an override end with its session, and see that this is shown."""
    simulator.charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await use(hass, entry, "number.set_value", "charge_current", value=10)
    await use(hass, entry, "select.select_option", "override_state", option="on")
    await shows(hass, entry, "charge_current", "10", "number")
    simulator.charger.unplug()
    await shows(hass, entry, "charge_current", "32", "number")
    await shows(hass, entry, "manual_override", "off", "switch")
    await shows(hass, entry, "override_state", "auto", "select")
    assert _held(simulator) is None
    # There is nothing to clear, and that is what was asked for.
    for _ in range(2):
        assert await ask(hass, entry, "clear_override") == {"active": False}
    await use(hass, entry, "switch.turn_off", "manual_override")
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "override_state", "off", "select")
    await shows(hass, entry, "enabled", "off", "switch")


async def test_an_override_ends_with_the_session(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """`releaseAutoReleaseClaims()` (evse_man.cpp, 4.1.9 to 5.1.5) tells nobody."""
    await _dropped(hass, await running(hass, broker, poll=3600), simulator)


async def test_an_override_ends_with_the_session_over_http(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """`DELETE /override` of what is not there is answered by 500.

    handleOverrideDelete() of web_server.cpp (5.1.5): "Failed to release manual override".
    """
    await _dropped(hass, await test_http.running(hass, served, poll=600), served)


@pytest.mark.parametrize("kept", [False, True])
async def test_an_override_that_ended_while_nobody_listened(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
    kept: bool,
) -> None:
    """The broker has its document still; the number in the full set is right.

    publishOverride() (mqtt.cpp, 5.1.5) always has it retained, and only what a client
    does has it published. The number is of manual.isActive() (input.cpp); with
    `mqtt_retained` the broker has that, too, and either may come first.
    """
    simulator.charger.plug()
    simulator.step(1)
    simulator.gateway.override(Properties("active", charge_current=10))
    simulator.charger.unplug()
    await until(lambda: _held(simulator) is None)
    await device.publish(f"{BASE}/manual_override", "0", retain=kept)
    entry = await running(hass, broker, poll=3600)
    await device.publish(f"{BASE}/manual_override", "0", retain=kept)
    await shows(hass, entry, "charge_current", "32", "number")
    await shows(hass, entry, "override_state", "auto", "select")


async def test_a_clear_that_finds_nothing(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """One that was thought to be there: the gateway says nothing, but answers else.

    `override/set` with "clear" publishes only if manual.release() has found something
    (mqtt.cpp, 5.1.5).
    """
    entry = await running(hass, broker, poll=3600)
    await ask(hass, entry, "set_override", state="active", charge_current=10)
    simulator.gateway.claims.end_session()
    assert await ask(hass, entry, "clear_override") == {"active": False}
    await shows(hass, entry, "manual_override", "off", "switch")


# --- who holds it -------------------------------------------------------------------


async def test_who_holds_the_charger(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """`/claims/target` names the clients that win (evse_man.cpp, `serializeTarget`)."""
    entry = await test_http.running(hass, served, poll=600)
    await shows(hass, entry, "claimed_by", "nobody")
    served.charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    await use(hass, entry, "select.select_option", "override_state", option="on")
    await shows(hass, entry, "claimed_by", "manual")
    served.gateway.claims.make(20, Properties(max_current=9), 500)
    values = entry.runtime_data.driver.state.values
    await until(lambda: values.get("max_current_claimed_by") == "other")
    # It is released without a word.
    served.charger.unplug()
    await shows(hass, entry, "claimed_by", "nobody")
    served.gateway.set_divert_mode(2)
    await shows(hass, entry, "claimed_by", "divert")


# --- the schedule -------------------------------------------------------------------


@pytest.mark.parametrize("over", ["mqtt", "http"])
async def test_an_entry_of_the_schedule_keeps_what_else_it_has(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    served: OpenEvseSimulator,
    over: str,
) -> None:
    """The firmware of 2026 clears feature and limit where they are left out.

    openevse_esp32_firmware, scheduler.cpp, `addEventInternal()`.
    """
    device = simulator if over == "mqtt" else served
    extras = {"feature": "divert", "feature_value": 0, "limit": "energy"}
    extras |= {"limit_value": 5000}
    event = {"id": 3, "state": "active", "time": "07:00:00", "days": ["monday"]}
    device.gateway.schedule.set([event | extras, event | {"id": 4}])
    if over == "mqtt":
        entry = await running(hass, broker, poll=3600)
    else:
        entry = await test_http.running(hass, served, poll=600)
    await until(lambda: len(entry.runtime_data.driver.state.schedule) == 2)
    changed = {"state": "disabled", "time": "08:30:00", "days": ["sunday"]}
    answer = await ask(hass, entry, "set_schedule", id=3, **changed)
    assert answer["events"][0] == {"id": 3} | changed | extras
    assert device.gateway.schedule.events[3] == {"id": 3} | changed | extras
    # A new one has only what it was given.
    answer = await ask(hass, entry, "set_schedule", **changed)
    assert answer["events"][-1] == {"id": 5} | changed


# --- gateways that do not do it -----------------------------------------------------


async def test_a_gateway_that_never_answers(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither is taken for done: not what it is to do, nor what there may be none of.

    The only answer is the document that publishOverride() or publishClaim() tells after
    the change, and only while connected (mqtt.cpp, 5.1.5).
    """
    entry = await running(hass, broker, poll=3600)
    await ask(hass, entry, "set_override", state="active", charge_current=10)
    await simulator.disconnect()
    monkeypatch.setattr(state_module, "CONFIRM_TIMEOUT", 0.4)
    for action, data in (
        ("set_override", {"charge_current": 12}),
        ("set_override", {"charge_current": 10}),
        ("clear_override", {}),
        ("set_claim", {"max_current": 12}),
        ("release_claim", {}),
    ):
        with pytest.raises(HomeAssistantError) as error:
            await ask(hass, entry, action, **data)
        assert error.value.translation_key == "not_confirmed"
        what = "Manual override" if "override" in action else "OpenEVSE: set claim"
        assert error.value.translation_placeholders == {"field": what}
    await shows(hass, entry, "charge_current", "10", "number")


async def test_a_gateway_that_makes_something_else_of_it(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tried twice, from an empty memory, and then said to have failed.

    "clear" empties `_override_props` (mqtt.cpp, 5.1.5); what comes back with a state
    that nobody asked for is of firstof9/openevse #633 and #636.
    """
    entry = await running(hass, broker, poll=3600)
    made = []
    original = simulator.gateway.override

    def override(properties: Properties) -> None:
        made.append(properties.charge_current)
        properties.state = "disabled"
        original(properties)

    monkeypatch.setattr(simulator.gateway, "override", override)
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "number.set_value", "charge_current", value=16)
    assert error.value.translation_key == "not_confirmed"
    assert made == [16, 16]
    # Nothing that nobody asked for is left behind.
    assert _held(simulator) is None


@pytest.mark.parametrize(
    "key", ["state", "charge_current", "max_current", "auto_release"]
)
@pytest.mark.parametrize("value", [[], {}, "many", 1.5e300])
async def test_a_document_with_a_part_that_makes_no_sense(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
    key: str,
    value: object,
) -> None:
    """It is left out, and the next command says whole again what is to be.

    Anybody may publish on the topic; from the gateway itself come numbers up to 2**32
    and any state of EvseState::toString() (evse_man.cpp, 5.1.5).
    """
    entry = await running(hass, broker, poll=3600)
    await ask(hass, entry, "set_override", state="active", charge_current=10)
    odd = {"state": "disabled", "charge_current": 7, key: value}
    await device.publish(f"{BASE}/override", json.dumps(odd))
    await device.publish(f"{BASE}/amp", "1234")
    values = entry.runtime_data.driver.state.values
    await until(lambda: values.get("current") == 1.234)
    await use(hass, entry, "number.set_value", "charge_current", value=11)
    held = _held(simulator)
    assert held
    assert (held["state"], held["charge_current"]) == ("active", 11)
