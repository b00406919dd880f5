"""A simulated Sofar EMS as a process, and how a user adds it."""

from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .broker import Broker
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
SERIAL = "M1S250101SIMULATED1"
# What the user of this EMS knows of it: policies, and the fields of live control.
OPTIONS = {
    "policies": ["charge", "discharge", "idle", "limit", "off", "pause", "free"],
    "live_policy_field": "{type}_policy",
    "live_power_field": "{type}_power_setpoint_w",
    "feedback_interval": 10,
    "spacing": 0.1,
}


class SofarProcess:
    """`python -m tests.simulators.sofar` at a broker."""

    def __init__(
        self, broker: Broker, log: Path, *options: str, serial: str = SERIAL
    ) -> None:
        """Choose the broker, and options beside it."""
        self.broker = broker
        self.serial = serial
        self.options = options
        self.process = ChildProcess("sofar", log)

    def start(self) -> None:
        """Start it; it answers as soon as it is connected."""
        self.process.start(
            [
                sys.executable,
                *("-m", "tests.simulators.sofar"),
                *("--host", self.broker.host, "--port", str(self.broker.port)),
                *("--serial", self.serial),
                *self.options,
            ],
            directory=ROOT,
        )

    def stop(self) -> None:
        """Stop it; it forgets its schedules."""
        self.process.stop()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()


async def add_sofar(
    home_assistant: HomeAssistantApi,
    broker: Broker,
    *,
    name: str = "Sofar EMS",
    serial: str = SERIAL,
) -> Json:
    """Add an EMS at a broker through the config flow, and tune it, as a user does."""
    result = await home_assistant.flow(
        "wattbus",
        "sofar",
        {"serial": serial},
        {"host": broker.host, "port": broker.port, "advanced": {}},
        {"name": name},
    )
    if result["type"] == "create_entry":
        await home_assistant.options_flow(result["result"]["entry_id"], OPTIONS)
    return result
