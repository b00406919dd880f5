"""The simulated OpenEVSE's gateways, over a real broker and over HTTP."""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import time
import json
from typing import Any

import aiohttp
import aiomqtt
import pytest

from custom_components.wattbus.protocols.openevse import (
    Claim,
    DivertMode,
    Gateway,
    GatewayError,
    Limit,
    LimitType,
    Publication,
    Restart,
    ScheduleEvent,
    ServiceState,
    Weekday,
    capabilities,
    clear_limit,
    clear_override,
    decode,
    decode_announce,
    decode_config,
    decode_rapi,
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

from .openevse import Generation, OpenEvseSimulator, Options, Trouble, parse_arguments
from .openevse_auth import APP_HEADER, COOKIE

BASE = "openevse"
ANNOUNCE = "openevse/announce/ad55"


class Listener:
    """What a client at the broker has heard, as text and as Wattbus decodes it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        """Hear nothing yet."""
        self.client = client
        self.texts: dict[str, list[str]] = {}
        self.values: dict[str, Any] = {}
        self.retained: set[str] = set()
        self._heard = asyncio.Event()

    async def listen(self) -> None:
        """Hear everything, until cancelled."""
        await self.client.subscribe("#")
        async for message in self.client.messages:
            topic, payload = message.topic.value, message.payload
            assert isinstance(payload, bytes)
            self.texts.setdefault(topic, []).append(payload.decode())
            key = topic.removeprefix(BASE)
            if key != topic and not key.endswith("/set"):
                self.values |= decode(key.removeprefix("/"), payload)
            if message.retain:
                self.retained.add(topic)
            self._heard.set()

    def last(self, key: str) -> str | None:
        """Return the last text on a topic below the base."""
        return self.texts.get(f"{BASE}/{key}", [None])[-1]

    @property
    def announced(self) -> bool:
        """Return whether the gateway says that it is there."""
        return decode_announce(self.texts[ANNOUNCE][-1]).connected

    @property
    def replies(self) -> list[str]:
        """Return all answers to RAPI commands."""
        return self.texts.get(f"{BASE}/rapi/out", [])

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(30):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    async def until_state(self, *states: State) -> None:
        """Wait until the charger says that it is in one of some states."""
        await self.until(lambda: self.values.get("state") in states)

    async def send(self, publication: Publication) -> None:
        """Publish a command."""
        await self.client.publish(publication.topic, publication.payload)

    async def rapi(self, command: str, *parameters: str | int, **options: int) -> str:
        """Send a RAPI command and return what comes next."""
        before = len(self.replies)
        await self.send(send_rapi(BASE, command, *parameters, **options))
        await self.until(lambda: len(self.replies) > before)
        return self.replies[before]


@pytest.fixture
async def listener(broker: Broker) -> AsyncGenerator[Listener]:
    """Listen to everything."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        listener = Listener(client)
        task = asyncio.create_task(listener.listen())
        yield listener
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def simulated(
    broker: Broker, generation: str, speed: float = 100, **options: Any
) -> AsyncIterator[OpenEvseSimulator]:
    """Run a simulator at a broker."""
    wanted = Options(Generation(generation), speed=speed, **options)
    async with OpenEvseSimulator(wanted) as simulator:
        await simulator.connect(broker.host, broker.port)
        yield simulator


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
        await listener.until(lambda: len(states) > 2)
        assert states[1:3] == ["254", "0"]


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
        await listener.until(lambda: listener.last("state"))
    async with aiomqtt.Client(broker.host, broker.port) as client:
        late = Listener(client)
        task = asyncio.create_task(late.listen())
        await late.until(lambda: len(late.retained) == 4)
        task.cancel()
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
        await listener.until(lambda: listener.values["session_energy"] > 0)
        total = listener.values["total_energy"] - listener.values["session_energy"]
        assert total == pytest.approx(45_613, abs=1)
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
        # It is for the session only.
        await listener.send(set_override(BASE, max_current=8))
        await listener.until(lambda: listener.values["override"])
        assert charger.capacity == 8
        charger.unplug()
        await listener.until(lambda: listener.values["override"] is None)
        assert charger.capacity == 32
        assert simulator.eeprom_writes == 0


async def test_limit(broker: Broker, listener: Listener) -> None:
    """It ends the session, and goes with the car."""
    async with simulated(broker, "esp32-5.1", speed=1000) as simulator:
        charger = simulator.charger
        charger.plug(50_000)
        await listener.send(set_limit(BASE, LimitType.ENERGY, 2000))
        await listener.until(lambda: listener.values.get("limit"))
        assert listener.values["limit"] == Limit(LimitType.ENERGY, 2000, True)
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
                BASE, {"mqtt_grid_ie": "house/grid", "mqtt_live_pwr": "house/live"}
            )
        )
        assert simulator.connection is not None
        await listener.until(
            lambda: (c := listener.values.get("config")) and c.mqtt_live_pwr
        )
        await asyncio.sleep(0.1)
        await simulator.connection.connected.wait()
        await listener.send(set_divert_mode(BASE, DivertMode.ECO))
        await listener.until(lambda: listener.last("divertmode") == "2")
        await listener.client.publish("house/grid", "-2400.9")
        await listener.until(lambda: listener.last("grid_ie") == "-2400")
        await listener.until(lambda: listener.values.get("divert_charge_rate", 0) >= 10)
        assert 10 <= charger.capacity < 32
        await listener.client.publish("house/grid", "9000")
        await listener.until_state(State.SLEEPING)
        await listener.send(set_divert_mode(BASE, DivertMode.NORMAL))
        await listener.until_state(State.CONNECTED, State.CHARGING)
        await listener.client.publish("house/live", "4200")
        await listener.send(set_shaper(BASE, enabled=True))
        await listener.until(lambda: listener.last("shaper") == "1")
        await listener.until(lambda: listener.values["shaper_active"])
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
        await listener.send(restart(BASE, Restart.GATEWAY))
        await listener.until(lambda: not listener.announced)
        await listener.until(lambda: listener.announced)
        assert simulator.gateway.uptime < 100


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
        await asyncio.sleep(0.3)
        counters = simulator.counters
        expected = 100 - counters.replies_dropped + counters.replies_of_others
        await listener.until(lambda: len(listener.replies) == expected)
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
        async with asyncio.timeout(20):
            while simulator.connection.connected.is_set():
                await asyncio.sleep(0.02)
            await simulator.connection.connected.wait()


