"""Where the entries of a list begin whose sizes are not all known.

The entry of an inverter says its type, not its size. Of type 05 there are two sizes, for
two inverters; of types to come it is unknown; and while an inverter is offline, some
firmware leaves out all but the head of its entry. But each entry begins with a BCD id,
whether it is online, and two letters or digits, which measured values hardly look like;
and the last one ends where the list does.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

HEADER: Final = 9
# Anything up to eight channels.
_CANDIDATES: Final = tuple(range(HEADER, 64))
# Entries tried before giving up: hostile lists could keep one busy.
_MOST_STEPS: Final = 20_000


class Span(NamedTuple):
    """Where an entry stands."""

    start: int
    size: int


def spans(
    data: bytes, count: int, known: Mapping[str, tuple[int, ...]]
) -> tuple[list[Span], bool]:
    """Give where the entries are, and whether these are all of them.

    `known` has the sizes that entries of a type may have. If the list cannot be taken
    apart as a whole, those that can be told from what is around them are given: one that
    is damaged, or of a type that nobody knows, does not take its neighbours along.
    """
    entries = _Entries(data, known)
    whole = entries.whole(count)
    if whole is not None:
        return whole, True
    found = entries.readable()
    return found, len(found) == count


class _Entries:
    """Looks for entries in a list."""

    def __init__(self, data: bytes, known: Mapping[str, tuple[int, ...]]) -> None:
        self._data = data
        self._known = known

    def _code(self, at: int) -> str | None:
        """Give the type of the entry that begins here; None if none does."""
        header = self._data[at : at + HEADER]
        code = header[7:]
        if len(header) < HEADER or header[6] > 1 or not code.isalnum():
            return None
        return code.decode("ascii") if header[:6].hex().isdecimal() else None

    def _ends(self, at: int) -> bool:
        """Whether an entry can end here: there is another, or nothing."""
        return at == len(self._data) or self._code(at) is not None

    def _sizes(self, at: int) -> Iterator[int]:
        """Give the sizes that the entry here may have."""
        if (code := self._code(at)) is None:
            return
        sizes = self._known.get(code, _CANDIDATES)
        yield from sizes
        if not self._data[at + 6] and HEADER not in sizes:
            yield HEADER

    def whole(self, count: int) -> list[Span] | None:
        """Take the whole list apart into so many entries; None if that cannot be."""
        found: list[Span] = []
        tries = [self._sizes(0)]
        dead: set[tuple[int, int]] = set()
        at = 0
        for _ in range(_MOST_STEPS):
            if len(found) == count and at == len(self._data):
                return found
            size = next(tries[-1], None) if len(found) < count else None
            if size is None:
                dead.add((at, len(found)))
                tries.pop()
                if not tries:
                    return None
                at -= found.pop().size
                continue
            end = at + size
            if (end, len(found) + 1) in dead or not self._ends(end):
                continue
            found.append(Span(at, size))
            tries.append(self._sizes(end))
            at = end
        return None

    def readable(self) -> list[Span]:
        """Give the entries that can be told, from one beginning to the next."""
        starts = [at for at in range(len(self._data)) if self._code(at) is not None]
        found: list[Span] = []
        end = 0
        for start, limit in pairwise([*starts, len(self._data)]):
            # Those within the last one are none.
            if start >= end and (size := self._size(start, limit)):
                found.append(Span(start, size))
                end = start + size
        return found

    def _size(self, start: int, limit: int) -> int | None:
        """Give the size of an entry, if the next beginning after it, or the end, tells."""
        for size in self._sizes(start):
            if self._ends(start + size):
                return size
        sizes = self._known.get(self._code(start) or "")
        if sizes is None:
            return limit - start
        if not self._data[start + 6]:
            return HEADER  # offline: there is nothing more to know
        # Something damaged follows. One that is cut itself has no certain values.
        only = sizes[0] if len(sizes) == 1 else None
        return only if only and start + only <= limit else None
