"""HTTP and WebSocket, with Home Assistant's shared session."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Container, Mapping, Sequence
from dataclasses import dataclass, field
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..errors import ConnectError, Reason

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

LARGEST_ANSWER: Final = 1_048_576
DONE: Final = range(200, 300)
"""The statuses of a command that was carried out."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
# What aiohttp repeats by itself: the server has closed the connection, perhaps after it
# has done what was asked. GET, PUT and DELETE are meant (`IDEMPOTENT_METHODS`), but
# devices are commanded by all of them.
_REPEATED: Final = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
_OK: Final = frozenset({200})
_REFUSED: Final = frozenset({401, 403})
# Too many wrong guesses; the right password is always taken.
_LOCKED: Final = 429


class _Unanswered(aiohttp.ClientConnectionError):
    """The connection ended without an answer, in a way that nobody repeats."""


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Let a request be sent once, whatever becomes of it."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent, and its kind says why
    except _REPEATED as err:
        raise _Unanswered(str(err)) from err


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Login:
    """What a device wants instead of basic authentication: a form, for a cookie."""

    path: str
    form: Mapping[str, str] = field(repr=False)
    """Sent as JSON."""


class HttpClient:
    """Talks to one device's web interface."""

    def __init__(
        self,
        hass: HomeAssistant,
        host: str,
        port: int,
        *,
        tls: bool = False,
        verify: bool = True,
        headers: Mapping[str, str] | None = None,
        login: Login | None = None,
    ) -> None:
        """Prepare requests to a host; `headers` go with each of them.

        The login is for when they are refused.
        """
        self._session = async_get_clientsession(hass, verify_ssl=verify)
        self._host = host
        name = f"[{host}]" if ":" in host else host
        self._base = f"{'https' if tls else 'http'}://{name}:{port}"
        self._headers = dict(headers or {})
        self._login = login
        self._may_log_in = login is not None

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self._base

    async def get(self, path: str) -> bytes:
        """Read what is at a path that begins with a slash. Raises ConnectError."""
        return (await self.request("GET", path, reads=True)).body

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        accept: Container[int] = _OK,
        reads: bool = False,
    ) -> Answer:
        """Ask for something, and give the answer if its status is to be accepted.

        Nothing is sent again but what was refused for want of a login, and what only
        reads. Raises ConnectError.
        """
        self._check_headers()
        body = {"params": params, "json": json, "data": form}
        if not reads:
            body["middlewares"] = (_once,)
        try:
            answer = await self._send(method, path, body, accept)
            if answer is None and await self._logged_in():
                answer = await self._send(method, path, body, accept)
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise self._explain(err) from err
        if answer is None:
            raise ConnectError(Reason.INVALID_AUTH, self._host)
        return answer

    async def messages(self, path: str, silence: float) -> AsyncGenerator[bytes]:
        """Give what comes over a WebSocket until the device closes it.

        Silence for so many seconds is an error. The generator has to be closed, which
        closes the WebSocket. Raises ConnectError.
        """
        self._check_headers()
        try:
            async with asyncio.timeout(_TIMEOUT.total):
                connection = await self._session.ws_connect(
                    self._base + path,
                    headers=self._headers,
                    timeout=aiohttp.ClientWSTimeout(silence, ws_close=1),
                    max_msg_size=LARGEST_ANSWER,
                    # A byte that is no UTF-8 is not to cost the connection.
                    decode_text=False,
                )
            async with connection:
                async for message in connection:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield message.data
                    elif message.type is aiohttp.WSMsgType.ERROR:
                        raise ConnectError(
                            Reason.BAD_ANSWER, self._host, str(message.data)
                        )
                if error := connection.exception():
                    raise ConnectError(
                        Reason.CONNECTION_LOST, self._host, str(error)
                    ) from error
        except aiohttp.WSServerHandshakeError as err:
            raise self._unwanted(path, err.status) from err
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise self._explain(err) from err

    def _check_headers(self) -> None:
        if not all(value.isprintable() for value in self._headers.values()):
            # A token pasted with a line break, say: no header can carry it.
            raise ConnectError(Reason.INVALID_AUTH, self._host)

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any], accept: Container[int]
    ) -> Answer | None:
        """Send once; None if a login may help."""
        async with self._session.request(
            method,
            self._base + path,
            headers=self._headers,
            timeout=_TIMEOUT,
            allow_redirects=False,  # the credentials are for this host alone
            **body,
        ) as response:
            if self._wants_login(response):
                if self._may_log_in:
                    return None
                raise ConnectError(Reason.INVALID_AUTH, self._host)
            if response.status not in accept:
                if self._leads_to_https(response):
                    raise ConnectError(Reason.NEEDS_HTTPS, self._host, path)
                raise self._unwanted(path, response.status)
            self._may_log_in = self._login is not None
            return Answer(response.status, await self._body(response))

    def _wants_login(self, response: aiohttp.ClientResponse) -> bool:
        """Whether the answer is that, or leads to the page with the form."""
        if self._login is None or response.status not in range(300, 400):
            return response.status == 401
        where = urlsplit(response.headers.get("Location", "")).path
        return where.rstrip("/") == self._login.path

    def _leads_to_https(self, response: aiohttp.ClientResponse) -> bool:
        """Whether the device wants to be asked the same over an encrypted connection.

        It is not followed: the user decides whom the credentials are sent to.
        """
        if response.status not in range(300, 400) or response.url.scheme == "https":
            return False
        return response.headers.get("Location", "").lower().startswith("https:")

    async def _logged_in(self) -> bool:
        """Log in; only once until a request works again: a device counts the failures."""
        login = self._login
        assert login is not None
        self._may_log_in = False
        async with self._session.post(
            self._base + login.path,
            json=dict(login.form),
            headers={k: v for k, v in self._headers.items() if k != "Cookie"},
            timeout=_TIMEOUT,
            allow_redirects=False,
        ) as response:
            cookies = "; ".join(
                f"{cookie.key}={cookie.value}" for cookie in response.cookies.values()
            )
            if response.status != 200 or not cookies:
                return False
        self._headers.pop("Authorization", None)
        self._headers["Cookie"] = cookies
        return True

    def _unwanted(self, path: str, status: int) -> ConnectError:
        """Explain a status that is not what was asked for."""
        if status in _REFUSED or (status == _LOCKED and self._login is not None):
            return ConnectError(Reason.INVALID_AUTH, self._host)
        if status == 404:
            return ConnectError(Reason.NOT_FOUND, self._host, path)
        return ConnectError(Reason.BAD_ANSWER, self._host, f"HTTP {status}")

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        chunks = []
        size = 0
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise ConnectError(Reason.BAD_ANSWER, self._host, "too large")
        return b"".join(chunks)

    def _explain(self, err: Exception) -> ConnectError:
        if isinstance(err, aiohttp.ClientConnectorCertificateError):
            reason = Reason.TLS_UNTRUSTED
        elif isinstance(
            err, (aiohttp.ClientConnectorDNSError, socket.gaierror, ValueError)
        ):  # ValueError, also as InvalidURL and UnicodeError: it can be no host's name
            reason = Reason.HOST_UNKNOWN
        elif isinstance(err, (aiohttp.ClientSSLError, ssl.SSLError)):
            reason = Reason.TLS_FAILED
        elif isinstance(err, TimeoutError):
            reason = Reason.TIMEOUT
        elif isinstance(err, aiohttp.ClientConnectorError):
            reason = Reason.REFUSED
        else:
            reason = Reason.BAD_ANSWER
        return ConnectError(reason, self._host, str(err))


def basic_authorization(username: str, password: str) -> dict[str, str]:
    """Give the header for a name and a password."""
    encoded = b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}
