"""JSON over HTTP, with Home Assistant's shared session."""

import socket
import ssl
from typing import TYPE_CHECKING, Final

import aiohttp

from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..errors import ConnectError, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant

LARGEST_ANSWER: Final = 1_048_576
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class HttpClient:
    """Reads from one device's web interface."""

    def __init__(
        self,
        hass: HomeAssistant,
        host: str,
        port: int,
        *,
        tls: bool = False,
        verify: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare requests to a host; `headers` go with each of them."""
        self._session = async_get_clientsession(hass, verify_ssl=verify)
        self._host = host
        name = f"[{host}]" if ":" in host else host
        self._base = f"{'https' if tls else 'http'}://{name}:{port}"
        self._headers = dict(headers or {})

    async def get(self, path: str) -> bytes:
        """Read what is at a path that begins with a slash. Raises ConnectError."""
        if not all(value.isprintable() for value in self._headers.values()):
            # A token pasted with a line break, say: no header can carry it.
            raise ConnectError(Reason.INVALID_AUTH, self._host)
        try:
            async with self._session.get(
                self._base + path,
                headers=self._headers,
                timeout=_TIMEOUT,
                allow_redirects=False,  # the credentials are for this host alone
            ) as response:
                if response.status in {401, 403}:
                    raise ConnectError(Reason.INVALID_AUTH, self._host)
                if response.status == 404:
                    raise ConnectError(Reason.NOT_FOUND, self._host, path)
                if response.status != 200:
                    raise ConnectError(
                        Reason.BAD_ANSWER, self._host, f"HTTP {response.status}"
                    )
                return await self._body(response)
        except (aiohttp.ClientError, OSError, ValueError) as err:
            raise self._explain(err) from err

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
