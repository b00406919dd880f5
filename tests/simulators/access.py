"""A broker, and how a simulated device gets in. No device: it follows no firmware."""

from dataclasses import dataclass
import ssl

import aiomqtt


@dataclass(frozen=True, slots=True)
class Access:
    """A broker, and how to get in.

    Attributes:
        cafile: The authority to trust; with one the connection uses TLS.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    cafile: str | None = None

    def client(self, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
        """Return a client that is not connected yet."""
        context = None
        if self.cafile:
            context = ssl.create_default_context(cafile=self.cafile)
        return aiomqtt.Client(
            self.host,
            self.port,
            username=self.username,
            password=self.password,
            tls_context=context,
            will=will,
            timeout=5,
        )