# --- HTTP


@asynccontextmanager
async def served(
    generation: str, **options: Any
) -> AsyncIterator[tuple[OpenEvseSimulator, aiohttp.ClientSession]]:
    """Run a simulator that serves HTTP only."""
    wanted = Options(Generation(generation), speed=100, **options)
    async with OpenEvseSimulator(wanted) as simulator:
        url = f"http://127.0.0.1:{await simulator.serve_http()}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(url, cookie_jar=jar) as session:
            yield simulator, session


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("generation", list(Generation))
async def test_http_values(generation: Generation) -> None:
    """Status, configuration and RAPI of every generation can be read."""
    async with served(generation) as (_, session):
        async with session.get("/status") as response:
            values = decode_status(await response.read())
        assert values["state"] is State.NOT_CONNECTED
        assert values["current"] == 0
        async with session.get("/config") as response:
            text = await response.text()
        config = decode_config(text)
        assert "secret" not in text
        found = capabilities(config=config)
        assert ("override" in found) == generation.startswith("esp32")
        assert ("limit" in found) == (generation == "esp32-5.1")
        query = {"json": "1", "rapi": "$GE"}
        async with session.get("/r", params=query) as response:
            assert decode_rapi(await response.read()).values == ("32", "0001")
        async with session.get("/override") as response:
            assert response.status == (200 if "override" in found else 404)


@pytest.mark.usefixtures("socket_enabled")
async def test_http_commands() -> None:
    """Override, claims, limit, schedule, feeds, settings, restart."""
    async with served("esp32-5.1") as (simulator, session):
        charger = simulator.charger

        async def do(method: str, path: str, body: object = None) -> tuple[int, Any]:
            data = None if body is None else json.dumps(body)
            async with session.request(method, path, data=data) as response:
                return response.status, await response.json()

        created = await do("POST", "/override", {"state": "disabled"})
        assert created == (201, {"msg": "Created"})
        assert charger.state is State.SLEEPING
        status, override = await do("GET", "/override")
        assert override == {"state": "disabled", "auto_release": True}
        assert (await do("PATCH", "/override"))[0] == 200
        assert (await do("DELETE", "/override"))[0] == 500
        claim = {"charge_current": 13}
        assert (await do("POST", "/claims/20", claim))[0] == 200
        assert charger.capacity == 13
        assert (await do("GET", "/claims"))[1][0]["client"] == 20
        target = (await do("GET", "/claims/target"))[1]
        assert target["claims"] == {"charge_current": 20}
        assert (await do("DELETE", "/claims/20"))[0] == 200
        assert (await do("DELETE", "/claims/20"))[0] == 404
        assert (await do("POST", "/limit", {"type": "soc", "value": 80}))[0] == 201
        assert (await do("POST", "/limit", {"type": "soc"}))[0] == 400
        assert (await do("GET", "/limit"))[1]["type"] == "soc"
        assert (await do("DELETE", "/limit"))[1] == {"msg": "done"}
        assert (await do("POST", "/status", {"grid_ie": -500, "voltage": 231}))[
            0
        ] == 200
        assert (charger.voltage, simulator.gateway.divert.grid_ie) == (231, -500)
        changed = await do("POST", "/config", {"max_current_soft": 20})
        assert changed == (200, {"config_version": 2, "msg": "done"})
        assert (charger.capacity, charger.eeprom_writes) == (20, 1)
        assert (await do("POST", "/restart", {"device": "evse"}))[0] == 200
        status, _ = await do("POST", "/override", "no object")
        assert status == 400


