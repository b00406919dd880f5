"""Where the entries of a list begin whose sizes are not all known.

The entry of an inverter says its type, not its size. Of type 05, clients disagree on
the size, and of types to come it is unknown. But all entries of a type have the same
size, each begins with a BCD id, whether it is online, and two digits, and the last one
ends where the list does. That leaves one solution in practice.
"""

from collections.abc import Mapping
from typing import Final

from .. import ProtocolError

_HEADER: Final = 9
# What entries of known types have comes first; then anything up to eight channels.
_LIKELY: Final = (21, 23, 27)
_CANDIDATES: Final = (*_LIKELY, *(n for n in range(_HEADER, 64) if n not in _LIKELY))
# Entries looked at before giving up: hostile lists could keep one busy.
_MOST_STEPS: Final = 5000


def entry_sizes(
    data: bytes, count: int, known: Mapping[str, tuple[int, ...]]
) -> list[int]:
    """Give the size of each of `count` entries.

    `known` has the sizes that entries of a type may have. If the entries of a type that
    is not there make it impossible to tell, those before the first such are given.

    Raises:
        ProtocolError: If the list does not fit its count.
    """
    search = _Search(data, count, known)
    if search.fits(0, 0, {}):
        return search.sizes
    if search.before_unknown is None:
        raise ProtocolError("a list of inverters that does not fit its count")
    return search.before_unknown


class _Search:
    """Tries sizes until the last entry ends with the data."""

    def __init__(
        self, data: bytes, count: int, known: Mapping[str, tuple[int, ...]]
    ) -> None:
        self.data = data
        self.count = count
        self.known = known
        self.sizes: list[int] = []
        self.before_unknown: list[int] | None = None
        self.steps = 0

    def fits(self, at: int, number: int, chosen: Mapping[str, int]) -> bool:
        """Go on from an entry, with the sizes chosen so far for types."""
        mark = len(self.sizes)
        while number < self.count:
            self.steps += 1
            code = self._code(at)
            if code is None or self.steps > _MOST_STEPS:
                break
            if code not in chosen:
                sizes = self.known.get(code)
                if sizes is None and self.before_unknown is None:
                    self.before_unknown = list(self.sizes)
                if sizes is None or len(sizes) > 1:
                    for size in sizes or _CANDIDATES:
                        if self.fits(at, number, {**chosen, code: size}):
                            return True
                    break
                chosen = {**chosen, code: sizes[0]}
            self.sizes.append(chosen[code])
            at += chosen[code]
            number += 1
        if number == self.count and at == len(self.data):
            return True
        del self.sizes[mark:]
        return False

    def _code(self, at: int) -> str | None:
        """Give the type of the entry here; None if there is none."""
        header = self.data[at : at + _HEADER]
        code = header[7:]
        if len(header) < _HEADER or header[6] > 1 or not code.isdigit():
            return None
        return code.decode("ascii") if header[:6].hex().isdecimal() else None
