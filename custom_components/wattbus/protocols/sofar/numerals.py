"""Numbers in texts, as people and planners write them.

`1.000` is a thousand in one country and one in another. Where a text can be either, it
is refused: taken wrongly, a battery would charge with a thousandth of the power.
"""

import re
from typing import Final

from .. import InputError

NUMERAL: Final = r"[-+−]?\d[\d.,'’ ]*"
"""What may be a number, with all that may stand between its digits."""

_SIGN: Final = r"[-+]?"
_DECIMAL: Final = re.compile(rf"{_SIGN}\d+(?:[.,]\d+)?", re.ASCII)
_AMBIGUOUS: Final = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}[.,]\d{{3}}", re.ASCII)
# Groups of three digits with the same mark between them, and another one, or none,
# before the decimals.
_GROUPED: Final = tuple(
    re.compile(rf"{_SIGN}\d{{1,3}}(?:{mark}\d{{3}})+(?:{decimal}\d+)?", re.ASCII)
    for mark, decimal in ((r"\.", ","), (",", r"\."), ("[ '’]", "[.,]"))
)


class AmbiguousError(InputError):
    """A number that can be read in two ways."""


def read_numeral(text: str) -> float:
    """Read a number.

    Raises:
        AmbiguousError: If it may be a thousand times as much.
        InputError: If it is none.
    """
    written = text.strip().replace("−", "-")
    if _AMBIGUOUS.fullmatch(written):
        raise AmbiguousError("number_ambiguous", number=written[:40])
    if _DECIMAL.fullmatch(written):
        return float(written.replace(",", "."))
    for grouped, thousands in zip(_GROUPED, (".", ",", " '’"), strict=True):
        if grouped.fullmatch(written):
            plain = written.translate(dict.fromkeys(map(ord, thousands)))
            return float(plain.replace(",", "."))
    raise InputError("number_unreadable", text=text[:40])
