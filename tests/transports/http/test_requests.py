"""A request: what a device may answer, and what becomes of it."""

import asyncio
import socket

import aiohttp
import pytest

from custom_components.wattbus.errors import Reason
from custom_components.wattbus.transports import http
from custom_components.wattbus.transports.http import HttpClient
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client

from ...harness.ports import free_port
from ...simulators.listening import HOST, tcp_server
from .conftest import Device, refusal

# Taken before the test plugin replaces it by one that knows no host but loopback.
GETADDRINFO = socket.getaddrinfo


async def test_an_answer_is_given_as_it_came(
    hass: HomeAssistant, device: Device
) -> None:
    client = HttpClient(
        hass, HOST, device.port, headers={"Authorization": "Bearer token"}
    )
    for _ in range(2):
        assert await client.get("/values") == b'{"power": 1}'
    assert [item.headers["Authorization"] for item in device.requests] == [
        "Bearer token"
    ] * 2


async def test_the_largest_answer(hass: HomeAssistant, device: Device) -> None:
    answer = await HttpClient(hass, HOST, device.port).get("/large")
    assert len(answer) == http.LARGEST_ANSWER


@pytest.mark.parametrize(
    ("path", "reason", "detail"),
    [
        ("/401", Reason.INVALID_AUTH, ""),
        ("/403", Reason.INVALID_AUTH, ""),
        ("/404", Reason.NOT_FOUND, "/404"),
        ("/500", Reason.BAD_ANSWER, "HTTP 500"),
        ("/204", Reason.BAD_ANSWER, "HTTP 204"),
        ("/made", Reason.BAD_ANSWER, "HTTP 201"),
        ("/too-large", Reason.BAD_ANSWER, "too large"),
        ("/bomb", Reason.BAD_ANSWER, None),
        ("/endless", Reason.BAD_ANSWER, "too large"),
        ("/hangs-up", Reason.BAD_ANSWER, "Server disconnected"),
        # The credentials are for whom the user sends them to.
        ("/elsewhere", Reason.BAD_ANSWER, "HTTP 302"),
        ("/encrypted", Reason.NEEDS_HTTPS, "/encrypted"),
    ],
)
async def test_an_answer_that_is_of_no_use(
    hass: HomeAssistant, device: Device, path: str, reason: Reason, detail: str | None
) -> None:
    error = await refusal(hass, device.port, path)
    assert error.reason is reason
    assert detail in (None, error.detail)
    assert {item.path for item in device.requests} == {path}


async def test_who_is_encrypted_already_leads_nowhere(
    hass: HomeAssistant, tls_device: Device
) -> None:
    error = await refusal(hass, tls_device.port, "/encrypted", tls=True, verify=False)
    assert error.reason is Reason.BAD_ANSWER


async def test_a_device_that_is_silent(
    hass: HomeAssistant, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    assert (await refusal(hass, device.port, "/silent")).reason is Reason.TIMEOUT


async def test_a_port_that_nobody_listens_on(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    assert (await refusal(hass, free_port(), "/")).reason is Reason.REFUSED


async def test_a_server_that_speaks_something_else(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        writer.close()

    async with tcp_server(talk) as port:
        assert (await refusal(hass, port, "/")).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "host", ["nowhere.invalid", "", "a b", "http://device", "a..b", "a" * 64]
)
async def test_a_host_that_nobody_knows(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    # The test plugin keeps names from being looked up.
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    monkeypatch.setattr(aiohttp_client, "_async_make_resolver", lambda _: _Resolver())
    error = await refusal(hass, 80, "/", host)
    assert error.reason is Reason.HOST_UNKNOWN
    assert error.detail != "None"


class _Resolver(aiohttp.ThreadedResolver):
    """Asks the system."""

    async def real_close(self) -> None:
        """Have nothing to close."""


@pytest.mark.parametrize(
    ("host", "tls", "address"),
    [
        ("192.0.2.1", False, "http://192.0.2.1:80"),
        ("em420.local", True, "https://em420.local:80"),
        ("2001:db8::1", False, "http://[2001:db8::1]:80"),
    ],
)
async def test_names_and_addresses(
    hass: HomeAssistant, host: str, tls: bool, address: str
) -> None:
    assert HttpClient(hass, host, 80, tls=tls).url == address


async def test_tls_with_a_certificate_of_nobody_known(
    hass: HomeAssistant, tls_port: int
) -> None:
    error = await refusal(hass, tls_port, "/values", tls=True)
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_without_verification(
    hass: HomeAssistant, tls_device: Device
) -> None:
    client = HttpClient(hass, HOST, tls_device.port, tls=True, verify=False)
    assert await client.get("/values") == b'{"power": 1}'


async def test_tls_on_a_port_without(hass: HomeAssistant, device: Device) -> None:
    error = await refusal(hass, device.port, "/values", tls=True)
    assert error.reason is Reason.TLS_FAILED


async def test_no_tls_on_a_port_with(hass: HomeAssistant, tls_port: int) -> None:
    error = await refusal(hass, tls_port, "/values")
    assert error.reason is Reason.BAD_ANSWER


async def test_a_token_that_no_header_can_carry(
    hass: HomeAssistant, device: Device
) -> None:
    """Pasted with a line break in it, say."""
    error = await refusal(
        hass, device.port, "/values", headers={"Authorization": "Bearer a\nb"}
    )
    assert error.reason is Reason.INVALID_AUTH
    assert not device.requests


async def test_the_token_is_in_no_error(hass: HomeAssistant, device: Device) -> None:
    headers = {"Authorization": "Bearer secret"}
    for path in ("/401", "/500", "/hangs-up"):
        error = await refusal(hass, device.port, path, headers=headers)
        assert "secret" not in f"{error} {error.detail}"
