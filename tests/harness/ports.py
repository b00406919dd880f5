"""Loopback ports."""

from pathlib import Path
import socket
import time

LOOPBACK = "127.0.0.1"


def free_port(preferred: int | None = None) -> int:
    """Return a port that nothing listens on: the preferred one if it is free."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            # As servers do it, so that a port which was in use a moment ago counts
            # as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")


def accepts(port: int) -> bool:
    """Tell whether something accepts connections on a loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def wait_until_free(port: int, seconds: float = 5) -> bool:
    """Wait until a port of our own, just closed, can be listened on again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if free_port(port) == port:
            return True
        time.sleep(0.02)
    return False


class PortError(RuntimeError):
    """A port that is needed is in use."""


def kept_port(folder: Path, name: str, first: int) -> int:
    """Return the port of the first start: a config entry names it."""
    file = folder / name
    if file.exists():
        port = int(file.read_text())
        if free_port(port) != port:
            raise PortError(
                f"Port {port}, which this demo had before, is in use: "
                "end what uses it, or start afresh with --reset"
            )
        return port
    port = free_port(first)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(str(port))
    return port
