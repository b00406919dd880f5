"""The simulated OpenEVSE gateway's reader of RFID tags (ESP32).

The rules of openevse_esp32_firmware, rfid.cpp (4.1.7 to 5.1.5 and the development of
2026), and of silence:

- `rfid_auth` is told with the tag when one that is stored is accepted, and empty when
  that ends: by the same tag again, when the vehicle leaves, or after 30 s without one.
- It is told empty whenever a vehicle leaves, also where RFID is off.
- An unknown tag, and a stored one while another is accepted, are told nobody.
- While it waits for a tag to learn, the next one is told as `rfid_input`, with
  `rfid_waiting` 0, and accepted by nobody; the gateway does not store it by itself.
- The full set has `rfid_auth` only where RFID is on (input.cpp).
- Where RFID is on, the charger is claimed "disabled" until a tag is accepted.
"""

from typing import TYPE_CHECKING, Final

from .openevse_claims import Priority, Properties

if TYPE_CHECKING:
    from .openevse_gateway import Gateway

_CLIENT: Final = 0x1000A
_ACCEPTED_SECONDS: Final = 30.0
_LEARNING_SECONDS: Final = 60.0


class Rfid:
    """The reader, and whose tag is accepted."""

    def __init__(self, gateway: Gateway) -> None:
        """Nobody has shown a tag."""
        self._gateway = gateway
        self.accepted = ""
        self._age = 0.0
        self._learning: float | None = None
        self._plugged = False

    @property
    def enabled(self) -> bool:
        """Whether tags are read."""
        return bool(self._gateway.config.values.get("rfid_enabled"))

    def scan(self, tag: str) -> None:
        """Hold a tag to the reader."""
        if not self.enabled:
            return
        if self._learning is not None:
            self._learning = None
            self._gateway.event({"rfid_input": tag, "rfid_waiting": 0})
            return
        stored = str(self._gateway.config.values.get("rfid_storage", ""))
        if tag not in stored.replace(" ", "").split(","):
            return
        if not self.accepted:
            self.accepted, self._age = tag, 0.0
            self._tell()
        elif tag == self.accepted:
            self._end()

    def learn(self) -> None:
        """Wait for a tag: `/rfid/add`."""
        if self.enabled:
            self._learning = _LEARNING_SECONDS
            self._gateway.event({"rfid_waiting": int(_LEARNING_SECONDS)})

    def forget(self) -> None:
        """Know of nothing, as after a start."""
        self.accepted, self._learning = "", None

    def step(self, seconds: float) -> None:
        """Let time pass."""
        self._age += seconds
        plugged, before = self._gateway.charger.connected, self._plugged
        self._plugged = plugged
        late = self.accepted and self._age > _ACCEPTED_SECONDS and not plugged
        if late or (before and not plugged) or (self.accepted and not self.enabled):
            self._end()
        claims = self._gateway.claims
        if self.enabled and not self.accepted:
            claims.make(_CLIENT, Properties("disabled"), Priority.RFID)
        else:
            claims.release(_CLIENT)
        if self._learning is not None:
            self._learning -= seconds
            if self._learning <= 0:
                self._learning = None
                self._gateway.event({"rfid_waiting": 0})

    def _end(self) -> None:
        self.accepted = ""
        self._tell()

    def _tell(self) -> None:
        self._gateway.event({"rfid_auth": self.accepted})
