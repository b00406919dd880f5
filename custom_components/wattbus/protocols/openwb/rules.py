"""What a value may be, in openWB's own units, for openWB checks few of them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..inputs import check_boolean, check_number, check_text
from .version import Version

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
    unit: str = ""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """What some versions have: from `since` on, up to the one before `until`."""

    since: Version | None = None
    until: Version | None = None

    def exists(self, version: Version | None, least: Version | None = None) -> bool:
        """Whether a version has it.

        One that is not known, but is `least` or newer, has what has not changed since.
        """
        if version is None:
            known = self.since is None or (least is not None and self.since <= least)
            return known and self.until is None
        version = max(version, least or version)
        return (self.since is None or version >= self.since) and (
            self.until is None or version < self.until
        )


def choice(*choices: str) -> Rule:
    """Return the rule of a value that is one of some words."""
    return Rule(kind=str, choices=choices)


def whole(minimum: float, maximum: float, unit: str = "") -> Rule:
    """Return the rule of a whole number within bounds."""
    return Rule(kind=int, minimum=minimum, maximum=maximum, unit=unit)


def real(minimum: float, maximum: float, unit: str = "") -> Rule:
    """Return the rule of a number within bounds."""
    return Rule(kind=float, minimum=minimum, maximum=maximum, unit=unit)


BOOL: Final = Rule(kind=bool)
TEXT: Final = Rule(kind=str)
PERCENT: Final = whole(0, 100, "%")
PERCENT_EXACT: Final = real(0, 100, "%")
COUNT: Final = whole(0, 999_999)
POWER: Final = real(0, 1e6, "W")
PRICE: Final = real(0, 99.99, "€/Wh")
MAX_PRICE: Final = real(-0.001, 0.01, "€/Wh")
CURRENT: Final = whole(6, 32, "A")
OPTIONAL_CURRENT: Final = Rule(kind=int, choices=(0, *range(6, 17)), unit="A")
"""0 is "none"."""
DC_CURRENT: Final = real(0, 500, "A")
AMOUNT: Final = whole(1000, 1_000_000, "Wh")
PHASES: Final = Rule(kind=int, choices=(0, 1, 3), unit="phases")
"""0 is "openWB decides"."""
FIXED_PHASES: Final = Rule(kind=int, choices=(1, 3), unit="phases")


def joined(words: Iterable[str]) -> str:
    """Name the place of a value in a document."""
    return ".".join(words)
