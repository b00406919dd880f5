"""An APsystems ECU to run: `python -m tests.simulators.ecu --model ecu-c --inverters 8`.

It answers on TCP as the real one does and, where the model has one, has its web page.
With `--quirk` now and then an answer is wrong; `ecu_quirks` says how.
"""

import argparse
import asyncio
import logging
from zoneinfo import ZoneInfo

from .command_line import run
from .ecu_inverter import KINDS, Reading
from .ecu_model import Alarm, Ecu
from .ecu_quirks import Quirk
from .ecu_report import EcuModel, Layout, Report
from .ecu_simulator import EcuSimulator, Options
from .ecu_sun import Sun

__all__ = [
    "KINDS",
    "Alarm",
    "Ecu",
    "EcuModel",
    "EcuSimulator",
    "Layout",
    "Options",
    "Quirk",
    "Reading",
    "Report",
    "Sun",
    "main",
]

_LOGGER = logging.getLogger("ecu")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated APsystems ECU.")
    add = parser.add_argument
    add("--model", type=EcuModel, choices=list(EcuModel), default=EcuModel.ECU_R)
    add("--inverters", type=int, default=3)
    add("--kind", action="append", choices=list(KINDS), default=[], help="of inverters")
    add("--layout", type=Layout, choices=list(Layout), default=Layout.CURRENT)
    add("--id", help="the ECU's id, 12 digits")
    add("--firmware", help="such as ECU_R_1.3.20")
    add("--zone", type=ZoneInfo, help="where it is, such as Europe/Berlin")
    add("--port", type=int, default=8899, help="0 for any")
    add("--http-port", type=int, default=0, help="of models with a web page, 0 for any")
    add("--speed", type=float, default=1.0, help="how much faster its clock runs")
    add("--lifetime", type=float, default=1995.5, help="what it has counted [kWh]")
    add("--reset-hour", type=int, choices=range(24), default=0, metavar="HOUR")
    add("--new", action="store_true", help="it has just been installed")
    add("--quirk", action="append", type=Quirk, choices=list(Quirk), default=[])
    add("--every", type=int, default=10, help="a quirk comes with each so many answers")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def simulator(options: argparse.Namespace) -> EcuSimulator:
    """Return what the command line describes."""
    made = EcuSimulator(
        Options(
            model=options.model,
            inverters=options.inverters,
            kinds=tuple(options.kind),
            layout=options.layout,
            ecu_id=options.id,
            firmware=options.firmware,
            zone=options.zone,
            speed=options.speed,
            lifetime=options.lifetime,
            reset_hour=options.reset_hour,
            history_days=0 if options.new else 366,
            seed=options.seed,
        )
    )
    for quirk in options.quirk:
        made.misbehave(quirk, times=None, every=options.every)
    return made


async def serve(options: argparse.Namespace) -> None:
    """Run until cancelled."""
    made = simulator(options)
    await made.start(options.port, options.http_port)
    try:
        _LOGGER.info("ECU %s on port %d", made.ecu_id, made.port)
        if made.http_port is not None:
            _LOGGER.info("its web page on port %d", made.http_port)
        await asyncio.Event().wait()
    finally:
        await made.stop()


def main() -> None:
    """Run from the command line."""
    run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
