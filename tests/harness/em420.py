"""A simulated EM420 as a process, and how a user adds it."""

from functools import partial
from pathlib import Path
from typing import override

from .api import HomeAssistantApi, Json
from .broker import Broker
from .simulator import DemoDevice, SimulatorProcess, at

TOPIC = "em420/data"
CONFIG_TOPIC = "em420/config"


class Em420Simulator(SimulatorProcess):
    """`python -m tests.simulators.em420` at a broker."""

    module = "em420"

    def __init__(
        self, broker: Broker, log: Path, *options: str, topic: str = TOPIC
    ) -> None:
        """Choose the broker, and options beside those that every run needs."""
        self.broker = broker
        self.topic = topic
        super().__init__("simulator", log, options)

    @property
    @override
    def arguments(self) -> tuple[str, ...]:
        topics = ("--topic", self.topic, "--config-topic", CONFIG_TOPIC)
        return (*at(self.broker), *topics)


async def add_em420(
    home_assistant: HomeAssistantApi,
    broker: Broker,
    *,
    name: str = "EM420",
    topic: str = TOPIC,
    config_topic: str = CONFIG_TOPIC,
) -> Json:
    """Add an EM420 that publishes to a broker through the config flow, as a user does."""
    return await home_assistant.flow(
        "wattbus",
        "em420",
        "em420_mqtt",
        {"topics": [topic], "config_topics": [config_topic]},
        {"host": broker.host, "port": broker.port, "advanced": {}},
        {"name": name},
    )


def demo(broker: Broker, folder: Path) -> list[DemoDevice]:
    """Give an EM420 for the demo."""
    simulator = Em420Simulator(broker, folder / "em420.log", "--retain-config")
    return [DemoDevice("EM420", simulator, partial(add_em420, broker=broker))]
