"""The simulated OpenEVSE gateway's firmware, and its replacement from an address.

The rules of openevse_esp32_firmware (http_update.cpp, web_server_update.cpp; 5.1.5 and the
development of 2026, 1797b7a):

- The answer to the post comes before the download begins: it says nothing of its end.
- Silence: `started` is told once the image is coming. Up to 5.1.5 the error that ends it
  before that, as an address with nothing there, is told nobody (the callback is empty);
  in 2026 each is told as `failed`, with an `ota_error`: the answer's status, or negative.
- A download that breaks off is `failed`: up to 5.1.5 because what came is no whole image.
  Nothing watches over one that stands still: nothing is said of it, ever.
- Refusing: up to 5.1.5 any address is taken. In 2026 it has to be https at one of two
  hosts, else it is told as `failed` and answered with 500.
- The real one tells each percent, this one each tenth.
"""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .openevse_firmware import NEWEST

if TYPE_CHECKING:
    from .openevse_gateway import Gateway

# The gateways of 2026 load from these hosts, and what is below them, only.
ALLOWED: Final = ("github.com", "githubusercontent.com")
_SECONDS: Final = 40.0
_STEP: Final = 10
_INCOMPLETE: Final = -4
_NOT_ALLOWED: Final = -5
_NOT_FOUND: Final = 404


class Update:
    """Loads an image, writes it, and restarts the gateway with it.

    Attributes:
        fails_at: The percentage at which the download breaks off, or is no image.
        stops_at: The percentage at which the download stands still.
        missing: Whether there is nothing at the address.
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
        self.missing = False
        self.loaded: list[str] = []

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._version is not None

    def start(self, url: str) -> bool:
        """Load an image; False if it may not come from there."""
        host = urlsplit(url).hostname or ""
        if self._tells_errors and not (
            url.startswith("https://")
            and any(host == one or host.endswith(f".{one}") for one in ALLOWED)
        ):
            self._fail(_NOT_ALLOWED)
            return False
        self.loaded.append(url)
        if self.missing:
            if self._tells_errors:
                self._fail(_NOT_FOUND)
            return True
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
            self._fail(_INCOMPLETE)
        elif percent >= min(100, self._told + _STEP):
            self._told = percent
            self._gateway.event({"ota_progress": percent})
            if percent == 100:
                self._complete(self._version)

    @property
    def _tells_errors(self) -> bool:
        return self._gateway.profile.number >= NEWEST

    def _fail(self, error: int) -> None:
        """Tell that it came to nothing; the newest say why."""
        more = {"ota_error": error} if self._tells_errors else {}
        self._gateway.event({"ota": "failed"} | more)

    def _complete(self, version: str) -> None:
        self._version = None
        self._gateway.event({"ota": "completed"})
        self._gateway.config.values["version"] = version
        self._gateway.restart("gateway")
