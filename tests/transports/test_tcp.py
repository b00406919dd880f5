"""One request, one frame: what a device may do to it, and what becomes of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
import gc
import socket
import struct
import time

import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.transports import tcp
from custom_components.wattbus.transports.tcp import LARGEST_FRAME, Limits, TcpClient
from homeassistant.core import HomeAssistant

from ..harness.ports import free_port
from ..helpers import until
from ..simulators.listening import HOST, tcp_server

REQUEST = b"ask\n"
# Five digits that say how long the frame is, themselves included.
FRAME = b"00012payload"
# For a device of which nothing, or not all, will come. What does come may take its time.
SHORT = Limits(connect=0.3, silence=0.2, whole=0.5)
PATIENT = Limits()

# Taken before the test plugin replaces it by one that knows no host but loopback.
GETADDRINFO = socket.getaddrinfo

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def frame_length(head: bytes) -> int | None:
    """Tell the length of the frames of these tests."""
    if not head[:5].isdigit():
        raise ProtocolError("no digits")
    return int(head[:5]) if len(head) >= 5 else None


def sockets_to(port: int) -> list[socket.socket]:
    """Find the open sockets of this process that lead to a port."""
    found = []
    for item in gc.get_objects():
        if isinstance(item, socket.socket) and item.fileno() != -1:
            with suppress(OSError):
                if item.family == socket.AF_INET and item.getpeername()[1] == port:
                    found.append(item)
    return found


class Device:
    """Listens, and does with a connection what the test says."""

    def __init__(self) -> None:
        """Start with no connection seen; answer as a device should."""
        self.port = 0
        self.requests: list[bytes] = []
        self.opened = 0
        self.open = 0
        self.most_open = 0
        self.talk: Talk = self.send(FRAME)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Read the request, talk, then wait until the other side has closed."""
        self.opened += 1
        self.open += 1
        # By the client's sockets: the news that one was closed may come a bit later.
        self.most_open = max(self.most_open, len(sockets_to(self.port)))
        try:
            self.requests.append(await reader.readline())
            await self.talk(reader, writer)
            while await reader.read(1024):
                pass
        except OSError:
            pass  # the client closed with something unread
        finally:
            self.open -= 1
            writer.close()

    @staticmethod
    def send(*parts: bytes, pause: float = 0.0, close: bool = False) -> Talk:
        """Send parts, each in a segment of its own."""

        async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            if close:
                writer.close()

        return talk


@pytest.fixture
async def device(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[Device]:
    """Run a device; no test leaves a socket, or something to wait for, behind."""
    device = Device()
    async with tcp_server(device.serve) as device.port:
        yield device
    await until(lambda: device.open == 0)
    assert not sockets_to(device.port)
    assert not hass.data.get(tcp._TURNS)


async def ask(
    hass: HomeAssistant, device: Device, limits: Limits = PATIENT, host: str = HOST
) -> bytes:
    return await TcpClient(hass, host, device.port, limits).query(REQUEST, frame_length)


async def refusal(
    hass: HomeAssistant, port: int, host: str = HOST, limits: Limits = PATIENT
) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await TcpClient(hass, host, port, limits).query(REQUEST, frame_length)
    assert caught.value.host == host
    return caught.value


async def test_a_device_that_answers(hass: HomeAssistant, device: Device) -> None:
    assert await ask(hass, device) == FRAME
    assert device.requests == [REQUEST]
    # Closed already, not some time later: the device serves one at a time.
    assert not sockets_to(device.port)


@pytest.mark.parametrize(
    "parts",
    [
        (FRAME,),
        (FRAME + b"\n",),
        (FRAME, b"\n"),
        (FRAME + FRAME,),
        (FRAME + b"x" * 50_000,),
        (FRAME[:2], FRAME[2:7], FRAME[7:]),
        tuple(bytes([byte]) for byte in FRAME),
    ],
    ids=["bare", "lf", "late-lf", "doubled", "more", "segments", "bytes"],
)
async def test_the_frame_is_what_is_declared(
    hass: HomeAssistant, device: Device, parts: tuple[bytes, ...]
) -> None:
    device.talk = device.send(*parts, pause=0.005)
    assert await ask(hass, device) == FRAME


async def test_a_line_feed_is_not_waited_for(
    hass: HomeAssistant, device: Device
) -> None:
    device.talk = device.send(FRAME, pause=0.5)
    begun = time.monotonic()
    await ask(hass, device)
    assert time.monotonic() - begun < 0.45


@pytest.mark.parametrize("size", [1025, 9999, LARGEST_FRAME])
async def test_a_long_frame(hass: HomeAssistant, device: Device, size: int) -> None:
    frame = f"{size:05}".encode().ljust(size, b"x")
    pieces = [frame[at : at + 1000] for at in range(0, size, 1000)]
    device.talk = device.send(*pieces)
    assert await ask(hass, device) == frame


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"65537" + b"x" * 70_000, "a frame of 65537 bytes"),
        (b"99999", "a frame of 99999 bytes"),
        (b"00000", "a frame of 0 bytes"),
        (b"SSH-2.0-OpenSSH\r\n", "no digits"),
    ],
    ids=["64k", "more", "none", "rubbish"],
)
async def test_what_is_no_frame(
    hass: HomeAssistant, device: Device, answer: bytes, detail: str
) -> None:
    device.talk = device.send(answer)
    error = await refusal(hass, device.port)
    assert (error.reason, error.detail) == (Reason.BAD_ANSWER, detail)


