"""A simulated Sofar EMS as a process, and how a user adds it."""

from functools import partial
from pathlib import Path
from typing import override

from .api import HomeAssistantApi, Json
from .broker import Broker
from .simulator import DemoDevice, SimulatorProcess, at

SERIAL = "M1S250101SIMULATED1"
# What the user of this EMS knows of it: policies, and the fields of live control.
OPTIONS = {
    "policies": ["charge", "discharge", "idle", "limit", "off", "pause", "free"],
    "live_policy_field": "{type}_policy",
    "live_power_field": "{type}_power_setpoint_w",
    "feedback_interval": 10,
    "spacing": 0.1,
}


class SofarProcess(SimulatorProcess):
    """`python -m tests.simulators.sofar` at a broker."""

    module = "sofar"

    def __init__(
        self, broker: Broker, log: Path, *options: str, serial: str = SERIAL
    ) -> None:
        """Choose the broker, and options beside it."""
        self.broker = broker
        self.serial = serial
        super().__init__("sofar", log, options)

    @property
    @override
    def arguments(self) -> tuple[str, ...]:
        return (*at(self.broker), "--serial", self.serial)


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
        {"serial": serial, "suffix": "_site_0"},
        {"host": broker.host, "port": broker.port, "advanced": {}},
        {"name": name},
    )
    if result["type"] == "create_entry":
        await home_assistant.options_flow(result["result"]["entry_id"], OPTIONS)
    return result


def demo(broker: Broker, folder: Path) -> list[DemoDevice]:
    """Give an EMS for the demo, whose batteries charge a hundred times as fast."""
    ems = SofarProcess(broker, folder / "sofar.log", "--speed", "100")
    return [DemoDevice("Sofar EMS", ems, partial(add_sofar, broker=broker))]
