"""The simulated openWB at a real broker."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import copy
import json
from typing import Any

import aiomqtt
import pytest

from tests.harness.broker import Broker

from .openwb import OpenWbSimulator, Options, Version, parse_arguments
from .openwb_retained import FIXTURE, FIXTURE_TIME

TEMPLATE = "openWB/chargepoint/3/set/charge_template"


class Watch:
    """What a client has seen, and sees."""

    def __init__(self, client: aiomqtt.Client) -> None:
        """Begin with nothing."""
        self.client = client
        self.seen: dict[str, Any] = {}
        self.messages: list[str] = []

    async def until(self, condition: Callable[[], bool]) -> None:
        """Read until something has come."""
        async with asyncio.timeout(5):
            while not condition():
                message = await anext(self.client.messages)
                payload = message.payload
                assert isinstance(payload, bytes)
                topic = message.topic.value
                self.messages.append(topic)
                if payload:
                    self.seen[topic] = json.loads(payload)
                else:
                    self.seen.pop(topic, None)


@pytest.fixture
async def watch(broker: Broker) -> AsyncGenerator[Watch]:
    """Watch all topics."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("openWB/#", 2)
        yield Watch(client)


def simulator(version: Version = Version.V2_2_2, **options: Any) -> OpenWbSimulator:
    """Return one whose time passes only with `cycle`."""
    defaults = {"automatic": False, "start": FIXTURE_TIME}
    return OpenWbSimulator(Options(version=version, **(defaults | options)))


async def test_everything_is_retained(broker: Broker) -> None:
    """A client that comes later sees all topics of the fixture as they are there."""
    lines = FIXTURE.read_text().splitlines()
    expected = {k: json.loads(v) for k, v in (line.split("\t") for line in lines)}
    async with simulator() as openwb:
        await openwb.start(broker.host, broker.port)
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("openWB/#")
            watch = Watch(client)
            await watch.until(lambda: len(watch.seen) == len(expected))
        assert watch.seen == expected


async def test_set_topics_are_echoed_and_cleared(broker: Broker, watch: Watch) -> None:
    async with simulator() as openwb:
        await openwb.start(broker.host, broker.port)
        await watch.until(lambda: TEMPLATE in watch.seen)
        template = copy.deepcopy(watch.seen[TEMPLATE])
        template["chargemode"]["selected"] = "eco_charging"
        topic = "openWB/set/chargepoint/3/set/charge_template"
        await watch.client.publish(topic, json.dumps(template), 1, retain=True)
        await watch.until(lambda: watch.seen.get(TEMPLATE) == template)
        await watch.until(lambda: topic not in watch.seen)
        assert [write.value for write in openwb.accepted] == [template]
        await openwb.edit_template(3, lambda other: other.update(prio=True))
        await watch.until(lambda: watch.seen[TEMPLATE]["prio"] is True)


async def test_only_what_changes_is_published(broker: Broker, watch: Watch) -> None:
    async with simulator() as openwb:
        await openwb.start(broker.host, broker.port)
        await openwb.cycle()
        # The cycle's last message.
        await watch.until(
            lambda: watch.seen.get("openWB/system/time") == FIXTURE_TIME + 10
        )
        watch.messages.clear()
        await openwb.cycle()
        await watch.until(lambda: "openWB/system/time" in watch.messages)
        assert len(watch.messages) < 80
        assert "openWB/chargepoint/3/config" not in watch.messages


async def test_it_lives_by_itself(broker: Broker, watch: Watch) -> None:
    """Cycles come at the interval, and last what the clock says."""
    times = iter(range(0, 10_000, 10))
    openwb = simulator(automatic=True, interval=0.05, clock=lambda: next(times))
    async with openwb:
        await openwb.start(broker.host, broker.port)
        await watch.until(lambda: watch.messages.count("openWB/system/time") > 3)
    assert (watch.seen["openWB/system/time"] - FIXTURE_TIME) % 10 == pytest.approx(0)


async def test_other_root_and_new_connection(broker: Broker) -> None:
    async with simulator(root="home/wallbox", speed=20.0) as openwb:
        await openwb.start(broker.host, broker.port)
        broker.restart()
        await openwb.plug(4)
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("home/wallbox/#")
            watch = Watch(client)
            plug = "home/wallbox/chargepoint/4/get/plug_state"
            await watch.until(lambda: watch.seen.get(plug) is True)
            await client.publish("home/wallbox/set/chargepoint/4/set/manual_lock", "1")
            lock = "home/wallbox/chargepoint/4/set/manual_lock"
            await watch.until(lambda: watch.seen.get(lock) is True)


async def test_counters_go_on(broker: Broker, watch: Watch) -> None:
    """With `resume` a second start does not step back."""
    topic = "chargepoint/3/get/imported"
    async with simulator() as openwb:
        await openwb.start(broker.host, broker.port)
        await openwb.cycle(3600)
        counted = openwb.value(topic)
    async with simulator(resume=True) as openwb:
        await openwb.start(broker.host, broker.port)
        assert openwb.value(topic) == counted > 13327459.96
        await openwb.unplug(3)
        await openwb.scan(3, "04A1B2C3")
        await openwb.put("chargepoint/3/get/fault_state", 2)
        await openwb.remove(r"chargepoint/4/.*")
        await watch.until(lambda: "openWB/chargepoint/4/config" not in watch.seen)
        await watch.until(
            lambda: watch.seen.get("openWB/chargepoint/3/get/rfid") == "04A1B2C3"
        )


def test_command_line() -> None:
    options = parse_arguments(["--version", "2.1.7", "--speed", "60", "--root", "x"])
    assert (options.version, options.port, options.speed) == (Version.V2_1_7, 1883, 60)
