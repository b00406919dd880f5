"""A simulated device as a process."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
import sys
from typing import Self

from .api import HomeAssistantApi, Json
from .broker import Broker
from .process import ChildProcess

ROOT = Path(__file__).resolve().parents[2]


class SimulatorProcess(ABC):
    """`python -m tests.simulators.…`; `process.kill()` cuts the power."""

    module: str

    def __init__(self, name: str, log: Path, options: Iterable[str]) -> None:
        """Choose what to call it, and options beside those that every run needs."""
        self.options = tuple(options)
        self.process = ChildProcess(name, log)

    @property
    @abstractmethod
    def arguments(self) -> Iterable[str]:
        """What every run needs."""

    def start(self) -> None:
        """Start it; it answers, or publishes, as soon as it is connected."""
        self.process.start(
            [
                sys.executable,
                *("-m", f"tests.simulators.{self.module}"),
                *self.arguments,
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


@dataclass(frozen=True)
class DemoDevice:
    """A simulated device of the demo, and how a user adds it."""

    name: str
    simulator: SimulatorProcess
    add: Callable[[HomeAssistantApi], Awaitable[Json]]


def at(broker: Broker) -> tuple[str, ...]:
    """Say which broker a simulator connects to."""
    return ("--host", broker.host, "--port", str(broker.port))
