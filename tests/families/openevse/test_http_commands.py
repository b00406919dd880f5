"""What an OpenEVSE can be asked over its web interface."""

from collections.abc import Callable

from aiohttp import web
import pytest

from custom_components.wattbus.protocols.publication import Publication
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import ask, until, use
from ...simulators.openevse_http import Pages
from ...simulators.openevse_link import Outcome
from ...simulators.openevse_simulator import OpenEvseSimulator
from .test_http import NEW, OLD, SELDOM, driver, running
from .test_mqtt import every, shows

# --- what can be asked of it --------------------------------------------------------


@every
async def test_off_and_on(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """The switch is deterministic, and shows what the charger says."""
    entry = await running(hass, served)
    served.charger.plug()
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "enabled", "off", "switch")
    assert served.charger.state in (254, 255)
    await use(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "enabled", "on", "switch")
    await until(lambda: served.charger.state == 3)


@every
async def test_current(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """16 A are set, read back, and not stored in the EEPROM."""
    entry = await running(hass, served)
    writes = served.eeprom_writes
    await use(hass, entry, "number.set_value", "charge_current", value=16)
    await shows(hass, entry, "charge_current", "16", "number")
    assert served.charger.capacity == 16
    assert served.eeprom_writes == writes


@every
async def test_limit(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """5 kWh, and no more."""
    entry = await running(hass, served, poll=0.5)
    served.charger.plug()
    await shows(hass, entry, "state", "charging")
    await use(hass, entry, "number.set_value", "energy_limit", value=5)
    await shows(hass, entry, "energy_limit", "5.0", "number")
    served.step(3600)
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.mark.usefixtures("no_websocket")
@pytest.mark.parametrize("generation", NEW)
async def test_commands_without_a_websocket(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """What a command does is looked for, long before the next poll."""
    entry = await running(hass, served, poll=SELDOM)
    served.charger.plug()
    await use(hass, entry, "switch.turn_off", "enabled")
    await shows(hass, entry, "state", "sleeping")
    await use(hass, entry, "switch.turn_on", "enabled")
    await shows(hass, entry, "state", "charging")
    assert not driver(entry).diagnostics()["websocket"]
    assert served.eeprom_writes == 0


async def test_override_claim_limit_schedule(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """All documents are changed and removed, and shown as the gateway has them."""
    entry = await running(hass, served, poll=SELDOM)
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
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """Divert mode, shaper, settings and restart have pages of their own."""
    entry = await running(hass, served, poll=SELDOM)
    await use(hass, entry, "select.select_option", "divert_mode", option="eco")
    await shows(hass, entry, "divert_mode", "eco", "select")
    await use(hass, entry, "switch.turn_on", "shaper_active")
    await shows(hass, entry, "shaper_active", "on", "switch")
    commands = driver(entry).commands
    await commands.set("led_brightness", 40)
    assert served.gateway.config.values["led_brightness"] == 40
    served.gateway.uptime = 1000.0
    await commands.restart_gateway()
    assert served.gateway.uptime < 1000
    await commands.restart_charger()


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_what_the_controller_keeps_by_the_configuration(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """Where RAPI commands are refused."""
    entry = await running(hass, served, poll=SELDOM, expert=True)
    await shows(hass, entry, "check_diode", "on", "switch")
    await use(hass, entry, "switch.turn_off", "check_diode")
    await shows(hass, entry, "check_diode", "off", "switch")
    assert served.gateway.config.document()["diode_check"] is False


@pytest.mark.parametrize("generation", OLD)
async def test_divert_mode_of_old_gateways(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    entry = await running(hass, served, poll=SELDOM)
    await use(hass, entry, "select.select_option", "divert_mode", option="eco")
    assert served.gateway.divert.mode == 2


@pytest.mark.parametrize("generation", OLD)
async def test_a_restart_of_the_controller(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """It is gone before it has answered."""
    entry = await running(hass, served, poll=SELDOM)
    served.charger.capacity = 10
    await driver(entry).commands.restart_charger()
    await until(lambda: served.charger.capacity == served.options.stored)


async def test_a_command_that_is_refused(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is told at once, and nothing is sent twice."""
    entry = await running(hass, served, poll=SELDOM)
    asked = []
    monkeypatch.setattr(
        served.gateway, "set_limit", lambda document: asked.append(document)
    )
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "set_limit", type="soc", value=80)
    assert error.value.translation_key == "openevse_refused"
    assert error.value.translation_placeholders == {
        "field": "OpenEVSE: set session limit",
        "reason": "HTTP 400",
    }
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("topic", "payload", "key"),
    [
        ("http/nothing/set", "{}", "not_offered"),
        ("http/limit/set", "1", "openevse_refused"),
    ],
)
async def test_a_command_that_the_gateway_does_not_know(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    topic: str,
    payload: str,
    key: str,
) -> None:
    entry = await running(hass, served, poll=SELDOM)
    with pytest.raises(HomeAssistantError) as error:
        await driver(entry).send(Publication(topic, payload))
    assert error.value.translation_key == key


async def test_toggle(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    entry = await running(hass, served, poll=SELDOM)
    await driver(entry).send(Publication("http/override/set", "toggle"))
    assert driver(entry).state.override
    await shows(hass, entry, "enabled", "off", "switch")


@pytest.fixture
def rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway send rubbish for its override; before it starts."""
    original = Pages._override

    async def override(pages: Pages, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text="rubbish")
        return await original(pages, request)

    monkeypatch.setattr(Pages, "_override", override)


@pytest.mark.usefixtures("rubbish")
async def test_a_document_that_cannot_be_read(
    hass: HomeAssistant, served: OpenEvseSimulator
) -> None:
    """It is left out, and can be replaced all the same."""
    entry = await running(hass, served, poll=SELDOM)
    publication = Publication("http/override/set", '{"charge_current":12}')
    await driver(entry).send(publication)
    assert served.charger.capacity == 12
    await shows(hass, entry, "pilot_current", "12.0")


async def test_a_status_that_cannot_be_read(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command is sent, and not told to have failed, when it cannot be looked at."""
    entry = await running(hass, served, poll=SELDOM)
    monkeypatch.setattr("tests.simulators.openevse_values.status", lambda _: [])
    await driver(entry).send(Publication("http/divertmode/set", "2"))
    assert served.gateway.divert.mode == 2


# --- RAPI ---------------------------------------------------------------------------


@every
async def test_rapi(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """Any reading command gives its own answer; `$NK` is one, too."""
    entry = await running(hass, served)
    answer = await ask(hass, entry, "send_rapi", command="GV")
    firmware = served.charger.firmware
    assert answer["raw"] == f"$OK {firmware.name} {firmware.protocol_name}"
    answer = await ask(hass, entry, "send_rapi", command="G4")
    assert (answer["ok"], answer["raw"]) == (False, "$NK")


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_blocked_rapi(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """A command that the gateway does not pass on ends in an error that says so."""
    entry = await running(hass, served)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="FS")
    assert error.value.translation_key == "rapi_blocked"
    assert served.counters.commands_blocked == 1


async def test_lost_answers(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    """A read is asked once more, a write is not; the charger stays available."""
    entry = await running(hass, served, poll=SELDOM)
    served.link.trouble.lose = 1
    for command, times in (("GE", 2), ("FS", 1)):
        before = served.counters.commands_received
        with pytest.raises(HomeAssistantError) as error:
            await ask(hass, entry, "send_rapi", command=command)
        assert error.value.translation_key == "rapi_timeout"
        assert served.counters.commands_received == before + times
    await driver(entry).refresh()
    served.link.trouble.lose = 0
    await shows(hass, entry, "connected", "on", "binary_sensor")


async def _hang_up(
    served: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    meant: Callable[[web.Request], bool],
) -> list[web.Request]:
    """Close the connection on what is meant, without an answer; gives what that was."""
    asked = []
    original = getattr(Pages, page)

    async def answer(pages: Pages, request: web.Request) -> web.Response:
        if not meant(request):
            return await original(pages, request)
        asked.append(request)
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    monkeypatch.setattr(Pages, page, answer)
    await served.close_http()
    await served.serve_http()
    return asked


@pytest.mark.parametrize(
    ("command", "parameters", "times"),
    [("SC", "16", 1), ("FR", "", 1), ("GE", "", 2)],
)
async def test_a_gateway_that_hangs_up(
    hass: HomeAssistant,
    served: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    parameters: str,
    times: int,
) -> None:
    """What may have been done is not done again: RAPI writes are GETs here.

    aiohttp repeats GET and DELETE by itself (client.py, `IDEMPOTENT_METHODS`). A
    question may be asked again.
    """
    entry = await running(hass, served, poll=SELDOM, expert=True)
    asked = await _hang_up(
        served,
        monkeypatch,
        "_rapi",
        lambda request: request.query["rapi"].startswith(f"${command}"),
    )
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command=command, parameters=parameters)
    assert error.value.translation_key in ("bad_answer", "rapi_timeout")
    assert len(asked) == times


async def test_a_clear_that_is_not_answered(
    hass: HomeAssistant, served: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have released the override, and is not sent again."""
    entry = await running(hass, served, poll=SELDOM)
    await use(hass, entry, "switch.turn_on", "manual_override")
    asked = await _hang_up(
        served, monkeypatch, "_override", lambda request: request.method == "DELETE"
    )
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "clear_override")
    assert error.value.translation_key == "bad_answer"
    assert len(asked) == 1


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
    served: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Outcome,
    raw: str | None,
) -> None:
    """What is no answer of the controller is none."""
    entry = await running(hass, served, poll=SELDOM)

    async def send(_: str) -> Outcome:
        return outcome

    monkeypatch.setattr(served.link, "send", send)
    if raw is not None:
        assert (await ask(hass, entry, "send_rapi", command="GE"))["raw"] == raw
        return
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="GE")
    assert error.value.translation_key == "rapi_timeout"
