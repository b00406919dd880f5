"""What the vendor's page leaves open about the form of the messages."""

from dataclasses import dataclass
from typing import Final

DEFAULT_SUFFIX: Final = "_site_0"

_PER_SECOND: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How an EMS wants its requests, as far as it may differ."""

    suffix: str = DEFAULT_SUFFIX
    """What the controller's serial number becomes the site's node id with."""
    milliseconds: bool = False
    """Whether times are in milliseconds instead of seconds."""
    schedules_as_text: bool = False
    """Whether each entry of `set_schedules` is JSON in a string.

    The page prints quotes around the entries' braces, which may be a slip.
    """

    def timestamp(self, seconds: float) -> int:
        """Give a Unix time [s] in the unit of the messages."""
        return round(seconds * _PER_SECOND) if self.milliseconds else round(seconds)

    @property
    def tick(self) -> float:
        """The smallest step between two times of requests [s]."""
        return 1 / _PER_SECOND if self.milliseconds else 1.0
