"""The simulated OpenEVSE gateway's HTTP interface and WebSocket.

The rules of openevse_esp32_firmware (web_server.cpp, web_server_claims.cpp; 4.1.7 and
5.1.5):

- A post to `/override` or `/claims` replaces what was there, all of it.
- Without an override `GET /override` is 404 up to 4.x and `{}` from 5.0 on; `DELETE` is
  500, always.
- RAPI is taken by any method, from the address or the form (python-openevse-http posts).
- Up to 4.x any request to `/restart` restarts the gateway.
- What there is no page for is 404 with the status as text.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
import html
import json
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from . import openevse_values as values
from .openevse_auth import Login
from .openevse_claims import MANUAL, Priority, Properties
from .openevse_link import Link, Outcome

type Document = dict[str, Any]
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TIMEOUT_SECONDS: Final = 0.5
# The members of `POST /status`, by what they are over MQTT.
_FEEDS: Final = {
    "voltage": "mqtt_vrms",
    "shaper_live_pwr": "mqtt_live_pwr",
    "battery_level": "mqtt_vehicle_soc",
    "battery_range": "mqtt_vehicle_range",
    "time_to_full_charge": "mqtt_vehicle_eta",
}


def _json(document: Any) -> web.Response:
    """Answer with JSON, whose characters are bytes."""
    body = json.dumps(document, ensure_ascii=False).encode("latin-1")
    return web.Response(body=body, content_type="application/json")


def _say(message: str, status: int = 200) -> web.Response:
    return web.json_response({"msg": message}, status=status)


class Pages:
    """The handlers of all generations; `app` has those of one."""

    def __init__(self, link: Link, *, sessions: bool = False) -> None:
        """Serve a gateway; `sessions` is the firmware of 2026, with its login."""
        self._link = link
        self._gateway = link.gateway
        self._sessions = sessions
        self._sockets = set[web.WebSocketResponse]()
        self._sending = set[asyncio.Task[None]]()
        self._gateway.on_event.append(self._push)
        self._gateway.on_restart.append(self._drop)

    def app(self) -> web.Application:
        """Return the application."""
        config = self._gateway.config.values
        login = Login(
            config["www_username"], config["www_password"], sessions=self._sessions
        )
        app = web.Application(middlewares=[login.middleware, _readable])
        login.add_routes(app)
        router, profile = app.router, self._gateway.profile
        router.add_get("/status", self._status)
        router.add_get("/config", self._config)
        for path in ("/r", "/rapi"):
            router.add_route("*", path, self._rapi)
        router.add_route("*", "/divertmode", self._divert_mode)
        router.add_route("*", "/restart", self._restart)
        if profile.esp32:
            router.add_post("/status", self._feed)
            router.add_post("/config", self._set_config)
            router.add_route("*", "/shaper", self._shaper)
            router.add_route("*", "/override", self._override)
            router.add_get("/claims/target", self._target)
            router.add_route("*", "/claims{client:(/\\d*)?}", self._claims)
            router.add_route("*", "/schedule{event:(/\\d*)?}", self._schedule)
            router.add_post("/update", self._update)
            router.add_get("/ws", self._socket)
            router.add_route("*", "/rfid/add", self._learn_tag)
        if profile.limits:
            router.add_route("*", "/limit", self._limit)
            router.add_route("*", "/time", self._time)
        app.on_shutdown.append(self._close)
        return app

    # --- values

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(values.status(self._gateway))

    async def _feed(self, request: web.Request) -> web.Response:
        document = await _body(request)
        for name, key in _FEEDS.items():
            if name in document:
                self._gateway.feed(key, float(document[name]))
        if "solar" in document:
            self._gateway.feed("mqtt_solar", float(document["solar"]))
        elif "grid_ie" in document:
            self._gateway.feed("mqtt_grid_ie", float(document["grid_ie"]))
        return web.json_response(document)

    async def _config(self, _: web.Request) -> web.Response:
        return _json(self._gateway.config.document())

    async def _set_config(self, request: web.Request) -> web.Response:
        changed = self._gateway.set_config(await _body(request))
        version = self._gateway.config.version
        message = "done" if changed else "no change"
        return web.json_response({"config_version": version, "msg": message})

    # --- RAPI

    async def _rapi(self, request: web.Request) -> web.Response:
        told = await _parameters(request)
        command = told.get("rapi", "")
        outcome = await self._link.send(command)
        if outcome.late and self._link.trouble.delay_seconds >= _TIMEOUT_SECONDS:
            # The gateway does not wait for it.
            await asyncio.sleep(_TIMEOUT_SECONDS)
            outcome = Outcome(None, "TIMEOUT")
        elif outcome.late:
            await asyncio.sleep(self._link.trouble.delay_seconds)
        if outcome.error is not None:
            error = f"RAPI_RESPONSE_{outcome.error}"
            document = {"cmd": command, "error": error}
            status = 400 if outcome.error == "BLOCKED" else 500
            return web.json_response(document, status=status)
        line = outcome.line or ""
        if line.startswith("$NK"):
            line = self._fall_back(command, line)
        if told.get("json") not in ("1", "true"):
            text = f"<html>{html.escape(command)}<p>&gt;{html.escape(line)}</html>"
            return web.Response(text=text, content_type="text/html")
        return _json({"cmd": command, "ret": line})

    def _fall_back(self, command: str, line: str) -> str:
        """Do what the gateway does for controllers that do not know a command."""
        if command == "$GD":
            return f"$OK {self._gateway.last_timer}"
        if command.startswith("$FF"):
            # The answer to this one is lost.
            self._link.ask(f"$S{command[4:]}")
        return line

    # --- commands

    async def _divert_mode(self, request: web.Request) -> web.Response:
        mode = await _parameter(request, "divertmode")
        self._gateway.set_divert_mode(mode)
        return web.Response(text="Divert Mode changed")

    async def _shaper(self, request: web.Request) -> web.Response:
        self._gateway.set_shaper(await _parameter(request, "shaper") == 1)
        return web.Response(text="Current Shaper state changed")

    async def _restart(self, request: web.Request) -> web.Response:
        gateway = self._gateway
        if request.method == "GET" or not gateway.profile.limits:
            if self._sessions and "X-Requested-With" not in request.headers:
                return _say("csrf", 403)
            gateway.restart("gateway")
            return web.Response(text="1")
        device = (await _body(request)).get("device")
        if device not in ("gateway", "evse"):
            return _say("unknown device", 404)
        gateway.restart(device)
        return _say(f"restart {device}")

    async def _learn_tag(self, _: web.Request) -> web.Response:
        """Wait for a tag; it says nothing."""
        self._gateway.rfid.learn()
        return web.Response(content_type="text/plain")

    async def _time(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            status = values.status(self._gateway)
            names = ("time", "local_time", "offset", "uptime")
            return web.json_response({name: status.get(name) for name in names})
        document = await _body(request)
        by_itself = bool(document.get("sntp_enabled"))
        self._gateway.set_config(
            {"sntp_enabled": by_itself, "time_zone": str(document.get("time_zone"))}
        )
        if not by_itself and not str(document.get("time")).endswith("Z"):
            return _say("Could not parse time", 400)
        return _say("done")

    async def _update(self, request: web.Request) -> web.Response:
        if self._gateway.update.start(str((await _body(request)).get("url"))):
            return _say("started")
        return _say("error", 500)

    async def _override(self, request: web.Request) -> web.Response:
        gateway = self._gateway
        claim = gateway.claims.get(MANUAL)
        match request.method:
            case "GET" if claim is None and not gateway.profile.limits:
                return _say("No manual override", 404)
            case "GET":
                return web.json_response(claim.properties.document() if claim else {})
            case "POST":
                properties = Properties()
                properties.update(await _body(request))
                gateway.override(properties)
                return _say("Created", 201)
            case "PATCH":
                gateway.toggle_override()
                return _say("Updated")
            case "DELETE":
                if gateway.release_override():
                    return _say("Deleted")
                return _say("Failed to release manual override", 500)
        return _say("Method not allowed", 405)

    async def _claims(self, request: web.Request) -> web.Response:
        claims, client = self._gateway.claims, _identifier(request, "client")
        if request.method == "GET" and not client:
            return web.json_response(claims.all())
        if not client or request.method not in ("GET", "POST", "DELETE"):
            return _say("Method not allowed", 405)
        if request.method == "POST":
            properties = Properties()
            properties.update(await _body(request))
            claims.make(client, properties, Priority.API)
        elif claims.get(client) is None:
            return _say("Not found", 404)
        elif request.method == "GET":
            return web.json_response(claims.document(client))
        else:
            claims.release(client)
        self._gateway.notice()
        self._gateway.publish_documents()
        return _say("done")

    async def _target(self, _: web.Request) -> web.Response:
        claims = self._gateway.claims
        return web.json_response(
            {"properties": claims.target().document(), "claims": claims.winners()}
        )

    async def _schedule(self, request: web.Request) -> web.Response:
        schedule, event = self._gateway.schedule, _identifier(request, "event")
        match request.method:
            case "GET" if not event:
                return web.json_response(schedule.document())
            case "GET" if event in schedule.events:
                return web.json_response(schedule.events[event])
            case "GET":
                return _say("Not found", 404)
            case "POST":
                schedule.set(json.loads(await request.text()))
            case "DELETE" if not schedule.remove(event):
                return _say("Not found", 404)
        self._gateway.publish_documents()
        return _say("done")

    async def _limit(self, request: web.Request) -> web.Response:
        gateway = self._gateway
        match request.method:
            case "GET":
                document = gateway.limit.document if gateway.limit.active else {}
                return web.json_response(document)
            case "POST":
                document = await _body(request)
                if document and gateway.set_limit(document):
                    return _say("done", 201)
                return _say("failed to parse JSON", 400)
            case "DELETE":
                if not gateway.limit.active:
                    return _say("no limit")
                gateway.set_limit({})
                return _say("done")
        return _say("Method not allowed", 405)

    # --- WebSocket

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            self._push(values.status(self._gateway))
            async for message in socket:
                if message.type is WSMsgType.TEXT and '"ping"' in message.data:
                    await socket.send_json({"pong": 1})
        finally:
            self._sockets.discard(socket)
        return socket

    def _push(self, changes: Document) -> None:
        """Send what has changed to everybody, without waiting for it."""
        for socket in self._sockets:
            self._run(_send(socket, changes))

    def _drop(self) -> None:
        """Lose every connection, with what was sent last still on its way."""
        for socket in self._sockets:
            self._run(socket.close())

    def _run(self, sending: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _close(self, _: web.Application) -> None:
        for socket in list(self._sockets):
            await socket.close()


async def _send(socket: web.WebSocketResponse, changes: Document) -> None:
    try:
        await socket.send_json(changes)
    except ConnectionError, RuntimeError:
        # It has just been closed.
        return


@web.middleware
async def _readable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what cannot be read as the gateway does."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return web.Response(text="Not Found", status=404)
    except ValueError, TypeError:
        return _say("Could not parse JSON", 400)


async def _body(request: web.Request) -> Document:
    """Read the object that a request has."""
    document = json.loads(await request.text())
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004
    return document


async def _parameter(request: web.Request, name: str) -> int:
    """Read a number from the form or the address."""
    return int((await _parameters(request)).get(name, "0"))


async def _parameters(request: web.Request) -> dict[str, str]:
    """Read the address and the body, which is a form whatever its type says."""
    return {**request.query, **dict(parse_qsl(await request.text()))}


def _identifier(request: web.Request, name: str) -> int:
    """Read the number at the end of an address, 0 where there is none."""
    return int(request.match_info[name].strip("/") or 0)
