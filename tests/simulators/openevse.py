"""An OpenEVSE to run: `python -m tests.simulators.openevse --generation esp32-5.1`.

A controller with a car that comes and goes, and the gateway of one generation in front
of it: MQTT, HTTP, RAPI through both. `--speed` lets the model's time run faster, and the
intervals of what is published with it; answers to RAPI take the time that they take.
"""

import argparse
import asyncio
import logging

from .command_line import add_broker, broker_of, run
from .openevse_firmware import FIRMWARES, Generation
from .openevse_link import Trouble
from .openevse_model import Charger
from .openevse_simulator import OpenEvseSimulator, Options

__all__ = ["Charger", "Generation", "OpenEvseSimulator", "Options", "Trouble", "main"]

_LOGGER = logging.getLogger("openevse")
_FEATURES = ("auth_lock", "mennekes", "phases")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated OpenEVSE.")
    add = parser.add_argument
    add("--generation", type=Generation, choices=list(Generation), required=True)
    add_broker(parser, port=None, note="; without one there is no MQTT")
    add("--base", default="openevse", help="the base topic")
    add("--id", default="c44f330dad55", help="the gateway's identity")
    add("--http-host", default="127.0.0.1")
    add("--http-port", type=int, help="also serve HTTP")
    add("--www-username", default="", help="who may use HTTP")
    add("--www-password", default="")
    add("--session-login", action="store_true", help="HTTP has the login of 2026")
    add("--speed", type=float, default=1.0, help="how much faster it lives")
    add("--protocol", choices=list(FIRMWARES), help="the controller's")
    add("--firmware", help="the controller's, such as D4.10.4.EU")
    add("--stored", type=int, default=32, help="the capacity in the EEPROM [A]")
    add("--voltage", type=float, default=240.0)
    add("--voltmeter", action="store_true", help="it measures the voltage")
    add("--feature", action="append", choices=_FEATURES, default=[])
    add("--no-driver", action="store_true", help="no car comes")
    add("--rapi-blocked", action="store_true", help="a build that drops RAPI commands")
    add("--count-seconds", action="store_true", help="wh is the session's Ws (2.7.5)")
    add("--lose", type=float, default=0.0, help="share of RAPI answers that are lost")
    add("--delay", type=float, default=0.0, help="share of RAPI answers that are late")
    add("--delay-seconds", type=float, default=2.0, help="how late")
    add("--bad-checksums", type=float, default=0.0, help="share of damaged answers")
    add("--other-clients", action="store_true", help="others use RAPI, too")
    add("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def simulator(options: argparse.Namespace) -> OpenEvseSimulator:
    """Return what the command line describes."""
    return OpenEvseSimulator(
        Options(
            generation=options.generation,
            base=options.base,
            device_id=options.id,
            protocol=options.protocol,
            firmware=options.firmware,
            stored=options.stored,
            voltage=options.voltage,
            voltmeter=options.voltmeter,
            features=frozenset(options.feature),
            speed=options.speed,
            driver=not options.no_driver,
            rapi_blocked=options.rapi_blocked,
            count_seconds=options.count_seconds,
            session_login=options.session_login,
            www_username=options.www_username,
            www_password=options.www_password,
            trouble=Trouble(
                options.lose,
                options.delay,
                options.delay_seconds,
                options.bad_checksums,
                options.other_clients,
            ),
            seed=options.seed,
        )
    )


async def serve(options: argparse.Namespace) -> None:
    """Run until cancelled."""
    async with simulator(options) as device:
        if options.http_port is not None:
            port = await device.serve_http(options.http_port, options.http_host)
            _LOGGER.info("HTTP on port %d", port)
        if options.port is None:
            await asyncio.Event().wait()
        await device.run(**broker_of(options))


def main() -> None:
    """Run from the command line."""
    run(serve(parse_arguments()))


if __name__ == "__main__":
    main()
