"""The simulated EM420 sends what the codec, written from the same document, reads."""

import asyncio
from collections.abc import Callable
import math

from aiohttp.test_utils import TestClient, TestServer
import aiomqtt
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.em420 import (
    KEYS,
    Configuration,
    Measurements,
    Source,
    SourceConfiguration,
    Status,
    decode,
    net_power,
)
from tests.harness.broker import Broker

from . import em420
from .em420 import parse_arguments, rest_app, serve
from .em420_model import METER, Em420, Glitch


def data(payload: bytes) -> dict[str, Source]:
    """Decode a data message."""
    message = decode(payload)
    assert isinstance(message, Measurements)
    return message.sources


def configuration(payload: bytes) -> dict[str, SourceConfiguration]:
    """Decode a configuration message."""
    message = decode(payload)
    assert isinstance(message, Configuration)
    return message.sources


def test_sources() -> None:
    """The meter with everything, sensors with the seven values of their phase, a group."""
    sources = data(Em420(sensors=4).data())
    assert list(sources) == [METER, "s0", "s1", "s2", "s3", "g0"]
    assert sources[METER].values.keys() == KEYS.keys()
    assert sources["s1"].values.keys() == {
        "active_energy_+_L2",
        "active_power_+_L2",
        "apparent_energy_+_L2",
        "apparent_power_+_L2",
        "current_L2",
        "power_factor_L2",
        "voltage_L2",
    }
    assert len(data(Em420(four_quadrant=True).data("s0"))["s0"].values) == 15


def test_both_formats_say_the_same() -> None:
    """Flat and detailed differ in their form only."""
    model = Em420()
    detailed, flat = data(model.data()), data(model.data(flat=True))
    for source_id, source in detailed.items():
        assert flat[source_id].values == source.values
        assert flat[source_id].status is source.status is Status.OK
        assert flat[source_id].configuration_id is None


def test_configuration_describes_the_data() -> None:
    """Every key has its code and unit, and the ids match until something changes."""
    model = Em420(sensors=3)
    known, sources = configuration(model.configuration()), data(model.data())
    for source_id, source in sources.items():
        assert known[source_id].id == source.configuration_id
        assert known[source_id].units.keys() == source.values.keys()
    for key, value in known[METER].units.items():
        assert value.obis_code == str(KEYS[key].obis)
    assert known["g0"].members == ("s0", "s2")
    assert known["s2"].phase == "L3"
    model.rename("s0", "Bad")
    changed = configuration(model.configuration())
    assert changed["s0"].label == "Bad"
    assert changed["s0"].id != known["s0"].id
    assert changed["s1"] == known["s1"]


def test_energies_follow_the_power() -> None:
    """An hour of steady power is that many watt-hours; nothing steps back."""
    model = Em420()
    before = data(model.data())
    for _ in range(3600):
        model.step(1)
        after = data(model.data(METER, "g0"))
        for source_id, source in after.items():
            for key, value in source.values.items():
                if "_energy_" in key:
                    previous = before[source_id].values[key]
                    assert value is not None
                    assert previous is not None
                    assert previous <= value < previous + 10
        before = after


def test_the_meter_balances() -> None:
    """The total is the sum of the phases, and each value fits the others."""
    model = Em420(sensors=8)
    for _ in range(50):
        model.step(1800)
        values = data(model.data(METER))[METER].values
        net = net_power(values)
        phases = [net[f"active_power_L{phase}"] or 0.0 for phase in (1, 2, 3)]
        assert net["active_power"] == pytest.approx(math.fsum(phases), abs=1)
        assert values["voltage_L1"] == pytest.approx(230, abs=15)
        assert values["supply_frequency"] == pytest.approx(50, abs=0.2)


GLITCHES: list[tuple[Glitch, Callable[[Source], bool]]] = [
    (Glitch.NULLS, lambda source: set(source.values.values()) == {None}),
    (Glitch.ZERO_ENERGY, lambda source: source.values["active_energy_+"] == 0),
    (
        Glitch.STEPPED_BACK_ENERGY,
        lambda source: 0 < (source.values["active_energy_+"] or 0) < 250_000,
    ),
    (Glitch.ERROR_STATUS, lambda source: source.status is Status.ERROR),
    (
        Glitch.OTHER_CONFIGURATION_ID,
        lambda source: source.configuration_id == "0" * 40,
    ),
]


