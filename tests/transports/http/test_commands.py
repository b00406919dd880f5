"""Commands to a device, and the login that it may ask for first."""

import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.http import (
    DONE,
    Answer,
    HttpClient,
    Login,
    basic_authorization,
)
from homeassistant.core import HomeAssistant

from ...simulators.listening import HOST
from .conftest import Device, refusal

# --- commands -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_commands(hass: HomeAssistant, device: Device, method: str) -> None:
    client = HttpClient(hass, HOST, device.port)
    answer = await client.request(method, "/values", json={"state": "active"})
    assert answer == Answer(200, b'{"power": 1}')
    assert device.requests[0].method == method
    assert device.requests[0].content_type == "application/json"
    assert device.bodies == ['{"state":"active"}']


async def test_a_form_and_parameters(hass: HomeAssistant, device: Device) -> None:
    client = HttpClient(hass, HOST, device.port)
    await client.request("POST", "/values", form={"mode": "2"})
    assert device.requests[0].content_type == "application/x-www-form-urlencoded"
    assert device.bodies == ["mode=2"]
    await client.request("GET", "/values", params={"rapi": "$FP 0 0 a+b&c"})
    assert device.requests[1].query == {"rapi": "$FP 0 0 a+b&c"}


async def test_an_answer_of_a_status_that_is_expected(
    hass: HomeAssistant, device: Device
) -> None:
    client = HttpClient(hass, HOST, device.port)
    assert await client.request("GET", "/500", accept={500}) == Answer(500, b"")
    assert (await client.request("POST", "/201", accept=DONE)).status == 201
    with pytest.raises(ConnectError) as error:
        await client.request("POST", "/400", accept=DONE)
    assert error.value.detail == "HTTP 400"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
async def test_a_command_is_sent_once(
    hass: HomeAssistant, device: Device, method: str
) -> None:
    """A connection that closes without an answer is no leave to do it all again.

    aiohttp repeats GET, PUT and DELETE by itself (`IDEMPOTENT_METHODS` in client.py),
    but devices are commanded by all of them: OpenEVSE restarts by `GET /r?rapi=$FR`.
    """
    client = HttpClient(hass, HOST, device.port)
    await client.get("/values")  # the connection is kept, and used again
    with pytest.raises(ConnectError) as error:
        await client.request(method, "/hangs-up")
    assert error.value.reason is Reason.BAD_ANSWER
    assert [item.path for item in device.requests] == ["/values", "/hangs-up"]


async def test_what_only_reads_is_asked_again(
    hass: HomeAssistant, device: Device
) -> None:
    """A device may close a connection that was kept just when it is used."""
    client = HttpClient(hass, HOST, device.port)
    with pytest.raises(ConnectError):
        await client.get("/hangs-up")
    assert len(device.requests) == 2


def test_basic_authorization() -> None:
    """Whatever is typed in can be sent, if not accepted."""
    assert basic_authorization("admin", "pass word") == {
        "Authorization": "Basic YWRtaW46cGFzcyB3b3Jk"
    }
    assert basic_authorization("a:b\n", "é")["Authorization"].isprintable()


# --- the login ----------------------------------------------------------------------


def with_login(hass: HomeAssistant, port: int, *, right: bool = True) -> HttpClient:
    """Give a client that can fill in the form."""
    password = "secret" if right else "wrong"
    login = Login("/login", {"user": "admin", "pass": password})
    headers = basic_authorization("admin", password)
    return HttpClient(hass, HOST, port, headers=headers, login=login)


@pytest.mark.parametrize("path", ["/values", "/page"])
async def test_login(hass: HomeAssistant, device: Device, path: str) -> None:
    """Refused, or led to the form: the client logs in, and asks again."""
    device.session = "first"
    client = with_login(hass, device.port)
    answer = await client.request("POST", path, json={}, accept={200, 404})
    assert answer.status == (200 if path == "/values" else 404)
    assert [item.path for item in device.requests] == [path, "/login", path]
    assert "secret" not in repr(client._login)
    # The session takes the place of the password.
    headers = device.requests[-1].headers
    assert headers["Cookie"] == "session=first; language=de"
    assert "Authorization" not in headers


async def test_a_session_that_ends(hass: HomeAssistant, device: Device) -> None:
    client = with_login(hass, device.port)
    await client.get("/values")
    for session in ("first", "second"):
        device.session = session
        for _ in range(2):
            await client.get("/values")
    assert device.log_ins == 2
    for request in device.requests:
        if request.path == "/login":
            assert "Cookie" not in request.headers  # that of a session which is over


async def test_a_login_that_fails(hass: HomeAssistant, device: Device) -> None:
    """It is not tried again and again: the device counts the wrong ones."""
    device.session = "first"
    client = with_login(hass, device.port, right=False)
    for path in ("/values", "/page", "/values"):
        with pytest.raises(ConnectError) as error:
            await client.get(path)
        assert error.value.reason is Reason.INVALID_AUTH
        assert "wrong" not in f"{error.value} {error.value.detail}"
    assert device.log_ins == 1
    paths = [item.path for item in device.requests]
    assert paths == ["/values", "/login", "/page", "/values"]
    device.session = None
    await client.get("/values")


async def test_too_many_wrong_passwords(hass: HomeAssistant, device: Device) -> None:
    """Those that are right are always taken, so it is a wrong one."""
    assert (await refusal(hass, device.port, "/429")).reason is Reason.BAD_ANSWER
    with pytest.raises(ConnectError) as error:
        await with_login(hass, device.port).get("/429")
    assert error.value.reason is Reason.INVALID_AUTH