@pytest.mark.usefixtures("socket_enabled")
async def test_http_rapi() -> None:
    """Blocked, lost and unknown commands have the gateway's own words."""

    async def ask(session: aiohttp.ClientSession, command: str) -> tuple[int, str]:
        query = {"json": "1", "rapi": command}
        async with session.get("/r", params=query) as response:
            try:
                reply = decode_rapi(await response.read())
            except GatewayError as error:
                return response.status, error.reason
            return response.status, " ".join(reply.values) if reply.ok else "NK"

    async with served("esp32-5.1", rapi_blocked=True) as (_, session):
        assert await ask(session, "$FS") == (400, "BLOCKED")
        assert await ask(session, "$GE") == (200, "32 0001")
    async with served("esp32-5.1") as (_, session):
        assert await ask(session, "$SH 5") == (200, "NK")
        assert await ask(session, f"$FP 0 0 {20 * 'x'}") == (200, "")
        assert await ask(session, f"$FP 0 0 {21 * 'x'}") == (500, "TIMEOUT")
    async with served("esp8266-2.7", protocol="1.0.3") as (simulator, session):
        assert await ask(session, "$ST 1 2 3 4") == (200, "")
        assert await ask(session, "$GD") == (200, "1 2 3 4")
        assert await ask(session, "$FF D 0") == (200, "NK")
        assert simulator.eeprom_writes == 1
    async with served("esp32-5.1", trouble=Trouble(lose=1)) as (_, session):
        assert await ask(session, "$GE") == (500, "TIMEOUT")


@pytest.mark.usefixtures("socket_enabled")
async def test_websocket() -> None:
    """Everything at first, then what changes."""
    async with (
        served("esp32-5.1") as (simulator, session),
        session.ws_connect("/ws") as socket,
        asyncio.timeout(10),
    ):
        assert decode_status(await socket.receive_str())["mqtt_connected"] is False
        await socket.send_json({"ping": 1})
        simulator.charger.plug(50_000)
        seen: dict[str, Any] = {}
        while seen.get("power") != 7680 or "pong" not in seen:
            message = await socket.receive_json()
            seen |= message | decode_status(message)
        assert seen["state"] is State.CHARGING


@pytest.mark.usefixtures("socket_enabled")
async def test_logins() -> None:
    """Basic always; the cookie of 2026 needs the header of its own pages to command."""
    login = {"www_username": "admin", "www_password": "pass word"}
    async with served("esp8266-2.9", **login) as (_, session):
        for given, status in (
            ("", 401),
            ("admin:other", 401),
            ("admin:pass word", 200),
        ):
            encoded = base64.b64encode(given.encode()).decode()
            headers = {"Authorization": f"Basic {encoded}"}
            async with session.get("/status", headers=headers) as response:
                assert response.status == status
    async with served("esp32-5.1", session_login=True, **login) as (_, session):
        async with session.get("/status", headers=APP_HEADER) as response:
            assert (response.status, await response.json()) == (401, {"msg": "auth"})
        for password, status in (("other", 401), ("pass word", 200)):
            body = {"user": "admin", "pass": password}
            async with session.post("/login", json=body) as response:
                assert response.status == status
        assert response.cookies[COOKIE]["httponly"]
        async with session.get("/status") as response:
            assert response.status == 200
        for headers, status in (({}, 403), (APP_HEADER, 201)):
            body = {"state": "active"}
            async with session.post(
                "/override", json=body, headers=headers
            ) as response:
                assert response.status == status
        async with session.get("/restart") as response:
            assert response.status == 403
        async with session.post("/logout") as response:
            assert response.status == 200
        async with session.get("/status") as response:
            assert response.status == 401


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
