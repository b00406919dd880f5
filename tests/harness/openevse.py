"""A simulated OpenEVSE as a process."""

from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .broker import Broker
from .ports import free_port
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
BASE = "openevse"
GENERATIONS = ("esp8266-2.7", "esp8266-2.9", "esp32-4.1", "esp32-5.1")


class OpenEvseProcess:
    """`python -m tests.simulators.openevse` at a broker, over HTTP, or both."""

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
        self.options = options
        self.http_port = free_port() if http else None
        self.process = ChildProcess(f"openevse {generation}", log)

    @property
    def url(self) -> str | None:
        """Where its HTTP interface is."""
        return f"http://127.0.0.1:{self.http_port}" if self.http_port else None

    def start(self) -> None:
        """Start it; it publishes as soon as it is connected."""
        where = []
        if self.broker is not None:
            where += ["--host", self.broker.host, "--port", str(self.broker.port)]
        if self.http_port is not None:
            where += ["--http-port", str(self.http_port)]
        self.process.start(
            [
                sys.executable,
                *("-m", "tests.simulators.openevse"),
                *("--generation", self.generation, "--base", self.base),
                *where,
                *self.options,
            ],
            directory=ROOT,
        )

    def stop(self) -> None:
        """Stop it; `process.kill()` cuts the power, so that the will is sent."""
        self.process.stop()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


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
