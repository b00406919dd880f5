"""The simulated OpenEVSE's gateways at a real broker."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import time
from typing import Any

import aiohttp
import aiomqtt
import pytest

from custom_components.wattbus.protocols.openevse import (
    Claim,
    DivertMode,
    Gateway,
    Limit,
    LimitType,
    Restart,
    ScheduleEvent,
    ServiceState,
    Weekday,
    clear_limit,
    clear_override,
    decode_announce,
    decode_config,
    decode_status,
    release_claim,
    restart,
    send_rapi,
    set_claim,
    set_config,
    set_divert_mode,
    set_limit,
    set_override,
    set_schedule,
    set_shaper,
)
from custom_components.wattbus.protocols.rapi import State
from tests.harness.broker import Broker
from tests.harness.openevse import OpenEvseProcess
from tests.harness.waiting import until

from .openevse import Generation, Trouble, parse_arguments
from .openevse_listener import ANNOUNCE, BASE, Listener, simulated


@pytest.fixture
async def listener(broker: Broker) -> AsyncGenerator[Listener]:
    """Listen to everything."""
    async with (
        aiomqtt.Client(broker.host, broker.port) as client,
        Listener(client) as listener,
    ):
        yield listener


# --- what is published


async def test_esp8266_2_7(broker: Broker, listener: Listener) -> None:
    """Raw temperatures, lifetime Wh, the last will on the base topic, nothing retained."""
    async with simulated(broker, "esp8266-2.7", voltmeter=True) as simulator:
        simulator.charger.plug(50_000)
        await listener.until_state(State.CHARGING)
        await listener.until(lambda: listener.values["current"] == 32)
        values = listener.values
        assert values["gateway_connected"]
        assert values["voltage"] == 240
        assert values["temperature_ds3231"] is None
        assert values["wh"] == 45613
        assert values.keys().isdisjoint({"wifi_signal", "limit", "override"})
        await simulator.disconnect(crash=True)
        await listener.until(lambda: not listener.values["gateway_connected"])
    assert not listener.retained


async def test_esp8266_2_7_with_a_newer_controller(
    broker: Broker, listener: Listener
) -> None:
    """The state at once is right, what is polled is the hexadecimal one in decimal."""
    async with simulated(broker, "esp8266-2.7", protocol="5.2.1") as simulator:
        simulator.charger.sleep()
        states = listener.texts.setdefault(f"{BASE}/state", [])
        await listener.until(lambda: "254" in states)
        await listener.until(lambda: states[-1] == "0")


async def test_esp8266_2_7_5(broker: Broker, listener: Listener) -> None:
    """The total was the session's watt-seconds."""
    async with simulated(broker, "esp8266-2.7", count_seconds=True) as simulator:
        await listener.until(lambda: listener.last("wh") == "0")
        simulator.charger.plug(50_000)
        await listener.until(lambda: int(listener.last("wh") or 0) > 50_000)


async def test_esp8266_2_9(broker: Broker, listener: Listener) -> None:
    """`false` for missing sensors, volts, the signal."""
    async with simulated(broker, "esp8266-2.9"):
        await listener.until(lambda: listener.last("srssi"))
        assert listener.last("temp1") == "false"
        assert listener.values["voltage"] == 240
        assert listener.last("volt") is None


async def test_esp32_4_1(broker: Broker, listener: Listener) -> None:
    """Announced, with retained documents for claims, but none for limits."""
    async with simulated(broker, "esp32-4.1"):
        await listener.until(lambda: listener.last("srssi"))
    async with (
        aiomqtt.Client(broker.host, broker.port) as client,
        Listener(client) as late,
    ):
        await late.until(lambda: len(late.retained) == 4)
    documents = {"claim", "override", "schedule"}
    assert late.retained == {ANNOUNCE} | {f"{BASE}/{name}" for name in documents}
    announced = decode_announce(late.texts[ANNOUNCE][-1])
    assert (announced.connected, announced.base_topic) == (True, BASE)
    assert listener.values["override"] is None
    assert listener.values["wh"] == 45613
    assert "service_state" in listener.values
    assert "power" not in listener.values


async def test_esp32_5_1(broker: Broker, listener: Listener) -> None:
    """All of it, live while charging, and gone with a retained will."""
    async with simulated(broker, "esp32-5.1") as simulator:
        simulator.charger.plug(50_000)
        await listener.until(lambda: listener.values.get("power") == 7680)
        values = listener.values
        assert values["state"] is State.CHARGING
        assert values["limit"] is None
        assert values["schedule"] == ()
        config = values["config"]
        assert (config.version, config.firmware) == ("v5.1.5", "8.2.3")
        assert config.max_current_soft == 32
        await listener.until(lambda: values["session_energy"] > 0)
        # The two come one after the other.
        await listener.until(
            lambda: (
                values["total_energy"] - values["session_energy"]
                == pytest.approx(45_613, abs=1)
            )
        )
        await simulator.disconnect(crash=True)
        await listener.until(lambda: not listener.announced)
        await simulator.connect(broker.host, broker.port)
        await listener.until(lambda: listener.announced)


