"""An OpenEVSE over its web interface, in Home Assistant: every generation."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.openevse import http
from custom_components.wattbus.families.openevse.http import OpenEvseHttp
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.openevse import Publication
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ...helpers import make_entry, set_up, state, until
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_http import Pages
from ...simulators.openevse_link import Outcome
from ...simulators.openevse_simulator import OpenEvseSimulator, Options
from ...simulators.openevse_values import status
from .test_flow import ID, step
from .test_mqtt import ask, call, every, shows

NEW = [Generation.ESP32_4_1, Generation.ESP32_5_1]
OLD = [Generation.ESP8266_2_7, Generation.ESP8266_2_9]
LOGIN = {"www_username": "admin", "www_password": "open sesame"}
SELDOM = 600


@pytest.fixture
async def simulator(
    socket_enabled: None, generation: Generation, options: dict[str, Any]
) -> AsyncGenerator[OpenEvseSimulator]:
    """Run a charger with a web interface, thirty times as fast as real ones."""
    settings = Options(generation=generation, speed=30, **options)
    async with OpenEvseSimulator(settings) as running:
        await running.serve_http()
        yield running


@pytest.fixture
def no_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway have too many WebSockets already."""

    async def refuse(pages: Pages, request: web.Request) -> web.StreamResponse:
        raise web.HTTPServiceUnavailable

    monkeypatch.setattr(Pages, "_socket", refuse)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect again at once."""
    monkeypatch.setattr(http, "_FIRST_PAUSE", 0.05)
    monkeypatch.setattr(http, "_LONGEST_PAUSE", 0.1)


def http_entry(
    hass: HomeAssistant, simulator: OpenEvseSimulator, **options: Any
) -> MockConfigEntry:
    """Make an entry for the charger, not set up yet."""
    data = {
        "family": "openevse",
        "connection": "http",
        "host": "127.0.0.1",
        "port": simulator.http_port,
        "tls": False,
        "verify": True,
    }
    if password := options.pop("password", None):
        data |= {"username": "admin", "password": password}
    return make_entry(hass, data, options=options)


async def running(
    hass: HomeAssistant, simulator: OpenEvseSimulator, **options: Any
) -> MockConfigEntry:
    """Set the charger up."""
    entry = http_entry(hass, simulator, **options)
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


# --- what it says -------------------------------------------------------------------


@every
async def test_first_look(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """What the charger is, and what it can do, is there when the set-up is."""
    entry = await running(hass, simulator)
    version = simulator.gateway.profile.version
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.sw_version == version
    assert device.configuration_url == f"http://127.0.0.1:{simulator.http_port}"
    await shows(hass, entry, "state", "not_connected")
    number = state(hass, entry, MAIN_DEVICE, "charge_current", "number")
    assert number
    assert (number.state, number.attributes["min"]) == ("32", 6)
    assert number.attributes["max"] == 32
    diagnostics = driver(entry).diagnostics()
    assert ("override" in diagnostics["offers"]) is simulator.gateway.profile.esp32
    assert ("restart" in diagnostics["offers"]) is simulator.gateway.profile.limits
    assert diagnostics["controller"] == simulator.charger.firmware.name


@every
async def test_session(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """A car comes, charges, and leaves."""
    entry = await running(hass, simulator, poll=0.5)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    simulator.charger.unplug()
    await shows(hass, entry, "state", "not_connected")


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_7])
@pytest.mark.parametrize("options", [{"protocol": "5.2.1"}])
async def test_state_that_an_old_gateway_reads_wrongly(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """`fe` is 254, not 0: the controller itself is asked."""
    entry = await running(hass, simulator, poll=0.5)
    simulator.charger.sleep()
    assert status(simulator.gateway)["state"] == 0
    await shows(hass, entry, "state", "sleeping")
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.mark.parametrize("generation", NEW)
async def test_push(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """The WebSocket tells what changes, long before the next poll."""
    entry = await running(hass, simulator, poll=SELDOM)
    await listening(entry)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    # Somebody uses the button: the document is read when its counter has changed.
    simulator.gateway.toggle_override()
    await shows(hass, entry, "manual_override", "on", "switch")
    await until(lambda: driver(entry).charger.override)


@pytest.mark.parametrize("generation", NEW)
async def test_push_comes_back(
    hass: HomeAssistant, simulator: OpenEvseSimulator, impatient: None
) -> None:
    """A gateway that restarts is gone at once, and heard again as soon as it is back."""
    entry = await running(hass, simulator, poll=SELDOM)
    await listening(entry)
    assert simulator._runner
    await simulator._runner.cleanup()
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")
    assert simulator.http_port
    await simulator.serve_http(simulator.http_port)
    await shows(hass, entry, "enabled", "on", "switch")
    await listening(entry)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")


@pytest.mark.usefixtures("no_websocket", "impatient")
@pytest.mark.parametrize("generation", NEW)
async def test_polling_without_a_websocket(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, simulator, poll=0.5)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    simulator.gateway.toggle_override()
    await until(lambda: driver(entry).charger.override)
    assert not driver(entry).diagnostics()["websocket"]


async def test_rubbish_on_the_websocket(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """It is ignored, and what comes after it is not."""
    entry = await running(hass, simulator, poll=SELDOM)
    await listening(entry)
    for rubbish in ([1, 2], {"state": [], "amp": "many"}, {"pong": 1}):
        for listener in simulator.gateway.on_event:
            listener(rubbish)  # type: ignore[arg-type]
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")


# --- what can be asked of it --------------------------------------------------------


@every
async def test_off_and_on(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """The switch is deterministic, and shows what the charger says."""
    entry = await running(hass, simulator)
    simulator.charger.plug()
    await call(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "enabled", "off", "switch")
    assert simulator.charger.state in (254, 255)
    await call(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "enabled", "on", "switch")
    await until(lambda: simulator.charger.state == 3)


@every
async def test_current(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """16 A are set, read back, and not stored in the EEPROM."""
    entry = await running(hass, simulator)
    writes = simulator.eeprom_writes
    await call(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")
    assert simulator.charger.capacity == 16
    assert simulator.eeprom_writes == writes


@every
async def test_limit(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """5 kWh, and no more."""
    entry = await running(hass, simulator, poll=0.5)
    simulator.charger.plug()
    await shows(hass, entry, "state", "charging")
    await call(hass, entry, "number.set_value", "energy_limit", value=5)
    await shows(hass, entry, "energy_limit", "5.0", "number")
    simulator.step(3600)
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.mark.usefixtures("no_websocket")
@pytest.mark.parametrize("generation", NEW)
async def test_commands_without_a_websocket(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """What a command does is looked for, long before the next poll."""
    entry = await running(hass, simulator, poll=SELDOM)
    simulator.charger.plug()
    await call(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "state", "sleeping")
    await call(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "state", "charging")
    assert not driver(entry).diagnostics()["websocket"]
    assert simulator.eeprom_writes == 0


async def test_override_claim_limit_schedule(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """All documents are changed and removed, and shown as the gateway has them."""
    entry = await running(hass, simulator, poll=SELDOM)
    await ask(hass, entry, "set_override", state="disabled", charge_current=10)
    # What is not named stays, as it does over MQTT.
    answer = await ask(hass, entry, "set_override", max_current=20)
    assert (answer["state"], answer["charge_current"]) == ("disabled", 10)
    assert answer["max_current"] == 20
    await shows(hass, entry, "manual_override", "on", "switch")
    for _ in range(2):
        assert await ask(hass, entry, "clear_override") == {"active": False}
    answer = await ask(hass, entry, "set_claim", max_current=12)
    answer = await ask(hass, entry, "set_claim", state="disabled")
    assert (answer["state"], answer["max_current"]) == ("disabled", 12)
    for _ in range(2):
        assert await ask(hass, entry, "release_claim") == {"active": False}
    await ask(hass, entry, "set_limit", type="time", value=30)
    await shows(hass, entry, "time_limit", "30", "number")
    await ask(hass, entry, "clear_limit")
    answer = await ask(
        hass,
        entry,
        "set_schedule",
        id=1,
        state="active",
        time="07:00:00",
        days=["monday", "friday"],
    )
    assert answer["events"][0]["time"] == "07:00:00"
    assert await ask(hass, entry, "clear_schedule", id=1) == {"events": []}


async def test_modes_and_settings(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """Divert mode, shaper, settings and restart have pages of their own."""
    entry = await running(hass, simulator, poll=SELDOM)
    await call(hass, entry, "select.select_option", "divert_mode", option="eco")
    await shows(hass, entry, "divert_mode", "eco", "select")
    await call(hass, entry, "switch.turn_on", "shaper_active")
    await shows(hass, entry, "shaper_active", "on", "switch")
    charger = driver(entry).charger
    await charger.set_led_brightness(40)
    assert simulator.gateway.config.values["led_brightness"] == 40
    simulator.gateway.uptime = 1000.0
    await charger.restart_gateway()
    assert simulator.gateway.uptime < 1000
    await charger.restart_charger()


@pytest.mark.parametrize("generation", OLD)
async def test_divert_mode_of_old_gateways(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, simulator, poll=SELDOM)
    await call(hass, entry, "select.select_option", "divert_mode", option="eco")
    assert simulator.gateway.divert.mode == 2


async def test_a_command_that_is_refused(
    hass: HomeAssistant, simulator: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is told at once, and nothing is sent twice."""
    entry = await running(hass, simulator, poll=SELDOM)
    asked = []
    monkeypatch.setattr(
        simulator.gateway, "set_limit", lambda document: asked.append(document)
    )
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "set_limit", type="soc", value=80)
    assert error.value.translation_key == "rapi_refused"
    assert error.value.translation_placeholders == {
        "command": "/limit",
        "reason": "HTTP 400",
    }
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("topic", "payload", "key"),
    [
        ("http/nothing/set", "{}", "not_offered"),
        ("http/limit/set", "1", "rapi_refused"),
    ],
)
async def test_a_command_that_the_gateway_does_not_know(
    hass: HomeAssistant,
    simulator: OpenEvseSimulator,
    topic: str,
    payload: str,
    key: str,
) -> None:
    entry = await running(hass, simulator, poll=SELDOM)
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).send(Publication(topic, payload))
    assert error.value.translation_key == key


