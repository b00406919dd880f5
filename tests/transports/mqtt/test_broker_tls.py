"""A connection to a broker by TLS: whom it trusts, and what it says if it does not."""

import asyncio
from collections.abc import Iterator
import socket
from typing import Any

import pytest

from custom_components.wattbus.errors import Reason
from custom_components.wattbus.transports.mqtt import (
    BrokerSettings,
    broker as transport,
)
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from .conftest import GETADDRINFO, Connect, Inbox, refusal, settings, silent_server

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def tls_broker(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker that has a TLS listener beside the plain one."""
    with Broker(tls=True) as running:
        yield running


def tls(broker: Broker, **changes: Any) -> BrokerSettings:
    """Give the settings for its TLS listener."""
    return settings(broker, port=broker.tls_port, tls=True, **changes)


def authority(broker: Broker) -> str:
    """Give the certificate that vouches for a broker."""
    assert broker.ca_file is not None
    return broker.ca_file.read_text()


async def test_tls_with_the_brokers_own_authority(
    tls_broker: Broker, connect: Connect
) -> None:
    client = await connect(tls(tls_broker, ca=authority(tls_broker)))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    await client.publish("a", "x" * 100_000)
    assert len((await inbox.wait())[0].payload) == 100_000


async def test_tls_without_verification(tls_broker: Broker, connect: Connect) -> None:
    client = await connect(tls(tls_broker, verify=False))
    assert client.connected


async def test_tls_with_a_certificate_of_nobody_known(
    hass: HomeAssistant, tls_broker: Broker
) -> None:
    error = await refusal(hass, tls(tls_broker))
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_with_the_certificate_of_another_host(
    hass: HomeAssistant, tls_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.1 is this machine, too, but not what the certificate says."""
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    error = await refusal(hass, tls(tls_broker, host="127.1", ca=authority(tls_broker)))
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_on_a_port_without(hass: HomeAssistant, tls_broker: Broker) -> None:
    error = await refusal(
        hass, settings(tls_broker, tls=True, ca=authority(tls_broker))
    )
    assert error.reason is Reason.TLS_FAILED


async def test_no_tls_on_a_port_with(
    hass: HomeAssistant, tls_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    async with asyncio.timeout(5):
        error = await refusal(hass, settings(tls_broker, port=tls_broker.tls_port))
    assert error.reason is Reason.BROKER_REJECTED


async def test_an_authority_that_cannot_be_read(
    hass: HomeAssistant, tls_broker: Broker
) -> None:
    error = await refusal(hass, tls(tls_broker, ca="für alle"))
    assert error.reason is Reason.CA_INVALID


async def test_a_tls_server_that_never_answers(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "KEEPALIVE", 1)  # paho's limit for the handshake
    with silent_server() as port:
        wanted = BrokerSettings(host="127.0.0.1", port=port, tls=True)
        error = await refusal(hass, wanted)
    assert error.reason is Reason.TIMEOUT
