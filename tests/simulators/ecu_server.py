"""The simulated ECU's TCP server: one request, one answer, and all that can go wrong.

Its rules of silence, and from where (HAEdwin is homeassistant-apsystems_ecu_reader,
ksheumaker is homeassistant-apsystems_ecur):

- A connection that says nothing for 15 s is closed (npeter/ioBroker.apsystems-ecu).
  Models with a web page hear one query of a connection; what comes after it is answered
  by nothing.
- A second client at the same time is thrown out, as is everybody while the ECU starts.
  That is the unkind reading: HAEdwin's ecu_api.py keeps a lock for "only one at a time".
- During its nightly maintenance it takes connections and closes them without a byte
  (ksheumaker #42, "Query' data=b''", which is also `EMPTY`).
- One that hangs takes connections and says nothing, for ever (ksheumaker #67, #96, #128).
- A request whose length is wrong is waited for a moment, and then taken as it is.
"""

import asyncio
from contextlib import suppress
import random
import socket
import struct
from typing import Final

from .ecu_commands import Commands
from .ecu_frame import Request, parse_requests
from .ecu_model import Ecu
from .ecu_quirks import DELIVERIES, Quirk, Quirks
from .listening import HOST, port_of, refuse

_LONGEST_REQUEST: Final = 1024
# A request may be shorter than it says; the rest is waited for so long.
_GRACE_SECONDS: Final = 0.1
_SEGMENT_BYTES: Final = 100
_OVERSIZED_BYTES: Final = 20_000
# Close with a reset: RST instead of FIN.
_NO_LINGER: Final = struct.pack("ii", 1, 0)

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Server:
    """The server.

    Attributes:
        port: Where it listens, or did; 0 before the first time.
        requests: What clients have asked.
        connections: How many there were.
        idle_seconds: After how long it closes a silent connection.
        slow_seconds: Between two bytes of a slow answer.
        refused_seconds: How long the port is closed by `Quirk.REFUSED`.
    """

    def __init__(self, ecu: Ecu, quirks: Quirks, seed: int = 0) -> None:
        """Serve an ECU."""
        self.port = 0
        self.requests: list[Request] = []
        self.connections = 0
        self.idle_seconds = 15.0
        self.slow_seconds = 1.0
        self.refused_seconds = 5.0
        self._ecu = ecu
        self._quirks = quirks
        self._commands = Commands(ecu, quirks)
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], asyncio.StreamReader] = {}
        self._reopening: asyncio.Task[None] | None = None

    async def open(self, port: int | None = None) -> None:
        """Listen, on the same port as before if none is given."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, HOST, self.port if port is None else port
            )
            self.port = port_of(self._server)

    async def close(self) -> None:
        """Refuse connections; those that are open go on."""
        if self._server is not None:
            server, self._server = self._server, None
            await refuse(server)

    async def stop(self) -> None:
        """Refuse connections and end those that are open."""
        await self.close()
        tasks = [*self._clients]
        if self._reopening is not None:
            tasks.append(self._reopening)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Talk to one client until one of the two has enough."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        # One that has just left is gone after this.
        for _ in range(5):
            await asyncio.sleep(0)
        others = not all(each.at_eof() for each in self._clients.values())
        self._clients[task] = reader
        try:
            # A frozen clock cannot open a port again: an ECU that starts keeps it open.
            if self._ecu.restarting or others:
                _reset(writer)
                return
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            del self._clients[task]
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer until the client leaves, says nothing for long, or is thrown out."""
        while requests := await self._read(reader):
            for request in requests:
                self.requests.append(request)
                if not await self._answer(request, (reader, writer)):
                    return
            if self._ecu.who.one_query:
                # More queries on the same connection are not heard.
                await _until_it_leaves(reader, self.idle_seconds)
                return

    async def _read(self, reader: asyncio.StreamReader) -> list[Request]:
        """Return the next requests, none at the end of the connection."""
        data = b""
        patience = self.idle_seconds
        while len(data) < _LONGEST_REQUEST:
            try:
                async with asyncio.timeout(patience):
                    piece = await reader.read(_LONGEST_REQUEST)
            except TimeoutError:
                # It is as complete as it will be.
                return parse_requests(data, self._ecu.local_time())
            if not piece:
                return []
            data += piece
            if requests := parse_requests(data, self._ecu.local_time()):
                if sum(r.declared for r in requests) <= len(data):
                    return requests
                patience = _GRACE_SECONDS
        return []

    async def _answer(self, request: Request, streams: Streams) -> bool:
        """Answer a request; return whether the connection stays open."""
        quirk = self._quirks.take_first(DELIVERIES, request.command)
        if quirk is Quirk.CRASH:
            self._ecu.crashed = True
        answer = self._commands.answer(request)
        reader, writer = streams
        if self._ecu.crashed or quirk is Quirk.HANG:
            await _until_it_leaves(reader, None)
            return False
        if answer is None or quirk is Quirk.EMPTY or self._ecu.silent:
            return False
        match quirk:
            case None:
                writer.write(answer)
            case Quirk.SLOW:
                await self._slowly(answer, writer)
            case Quirk.SEGMENTS:
                await self._in_segments(answer, writer)
            case Quirk.CUT:
                writer.write(answer[: len(answer) // 2])
                return False
            case Quirk.RESET | Quirk.REFUSED | Quirk.RESTART:
                await self._throw_out(quirk, writer)
                return False
            case _:
                writer.write(self._spoiled(quirk, answer))
        await writer.drain()
        return True

    async def _throw_out(self, quirk: Quirk, writer: asyncio.StreamWriter) -> None:
        """Reset the connection, and the ECU itself or its port if wanted."""
        _reset(writer)
        if quirk is Quirk.RESTART:
            self._ecu.restart()
        elif quirk is Quirk.REFUSED:
            await self.close()
            self._reopening = asyncio.create_task(self._reopen())

    def _spoiled(self, quirk: Quirk, answer: bytes) -> bytes:
        """Return what is sent instead of the frame."""
        match quirk:
            case Quirk.DOUBLED:
                return answer * 2
            case Quirk.CONCATENATED:
                return answer + self._other(answer)
            case Quirk.OVERSIZED:
                return answer[:5] + b"9999" + answer[9:].ljust(_OVERSIZED_BYTES, b"\0")
            case Quirk.BIT_FLIP:
                bit = self._random.randrange(8 * len(answer))
                spoiled = bytearray(answer)
                spoiled[bit // 8] ^= 1 << bit % 8
                return bytes(spoiled)
        raise ValueError(quirk)

    def _other(self, answer: bytes) -> bytes:
        """Return another command's frame."""
        command = "0012" if answer[9:13] == b"0001" else "0001"
        now = self._ecu.local_time()
        request = Request(b"", command, self._ecu.who.ecu_id, "", 0, now)
        return self._commands.answer(request) or b""

    async def _reopen(self) -> None:
        """Open the port again after a while."""
        await asyncio.sleep(self.refused_seconds)
        await self.open()

    async def _slowly(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        """Send one byte at a time."""
        for number in answer:
            writer.write(bytes((number,)))
            await writer.drain()
            await asyncio.sleep(self.slow_seconds)

    async def _in_segments(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        """Send pieces that arrive one by one."""
        for start in range(0, len(answer), _SEGMENT_BYTES):
            writer.write(answer[start : start + _SEGMENT_BYTES])
            await writer.drain()
            # The other side, in the same loop, reads before the next is sent.
            for _ in range(3):
                await asyncio.sleep(0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


async def _until_it_leaves(reader: asyncio.StreamReader, seconds: float | None) -> None:
    """Read what is not answered."""
    async with asyncio.timeout(seconds):
        while await reader.read(_LONGEST_REQUEST):
            pass
