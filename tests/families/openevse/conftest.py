"""A simulated OpenEVSE and Home Assistant."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import http, rapi
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import broker_data, make_entry
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_http import Pages
from ...simulators.openevse_simulator import OpenEvseSimulator, Options
from .releases import github  # noqa: F401 # a fixture

BASE = "openevse"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a charger that says nothing."""
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 1.0)


@pytest.fixture
def generation() -> Generation:
    """Give the newest gateway; tests name others."""
    return Generation.ESP32_5_1


@pytest.fixture
def options() -> dict[str, Any]:
    """Give what is special about the simulated charger."""
    return {}


@pytest.fixture
async def simulator(
    broker: Broker, generation: Generation, options: dict[str, Any]
) -> AsyncGenerator[OpenEvseSimulator]:
    """Run a charger at the broker, thirty times as fast as real ones."""
    settings = Options(generation=generation, base=BASE, speed=30, **options)
    async with OpenEvseSimulator(settings) as running:
        await running.connect(broker.host, broker.port)
        yield running


def mqtt_entry(hass: HomeAssistant, broker: Broker, **options: Any) -> MockConfigEntry:
    """Make an entry for the charger, not set up yet."""
    return make_entry(
        hass,
        {
            "family": "openevse",
            "connection": "mqtt",
            "base": BASE,
            "broker": broker_data(broker),
        },
        options=options,
        entry_id="entry",
    )


@pytest.fixture
async def served(
    socket_enabled: None, generation: Generation, options: dict[str, Any]
) -> AsyncGenerator[OpenEvseSimulator]:
    """Run a charger with a web interface instead."""
    settings = Options(generation=generation, speed=30, **options)
    async with OpenEvseSimulator(settings) as running:
        await running.serve_http()
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect to the WebSocket again at once."""
    monkeypatch.setattr(http, "_FIRST_PAUSE", 0.05)
    monkeypatch.setattr(http, "_LONGEST_PAUSE", 0.1)


@pytest.fixture(params=[404, 503])
def no_websocket(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the web interface have none, or too many already; before it starts."""

    async def refuse(_: Pages, __: web.Request) -> web.StreamResponse:
        return web.Response(status=request.param)

    monkeypatch.setattr(Pages, "_socket", refuse)


def http_entry(
    hass: HomeAssistant, served: OpenEvseSimulator, **options: Any
) -> MockConfigEntry:
    """Make an entry for that, not set up yet; a password goes to its data."""
    data = {
        "family": "openevse",
        "connection": "http",
        "host": "127.0.0.1",
        "port": served.http_port,
        "tls": False,
        "verify": True,
    }
    username = options.pop("username", "admin")
    if password := options.pop("password", None):
        data |= {"username": username, "password": password}
    return make_entry(hass, data, options=options)
