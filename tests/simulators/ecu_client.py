"""A plain client of the simulated ECU and a clock for it, for tests: no device."""

import asyncio
from datetime import datetime, timedelta

from .ecu_simulator import EcuSimulator


class Clock:
    """A clock that stands still until it is moved; local time, without a zone."""

    def __init__(
        self,
        year: int = 2026,
        month: int = 6,
        day: int = 21,
        hour: int = 12,
        minute: int = 0,
    ) -> None:
        """Begin then."""
        self.now = datetime(year, month, day, hour, minute)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def move(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


def request(command: str, ecu_id: str = "", arguments: str = "") -> bytes:
    """Return a request with its true length; arguments may begin with `END`."""
    body = f"{command}{ecu_id}{arguments}END"
    return f"APS11{9 + len(body):04}{body}\n".encode()


async def ask(
    simulator: EcuSimulator,
    command: str,
    arguments: str = "",
    *,
    ecu_id: str | None = None,
    wait: float = 5.0,
) -> bytes:
    """Return all that comes within a moment, on a connection of its own."""
    if ecu_id is None:
        ecu_id = "" if command == "0001" else simulator.ecu_id
    reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
    data = b""
    try:
        writer.write(request(command, ecu_id, arguments))
        async with asyncio.timeout(wait):
            while piece := await reader.read(65536):
                data += piece
                if len(data) >= 9 and len(data) >= int(data[5:9]) + 1:
                    break
    except TimeoutError:
        pass
    finally:
        writer.close()
    return data
