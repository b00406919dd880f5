"""What a value may be, in openWB's own units, for openWB checks few of them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
import math
from typing import Any, Final

from .. import ProtocolError
from ..payload import quote, quote_name

MAX_TEXT: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one value may be.

    `kind` is bool, int, float (which takes an int too) or str. Numbers are within
    bounds, or one of `choices`, which also lists what a text may be.
    """

    kind: type[bool | int | float | str]
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str | int, ...] = ()

    def check(self, value: object, what: str) -> Any:
        """Return the value as it is sent.

        Raises:
            ProtocolError: If it may not be that.
        """
        if self.kind is bool:
            if not isinstance(value, bool):
                raise ProtocolError(f"{quote_name(what)} is neither true nor false")
            return value
        if self.kind is str:
            return self._check_text(value, what)
        return self._check_number(value, what)

    def _check_text(self, value: object, what: str) -> str:
        if not isinstance(value, str):
            raise ProtocolError(f"{quote_name(what)} is not text: {quote(value)}")
        if self.choices and value not in self.choices:
            raise ProtocolError(
                f"{quote_name(what)} is none of {', '.join(map(str, self.choices))}"
            )
        if not value or len(value) > MAX_TEXT or not value.isprintable():
            raise ProtocolError(f"{quote_name(what)} is empty, long or not printable")
        return value

    def _check_number(self, value: object, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProtocolError(f"{quote_name(what)} is not a number: {quote(value)}")
        if not math.isfinite(value) or abs(value) >= 2**63:
            raise ProtocolError(f"{quote_name(what)} is out of range")
        if self.kind is int:
            if value != int(value):
                raise ProtocolError(f"{quote_name(what)} is not a whole number")
            value = int(value)
        if value in self.choices:
            return value
        bounded = self.minimum is not None or self.maximum is not None
        if self.choices and not bounded:
            raise ProtocolError(
                f"{quote_name(what)} is none of {', '.join(map(str, self.choices))}"
            )
        if (self.minimum is not None and value < self.minimum) or (
            self.maximum is not None and value > self.maximum
        ):
            raise ProtocolError(
                f"{quote_name(what)} is not within {self.minimum} to {self.maximum}"
            )
        return value


BOOL: Final = Rule(kind=bool)
TEXT: Final = Rule(kind=str)
PERCENT: Final = Rule(kind=int, minimum=0, maximum=100)
PERCENT_EXACT: Final = Rule(kind=float, minimum=0, maximum=100)
COUNT: Final = Rule(kind=int, minimum=0, maximum=999_999)
POWER: Final = Rule(kind=float, minimum=0, maximum=1e6)
PRICE: Final = Rule(kind=float, minimum=0, maximum=99.99)
"""€/Wh."""
CURRENT: Final = Rule(kind=int, minimum=6, maximum=32)
OPTIONAL_CURRENT: Final = Rule(kind=int, minimum=6, maximum=16, choices=(0,))
"""0 is "none"."""
DC_CURRENT: Final = Rule(kind=float, minimum=0, maximum=500)
AMOUNT: Final = Rule(kind=int, minimum=1000, maximum=1_000_000)
"""Wh."""
PHASES: Final = Rule(kind=int, choices=(0, 1, 3))
"""0 is "openWB decides"."""
FIXED_PHASES: Final = Rule(kind=int, choices=(1, 3))


def choice(*choices: str) -> Rule:
    """Return the rule of a value that is one of some words."""
    return Rule(kind=str, choices=choices)


def whole(minimum: float, maximum: float) -> Rule:
    """Return the rule of a whole number within bounds."""
    return Rule(kind=int, minimum=minimum, maximum=maximum)


def joined(words: Iterable[str]) -> str:
    """Name the place of a value in a document."""
    return ".".join(words)
