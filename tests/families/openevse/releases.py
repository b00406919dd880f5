"""GitHub's releases of the gateway's firmware, on this machine."""

from collections.abc import AsyncGenerator
import json
from typing import Any

from aiohttp import web
import pytest

from custom_components.wattbus.families.openevse import firmware

from ...helpers import fixture
from ...simulators.listening import HOST, WebServer

RELEASE = json.loads(fixture("openevse/release.json"))
IMAGE = RELEASE["assets"][0]["browser_download_url"]


class GitHub:
    """What GitHub's REST API answers, and how often it was asked."""

    def __init__(self) -> None:
        """Have the release of the fixture."""
        self.release: dict[str, Any] = dict(RELEASE)
        self.status = 200
        self.asked = 0

    async def latest(self, request: web.Request) -> web.Response:
        """Answer for the latest release."""
        self.asked += 1
        assert request.headers["Accept"] == "application/vnd.github+json"
        return web.json_response(self.release, status=self.status)


@pytest.fixture
async def github(
    socket_enabled: None, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[GitHub]:
    """Serve releases on this machine.

    What is installed is looked for more often, and the WebSocket comes back at once.
    """
    answers = GitHub()
    app = web.Application()
    app.router.add_get("/repos/owner/name/releases/latest", answers.latest)
    async with WebServer(app) as server:
        base = f"http://{HOST}:{server.port}/repos/owner/name"
        monkeypatch.setattr(firmware, "RELEASES", base)
        monkeypatch.setattr(firmware, "_ASK_EVERY", 0.1)
        yield answers
