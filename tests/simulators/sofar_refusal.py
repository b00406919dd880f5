"""Why the simulated EMS refuses something: the errors of the vendor's page, and more."""

from enum import StrEnum, auto


class Reason(StrEnum):
    """The kind of an error; the first five are the page's "common errors"."""

    OVERLAP = auto()
    TIME_RANGE = auto()
    DEVICE_TYPE_NOT_FOUND = auto()
    SCHEDULE_NOT_FOUND = auto()
    INVALID_POLICY = auto()
    STARTED = auto()
    NODE_NOT_FOUND = auto()
    NO_SCHEDULE = auto()
    INVALID_FIELD = auto()
    UNRELATED = auto()


class Refusal(Exception):
    """A request that is refused.

    Attributes:
        reason: The kind of error.
        text: The EMS's words.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        """Remember why."""
        super().__init__(text)
        self.reason = reason
        self.text = text

    def body(self, *, as_object: bool) -> str | dict[str, str]:
        """Return the error body: the page does not say which of the two it is."""
        if as_object:
            return {"code": self.reason.value, "message": self.text}
        return self.text
