"""Logging in to the simulated OpenEVSE gateway: basic, or the session of 2026.

Up to 5.1.5 nobody is asked for anything without a username, whatever the password is; in
2026 a password without a username is that of `openevseadmin` (openevse_esp32_firmware,
web_server.cpp).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
import hashlib
import hmac
import json
import secrets
import time
from typing import Final

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COOKIE: Final = "oevse_session"
# What the gateway's own pages send, and no other site's.
APP_HEADER: Final = {"X-Requested-With": "OpenEVSE"}
_SESSION_SECONDS: Final = 6 * 3600
_REMEMBERED_SECONDS: Final = 30 * 86_400
# So many wrong guesses lock out further wrong ones.
_LOCK_AT: Final = 10


class Login:
    """Checks who asks."""

    def __init__(self, username: str, password: str, *, sessions: bool) -> None:
        """Without a password everybody may; `sessions` is the firmware of 2026."""
        if sessions and not username:
            username = "openevseadmin"
        self._expected = username, password
        self._sessions = sessions
        self._secret = secrets.token_bytes(32)
        self.failures = 0

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Let a request through, or not."""
        if not all(self._expected):
            return await handler(request)
        if self._sessions and request.path in ("/login", "/logout"):
            return await handler(request)
        if self._basic(request):
            self.failures = 0
            return await handler(request)
        if self._sessions and self._valid(request.cookies.get(COOKIE, "")):
            # Another site could make the browser send the cookie, not the header.
            if request.method != "GET" and not self._app(request):
                return web.json_response({"msg": "csrf"}, status=403)
            return await handler(request)
        return self._refuse(request)

    def add_routes(self, app: web.Application) -> None:
        """Add what logs in and out."""
        if self._sessions:
            app.router.add_post("/login", self._log_in)
            app.router.add_post("/logout", self._log_out)

    def _basic(self, request: web.Request) -> bool:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            return False
        try:
            given = base64.b64decode(encoded).decode()
        except binascii.Error, UnicodeDecodeError:
            return False
        return self._matches(*given.partition(":")[::2])

    def _matches(self, username: str, password: str) -> bool:
        given = f"{username}:{password}".encode()
        return hmac.compare_digest(given, ":".join(self._expected).encode())

    def _refuse(self, request: web.Request) -> web.Response:
        if self._sessions and "Authorization" in request.headers:
            self.failures += 1
            if self.failures > _LOCK_AT:
                return web.json_response({"msg": "locked"}, status=429)
        if self._sessions and self._app(request):
            return web.json_response({"msg": "auth"}, status=401)
        challenge = {"WWW-Authenticate": 'Basic realm="openevse"'}
        return web.Response(status=401, headers=challenge)

    @staticmethod
    def _app(request: web.Request) -> bool:
        name, value = next(iter(APP_HEADER.items()))
        return request.headers.get(name) == value

    def _signed(self, expires: str) -> str:
        text = f"v1.{expires}"
        mac = hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
        return f"{text}.{mac}"

    def _valid(self, token: str) -> bool:
        expires = token.split(".")[1] if token.count(".") == 2 else ""
        return (
            expires.isdigit()
            and int(expires) > time.time()
            and hmac.compare_digest(token.encode(), self._signed(expires).encode())
        )

    async def _log_in(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.text())
            given = str(body["user"]), str(body["pass"])
        except ValueError, KeyError, TypeError:
            return web.json_response({"msg": "bad request"}, status=400)
        if not self._matches(*given):
            self.failures += 1
            locked = self.failures > _LOCK_AT
            message, status = ("locked", 429) if locked else ("invalid", 401)
            return web.json_response({"msg": message}, status=status)
        self.failures = 0
        remember = bool(body.get("remember"))
        seconds = _REMEMBERED_SECONDS if remember else _SESSION_SECONDS
        response = web.json_response(
            {"msg": "ok"}, headers={"Cache-Control": "no-store"}
        )
        response.set_cookie(
            COOKIE,
            self._signed(str(int(time.time()) + seconds)),
            max_age=seconds if remember else None,
            httponly=True,
            samesite="Strict",
        )
        return response

    async def _log_out(self, _: web.Request) -> web.Response:
        response = web.json_response({"msg": "ok"})
        response.del_cookie(COOKIE, httponly=True, samesite="Strict")
        return response
