"""The simulated Sofar EMS at a real broker: clients, faults, the command line."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
import json
from pathlib import Path
import random
import sys
import time
from typing import Any

import pytest

from tests.harness.broker import Broker
from tests.harness.process import ChildProcess
from tests.harness.waiting import until

from .access import Access
from .sofar import parse_arguments, simulator as described
from .sofar_bench import CHARGE, NOON, SERIAL
from .sofar_client import OtherClient
from .sofar_simulator import Options, SofarSimulator
from .sofar_trouble import Fault, Trouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def ems(broker: Broker) -> AsyncGenerator[SofarSimulator]:
    """Run an EMS whose clock stands at noon."""
    options = Options(trouble=Trouble(slow_seconds=0.2))
    async with SofarSimulator(options, clock=lambda: NOON) as running:
        await running.start(broker.host, broker.port)
        yield running


@pytest.fixture
async def client(ems: SofarSimulator) -> AsyncGenerator[OtherClient]:
    """Connect a client."""
    async with ems.other_client() as connected:
        yield connected


async def unanswered(
    client: OtherClient, message_type: str, fields: Any = None, **options: Any
) -> None:
    """Ask in vain, and not for long."""
    client.timeout, patient = 0.3, client.timeout
    with pytest.raises(TimeoutError):
        await client.request(message_type, fields, **options)
    client.timeout = patient


async def test_request_and_reply(ems: SofarSimulator, client: OtherClient) -> None:
    """What a client asks arrives, and the reply carries its time."""
    reply = await client.request("set_schedule", CHARGE, time=1234)
    assert reply["requestTime"] == 1234
    (schedule,) = ems.schedules
    assert schedule.id == reply["data"]["state"]["schedule_id"]
    (request,) = ems.requests_of("set_schedule")
    assert request.fields == CHARGE
    assert (request.retained, request.fault) == (False, None)
    assert ems.topics.command == f"standard1/outbound/remoteControlMetrics/{SERIAL}"


async def test_live_control(ems: SofarSimulator, client: OtherClient) -> None:
    """Live commands are kept, and have no reply."""
    await client.live({"ev_policy": "charge", "ev_power_setpoint_w": 3680})
    await client.request("get_topology")
    (command,) = ems.live
    assert (command.device_type, command.policy, command.power) == (
        "ev",
        "charge",
        3680,
    )
    assert ems.live_now("ev") == command
    assert ems.live_now("solar") is None
    assert ems.feedback()["devices"][f"{SERIAL}_evCharger_0"]["policy"] == "charge"


async def test_two_clients_hear_each_other(
    ems: SofarSimulator, client: OtherClient
) -> None:
    """All replies come on one topic; with the same time they cannot be told apart."""
    async with ems.other_client() as second:
        both = await asyncio.gather(
            client.request("set_schedule", CHARGE, time=7),
            second.request("set_schedule", CHARGE | {"device_type": "ev"}, time=7),
        )
        await client.request("get_topology")
    assert both[0] == both[1]
    assert len(client.heard) == 3
    assert len(ems.schedules) == 2


async def test_lost(ems: SofarSimulator, client: OtherClient) -> None:
    """A lost request changes nothing, a lost reply comes from one that has."""
    ems.trouble.plan(Fault.LOST_REQUEST)
    await unanswered(client, "set_schedule", CHARGE)
    assert ems.schedules == []
    ems.trouble.plan(Fault.LOST_REPLY, "set_schedule")
    assert (await client.request("get_topology"))["data"]["responseCode"] == 0
    await unanswered(client, "set_schedule", CHARGE)
    await until(lambda: len(ems.schedules) == 1)
    assert client.heard[-1]["data"]["message_type"] == "get_topology_ack"
    faults = [request.fault for request in ems.requests]
    assert faults == [Fault.LOST_REQUEST, None, Fault.LOST_REPLY]


async def test_slow_replies_overtake(ems: SofarSimulator, client: OtherClient) -> None:
    """A later request may be answered first."""
    ems.trouble.plan(Fault.SLOW, "get_future_schedules")
    slow = asyncio.create_task(client.request("get_future_schedules"))
    await client.request("get_topology")
    await slow
    kinds = [message["data"]["message_type"] for message in client.heard]
    assert kinds == ["get_topology_ack", "get_future_schedules_ack"]


async def test_spoilt_replies(ems: SofarSimulator, client: OtherClient) -> None:
    """Half a JSON, and another requestTime."""
    for fault in (Fault.HALF_JSON, Fault.WRONG_REQUEST_TIME):
        ems.trouble.plan(fault)
        await unanswered(client, "get_topology", time=100)
    await until(lambda: len(ems.replies) == 2)
    half, wrong = ems.replies
    with pytest.raises(ValueError):
        json.loads(half)
    assert json.loads(wrong)["requestTime"] == 107
    await until(lambda: client.heard)
    assert client.heard == [json.loads(wrong)]


async def test_more_replies_than_one(ems: SofarSimulator, client: OtherClient) -> None:
    """One for somebody else before, the same again, and one that nobody asked for."""
    for fault, times in ((Fault.STRAY_REPLY, [107, 100]), (Fault.DUPLICATE, [100] * 2)):
        client.heard.clear()
        ems.trouble.plan(fault)
        await client.request("get_topology", time=100)
        await client.request("get_topology", time=101)
        assert [m["requestTime"] for m in client.heard] == [*times, 101]
    client.heard.clear()
    data = {"message_type": "remove_schedule_ack", "state": "", "responseCode": 0}
    await ems.publish({"requestTime": 1, "time": 1, "data": data})
    await client.request("get_topology")
    assert client.heard[0]["data"] == data


async def test_general_error(ems: SofarSimulator, client: OtherClient) -> None:
    """Nothing is done."""
    ems.trouble.plan(Fault.GENERAL_ERROR)
    reply = await client.request("set_schedule", CHARGE)
    assert reply["data"]["message_type"] == "general_error"
    assert ems.schedules == []


async def test_schedules_from_elsewhere(ems: SofarSimulator) -> None:
    """A test sets and removes without a message."""
    added = ems.add("battery", "idle", NOON + 60, NOON + 120)
    assert ems.schedules == [added]
    ems.remove(added.id)
    assert ems.schedules == []


async def test_it_comes_back(
    broker: Broker, ems: SofarSimulator, client: OtherClient
) -> None:
    """After a broker's restart and its own stop it still knows its schedules."""
    await client.request("set_schedule", CHARGE)
    broker.stop()
    await until(lambda: not (ems.connected or client.connected))
    broker.start()
    await until(lambda: ems.connected and client.connected, 20)
    await client.request("get_topology")
    await ems.stop()
    await unanswered(client, "get_topology")
    await ems.start(broker.host, broker.port)
    reply = await client.request("get_future_schedules")
    assert len(reply["data"]["state"]["schedules"]) == 1


