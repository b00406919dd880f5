"""RAPI over MQTT: every question ends in its own answer, or in an error."""

import asyncio
from collections import Counter
from typing import Any

import aiomqtt
import pytest

from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.openevse import rapi as module
from custom_components.wattbus.families.openevse.rapi import MqttRapi
from custom_components.wattbus.protocols import ProtocolError, rapi
from custom_components.wattbus.protocols.openevse import Gateway
from custom_components.wattbus.protocols.publication import Publication

from ...harness.broker import Broker
from ...simulators import openevse_link
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_link import Trouble
from ...simulators.openevse_simulator import OpenEvseSimulator, Options

BASE = "openevse"


class Conversation:
    """A client of a test's own, as small as can be."""

    def __init__(self, broker: Broker) -> None:
        """Talk to the charger at a broker."""
        self.client = aiomqtt.Client(broker.host, broker.port)
        self.rapi = MqttRapi(BASE, self._publish)

    async def _publish(self, publication: Publication) -> None:
        await self.client.publish(publication.topic, publication.payload)

    async def listen(self) -> None:
        """Hand the answers over."""
        async for message in self.client.messages:
            try:
                self.rapi.received(bytes(message.payload))
            except ProtocolError:
                continue

    async def __aenter__(self) -> MqttRapi:
        """Connect."""
        await self.client.__aenter__()
        await self.client.subscribe(f"{BASE}/rapi/out")
        self._task = asyncio.create_task(self.listen())
        return self.rapi

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        self._task.cancel()
        await self.client.__aexit__(None, None, None)


async def _automation(talk: MqttRapi, number: int, calls: int) -> Counter[str]:
    """Ask in turns, and check that each answer is that of its question."""
    results: Counter[str] = Counter()
    for turn in range(calls):
        amps = 6 + (turn * 3 + number) % 20
        try:
            match turn % 4:
                case 0:
                    reply = await talk.ask("SC", amps, "V")
                    assert reply.values == (str(amps),)
                case 1:
                    reply = await talk.ask("GU")
                    assert len(rapi.read_energy(reply).__slots__) == 2
                case 2:
                    reply = await talk.ask("GV")
                    assert reply.values[1].count(".") == 2
                case _:
                    reply = await talk.ask("GC")
                    assert rapi.read_capacity(reply).minimum == 6
        except CommandError as err:
            results[str(err.translation_key)] += 1
        else:
            results["answer"] += 1
    return results


@pytest.mark.timeout(110)
async def test_a_thousand_questions(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three automations, 5 % of the answers lost and 5 % late: none gets another's."""
    # In the order of the real ones: what the gateway waits for, what we wait for,
    # when a late answer comes.
    monkeypatch.setattr(openevse_link, "_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 0.15)
    options = Options(
        generation=Generation.ESP32_4_1,
        base=BASE,
        speed=30,
        trouble=Trouble(lose=0.05, delay=0.05, delay_seconds=0.4),
    )
    async with OpenEvseSimulator(options) as simulator, Conversation(broker) as talk:
        await simulator.connect(broker.host, broker.port)
        talk.gateway = Gateway("4.1.7")  # one that passes writes on
        while talk.version is None:
            try:
                await talk.identify()
            except CommandError:
                continue
        calls = (334, 333, 333)
        results: Counter[str] = sum(
            await asyncio.gather(
                *(
                    _automation(talk, number, count)
                    for number, count in enumerate(calls)
                )
            ),
            Counter(),
        )
    assert results.total() == 1000
    assert results["answer"] > 800  # about 970; on a busy machine more are late
    assert results.keys() == {"answer", "rapi_timeout"}


@pytest.mark.parametrize(
    ("command", "parameters"),
    [
        ("SC", [300]),
        ("SC", ["24", "M"]),
        ("FP", [0, 0, "a^b"]),
        ("NO", []),
        ("GS", [1]),
    ],
)
async def test_what_cannot_be_sent(command: str, parameters: list[Any]) -> None:
    """It is refused before anything is sent."""
    sent: list[Publication] = []

    async def publish(publication: Publication) -> None:
        sent.append(publication)

    with pytest.raises(ProtocolError):
        await MqttRapi(BASE, publish).ask(command, *parameters)
    assert not sent


async def test_an_old_controller_is_read_in_order(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without sequence ids a late answer does not become the next one's."""
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 0.3)
    options = Options(
        generation=Generation.ESP8266_2_7, base=BASE, speed=30, protocol="1.0.3"
    )
    async with OpenEvseSimulator(options) as simulator, Conversation(broker) as talk:
        await simulator.connect(broker.host, broker.port)
        version = await talk.identify()
        assert version.protocol == (1, 0, 3)
        for _ in range(5):
            assert rapi.read_capacity(await talk.ask("GC")).minimum >= 6
            assert (await talk.ask("FE")).values == ()  # kept by the gateway
            assert rapi.read_energy(await talk.ask("GU")).total_wh >= 0


async def test_a_command_whose_answer_may_be_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without an answer it may have worked; what the gateway drops has not."""
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 0.05)
    sent: list[Publication] = []

    async def publish(publication: Publication) -> None:
        sent.append(publication)

    talk = MqttRapi(BASE, publish)
    await talk.tell("FR")
    assert [publication.topic for publication in sent] == [f"{BASE}/rapi/in/$FR"]
    talk.gateway = Gateway("5.1.1")
    with pytest.raises(CommandError) as error:
        await talk.tell("FR")
    assert error.value.translation_key == "rapi_blocked"
    assert len(sent) == 1