async def test_a_length_that_never_comes(hass: HomeAssistant, device: Device) -> None:
    """What is read while the length is not known is bounded, and so is what is kept."""
    device.talk = device.send(*[b"x" * 100] * 20, pause=0.001)
    heads: list[int] = []

    def unknown(head: bytes) -> None:
        heads.append(len(head))

    client = TcpClient(hass, HOST, device.port, PATIENT)
    with pytest.raises(ConnectError) as caught:
        await client.query(REQUEST, unknown)
    error = caught.value
    assert (error.reason, error.detail) == (Reason.BAD_ANSWER, "no length")
    assert max(heads) == 256


@pytest.mark.parametrize(
    ("parts", "detail"),
    [
        ((), "closed by the device after 0 bytes"),
        ((FRAME[:3],), "closed by the device after 3 bytes"),
        ((FRAME[:-1],), "closed by the device after 11 bytes"),
    ],
    ids=["empty", "head", "cut"],
)
async def test_a_device_that_hangs_up(
    hass: HomeAssistant, device: Device, parts: tuple[bytes, ...], detail: str
) -> None:
    device.talk = device.send(*parts, close=True)
    error = await refusal(hass, device.port)
    assert (error.reason, error.detail) == (Reason.CONNECTION_LOST, detail)


@pytest.mark.parametrize("sent", [b"", FRAME[:7]])
async def test_a_reset(hass: HomeAssistant, device: Device, sent: bytes) -> None:
    async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await asyncio.sleep(0.01)
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    device.talk = reset
    error = await refusal(hass, device.port)
    assert error.reason is Reason.CONNECTION_LOST
    assert "reset" in error.detail.lower()


@pytest.mark.parametrize("sent", [b"", FRAME[:3], FRAME[:-1]])
async def test_a_device_that_falls_silent(
    hass: HomeAssistant, device: Device, sent: bytes
) -> None:
    device.talk = device.send(sent)
    begun = time.monotonic()
    error = await refusal(hass, device.port, limits=Limits(silence=0.1))
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "waiting for the answer")
    assert 0.1 <= time.monotonic() - begun < 1


async def test_a_device_that_drips(hass: HomeAssistant, device: Device) -> None:
    """Never silent for long, it would take minutes."""
    device.talk = device.send(b"09999", *[b"x"] * 10_000, pause=0.02)
    begun = time.monotonic()
    error = await refusal(hass, device.port, limits=Limits(whole=0.5))
    assert (error.reason, error.detail) == (Reason.TIMEOUT, "the exchange")
    assert 0.5 <= time.monotonic() - begun < 2


