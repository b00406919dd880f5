"""A simulated APsystems ECU as a process."""

import asyncio
from functools import partial
from pathlib import Path
from typing import override

from .api import HomeAssistantApi, Json
from .broker import Broker
from .ports import accepts, free_port, kept_port
from .simulator import DemoDevice, SimulatorProcess


class EcuProcess(SimulatorProcess):
    """`python -m tests.simulators.ecu`."""

    module = "ecu"

    def __init__(self, log: Path, *options: str, port: int | None = None) -> None:
        """Choose what it is like; without a port, any that is free."""
        self.port = port or free_port()
        super().__init__("apsystems ecu", log, options)

    @property
    @override
    def arguments(self) -> tuple[str, ...]:
        return ("--port", str(self.port))


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


def demo(_: Broker, folder: Path) -> list[DemoDevice]:
    """Give an ECU for the demo."""
    ecu = EcuProcess(
        folder / "apsystems.log",
        *("--model", "ecu-c", "--inverters", "5"),
        port=kept_port(folder, "ecu_port", 18899),
    )
    name = "APsystems ECU"
    return [DemoDevice(name, ecu, partial(add_ecu, name=name, port=ecu.port))]
