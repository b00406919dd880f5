"""What an OpenEVSE does not answer over MQTT, and what that means."""

import asyncio
from collections import Counter

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import rapi
from custom_components.wattbus.families.openevse.controller import Questions
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...helpers import ask, until, use
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_link import Outcome
from ...simulators.openevse_simulator import OpenEvseSimulator
from .test_mqtt import running

OLD = pytest.mark.parametrize("generation", [Generation.ESP8266_2_7])


@pytest.fixture
def asked(
    simulator: OpenEvseSimulator, monkeypatch: pytest.MonkeyPatch
) -> Counter[str]:
    """Count what the gateway is asked to pass on."""
    counted: Counter[str] = Counter()
    original = simulator.link.send

    async def send(command: str) -> Outcome:
        counted[command[:3]] += 1
        return await original(command)

    monkeypatch.setattr(simulator.link, "send", send)
    return counted


async def _polls(entry: MockConfigEntry, times: int) -> None:
    """Let so many turns of questions pass."""
    for _ in range(times):
        await entry.runtime_data.driver.controller.poll()


@OLD
async def test_a_question_that_is_never_answered(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    asked: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Gateways up to 2.8.2 keep a bare `$NK` to themselves.

    ESP8266_WiFi_v2.x, mqtt.cpp (published if it begins with "$OK "); its issue #218 is
    of one that hung after some hundred commands.
    """
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 0.1)
    entry = await running(hass, broker, poll=3600)
    await _polls(entry, 3)
    assert asked["$G4"]
    assert asked["$G7"]
    asked.clear()
    await _polls(entry, 12)
    assert not {"$G4", "$G5", "$G7"} & asked.keys()
    # It may come back with another controller.
    await simulator.disconnect()
    await simulator.connect(broker.host, broker.port)
    questions = entry.runtime_data.driver.controller.questions
    await until(lambda: questions.known("G4"))


@OLD
async def test_only_what_can_change_is_asked_for(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    asked: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Calibration, clock and timer are read now and then, the state in each turn.

    A gateway 2.7.8 hung after some hundred commands: ESP8266_WiFi_v2.x #218.
    """
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 0.1)
    entry = await running(hass, broker, poll=3600)
    await _polls(entry, 3)
    asked.clear()
    await _polls(entry, 10)
    assert asked["$GE"] == 10
    assert [asked[name] for name in ("$GA", "$GT", "$GD", "$GF", "$GC")] == [1] * 5


@OLD
async def test_a_command_overtakes_a_question(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    asked: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits for what will never be answered to have a car switched off.

    `$G4` has no answer here: a bare `$NK` does not begin with "$NK " (ESP8266_WiFi_v2.x,
    mqtt.cpp; up to 2.8.2).
    """
    entry = await running(hass, broker, poll=3600)
    controller = entry.runtime_data.driver.controller
    await _polls(entry, 1)
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 60.0)
    controller.questions.forget()
    question = hass.async_create_task(controller.poll())
    asked.clear()
    await until(lambda: asked["$G4"])
    async with asyncio.timeout(30):
        await use(hass, entry, "switch.turn_off", "enabled")
    assert asked["$FS"] == 1
    # The question is put off, not dropped.
    await until(lambda: asked["$G4"] == 2)
    question.cancel()


@pytest.mark.parametrize("options", [{"rapi_blocked": True}])
async def test_silence_without_a_broker_is_not_the_gateway(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """A gateway that drops a command answers others; one that is away does not.

    isRapiCommandBlocked() (evse_man.cpp) lets `$G` through in every build, and mqtt.cpp
    says nothing of what it does not (openevse_esp32_firmware 5.1.5; its issue #604).
    """
    entry = await running(hass, broker, poll=3600)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="FS")
    assert error.value.translation_key == "rapi_blocked"
    await simulator.disconnect()
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, entry, "send_rapi", command="FS")
    assert error.value.translation_key == "rapi_timeout"


async def test_the_broker_goes_while_an_answer_is_waited_for(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was lost is said at once.

    Answers come on `rapi/out`, not retained, and without a session kept for us
    (mqtt.cpp, 5.1.5): none comes later.
    """
    entry = await running(hass, broker, poll=3600)
    simulator.link.trouble.lose = 1
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 60.0)
    driver = entry.runtime_data.driver
    before = simulator.counters.commands_received
    command = hass.async_create_task(ask(hass, entry, "send_rapi", command="FS"))
    await until(lambda: simulator.counters.commands_received > before)
    driver.linked(False)
    with pytest.raises(HomeAssistantError) as error:
        await command
    assert error.value.translation_key == "connection_lost"


def test_silence_of_all_says_nothing_of_one() -> None:
    """A gateway that is away answers nothing, and still has all its commands.

    Restarts and lost brokers are many: openevse_esp32_firmware #248.
    """
    questions = Questions()
    for _ in range(5):
        for name in ("G4", "GE"):
            questions.silence(name)
    assert questions.known("G4")
    questions.answered("GE")
    questions.silence("G4")
    assert not questions.known("G4")
    assert questions.known("GE")
