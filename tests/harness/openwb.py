"""A simulated openWB as a process."""

from functools import partial
from pathlib import Path
from typing import override

from .api import HomeAssistantApi, Json
from .broker import Broker
from .simulator import DemoDevice, SimulatorProcess, at

TOPIC = "openWB"


class OpenWbProcess(SimulatorProcess):
    """`python -m tests.simulators.openwb` at a broker."""

    module = "openwb"

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
        super().__init__(f"openwb {version}", log, options)

    @property
    @override
    def arguments(self) -> tuple[str, ...]:
        return (*at(self.broker), "--version", self.version, "--root", self.root)


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


def demo(broker: Broker, folder: Path) -> list[DemoDevice]:
    """Give an openWB for the demo."""
    openwb = OpenWbProcess(
        folder / "openwb.log",
        "2.2.2",
        # A car comes and goes every few minutes; the counters go on after a restart.
        *("--extras", "--resume", "--speed", "60", "--interval", "5"),
        broker=broker,
    )
    name = "openWB"
    return [DemoDevice(name, openwb, partial(add_openwb, broker=broker, name=name))]
