"""A simulated OpenEVSE as a process."""

from functools import partial
from pathlib import Path
from typing import override

from .api import HomeAssistantApi, Json
from .broker import Broker
from .ports import free_port
from .simulator import DemoDevice, SimulatorProcess, at

BASE = "openevse"
GENERATIONS = ("esp8266-2.7", "esp8266-2.9", "esp32-4.1", "esp32-5.1")


class OpenEvseProcess(SimulatorProcess):
    """`python -m tests.simulators.openevse` at a broker, over HTTP, or both."""

    module = "openevse"

    def __init__(
        self,
        log: Path,
        generation: str,
        *options: str,
        broker: Broker | None = None,
        base: str = BASE,
        http: bool = False,
    ) -> None:
        """Choose where it is to be found, and options beside those."""
        self.broker = broker
        self.generation = generation
        self.base = base
        self.http_port = free_port() if http else None
        super().__init__(f"openevse {generation}", log, options)

    @property
    def url(self) -> str | None:
        """Where its HTTP interface is."""
        return f"http://127.0.0.1:{self.http_port}" if self.http_port else None

    @property
    @override
    def arguments(self) -> tuple[str, ...]:
        where = at(self.broker) if self.broker else ()
        if self.http_port is not None:
            where += ("--http-port", str(self.http_port))
        return ("--generation", self.generation, "--base", self.base, *where)


async def add_openevse(
    home_assistant: HomeAssistantApi, broker: Broker, *, name: str, base: str = BASE
) -> Json:
    """Add a charger at a broker through the config flow, as a user does."""
    return await home_assistant.flow(
        "wattbus",
        "openevse",
        "openevse_mqtt",
        {"base": base},
        {"host": broker.host, "port": broker.port, "advanced": {}},
        {"name": name},
    )


def demo(broker: Broker, folder: Path) -> list[DemoDevice]:
    """Give a charger of each generation of gateways for the demo."""
    devices = []
    for number, generation in enumerate(GENERATIONS):
        name = f"OpenEVSE {generation}"
        base = name.replace(" ", "-").replace(".", "-").lower()
        charger = OpenEvseProcess(
            folder / f"{base}.log",
            generation,
            *("--id", f"c44f330dad{number:02x}"),
            broker=broker,
            base=base,
        )
        add = partial(add_openevse, broker=broker, name=name, base=base)
        devices.append(DemoDevice(name, charger, add))
    return devices