@pytest.mark.parametrize(("glitch", "happened"), GLITCHES)
def test_glitches(glitch: Glitch, happened: Callable[[Source], bool]) -> None:
    """A message can be wrong in a way that is still a message; the next is right."""
    model = Em420()
    right = data(model.data())
    wrong = data(model.data(glitch=glitch))
    assert happened(wrong[METER])
    assert wrong["s0"] == right["s0"]
    assert data(model.data()) == right
    if glitch is not Glitch.OTHER_CONFIGURATION_ID:
        assert data(model.data(flat=True, glitch=glitch)) != data(model.data(flat=True))


def test_invalid_json() -> None:
    """Or it is no message at all."""
    with pytest.raises(ProtocolError, match="not JSON"):
        decode(Em420().data(glitch=Glitch.INVALID_JSON))


@pytest.mark.usefixtures("socket_enabled")
async def test_rest() -> None:
    """The meter in the detailed format, for who has the token."""
    path = "/api/json/local/values/smart-meter"
    async with TestClient(TestServer(rest_app(Em420(flat=True), "secret"))) as client:
        for headers in ({}, {"Authorization": "Bearer other"}):
            async with client.get(path, headers=headers) as response:
                assert response.status == 401
        headers = {"Authorization": "Bearer secret"}
        async with client.get(path, headers=headers) as response:
            assert response.status == 200
            sources = data(await response.read())
        assert list(sources) == [METER]
        assert sources[METER].configuration_id


async def listen(port: int, count: int, *arguments: str) -> list[tuple[str, bytes]]:
    """Run the simulator and return its first messages."""
    messages: list[tuple[str, bytes]] = []
    options = ["--port", str(port), "--interval", "0.01", *arguments]
    async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("em420/#")
        simulator = asyncio.create_task(serve(parse_arguments(options)))
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            messages.append((message.topic.value, message.payload))
            if len(messages) == count:
                break
        await simulator
    return messages


@pytest.mark.usefixtures("socket_enabled")
async def test_publishing() -> None:
    """The configuration once, the data again and again; by source where wanted."""
    with Broker() as broker:
        messages = await listen(broker.port, 4, "--count", "3")
        assert [topic for topic, _ in messages] == ["em420/config"] + 3 * ["em420/data"]
        assert configuration(messages[0][1]).keys() == data(messages[1][1]).keys()
        arguments = ("--count", "1", "--sources", "1", "--topic-per-source")
        messages = await listen(broker.port, 3, *arguments, "--format", "flat")
        assert [topic for topic, _ in messages] == [
            "em420/data/smart-meter",
            "em420/data/s0",
            "em420/data/g0",
        ]
        assert list(data(messages[1][1])) == ["s0"]


@pytest.mark.usefixtures("socket_enabled")
async def test_the_broker_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device connects again, and says no more who its sources are.

    TQ document 1.1.2.2: the configuration is sent "nur beim ersten Verbinden".
    """
    monkeypatch.setattr(em420, "_RECONNECT_SECONDS", 0.05)
    with Broker() as broker:
        options = ["--port", str(broker.port), "--interval", "0.01"]
        simulator = asyncio.create_task(serve(parse_arguments(options)))
        try:
            await topics(broker)
            for _ in range(2):
                broker.restart()
                assert await topics(broker) == {"em420/data"}
        finally:
            simulator.cancel()
            await asyncio.wait([simulator])
        assert simulator.cancelled()


async def topics(broker: Broker) -> set[str]:
    """Give the topics of the next messages."""
    async with (
        asyncio.timeout(20),
        aiomqtt.Client(broker.host, broker.port) as client,
    ):
        await client.subscribe("em420/#")
        messages = aiter(client.messages)
        return {(await anext(messages)).topic.value for _ in range(20)}
