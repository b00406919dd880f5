"""One Home Assistant with a simulated EM420, for all end-to-end tests."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

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

    async def value(self, source: str, key: str) -> str | None:
        """Return the state of a value, by the names that the device has for it."""
        unique_id = f"{self.entry['entry_id']}|source|{source}|{key}"
        entities = await self.home_assistant.entities("wattbus")
        states = await self.home_assistant.states()
        for entity_id, entity in entities.items():
            if entity["unique_id"] == unique_id and entity_id in states:
                return str(states[entity_id]["state"])
        return None

    async def number(self, source: str, key: str) -> float:
        """Wait until a value is a number, and return it."""
        async with asyncio.timeout(30):
            while True:
                with suppress(ValueError):
                    return float(await self.value(source, key) or "")
                await asyncio.sleep(0.1)


class Controlled:
    """A device in Home Assistant that is controlled, by the keys of its values."""

    def __init__(
        self, installation: Installation, entry: Json, device: str = "main|"
    ) -> None:
        """Look at an entry, and at one of its devices."""
        self.home_assistant = installation.home_assistant
        self.entry = entry
        self.device = device

    async def state(self, key: str) -> Json | None:
        """Give the state of the entity that shows a value."""
        unique_id = f"{self.entry['entry_id']}|{self.device}|{key}"
        entities = await self.home_assistant.entities("wattbus")
        states = await self.home_assistant.states()
        for entity_id, entity in entities.items():
            if entity["unique_id"] == unique_id:
                return states.get(entity_id)
        return None

    async def shows(self, key: str, holds: Callable[[str], bool]) -> Json:
        """Wait until an entity shows what it should."""
        async with asyncio.timeout(40):
            while not ((state := await self.state(key)) and holds(state["state"])):
                await asyncio.sleep(0.3)
        return state

    async def call(self, action: str, key: str, **data: Any) -> None:
        """Use a control."""
        state = await self.shows(key, lambda shown: shown != "unavailable")
        domain, _, service = action.partition(".")
        await self.home_assistant.command(
            "call_service",
            domain=domain,
            service=service,
            service_data={"entity_id": state["entity_id"], **data},
        )


@pytest.fixture(scope="session")
def _installation(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """Start all once: Home Assistant takes some seconds."""
    folder = tmp_path_factory.mktemp("e2e")
    # The plugin takes the sockets away before each test, also before this.
    pytest_socket.enable_socket()
    with (
        Broker(folder / "broker") as broker,
        Em420Simulator(
            broker, folder / "simulator.log", "--retain-config", "--interval", "0.5"
        ) as simulator,
        asyncio.Runner() as runner,
    ):
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
    """Return what runs, to a test that may talk to it."""
    return _installation
