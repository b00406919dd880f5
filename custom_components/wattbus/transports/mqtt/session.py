"""One connection to a broker, from its opening to its end.

This is the only place that uses the inside of aiomqtt and of paho, below it. aiomqtt is
pinned in the manifest for that, paho by Home Assistant's own mqtt integration.
"""

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, override

import aiomqtt
from paho.mqtt.client import WebsocketConnectionError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class HungUp(aiomqtt.MqttError):
    """The broker closed the connection instead of answering."""


class Client(aiomqtt.Client):
    """aiomqtt's client, with what it lacks. It is good for one attempt.

    It relies on this of aiomqtt 2.5.1:
    - `_connected` and `_disconnected` are the futures of the broker's answer to the
      connect and of the connection's end;
    - paho calls `_on_disconnect` and `_on_socket_open`, the latter before it sends the
      connect, with the socket or what wraps it;
    - `_client_connect` opens the socket, in a thread;
    - `_client` is paho's client.

    And on this of paho 2.1.0:
    - `_sock_close` closes the socket and has the event loop forget it;
    - what wraps the socket of a WebSocket is sent to by `send`, which gives 0 for a
      frame of which something is left, and makes its frames by `_create_frame`.
    """

    @override
    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        except (IndexError, UnicodeDecodeError) as err:
            # paho takes any answer apart as if it were that of a WebSocket.
            raise WebsocketConnectionError("Not the answer of a WebSocket") from err

    @override
    def _on_disconnect(self, *args: Any) -> None:
        # aiomqtt would go on waiting for the answer of a broker that has hung up.
        self.give_up(HungUp("Closed without an answer to the connect"))
        super()._on_disconnect(*args)

    @override
    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        if hasattr(sock, "_create_frame"):
            _patch_websocket(sock)
        super()._on_socket_open(client, userdata, sock)

    def give_up(self, error: aiomqtt.MqttError) -> None:
        """End the wait for the broker's answer to the connect, if it is on."""
        if not self._connected.done():
            self._connected.set_exception(error)
            self._connected.exception()  # the wait may not have begun, and never begin

    def close(self) -> None:
        """Close the socket, and with it the reader and the keep-alive task."""
        self._client._sock_close()  # noqa: SLF001 # there is no public way
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()  # else it is logged that nobody looked


def _patch_websocket(wrapper: Any) -> None:
    """Make good what paho's WebSocket does wrong."""
    send, create_frame = wrapper.send, wrapper._create_frame  # noqa: SLF001 # as above

    def send_all(data: bytes) -> int:
        """Have paho come back with a frame that did not fit into the socket.

        Told 0, it drops the packet, and the frame's rest goes out as a part of the
        next: from some hundred kilobytes on, or on a slow line, the connection dies.
        """
        if not (sent := send(data)):
            raise BlockingIOError
        return int(sent)

    def create_masked(opcode: int, data: bytearray, *_: int) -> bytearray:
        """Mask the answers to pings, too: without, a server has to hang up (RFC 6455)."""
        frame: bytearray = create_frame(opcode, data)
        return frame

    wrapper.send, wrapper._create_frame = send_all, create_masked  # noqa: SLF001 # as above


@contextlib.asynccontextmanager
async def session(client: Client) -> AsyncIterator[aiomqtt.Client]:
    """Connect for the length of the block, and leave nothing open behind it."""
    opening = asyncio.ensure_future(client.__aenter__())
    try:
        # Cancelled inside, aiomqtt forgets the thread that connects, which then opens
        # a socket that nobody closes: so the thread is waited for. Not by a shield,
        # which would log how an attempt ends that nobody waits for any more.
        await asyncio.wait({opening})
        opening.result()
        yield client
    except asyncio.CancelledError:
        if not opening.done():
            client.give_up(aiomqtt.MqttError("Cancelled"))
            await asyncio.wait({opening}, timeout=client.timeout)
        raise
    finally:
        if not opening.done():
            opening.add_done_callback(partial(_close_late, client))
        elif opening.exception() is None:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                client.timeout = 1.0
                await client.__aexit__(None, None, None)
        # Nor does aiomqtt close the socket of a connect that was refused or ran out
        # of time.
        client.close()


def _close_late(client: Client, opening: asyncio.Future[aiomqtt.Client]) -> None:
    """Close what a thread has opened that nobody could wait for."""
    if not opening.cancelled():
        opening.exception()
    client.close()
