"""A simulated APsystems ECU as a process."""

import asyncio
from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .ports import accepts, free_port
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]


class EcuProcess:
    """`python -m tests.simulators.ecu`."""

    def __init__(self, log: Path, *options: str, port: int | None = None) -> None:
        """Choose what it is like; without a port, any that is free."""
        self.port = port or free_port()
        self.options = options
        self.process = ChildProcess("apsystems ecu", log)

    def start(self) -> None:
        """Start it."""
        self.process.start(
            [
                sys.executable,
                *("-m", "tests.simulators.ecu", "--port", str(self.port)),
                *self.options,
            ],
            directory=ROOT,
        )

    def stop(self) -> None:
        """Stop it."""
        self.process.stop()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


async def add_ecu(home_assistant: HomeAssistantApi, *, name: str, port: int) -> Json:
    """Add an ECU through the config flow, as a user does, as soon as it listens."""
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(accepts, port):
            await asyncio.sleep(0.1)
    return await home_assistant.flow(
        "wattbus",
        "apsystems",
        "apsystems_tcp",
        {"host": "127.0.0.1", "port": port},
        {"name": name},
    )