async def test_meddling(ems: SofarSimulator, client: OtherClient) -> None:
    """Another client at random, the same with each seed, lost replies or not."""
    client.timeout = 0.5
    ems.trouble.shares[Fault.LOST_REPLY] = 0.02
    chance = random.Random(5)
    for _ in range(60):
        await client.meddle(chance)
    removed = len(ems.requests_of("remove_schedule"))
    assert len(ems.schedules) > 3
    assert removed > 3
    for schedule in ems.schedules:
        assert NOON <= schedule.start < schedule.end


async def test_from_the_command_line(broker: Broker, tmp_path: Path) -> None:
    """It runs by itself, under topics of its own, and ends when told."""
    options = [
        *("--host", broker.host, "--port", str(broker.port), "--serial", "S1"),
        *("--command-topic", "to/{serial}", "--feedback-topic", "from/{serial}"),
        *("--other-client", "0.05", "--policy", "battery", "boost", "setpoint"),
        *("--speed", "60", "--error-objects", "--milliseconds"),
    ]
    topics = described(parse_arguments(options)).topics
    assert (topics.command, topics.feedback) == ("to/S1", "from/S1")
    process = ChildProcess("sofar", tmp_path / "sofar.log")
    process.start(
        [sys.executable, "-m", "tests.simulators.sofar", *options], directory=ROOT
    )
    try:
        access = Access(broker.host, broker.port)
        async with OtherClient(access, topics, "S1_site_0") as client:
            client.timeout = 0.5  # until it has started
            reply = None
            async with asyncio.timeout(20):
                while reply is None:
                    with suppress(TimeoutError):
                        reply = await client.request("get_topology")
            client.timeout = 5
            assert reply["time"] == pytest.approx(time.time() * 1000, abs=60_000)
            boost = CHARGE | {"policy": "boost", "remove_overlap": True}
            boost["end_time"] = int(time.time()) + 3600
            reply = await client.request("set_schedule", boost)
            code = reply["data"]["responseCode"]
            assert code == 0 or reply["data"]["error"]["code"] == "overlap"
            asked = reply["requestTime"]
            await until(
                lambda: any(
                    message["data"]["message_type"] == "set_schedule_ack"
                    and message["requestTime"] != asked
                    for message in client.heard
                )
            )
    finally:
        process.stop()
    assert process.exit_code == 0, process.tail()
    assert "Traceback" not in process.text()
