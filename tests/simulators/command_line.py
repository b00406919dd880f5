"""What the simulators share that are run from the command line. No device is in here."""

import argparse
import asyncio
from collections.abc import Coroutine
import contextlib
import logging
import signal
from typing import Any


def add_broker(
    parser: argparse.ArgumentParser, *, port: int | None = 1883, note: str = ""
) -> None:
    """Add the options that say which broker to connect to, and how."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the broker")
    add("--port", type=int, default=port, help=f"the broker's{note}")
    add("--username", help="at the broker")
    add("--password", help="at the broker")
    add("--cafile", help="connect with TLS and trust this authority")


def broker_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return what these options say, by the names that `Access` has."""
    names = ("host", "port", "username", "password", "cafile")
    return {name: getattr(options, name) for name in names}


def run(serve: Coroutine[Any, Any, None]) -> None:
    """Serve until the end, SIGTERM or Ctrl-C; these end it without a traceback."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    asyncio.run(_until_a_signal(serve))


async def _until_a_signal(serve: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(serve)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
