"""Which override and claim are in force, as far as the gateway lets one know.

Its documents tell of one that was made, changed or released by somebody. When the vehicle
leaves, `releaseAutoReleaseClaims()` (openevse_esp32_firmware, evse_man.cpp; 4.1.9 to
5.1.5) drops those with auto_release and says nothing: the documents go on telling of
them, and only the number `manual_override` of the next full set is 0.
"""

from collections import Counter
from typing import Any, Final

from ...protocols.openevse import Claim

OVERRIDE: Final = "override"
CLAIM: Final = "claim"
_OVERRIDDEN: Final = "manual_override"
_VEHICLE: Final = "vehicle_connected"


class Claims:
    """The manual override, and our claim."""

    def __init__(self) -> None:
        """Start without having heard of any."""
        self.override: Claim | None = None
        self.claim: Claim | None = None
        self.heard: Counter[str] = Counter()
        """How often each document has come."""
        self._overridden: bool | None = None
        self._plugged: bool | None = None
        self._just_left = False

    def forget(self) -> None:
        """Be in doubt about what may have changed unheard."""
        self._overridden = self._plugged = None
        self._just_left = False

    def revise(self, told: dict[str, Any], *, retained: bool) -> None:
        """Take in what is told, and add to it what that means."""
        for name in (OVERRIDE, CLAIM):
            self.heard[name] += name in told
        if told.get(OVERRIDE):
            if retained and self._overridden is False:
                told[OVERRIDE] = None  # kept by the broker from before its end
            elif not retained:
                self._overridden, self._just_left = True, False
        plugged = told.get(_VEHICLE)
        if plugged is False and self._plugged:
            self._session_over(told)
        if plugged is not None:
            self._plugged = plugged
        if told.get(_OVERRIDDEN) is not None:
            self._number(told)
        self.override = told.get(OVERRIDE, self.override)
        self.claim = told.get(CLAIM, self.claim)

    def _session_over(self, told: dict[str, Any]) -> None:
        """Let go what was for the session, as the gateway does without a word."""
        for name, known in ((OVERRIDE, self.override), (CLAIM, self.claim)):
            if known is not None and known.auto_release and name not in told:
                told[name] = None
                # The number that comes with the news may be from just before.
                self._just_left |= name == OVERRIDE

    def _number(self, told: dict[str, Any]) -> None:
        """Believe the number where it says that there is no override."""
        overridden = told[_OVERRIDDEN]
        if overridden and self._just_left:
            del told[_OVERRIDDEN]
        elif not overridden and self.override is not None:
            told.setdefault(OVERRIDE, None)
        self._overridden = told.get(_OVERRIDDEN, False)
        self._just_left = False
