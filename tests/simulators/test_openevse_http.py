"""The simulated OpenEVSE's gateways over HTTP, and the WebSocket."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp
import pytest

from custom_components.wattbus.protocols.openevse import (
    GatewayError,
    capabilities,
    decode_config,
    decode_rapi,
    decode_status,
)
from custom_components.wattbus.protocols.rapi import State

from .openevse import Generation, OpenEvseSimulator, Options, Trouble
from .openevse_auth import APP_HEADER, COOKIE


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
            assert response.status == (200 if "limit" in found else 404)


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


@pytest.mark.usefixtures("socket_enabled")
async def test_update() -> None:
    """An image is loaded and started; gateways of 2026 take those of GitHub alone."""
    releases = "https://github.com/OpenEVSE/openevse_esp32_firmware/releases/download"
    async with served("esp32-5.1", version="v6.0.0") as (_, session):
        for url in ("https://example.com/v9/x.bin", "http://github.com/v9/x.bin"):
            async with session.post("/update", json={"url": url}) as response:
                assert (response.status, await response.json()) == (
                    500,
                    {"msg": "error"},
                )
    async with served("esp32-5.1") as (simulator, session):
        async with session.post("/update", data="rubbish") as response:
            assert response.status == 400
        async with session.ws_connect("/ws") as socket:
            body = {"url": f"{releases}/v5.2.0/openevse_wifi_v1.bin"}
            async with session.post("/update", json=body) as response:
                assert await response.json() == {"msg": "started"}
            told = [json.loads(message.data) async for message in socket]
        told = [item for item in told if item.keys() & {"ota", "ota_progress"}]
        assert told[0] == {"ota": "started"}
        assert told[-2:] == [{"ota_progress": 100}, {"ota": "completed"}]
        assert simulator.gateway.config.values["version"] == "v5.2.0"
    async with (
        served("esp8266-2.9") as (_, session),
        session.post("/update", json=body) as response,
    ):
        assert response.status == 404
