"""Whether openWB shows us more than it shows to everybody."""

from typing import Final

from ...protocols.openwb import is_public

# Told in each control cycle. Who may read it may read all that goes on.
_CYCLE: Final = "system/lastlivevaluesJson"


class Rights:
    """What came since the connection is up.

    The clock is for everybody, so that a client whose rights are gone sees an openWB that
    lives and never changes.
    """

    def __init__(self) -> None:
        """Have heard nothing yet."""
        self.heard = False
        """Whether openWB has told anything at all."""
        self._value: float | None = None
        self._cycles = False

    def take(self, path: str, moment: float) -> None:
        """Take note of a topic, without its root, that came at a moment [s]."""
        if path.startswith("set/"):
            return  # clients say that, we too
        self.heard = True
        if not is_public(path):
            self._value = moment
            self._cycles = self._cycles or path == _CYCLE

    @property
    def public_only(self) -> bool:
        """Whether all that came is for everybody."""
        return self.heard and self._value is None

    def hidden(self, moment: float, patience: float) -> bool:
        """Whether values are hidden, while users are managed and the clock goes on.

        A broker of others keeps the values when the bridge to it sees no more of them:
        they are old when none has come for so long [s]. Of a user who may read but a
        part, that part may not change for hours.
        """
        if self._value is None:
            return self.public_only
        return self._cycles and moment - self._value > patience
