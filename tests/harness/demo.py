"""The demo: a broker, simulated devices and a real Home Assistant with Wattbus.

Everything is kept in .cache/demo, so that the second start finds its devices again.
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
import shutil
import signal
import sys

from custom_components.wattbus.families import FAMILIES

from .api import ApiError
from .broker import Broker, BrokerError
from .dashboard import URL_PATH, add_dashboard, has_dashboard
from .home_assistant import RESTART_EXIT_CODE, HomeAssistantProcess, StartError
from .ports import PortError, free_port, kept_port
from .simulator import DemoDevice

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache/demo"


class DemoError(RuntimeError):
    """The demo does not do what it should."""


def _devices(broker: Broker, folder: Path) -> list[DemoDevice]:
    """Give what each family has for the demo, in a module of its own."""
    modules = (import_module(f"tests.harness.{key}") for key in FAMILIES)
    return [device for module in modules for device in module.demo(broker, folder)]


class Demo:
    """The processes, started in the order in which they need each other."""

    def __init__(self, folder: Path, port: int) -> None:
        """Take up the port that the broker had the last time."""
        self.broker = Broker(
            folder / "broker", port=kept_port(folder, "broker_port", 18830)
        )
        self.devices = _devices(self.broker, folder)
        self.home_assistant = HomeAssistantProcess(
            folder / "config", port=free_port(port)
        )

    async def run(self, smoke_seconds: float | None) -> None:
        """Start everything, and keep it up until it is cancelled."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.broker)
            for device in self.devices:
                stack.enter_context(device.simulator)
            await stack.enter_async_context(self.home_assistant)
            await self._add_devices()
            if not await has_dashboard(self.home_assistant):
                await add_dashboard(self.home_assistant, "wattbus")
            self._tell()
            if smoke_seconds:
                await self._watch(smoke_seconds)
            else:
                await self._keep_up()

    async def _add_devices(self) -> None:
        entries = await self.home_assistant.entries("wattbus")
        known = {entry["title"] for entry in entries}
        for device in self.devices:
            if device.name not in known:
                result = await device.add(self.home_assistant)
                if result["type"] != "create_entry":
                    raise DemoError(f"{device.name} could not be added: {result}")

    def _tell(self) -> None:
        broker = self.broker
        print(f"\nOpen {self.home_assistant.url}/{URL_PATH}\n", flush=True)
        print(
            f"Broker at {broker.host}:{broker.port} (process {broker.process.pid}), "
            f"{len(self.devices)} simulated devices, logs and all else in "
            f"{FOLDER.relative_to(ROOT)}. Ctrl-C ends them all.",
            flush=True,
        )

    async def _keep_up(self) -> None:
        """Start again what somebody has ended by hand, after a moment."""
        while True:
            await asyncio.sleep(1)
            if not self.broker.process.running:
                print("The broker ended; it starts again in 5 seconds", flush=True)
                await asyncio.sleep(5)
                self.broker.start()
                print(f"The broker is back (process {self.broker.process.pid})")
            for device in self.devices:
                if not device.simulator.process.running:
                    print(f"{device.name} ended; it starts again in 5 seconds")
                    await asyncio.sleep(5)
                    device.simulator.start()
            if not self.home_assistant.process.running:
                code = self.home_assistant.process.exit_code
                if code != RESTART_EXIT_CODE:
                    raise DemoError(f"Home Assistant ended with {code}")
                print("Home Assistant restarts", flush=True)
                await self.home_assistant.start()

    async def _watch(self, seconds: float) -> None:
        """Count the changes of state for a while; there have to be some."""
        entities = await self.home_assistant.entities("wattbus")
        changes = 0
        try:
            async with (
                asyncio.timeout(seconds),
                self.home_assistant.subscribe(
                    "subscribe_events", event_type="state_changed"
                ) as events,
            ):
                async for event in events:
                    changes += event["data"]["entity_id"] in entities
        except TimeoutError:
            print(f"{changes} changes of state in {seconds:g} s", flush=True)
        if not changes:
            raise DemoError(f"No state changed:\n{self.home_assistant.process.tail()}")


async def _run(demo: Demo, smoke_seconds: float | None) -> None:
    """Run the demo until it ends, or Ctrl-C or a signal ends it."""
    task = asyncio.ensure_future(demo.run(smoke_seconds))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        print("\nThe demo has ended", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="script/develop", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8123, help="where Home Assistant listens (8123)"
    )
    parser.add_argument(
        "--reset", action="store_true", help="forget the last demo and start afresh"
    )
    parser.add_argument(
        "--smoke",
        type=float,
        metavar="SECONDS",
        help="end after so many seconds, with an error unless states changed",
    )
    options = parser.parse_args(arguments)
    if options.reset:
        shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        asyncio.run(_run(Demo(FOLDER, options.port), options.smoke))
    except (ApiError, BrokerError, DemoError, PortError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
