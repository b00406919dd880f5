"""What a value may be, in openWB's own units, for openWB checks few of them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..inputs import check_boolean, check_number, check_text

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
            InputError: If it may not be that; `what` is the field that it is.
        """
        if self.kind is bool:
            return check_boolean(value, what)
        if self.kind is str:
            choices = tuple(map(str, self.choices))
            return check_text(value, what, longest=MAX_TEXT, choices=choices)
        return check_number(
            value,
            what,
            minimum=self.minimum,
            maximum=self.maximum,
            whole=self.kind is int,
            choices=self.choices,
        )


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
