"""What an ECU does wrong, on demand. All of it has been seen by users.

Where (HAEdwin is homeassistant-apsystems_ecu_reader, ksheumaker is
homeassistant-apsystems_ecur):

- 0001 is answered while 0002 is empty or unreadable for hours: ksheumaker #13, HAEdwin
  #24 and #119 (`EMPTY`, `CUT` with the command).
- 0026 may take the server down: HAEdwin #137 (`CRASH` with the command).
- The energies stand still while power is made, as of ECU_R_1.3.6C with QT2: ksheumaker
  #185, #207 and #210 (`STANDING`).
- A page answers 404 once and works again: HAEdwin #122, #131, #135 and #157
  (`WEB_REMOVED` with the page's name).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Quirk(StrEnum):
    """What can be wrong with an answer or the web page."""

    # How an answer is delivered.
    EMPTY = "empty"  # the connection closes without a byte
    RESET = "reset"  # RST instead of an answer
    CUT = "cut"  # the frame ends in its middle
    HANG = "hang"  # the ECU takes the request and says nothing
    CRASH = "crash"  # the same, and nothing answers any more until a restart
    SLOW = "slow"  # one byte a second
    SEGMENTS = "segments"  # the frame in many small pieces
    DOUBLED = "doubled"  # the same frame twice
    CONCATENATED = "concatenated"  # another command's frame right behind it
    BIT_FLIP = "bit-flip"  # one bit of the frame is wrong
    OVERSIZED = "oversized"  # says 9999 bytes, and sends more than that
    REFUSED = "refused"  # RST, and for a while the port is closed
    RESTART = "restart"  # RST, and unavailable for ten minutes
    # What an answer says.
    MISSING_LF = "missing-lf"
    NO_DATA = "no-data"  # status 02, without END, as the real ECU sends it
    NO_DATA_WITH_END = "no-data-with-end"
    WRONG_ID = "wrong-id"  # status 01
    TODAY_ZERO = "today-zero"
    LIFETIME_ZERO = "lifetime-zero"
    STANDING = "standing"  # both energies stay as they are
    COUNTS_ZERO = "counts-zero"  # no inverters registered, but some online
    STALE = "stale"  # the same values and stamp as the last time
    # The web page.
    WEB_REMOVED = "web-removed"  # 404 for all pages, as the firmware of 2026-04
    WEB_LOGIN = "web-login"  # another page than was asked for
    NO_MESSAGE = "no-message"  # a page answers without "message"
    NO_METER = "no-meter"  # the meter's graph is empty
    METER_ZERO = "meter-zero"  # the meter's values are 0


DELIVERIES: Final = tuple(Quirk)[: tuple(Quirk).index(Quirk.MISSING_LF)]


@dataclass
class _Armed:
    """A quirk that waits for its chance; `left` None is for good."""

    quirk: Quirk
    command: str | None
    left: int | None
    every: int
    met: int = 0


class Quirks:
    """Which quirks are armed."""

    def __init__(self) -> None:
        """Behave."""
        self._armed: list[_Armed] = []

    def arm(
        self,
        quirk: Quirk,
        *,
        command: str | None = None,
        times: int | None = 1,
        every: int = 1,
    ) -> None:
        """Let a quirk happen.

        Args:
            command: With answers to this command only, such as `0002`.
            times: How often; None until `disarm`.
            every: Only each so many times that it could.
        """
        self._armed.append(_Armed(quirk, command, times, every))

    def disarm(self, quirk: Quirk | None = None) -> None:
        """Forget a quirk, or all."""
        self._armed = [a for a in self._armed if quirk is not None and a.quirk != quirk]

    def take(self, quirk: Quirk, command: str | None = None) -> bool:
        """Return whether a quirk happens now, and count that it did."""
        return self.take_first((quirk,), command) is not None

    def take_first(
        self, quirks: Iterable[Quirk], command: str | None = None
    ) -> Quirk | None:
        """Return the first armed one of these that happens now."""
        wanted = frozenset(quirks)
        for armed in self._armed:
            if armed.quirk not in wanted or armed.command not in {None, command}:
                continue
            armed.met += 1
            if armed.met % armed.every:
                continue
            if armed.left is not None:
                armed.left -= 1
                if not armed.left:
                    self._armed.remove(armed)
            return armed.quirk
        return None