# --- what it is told


async def test_override_wins(broker: Broker, listener: Listener) -> None:
    """A claim is obeyed, an override more so, and both are acknowledged."""
    async with simulated(broker, "esp32-4.1") as simulator:
        charger = simulator.charger
        charger.plug(50_000)
        await listener.send(set_claim(BASE, state=ServiceState.DISABLED))
        await listener.until(lambda: listener.values.get("claim"))
        assert charger.state is State.SLEEPING
        await listener.send(
            set_override(BASE, state=ServiceState.ACTIVE, charge_current=10)
        )
        await listener.until(lambda: listener.values.get("override"))
        assert listener.values["override"] == Claim(
            ServiceState.ACTIVE, 10, auto_release=True
        )
        assert charger.capacity == 10
        await listener.until_state(State.CHARGING)
        # A part changes a part.
        await listener.send(set_override(BASE, charge_current="clear"))
        await listener.until(lambda: listener.values["override"].charge_current is None)
        assert charger.capacity == 32
        await listener.send(clear_override(BASE))
        await listener.until(lambda: listener.values["override"] is None)
        assert charger.state is State.SLEEPING
        await listener.send(release_claim(BASE))
        await listener.until(lambda: listener.values["claim"] is None)
        await listener.until_state(State.CHARGING)
        # What was once given an auto_release has it false after a `clear`.
        await listener.send(set_override(BASE, max_current=8))
        await listener.until(lambda: listener.values["override"])
        assert listener.values["override"] == Claim(max_current=8, auto_release=False)
        # One for the session ends with it, and the document goes on telling of it.
        await listener.send(set_override(BASE, auto_release=True))
        await listener.until(lambda: listener.values["override"].auto_release)
        assert charger.capacity == 8
        charger.unplug()
        await listener.until(lambda: listener.values["manual_override"] is False)
        assert charger.capacity == 32
        assert listener.values["override"]
        # There is nothing to clear, so nothing is said; and nothing is forgotten.
        await listener.send(clear_override(BASE))
        await listener.send(set_override(BASE, charge_current=16))
        await listener.until(lambda: listener.values["override"].charge_current == 16)
        assert listener.values["override"].max_current == 8
        assert simulator.eeprom_writes == 0


async def test_limit(broker: Broker, listener: Listener) -> None:
    """It ends the session, and goes with the car."""
    async with simulated(broker, "esp32-5.1", speed=1000) as simulator:
        charger = simulator.charger
        await listener.send(set_limit(BASE, LimitType.ENERGY, 2000))
        await listener.until(lambda: listener.values.get("limit"))
        assert listener.values["limit"] == Limit(LimitType.ENERGY, 2000, True)
        charger.plug(50_000)
        await listener.until_state(State.SLEEPING)
        assert charger.session.wh == pytest.approx(2000, abs=60)
        charger.unplug()
        await listener.until_state(State.NOT_CONNECTED)
        await listener.until(lambda: listener.values["limit"] is None)
        await listener.send(set_limit(BASE, LimitType.TIME, 5))
        await listener.until(lambda: listener.values["limit"])
        await listener.send(clear_limit(BASE))
        await listener.until(lambda: listener.values["limit"] is None)


async def test_feeds(broker: Broker, listener: Listener) -> None:
    """Surplus, shaper and settings act on the charger."""
    async with simulated(broker, "esp32-5.1") as simulator:
        charger = simulator.charger
        charger.plug(50_000)
        await listener.send(
            set_config(
                BASE,
                {
                    "mqtt_grid_ie": "house/grid",
                    "mqtt_live_pwr": "house/live",
                    "current_shaper_enabled": True,
                    "current_shaper_max_pwr": 9000,
                },
            )
        )
        # It connects anew for the topics.
        await listener.until(lambda: len(listener.texts[ANNOUNCE]) == 2)
        await listener.until(lambda: len(listener.texts[f"{BASE}/mqtt_connected"]) == 2)
        await listener.send(set_shaper(BASE, enabled=False))
        await listener.until(lambda: listener.last("shaper") == "0")
        await listener.send(set_divert_mode(BASE, DivertMode.ECO))
        await listener.until(lambda: listener.last("divertmode") == "2")
        # What the car takes counts as surplus, and it needs a moment to stop.
        await listener.until(lambda: not charger.amps)
        await listener.client.publish("house/grid", "-2400.9")
        await listener.until(lambda: listener.last("grid_ie") == "-2400")
        await listener.until(lambda: listener.values.get("divert_charge_rate", 0) >= 10)
        assert 10 <= charger.capacity < 32
        await listener.client.publish("house/grid", "9000")
        await listener.until_state(State.SLEEPING)
        await listener.send(set_divert_mode(BASE, DivertMode.NORMAL))
        await listener.until_state(State.CONNECTED, State.CHARGING)
        await listener.send(set_shaper(BASE, enabled=True))
        await listener.until(lambda: listener.last("shaper") == "1")
        await listener.client.publish("house/live", "4200")
        await listener.until(lambda: listener.last("shaper_updated") == "true")
        await listener.until_state(State.CONNECTED, State.CHARGING)
        # Old values are as bad as none.
        await listener.until_state(State.SLEEPING)
        await listener.send(set_shaper(BASE, enabled=False))
        await listener.until_state(State.CONNECTED, State.CHARGING)


