"""TCP: connect, send one request, read one frame, close."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import socket
from typing import TYPE_CHECKING, Final

from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..errors import ConnectError, Reason

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

LARGEST_FRAME: Final = 65_536
# A protocol that does not tell a frame's length in its first bytes is not for this.
_LARGEST_HEAD: Final = 256

type FrameLength = Callable[[bytes], int | None]
"""Tells from a frame's first bytes how long it is, None if they are too few for that.

It raises ValueError, which ProtocolError is, if they cannot begin a frame.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one exchange may take, in seconds.

    `whole` is for all of it. Waiting for another exchange with the same device to end
    does not count: that one has limits of its own.
    """

    connect: float = 5
    silence: float = 5
    whole: float = 10


@dataclass(slots=True)
class _Turn:
    """Who speaks with a device, and how many want to."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


_TURNS: HassKey[dict[tuple[str, int], _Turn]] = HassKey(f"{DOMAIN}_tcp")


class TcpClient:
    """Asks one device, each time over a connection of its own.

    All clients of an address take turns: such devices serve one connection at a time.
    """

    def __init__(
        self, hass: HomeAssistant, host: str, port: int, limits: Limits = Limits()
    ) -> None:
        """Prepare requests to a host; nothing is connected yet."""
        self._hass = hass
        self._host = host
        self._port = port
        self._limits = limits

    async def query(self, request: bytes, frame_length: FrameLength) -> bytes:
        """Send a request and give the one frame that answers it.

        What comes after the frame is dropped: a line feed, or the frame once more. The
        connection is closed when this returns. Nothing is tried twice.

        Raises:
            ConnectError: CONNECTION_LOST if the device closes the connection before
                the frame is complete, BAD_ANSWER if it is no frame or too large.
        """
        async with self._turn(), self._limit(self._limits.whole, "the exchange"):
            reader, writer = await self._connect()
            try:
                writer.write(request)
                return await self._read_frame(reader, frame_length)
            except OSError as err:
                raise self._error(Reason.CONNECTION_LOST, str(err)) from err
            finally:
                # At once, and before the next turn. There is nothing left to send but
                # to a device that does not read.
                writer.transport.abort()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with self._limit(self._limits.connect, "connecting"):
                return await asyncio.open_connection(self._host, self._port)
        except (socket.gaierror, ValueError) as err:
            # ValueError, also as UnicodeError: it can be no host's name.
            raise self._error(Reason.HOST_UNKNOWN, str(err)) from err
        except OSError as err:
            raise self._error(Reason.REFUSED, str(err)) from err

    async def _read_frame(
        self, reader: asyncio.StreamReader, frame_length: FrameLength
    ) -> bytes:
        received = bytearray()
        length: int | None = None
        while length is None or len(received) < length:
            async with self._limit(self._limits.silence, "waiting for the answer"):
                chunk = await reader.read(LARGEST_FRAME)
            if not chunk:
                detail = f"closed by the device after {len(received)} bytes"
                raise self._error(Reason.CONNECTION_LOST, detail)
            received += chunk
            if length is None:
                length = self._length(bytes(received[:_LARGEST_HEAD]), frame_length)
        return bytes(received[:length])

    def _length(self, head: bytes, frame_length: FrameLength) -> int | None:
        """Find out how long the frame is, if it can be known yet."""
        try:
            length = frame_length(head)
        except ValueError as err:
            raise self._error(Reason.BAD_ANSWER, str(err)) from err
        if length is None:
            if len(head) < _LARGEST_HEAD:
                return None
            raise self._error(Reason.BAD_ANSWER, "no length")
        if not 0 < length <= LARGEST_FRAME:
            raise self._error(Reason.BAD_ANSWER, f"a frame of {length} bytes")
        return length

    @asynccontextmanager
    async def _limit(self, seconds: float, what: str) -> AsyncGenerator[None]:
        """Limit the time for something, also where the system limits it first."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as err:
            raise self._error(Reason.TIMEOUT, what) from err

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait until nobody else speaks with the device; forget it after the last."""
        turns = self._hass.data.setdefault(_TURNS, {})
        address = (self._host.lower(), self._port)
        turn = turns.setdefault(address, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del turns[address]

    def _error(self, reason: Reason, detail: str) -> ConnectError:
        return ConnectError(reason, self._host, detail)
