"""An openWB to run: `python -m tests.simulators.openwb --version 2.2.2`.

It publishes its topics retained and plays a day: sun, a house, a battery, cars that come
and go. It takes set topics as the release does. `--speed` lets its time run faster.
"""

import argparse
import asyncio
from datetime import UTC, datetime
import logging

from .command_line import add_broker, broker_of, run
from .openwb_sets import Refusal, Write
from .openwb_simulator import OpenWbSimulator, Options
from .openwb_versions import Version

__all__ = ["OpenWbSimulator", "Options", "Refusal", "Version", "Write", "main"]

_LOGGER = logging.getLogger("openwb")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated openWB.")
    add = parser.add_argument
    add("--version", type=Version, choices=list(Version), required=True)
    add_broker(parser)
    add("--root", default="openWB", help="the root topic")
    add("--speed", type=float, default=1.0, help="how much faster it lives")
    add("--interval", type=float, help="real seconds between control cycles")
    add("--no-driver", action="store_true", help="no car comes or goes")
    add("--extras", action="store_true", help="with an io module and smart home")
    add("--resume", action="store_true", help="go on with the broker's counters")
    return parser.parse_args(arguments)


def simulator(options: argparse.Namespace) -> OpenWbSimulator:
    """Return what the command line describes."""
    return OpenWbSimulator(
        Options(
            version=options.version,
            root=options.root,
            interval=options.interval,
            speed=options.speed,
            driver=not options.no_driver,
            extras=options.extras,
            resume=options.resume,
            zone=datetime.now().astimezone().tzinfo or UTC,
        )
    )


async def serve(options: argparse.Namespace) -> None:
    """Run until cancelled."""
    async with simulator(options) as device:
        await device.start(**broker_of(options))
        _LOGGER.info("openWB %s below %s", options.version, options.root)
        await asyncio.Event().wait()


def main() -> None:
    """Run from the command line."""
    run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
