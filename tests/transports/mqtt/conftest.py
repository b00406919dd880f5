"""What the tests of MQTT share: clients, and what they must not leave behind."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
import gc
from pathlib import Path
import socket
from typing import Any

import pytest

from custom_components.wattbus.errors import ConnectError
from custom_components.wattbus.transports.mqtt import (
    BrokerSettings,
    Message,
    broker as transport,
)
from custom_components.wattbus.transports.mqtt.broker import BrokerClient
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import until

type Connect = Callable[..., Awaitable[BrokerClient]]

# Taken before the test plugin replaces it by one that knows no host but loopback.
GETADDRINFO = socket.getaddrinfo

INFO = "custom_components.wattbus"


def settings(broker: Broker, **changes: Any) -> BrokerSettings:
    """Give the settings that reach a test's broker."""
    return BrokerSettings(**{"host": broker.host, "port": broker.port} | changes)


class Inbox:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        """Start empty."""
        self.messages: list[Message] = []

    def __call__(self, message: Message) -> None:
        """Take a message."""
        self.messages.append(message)

    @property
    def payloads(self) -> list[bytes]:
        """The payloads, in the order of their arrival."""
        return [message.payload for message in self.messages]

    async def wait(self, count: int = 1) -> list[Message]:
        """Wait until so many messages have come."""
        await until(lambda: len(self.messages) >= count)
        return self.messages


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests wait a fraction of what users do."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(transport, "LONGEST_PAUSE", 0.2)


@pytest.fixture
async def connect(hass: HomeAssistant) -> AsyncGenerator[Connect]:
    """Start clients, and stop them after the test."""
    clients: list[BrokerClient] = []

    async def start(wanted: BrokerSettings) -> BrokerClient:
        client = BrokerClient(hass, wanted)
        clients.append(client)
        await client.start()
        return client

    yield start
    for client in clients:
        await client.stop()


def _descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def _readers() -> int:
    """Count the sockets that the event loop watches."""
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001
    return len(selector.get_map())


@asynccontextmanager
async def nothing_left() -> AsyncGenerator[None]:
    """See that a block leaves no file descriptor, no task and no reader behind."""
    gc.collect()
    tasks = asyncio.all_tasks()
    descriptors, readers = _descriptors(), _readers()
    yield

    def clean() -> bool:
        gc.collect()
        return (
            len(_descriptors()) <= len(descriptors)
            and len(asyncio.all_tasks()) <= len(tasks)
            and _readers() <= readers
        )

    # A socket that was closed leaves the loop with its next turn.
    try:
        await until(clean, timeout=1)
    except TimeoutError:
        left = asyncio.all_tasks() - tasks
        files = [
            (name, path.readlink())
            for name in _descriptors() - descriptors
            if (path := Path("/proc/self/fd", name)).is_symlink()
        ]
        pytest.fail(f"left behind: {left} {files} {_readers() - readers} readers")


async def refusal(hass: HomeAssistant, wanted: BrokerSettings) -> ConnectError:
    """Fail to connect, leave nothing behind, and give the reason."""
    async with nothing_left():
        with pytest.raises(ConnectError) as raised:
            await BrokerClient(hass, wanted).start()
        error = raised.value
        del raised  # its traceback holds what is to be gone
        error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection at the first word."""
    await reader.read(1)
    writer.close()


@contextmanager
def silent_server() -> Generator[int]:
    """Accept connections, and never say a word; gives the port.

    The system accepts them, so that nothing of it counts as left behind.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
