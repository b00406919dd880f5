"""One Home Assistant with a simulated EM420, for all end-to-end tests."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_socket

from tests.harness.api import Json
from tests.harness.broker import Broker
from tests.harness.em420 import Em420Simulator, add_em420
from tests.harness.home_assistant import HomeAssistantProcess


@dataclass(frozen=True)
class Installation:
    """What runs, and the entry of the EM420 in it."""

    broker: Broker
    simulator: Em420Simulator
    home_assistant: HomeAssistantProcess
    entry: Json


@pytest.fixture(scope="session")
def _installation(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Installation]:
    """Start all once: Home Assistant takes some seconds."""
    folder = tmp_path_factory.mktemp("e2e")
    # The plugin forbids sockets to each test; this is set up before one allows them.
    pytest_socket.enable_socket()
    with Broker(folder / "broker") as broker:
        simulator = Em420Simulator(
            broker, folder / "simulator.log", "--retain-config", "--interval", "0.5"
        )
        with simulator, asyncio.Runner() as runner:
            home_assistant = HomeAssistantProcess(folder / "config")
            try:
                runner.run(home_assistant.start())
                result = runner.run(add_em420(home_assistant, broker))
                assert result["type"] == "create_entry", result
                yield Installation(broker, simulator, home_assistant, result["result"])
            finally:
                pytest_socket.enable_socket()
                runner.run(home_assistant.stop())


@pytest.fixture
def installation(_installation: Installation, socket_enabled: None) -> Installation:
    """Return what runs, for a test that may reach it."""
    return _installation
