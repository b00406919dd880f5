"""Home Assistant's HTTP and WebSocket interfaces, as a user's browser speaks them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

type Json = dict[str, Any]
# A form's fields, or the option to take from a menu.
type FlowStep = Mapping[str, Any] | str

CLIENT_TIMEOUT = aiohttp.ClientTimeout(total=60)


class ApiError(RuntimeError):
    """Home Assistant refused a request or a command."""


class HomeAssistantApi:
    """One Home Assistant and a token for it.

    Each call opens a connection of its own: it costs a millisecond on loopback, and
    leaves nothing open that an event loop would have to close.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        """Remember where it is."""
        self.url = url
        self.token = token

    @property
    def client_id(self) -> str:
        """Return what the login calls the application: the address of its page."""
        return f"{self.url}/"

    async def rest(
        self, method: str, path: str, json: Any = None, *, form: Any = None
    ) -> Any:
        """Send a request and return the JSON of the answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with (
            aiohttp.ClientSession(timeout=CLIENT_TIMEOUT) as session,
            session.request(
                method, f"{self.url}{path}", json=json, data=form, headers=headers
            ) as response,
        ):
            if response.status >= 400:
                text = await response.text()
                raise ApiError(f"{method} {path}: {response.status} {text}")
            if "json" in response.content_type:
                return await response.json()
            return await response.text()

    async def command(self, command: str, **fields: Any) -> Any:
        """Send a WebSocket command and return its result."""
        async with self._socket() as socket:
            return await _command(socket, command, fields)

    @asynccontextmanager
    async def subscribe(
        self, command: str, **fields: Any
    ) -> AsyncGenerator[AsyncIterator[Json]]:
        """Send a WebSocket command that subscribes, and hand out its events."""
        async with self._socket() as socket:
            await _command(socket, command, fields)
            yield _events(socket)

    async def states(self) -> dict[str, Json]:
        """Return all states by entity id."""
        return {
            state["entity_id"]: state for state in await self.rest("GET", "/api/states")
        }

    async def entries(self, domain: str) -> list[Json]:
        """Return an integration's config entries."""
        return list(
            await self.rest("GET", f"/api/config/config_entries/entry?domain={domain}")
        )

    async def entities(self, domain: str) -> dict[str, Json]:
        """Return the registered entities of an integration by entity id."""
        return {
            entity["entity_id"]: entity
            for entity in await self.command("config/entity_registry/list")
            if entity["platform"] == domain
        }

    async def flow(self, handler: str, *steps: FlowStep) -> Json:
        """Go through a config flow and return what it ends with, or shows last."""
        path = "/api/config/config_entries/flow"
        result = await self.rest("POST", path, {"handler": handler})
        return await self._follow(path, result, *steps)

    async def options_flow(self, entry_id: str, *steps: FlowStep) -> Json:
        """Go through the options flow of an entry."""
        path = "/api/config/config_entries/options/flow"
        result = await self.rest("POST", path, {"handler": entry_id})
        return await self._follow(path, result, *steps)

    async def _follow(self, path: str, result: Json, *steps: FlowStep) -> Json:
        path = f"{path}/{result['flow_id']}"
        result = await self._wait_for_progress(path, result)
        for step in steps:
            if result["type"] not in ("form", "menu"):
                break  # It ended before its time, as with a device that is there.
            data = {"next_step_id": step} if isinstance(step, str) else step
            result = await self._wait_for_progress(
                path, await self.rest("POST", path, data)
            )
        return result

    async def _wait_for_progress(self, path: str, result: Json, tries: int = 3) -> Json:
        """Wait; a device that has said nothing yet may only just be starting."""
        while result["type"] in ("progress", "progress_done"):
            await asyncio.sleep(0.1)
            result = await self.rest("GET", path)
        if tries and result.get("step_id") == "silent":
            again = await self.rest("POST", path, {"next_step_id": "probe"})
            return await self._wait_for_progress(path, again, tries - 1)
        return result

    @asynccontextmanager
    async def _socket(self) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        async with (
            aiohttp.ClientSession(timeout=CLIENT_TIMEOUT) as session,
            session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0) as socket,
        ):
            await socket.receive_json()  # auth_required
            await socket.send_json({"type": "auth", "access_token": self.token})
            if (answer := await socket.receive_json())["type"] != "auth_ok":
                raise ApiError(f"WebSocket: {answer}")
            yield socket


async def _command(
    socket: aiohttp.ClientWebSocketResponse, command: str, fields: Json
) -> Any:
    await socket.send_json({"id": 1, "type": command, **fields})
    while (answer := await socket.receive_json())["type"] != "result":
        pass
    if not answer["success"]:
        raise ApiError(f"{command}: {answer['error']}")
    return answer["result"]


async def _events(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Json]:
    while True:
        message = await socket.receive_json()
        if message["type"] == "event":
            yield message["event"]
