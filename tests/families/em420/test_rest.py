"""The EM420 over its JSON interface, in Home Assistant."""

from collections.abc import AsyncGenerator

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import fixture, make_entry, set_up, shows, until, use
from ...simulators.listening import WebServer

METER = DeviceKey("source", "smart-meter")
TOKEN = "a-token"


class Web:
    """The device's web interface, which a test can spoil."""

    def __init__(self) -> None:
        """Answer with the real record."""
        self.body = fixture("em420/smart_meter.json")
        self.status = 200
        self.requests = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as the device does."""
        self.requests += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        return web.Response(body=self.body, status=self.status)


@pytest.fixture
async def device(socket_enabled: None) -> AsyncGenerator[tuple[Web, int]]:
    """Run a web interface."""
    interface = Web()
    app = web.Application()
    app.router.add_get("/api/json/local/values/smart-meter", interface.answer)
    async with WebServer(app) as server:
        yield interface, server.port


@pytest.fixture
def interface(device: tuple[Web, int]) -> Web:
    """Give the web interface."""
    return device[0]


@pytest.fixture
def entry(hass: HomeAssistant, device: tuple[Web, int]) -> MockConfigEntry:
    """Give an entry, not set up yet."""
    return make_entry(
        hass,
        {
            "family": "em420",
            "connection": "rest",
            "host": "127.0.0.1",
            "port": device[1],
            "token": TOKEN,
            "endpoint": "local",
            "tls": False,
            "verify": True,
        },
        options={"scan_interval": 0.2},  # shorter than a user may choose
    )


async def test_values(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The first answer is there when the set-up is."""
    assert await set_up(hass, entry)
    await shows(hass, entry, METER, "active_power_+", "6730.1")
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")


async def test_polling(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """The device is asked at the interval; an error makes unavailable, once told."""
    assert await set_up(hass, entry)
    interface.body = interface.body.replace(b"6730100", b"6730200")
    await shows(hass, entry, METER, "active_power_+", "6730.2")
    for status, body in ((500, b"{}"), (200, b"rubbish"), (404, b"")):
        interface.status, interface.body = status, body
        await shows(hass, entry, METER, "active_power_+", STATE_UNAVAILABLE)
        interface.status, interface.body = 200, fixture("em420/smart_meter.json")
        await shows(hass, entry, METER, "active_power_+", "6730.1")


async def test_token_revoked(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """A token that is no longer accepted asks the user for a new one."""
    assert await set_up(hass, entry)
    interface.status = 403
    (flow,) = await until(hass.config_entries.flow.async_progress)
    assert flow["context"]["source"] == "reauth"


async def test_not_there_at_start(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """An answer that cannot be understood at start is tried again later."""
    interface.body = b"<html>"
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "bad_answer"


async def test_refresh_button(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """The button asks at once, and tells when that does not work."""
    assert await set_up(hass, entry)
    interface.body = interface.body.replace(b"6730100", b"6730300")
    await use(hass, entry, "button.press", "refresh")
    await shows(hass, entry, METER, "active_power_+", "6730.3")
    interface.status = 500
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "button.press", "refresh")
    assert error.value.translation_key == "bad_answer"