async def test_schedule_and_restart(broker: Broker, listener: Listener) -> None:
    """The last entry before now is what counts; a restart sends the will."""
    async with simulated(broker, "esp32-5.1") as simulator:
        event = ScheduleEvent(7, ServiceState.DISABLED, time(0, 0), tuple(Weekday))
        await listener.send(set_schedule(BASE, [event]))
        await listener.until(lambda: listener.values.get("schedule"))
        await listener.until_state(State.SLEEPING)
        await listener.send(restart(BASE, Restart.CONTROLLER))
        await listener.until_state(State.STARTING)
        simulator.gateway.uptime += 1_000_000
        await listener.send(restart(BASE, Restart.GATEWAY))
        await listener.until(lambda: not listener.announced)
        await listener.until(lambda: listener.announced)
        assert simulator.gateway.uptime < 1_000_000


# --- RAPI over MQTT


async def test_rapi(broker: Broker, listener: Listener) -> None:
    """Answers with the id of the question; the oldest gateway keeps some to itself."""
    async with simulated(broker, "esp8266-2.9") as simulator:
        assert await listener.rapi("GC", sequence=0x12) == "$OK 6 32 :12^0E"
        assert await listener.rapi("FS") == "$OK^20"
        assert await listener.rapi("SH", 5) == "$NK^21"
        assert simulator.counters.commands_received == 3
    async with simulated(broker, "esp8266-2.7") as simulator:
        before = len(listener.replies)
        await listener.send(send_rapi(BASE, "FS"))
        await listener.send(send_rapi(BASE, "SC", 3, "V"))
        # The blank makes it a current of 0, which is stored.
        await listener.send(send_rapi(BASE, "SC"))
        # With an id it is not bare.
        assert await listener.rapi("FE", sequence=1) == "$OK :01^3B"
        assert len(listener.replies) == before + 1
        assert simulator.eeprom_writes == 1


async def test_blocked_rapi(broker: Broker, listener: Listener) -> None:
    """Nothing comes back, and nothing is done."""
    async with simulated(broker, "esp32-5.1", rapi_blocked=True) as simulator:
        await listener.send(send_rapi(BASE, "FS"))
        assert await listener.rapi("GE") == "$OK 32 0001^20"
        assert await listener.rapi("FB", 3) == "$OK^20"
        assert simulator.charger.state is State.NOT_CONNECTED
        assert simulator.counters.commands_blocked == 1
        build = decode_config(simulator.gateway.config.document()).buildenv
        assert Gateway("v5.1.5", build).blocks("FS")
    async with simulated(broker, "esp32-4.1") as simulator:
        await listener.send(send_rapi(BASE, "ST", 1, 0, 2, 0))
        await listener.rapi("FS")
        assert simulator.counters.commands_blocked == 1


async def test_trouble(broker: Broker, listener: Listener) -> None:
    """Lost, late, damaged answers, and those of others."""
    trouble = Trouble(0.2, 0.2, 0.1, 0.2, other_clients=True)
    async with simulated(broker, "esp8266-2.9", trouble=trouble) as simulator:
        for number in range(1, 101):
            await listener.send(send_rapi(BASE, "GC", sequence=number))
            await asyncio.sleep(0.02)
        counters = simulator.counters
        await listener.until(
            lambda: (
                counters.commands_received == 100
                and len(listener.replies)
                == 100 - counters.replies_dropped + counters.replies_of_others
            )
        )
        for count in (
            counters.replies_dropped,
            counters.replies_damaged,
            counters.replies_delayed,
            counters.replies_of_others,
        ):
            assert 5 < count < 60
        numbers = [r[-5:-3] for r in listener.replies if r.startswith("$OK 6 32 :")]
        assert numbers != sorted(numbers)


async def test_the_broker_comes_back(broker: Broker, listener: Listener) -> None:
    """It connects again by itself."""
    async with simulated(broker, "esp32-5.1") as simulator:
        broker.restart()
        assert simulator.connection is not None
        connected = simulator.connection.connected
        await until(lambda: not connected.is_set())
        await until(connected.is_set)


# --- the command line


async def test_process(broker: Broker, listener: Listener, tmp_path: Any) -> None:
    """It runs by itself, with a car, and leaves a will when it is killed."""
    options = parse_arguments(["--generation", "esp8266-2.9", "--lose", "0.05"])
    assert (options.lose, options.generation) == (0.05, Generation.ESP8266_2_9)
    with OpenEvseProcess(
        tmp_path / "log", "esp32-5.1", "--speed", "100", broker=broker, http=True
    ) as process:
        await listener.until_state(State.CHARGING)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{process.url}/status") as response,
        ):
            assert decode_status(await response.read())["vehicle_connected"]
        process.process.kill()
        await listener.until(lambda: not listener.announced)
