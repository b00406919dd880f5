"""A simulated openWB as a process."""

from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .broker import Broker
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "openWB"


class OpenWbProcess:
    """`python -m tests.simulators.openwb` at a broker."""

    def __init__(
        self,
        log: Path,
        version: str,
        *options: str,
        broker: Broker,
        root: str = TOPIC,
    ) -> None:
        """Choose where it publishes, and options beside that."""
        self.broker = broker
        self.version = version
        self.root = root
        self.options = options
        self.process = ChildProcess(f"openwb {version}", log)

    def start(self) -> None:
        """Start it; it publishes as soon as it is connected."""
        self.process.start(
            [
                sys.executable,
                *("-m", "tests.simulators.openwb", "--version", self.version),
                *("--host", self.broker.host, "--port", str(self.broker.port)),
                *("--root", self.root),
                *self.options,
            ],
            directory=ROOT,
        )

    def stop(self) -> None:
        """Stop it, as if the power were cut: openWB has no last will."""
        self.process.stop()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


async def add_openwb(
    home_assistant: HomeAssistantApi, broker: Broker, *, name: str, root: str = TOPIC
) -> Json:
    """Add an openWB at a broker through the config flow, as a user does."""
    return await home_assistant.flow(
        "wattbus",
        "openwb",
        {"root": root},
        {"host": broker.host, "port": broker.port, "advanced": {}},
        {"name": name},
    )