async def test_toggle(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    entry = await running(hass, simulator, poll=SELDOM)
    await driver(entry).send(Publication("http/override/set", "toggle"))
    assert driver(entry).charger.override
    await shows(hass, entry, "enabled", "off", "switch")


async def test_documents_that_cannot_be_read(
    hass: HomeAssistant, simulator: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are left out, and can be replaced all the same."""
    entry = await running(hass, simulator, poll=SELDOM)
    manual = simulator.gateway.claims
    await driver(entry).send(Publication("http/override/set", "toggle"))
    with monkeypatch.context() as patch:
        patch.setattr(
            type(manual.get(0x10001).properties),  # type: ignore[union-attr]
            "document",
            lambda _: ["rubbish"],
        )
        await driver(entry).send(
            Publication("http/override/set", '{"charge_current":12}')
        )
    await driver(entry).refresh()
    await until(lambda: simulator.charger.capacity == 12)


# --- RAPI ---------------------------------------------------------------------------


@every
async def test_rapi(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """Any reading command gives its own answer; `$NK` is one, too."""
    entry = await running(hass, simulator)
    answer = await ask(hass, entry, "send_rapi", command="GV")
    firmware = simulator.charger.firmware
    assert answer["raw"] == f"$OK {firmware.name} {firmware.protocol_name}"
    answer = await ask(hass, entry, "send_rapi", command="G4")
    assert (answer["ok"], answer["raw"]) == (False, "$NK")


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_blocked_rapi(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """A command that the gateway does not pass on ends in an error that says so."""
    entry = await running(hass, simulator)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="FS")
    assert error.value.translation_key == "rapi_blocked"
    assert simulator.counters.commands_blocked == 1


async def test_lost_answers(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """A read is asked once more, a write is not; the charger stays available."""
    entry = await running(hass, simulator, poll=SELDOM)
    simulator.link.trouble.lose = 1
    for command, times in (("GE", 2), ("FS", 1)):
        before = simulator.counters.commands_received
        with pytest.raises(HomeAssistantError) as error:
            await ask(hass, entry, "send_rapi", command=command)
        assert error.value.translation_key == "rapi_timeout"
        assert simulator.counters.commands_received == before + times
    await driver(entry).refresh()
    simulator.link.trouble.lose = 0
    await shows(hass, entry, "connected", "on", "binary_sensor")


@pytest.mark.parametrize(
    ("outcome", "raw"),
    [
        (Outcome(None, "NK"), "$NK"),
        (Outcome(None, "QUEUE_FULL"), None),
        (Outcome("rubbish"), None),
        (Outcome(None, "<html>"), None),
    ],
)
async def test_odd_answers(
    hass: HomeAssistant,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Outcome,
    raw: str | None,
) -> None:
    """What is no answer of the controller is none."""
    entry = await running(hass, simulator, poll=SELDOM)

    async def send(_: str) -> Outcome:
        return outcome

    monkeypatch.setattr(simulator.link, "send", send)
    if raw is not None:
        assert (await ask(hass, entry, "send_rapi", command="GE"))["raw"] == raw
        return
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="GE")
    assert error.value.translation_key == "rapi_timeout"


# --- the login ----------------------------------------------------------------------


@pytest.mark.parametrize("options", [LOGIN, LOGIN | {"session_login": True}])
@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9, Generation.ESP32_5_1])
async def test_login(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """The password goes with everything: values, commands and the WebSocket."""
    entry = await running(hass, simulator, password=LOGIN["www_password"])
    await call(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")
    if simulator.gateway.profile.esp32:
        await listening(entry)


@pytest.mark.parametrize("options", [LOGIN, LOGIN | {"session_login": True}])
@pytest.mark.parametrize("password", ["wrong", None])
async def test_wrong_password(
    hass: HomeAssistant,
    simulator: OpenEvseSimulator,
    caplog: pytest.LogCaptureFixture,
    password: str | None,
) -> None:
    """The user is asked for the right one; the wrong one is in no log."""
    entry = http_entry(hass, simulator, password=password)
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    form = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert {str(field) for field in form["data_schema"].schema} == {
        "username",
        "password",
    }
    assert "wrong" not in caplog.text


@pytest.mark.parametrize("options", [LOGIN])
async def test_password_changed(
    hass: HomeAssistant, simulator: OpenEvseSimulator, impatient: None
) -> None:
    """A password that is no longer accepted asks the user for the new one."""
    entry = await running(hass, simulator, password=LOGIN["www_password"], poll=0.5)
    simulator.gateway.config.values["www_password"] = "another"
    assert simulator._runner
    await simulator._runner.cleanup()
    assert simulator.http_port
    await simulator.serve_http(simulator.http_port)
    (flow,) = await until(hass.config_entries.flow.async_progress)
    assert flow["context"]["source"] == "reauth"
    await shows(hass, entry, "enabled", STATE_UNAVAILABLE, "switch")


# --- the flow -----------------------------------------------------------------------


@pytest.mark.parametrize("options", [LOGIN | {"session_login": True}])
async def test_flow_with_a_login(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """A wrong password is a matter of its field; later, a new one can be entered."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await step(hass, result, {"next_step_id": "openevse"})
    result = await step(hass, result, {"next_step_id": "openevse_http"})
    where = {
        "host": "127.0.0.1",
        "port": simulator.http_port,
        "tls": False,
        "verify": True,
        "username": "admin",
    }
    for password in ({}, {"password": "wrong"}):
        result = await step(hass, result, where | password)
        assert result["errors"] == {"password": "invalid_auth"}
    result = await step(hass, result, where | {"password": "open sesame"})
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Carport"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id == ID
    await hass.async_block_till_done()

    entry.async_start_reauth(hass)
    (reauth,) = await until(flow.async_progress)
    result = await flow.async_configure(reauth["flow_id"])
    result = await step(hass, result, {"username": "admin", "password": "open sesame"})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("generation", [Generation.ESP8266_2_9])
async def test_flow_without_a_login(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    """No password is needed; a gateway without an id is known by its address."""
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await step(hass, result, {"next_step_id": "openevse"})
    result = await step(hass, result, {"next_step_id": "openevse_http"})
    port = simulator.http_port
    where = {"host": "127.0.0.1", "port": port, "tls": False, "verify": True}
    result = await step(hass, result, where)
    assert result["step_id"] == "found"
    result = await step(hass, result, {"name": "Carport"})
    assert result["result"].unique_id == f"openevse_http|127.0.0.1:{port}"
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


# --- feeds --------------------------------------------------------------------------


@pytest.mark.parametrize("generation", NEW)
async def test_feed(hass: HomeAssistant, simulator: OpenEvseSimulator) -> None:
    """The gateway is told a quantity by the name that `/status` has for it."""
    entry = await running(hass, simulator)
    await driver(entry).feed("grid_power", -1500)
    assert simulator.gateway.divert.grid_ie == -1500
    await driver(entry).feed("solar_power", 2500)
    assert simulator.gateway.divert.solar == 2500
    await driver(entry).feed("live_power", 900)
    assert simulator.gateway.shaper.live_power == 900


@pytest.mark.parametrize("generation", OLD)
async def test_feed_of_old_gateways(
    hass: HomeAssistant, simulator: OpenEvseSimulator
) -> None:
    entry = await running(hass, simulator)
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).feed("grid_power", -1500)
    assert error.value.translation_key == "not_offered"
