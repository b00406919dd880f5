"""The simulated OpenEVSE gateway's firmware, and its replacement from an address."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .openevse_gateway import Gateway

# Newer gateways load from these hosts, and what is below them, only.
ALLOWED: Final = ("github.com", "githubusercontent.com")
_SECONDS: Final = 40.0
_STEP: Final = 10


class Update:
    """Loads an image, writes it, and restarts the gateway with it.

    Attributes:
        fails_at: The percentage at which the image turns out to be none.
        stops_at: The percentage at which the download breaks off, without a word.
        loaded: The addresses that it was given and took.
    """

    def __init__(self, gateway: Gateway) -> None:
        """Begin with none under way."""
        self._gateway = gateway
        self._version: str | None = None
        self._seconds = 0.0
        self._told = 0
        self.fails_at: int | None = None
        self.stops_at: int | None = None
        self.loaded: list[str] = []

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._version is not None

    def start(self, url: str) -> bool:
        """Load an image; False if it may not come from there."""
        host = urlsplit(url).hostname or ""
        if not url.startswith("https://") or not any(
            host == allowed or host.endswith(f".{allowed}") for allowed in ALLOWED
        ):
            return False
        self.loaded.append(url)
        # .../releases/download/<tag>/<build>.bin
        self._version = url.split("/")[-2]
        self._seconds, self._told = 0.0, 0
        self._gateway.event({"ota": "started"})
        return True

    def step(self, seconds: float) -> None:
        """Let time pass."""
        if self._version is None:
            return
        self._seconds += seconds
        percent = min(100, int(100 * self._seconds / _SECONDS))
        if self.stops_at is not None and percent >= self.stops_at:
            self._version = None
        elif self.fails_at is not None and percent >= self.fails_at:
            self._version = None
            self._gateway.event({"ota": "failed"})
        elif percent >= min(100, self._told + _STEP):
            self._told = percent
            self._gateway.event({"ota_progress": percent})
            if percent == 100:
                self._complete(self._version)

    def _complete(self, version: str) -> None:
        self._version = None
        self._gateway.event({"ota": "completed"})
        self._gateway.config.values["version"] = version
        self._gateway.restart("gateway")
