"""A simulated EM420 as a process, and how a user adds it."""

from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .broker import Broker
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "em420/data"
CONFIG_TOPIC = "em420/config"


class Em420Simulator:
    """`python -m tests.simulators.em420` at a broker."""

    def __init__(
        self, broker: Broker, log: Path, *options: str, topic: str = TOPIC
    ) -> None:
        """Choose the broker, and options beside those that every run needs."""
        self.broker = broker
        self.topic = topic
        self.options = options
        self.process = ChildProcess("simulator", log)

    def start(self) -> None:
        """Start it; it publishes as soon as it is connected."""
        self.process.start(
            [
                sys.executable,
                *("-m", "tests.simulators.em420"),
                *("--host", self.broker.host, "--port", str(self.broker.port)),
                *("--topic", self.topic, "--config-topic", CONFIG_TOPIC),
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
