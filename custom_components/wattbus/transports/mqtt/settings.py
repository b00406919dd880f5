"""How to reach a broker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import ssl
from typing import Any, Self

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)

from ...const import (
    CONF_CA,
    CONF_CLIENT_ID,
    CONF_TLS,
    CONF_TRANSPORT,
    CONF_VERIFY,
    CONF_WS_PATH,
)
from ...errors import ConnectError, Reason

MQTT_3 = "3.1.1"
MQTT_5 = "5"

TCP = "tcp"
WEBSOCKETS = "websockets"
# What most brokers that look at the path expect: EMQX, HiveMQ, VerneMQ.
DEFAULT_PATH = "/mqtt"


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerSettings:
    """Everything that tells one broker connection from another."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    verify: bool = True
    """Whether the broker's certificate is checked."""
    ca: str | None = field(default=None, repr=False)
    """Certificates (PEM) to trust instead of the system's."""
    client_id: str | None = None
    """None: a random one."""
    protocol: str = MQTT_3
    transport: str = TCP
    ws_path: str | None = None
    """Of the WebSocket; None without one."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the broker part of a config entry's data; empty means absent."""
        transport = data.get(CONF_TRANSPORT) or TCP
        path = data.get(CONF_WS_PATH) or DEFAULT_PATH
        return cls(
            host=data[CONF_HOST],
            port=int(data[CONF_PORT]),
            username=data.get(CONF_USERNAME) or None,
            password=data.get(CONF_PASSWORD) or None,
            tls=data.get(CONF_TLS, False),
            verify=data.get(CONF_VERIFY, True),
            ca=data.get(CONF_CA) or None,
            client_id=data.get(CONF_CLIENT_ID) or None,
            protocol=data.get(CONF_PROTOCOL, MQTT_3),
            transport=transport,
            ws_path=f"/{path.lstrip('/')}" if transport == WEBSOCKETS else None,
        )

    def tls_context(self) -> ssl.SSLContext | None:
        """Make the TLS context; reads certificates, so not in the event loop.

        A plain SSLContext instead of create_default_context: the latter's strict mode
        refuses the home-made authorities that most brokers at home have.
        """
        if not self.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca:
            try:
                context.load_verify_locations(cadata=self.ca)
            except (ssl.SSLError, TypeError) as err:  # TypeError: not ASCII
                raise ConnectError(Reason.CA_INVALID, self.host, str(err)) from err
        else:
            context.load_default_certs()
        return context


def valid_path(path: str) -> bool:
    """Whether a text can be the path of a WebSocket: it becomes a part of a header."""
    return path.isascii() and path.isprintable() and not set(path) & set(" #")