async def test_a_device_that_does_not_read(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """What could not be sent does not keep the socket open."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        client = TcpClient(hass, HOST, port, SHORT)
        with pytest.raises(ConnectError) as caught:
            await client.query(b"x" * 50_000_000, frame_length)
        assert caught.value.reason is Reason.TIMEOUT
        assert not sockets_to(port)


async def test_a_device_that_does_not_accept(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """Its queue is full, so that the connection is never made."""
    with socket.create_server((HOST, 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        error = await refusal(hass, address[1], limits=SHORT)
        assert (error.reason, error.detail) == (Reason.TIMEOUT, "connecting")
        for one in waiting:
            one.close()
        assert not sockets_to(address[1])


async def test_a_port_that_nobody_listens_on(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    error = await refusal(hass, free_port())
    assert error.reason is Reason.REFUSED
    assert "Connect" in error.detail  # what the system says


@pytest.mark.parametrize(
    "host", ["nowhere.invalid", "", "a b", "tcp://ecu", "a..b", "a" * 64, "a\0b"]
)
async def test_a_host_that_nobody_knows(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    # The test plugin keeps names from being looked up.
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    error = await refusal(hass, 8899, host)
    assert error.reason is Reason.HOST_UNKNOWN
    assert error.detail not in ("", "None")  # what the system says


async def test_users_of_a_device_take_turns(
    hass: HomeAssistant, device: Device
) -> None:
    """A probe beside a running entry, say, and several of them."""
    device.talk = device.send(FRAME[:5], FRAME[5:], pause=0.01)
    answers = await asyncio.gather(*(ask(hass, device) for _ in range(8)))
    assert answers == [FRAME] * 8
    assert (device.opened, device.most_open) == (8, 1)


async def test_who_comes_while_others_wait_waits_too(
    hass: HomeAssistant, device: Device
) -> None:
    device.talk = device.send(FRAME[:5], FRAME[5:], pause=0.02)
    first, second, third = (asyncio.create_task(ask(hass, device)) for _ in range(3))
    await first
    fourth = asyncio.create_task(ask(hass, device))
    await asyncio.gather(second, third, fourth)
    assert (device.opened, device.most_open) == (4, 1)


async def test_waiting_for_the_turn_is_not_the_devices_fault(
    hass: HomeAssistant, device: Device
) -> None:
    device.talk = device.send(FRAME[:5], FRAME[5:], pause=0.2)
    limits = Limits(whole=1)
    answers = await asyncio.gather(*(ask(hass, device, limits) for _ in range(4)))
    assert answers == [FRAME] * 4


async def test_a_device_that_hangs_holds_up_no_other(
    hass: HomeAssistant, device: Device
) -> None:
    async def hang(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0)

    slow = Device()
    slow.talk = hang
    async with tcp_server(slow.serve) as slow.port:
        hanging = asyncio.create_task(ask(hass, slow))
        await until(lambda: slow.open)
        assert await ask(hass, device) == FRAME
        assert not hanging.done()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging


async def test_the_turn_after_a_failure(hass: HomeAssistant, device: Device) -> None:
    device.talk = device.send()
    assert (await refusal(hass, device.port, limits=SHORT)).reason is Reason.TIMEOUT
    device.talk = device.send(FRAME)
    assert await ask(hass, device) == FRAME


async def test_cancelled_while_it_waits_for_the_answer(
    hass: HomeAssistant, device: Device
) -> None:
    device.talk = device.send(FRAME[:7])
    asking = asyncio.create_task(ask(hass, device))
    await until(lambda: device.requests)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not sockets_to(device.port)
    await until(lambda: device.open == 0)
    device.talk = device.send(FRAME)
    assert await ask(hass, device) == FRAME


async def test_cancelled_while_it_waits_for_its_turn(
    hass: HomeAssistant, device: Device
) -> None:
    device.talk = device.send(FRAME[:5], FRAME[5:], pause=0.05)
    first, second, third = (asyncio.create_task(ask(hass, device)) for _ in range(3))
    await until(lambda: device.requests)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert [await first, await third] == [FRAME, FRAME]
    assert device.opened == 2


@pytest.mark.parametrize("steps", range(6))
async def test_cancelled_while_it_connects(
    hass: HomeAssistant, device: Device, steps: int
) -> None:
    """At whatever moment: no socket is left."""
    asking = asyncio.create_task(ask(hass, device))
    for _ in range(steps):
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not sockets_to(device.port)
