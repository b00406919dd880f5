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

from ...helpers import fixture, make_entry, registered, set_up, shows, until, use
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
        self.headers: dict[str, str] = {}
        self.settings: tuple[int, str] = (404, "")
        self.em300: tuple[int, str] = (404, "")
        self.tokens: list[str | None] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as the device does."""
        self.requests += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        return web.Response(body=self.body, status=self.status, headers=self.headers)

    async def device_settings(self, request: web.Request) -> web.Response:
        """Answer who it is."""
        return web.Response(status=self.settings[0], text=self.settings[1])

    async def start_php(self, request: web.Request) -> web.Response:
        """Answer as an EM300 does, or not."""
        self.tokens.append(request.headers.get("Authorization"))
        return web.Response(status=self.em300[0], text=self.em300[1])


@pytest.fixture
async def device(socket_enabled: None) -> AsyncGenerator[tuple[Web, int]]:
    """Run a web interface."""
    interface = Web()
    app = web.Application()
    app.router.add_get("/api/json/local/values/smart-meter", interface.answer)
    app.router.add_get("/api/device-settings", interface.device_settings)
    app.router.add_get("/start.php", interface.start_php)
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


async def test_bad_part(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """A value that is no number is not known, and no reason to be unavailable."""
    interface.body = interface.body.replace(b"6730100", b'"6730100"')
    assert await set_up(hass, entry)
    await shows(hass, entry, METER, "active_power_+_L1", "2248.8")
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    interface.body = fixture("em420/smart_meter.json")
    await shows(hass, entry, METER, "active_power_+", "6730.1")


async def test_redirect_to_https(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """A device that takes encrypted requests only is told as that.

    The datasheet (AUT-DB-EM420, revision 101) has a "web interface (HTTPS in JSON
    format)", while evcc's meter/tq-em420.go asks without encryption.
    """
    assert await set_up(hass, entry)
    await shows(hass, entry, METER, "active_power_+", "6730.1")
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    await use(hass, entry, "button.press", "refresh")
    interface.status = 301
    interface.headers = {"Location": "https://127.0.0.1/api/json"}
    with pytest.raises(HomeAssistantError) as error:
        await use(hass, entry, "button.press", "refresh")
    assert error.value.translation_key == "needs_https"
    await shows(hass, entry, METER, "active_power_+", STATE_UNAVAILABLE)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.error_reason_translation_key == "needs_https"


# What devices that are no EM420 answer: openWB #417 and ioBroker's request #672 say
# that the EM410 is KOSTAL's meter; evcc's meter/tq-em.go shows what an EM300 has.
EM300 = (200, '{"serial": "72123456", "authentication": false}')


@pytest.mark.parametrize("status", [401, 403, 404, 200])
async def test_an_em300(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web, status: int
) -> None:
    """It has another interface, and is not sent the token for one."""
    interface.status, interface.body = status, b'{"authentication": false}'
    interface.em300 = EM300
    assert not await set_up(hass, entry)
    assert entry.error_reason_translation_key == "is_em300"
    assert set(interface.tokens) == {None}
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("em300", [(404, ""), (200, "[]"), (200, "<html>"), (500, "")])
async def test_another_document(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    interface: Web,
    em300: tuple[int, str],
) -> None:
    """A device that answers something else in JSON is no EM420.

    These are the keys of an EM300 (evcc, meter/tq-em.go), as a KSEM's (openWB #417).
    """
    interface.body = b'{"1-0:1.4.0*255": 345.6, "serial": "KSEM"}'
    interface.em300 = em300
    assert not await set_up(hass, entry)
    assert entry.error_reason_translation_key == "not_em420"


async def test_another_model(
    hass: HomeAssistant, entry: MockConfigEntry, interface: Web
) -> None:
    """What has the same interface is shown as what it says it is."""
    interface.settings = (
        200,
        '{"ProductName": "KOSTAL Smart Energy Meter", "Serial": "76123",'
        ' "FirmwareVersion": "2.6.2", "DeviceType": "hw0100"}',
    )
    assert await set_up(hass, entry)
    shown = registered(hass, entry, MAIN_DEVICE)
    assert shown.model == "KOSTAL Smart Energy Meter"
    assert (shown.serial_number, shown.sw_version) == ("76123", "2.6.2")


@pytest.mark.parametrize(
    "settings",
    [(401, ""), (403, ""), (404, ""), (200, "<html>"), (200, '{"ProductName": 7}')],
)
async def test_a_model_that_is_not_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    interface: Web,
    settings: tuple[int, str],
) -> None:
    """Nothing depends on it, and a refusal there is none of the token."""
    interface.settings = settings
    assert await set_up(hass, entry)
    assert registered(hass, entry, MAIN_DEVICE).model == "EM420"
    assert not hass.config_entries.flow.async_progress()
