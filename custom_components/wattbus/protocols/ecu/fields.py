"""The pieces that the ECU's answers are made of: big-endian numbers, BCD and text."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Final

from .. import ProtocolError
from .framing import is_digits

# At the ends of what Python knows, a time cannot be told in another zone.
_YEARS: Final = range(1970, 2100)


class Reader:
    """Takes fields from a payload, one after the other.

    Every method raises ProtocolError if the payload ends before the field does.
    """

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes have not been taken."""
        return len(self._data) - self._at

    def take(self, length: int) -> bytes:
        """Give the next bytes."""
        if length > self.left:
            raise ProtocolError("an answer that ends too early")
        self._at += length
        return self._data[self._at - length : self._at]

    def peek(self, length: int, ahead: int = 0) -> bytes:
        """Give bytes that stay where they are; fewer at the end."""
        return self._data[self._at + ahead : self._at + ahead + length]

    def number(self, length: int) -> int:
        """Give an unsigned integer, its highest byte first."""
        return int.from_bytes(self.take(length))

    def text(self, length: int) -> str:
        """Give printable ASCII."""
        raw = self.take(length)
        if not raw.isascii() or not (text := raw.decode("ascii")).isprintable():
            raise ProtocolError("a text of an ECU that is none")
        return text

    def readable_text(self) -> str:
        """Give a text with its length before it; empty if its bytes are no text."""
        try:
            raw = self.take(int(self.digits(3)))
            text = raw.decode("ascii")
        except UnicodeDecodeError:
            return ""
        return text if text.isprintable() else ""

    def digits(self, length: int) -> str:
        """Give decimal digits that are written in ASCII."""
        if not is_digits(text := self.text(length)):
            raise ProtocolError("digits of an ECU that are none")
        return text

    def bcd(self, length: int) -> str:
        """Give the digits of BCD, two in each byte."""
        if not is_digits(text := self.take(length).hex()):
            raise ProtocolError("BCD of an ECU that is none")
        return text

    def timestamp(self) -> datetime:
        """Give 7 bytes of BCD as a point in time of the ECU's zone, which is not said."""
        digits = self.bcd(7)
        try:
            moment = datetime.strptime(digits, "%Y%m%d%H%M%S")
        except ValueError as err:
            raise ProtocolError("a date that does not exist") from err
        if moment.year not in _YEARS:
            raise ProtocolError("a year that no ECU can be in")
        return moment

    def clock(self, length: int = 2) -> time:
        """Give 2 bytes of BCD as hour and minute, or 3 with the second."""
        digits = self.bcd(length).ljust(6, "0")
        try:
            return time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        except ValueError as err:
            raise ProtocolError("a time of the day that does not exist") from err

    def records(self, length: int) -> Iterator[Reader]:
        """Give readers of records of this many bytes, to the end of the payload."""
        if self.left % length:
            raise ProtocolError(f"a list that is not of {length} bytes each")
        while self.left:
            yield Reader(self.take(length))

    def each[T](self, length: int, read: Callable[[Reader], T]) -> list[T]:
        """Read records of this many bytes; those that cannot be read are left out.

        Raises ProtocolError if none can, of those that there are.
        """
        found: list[T] = []
        wrong: ProtocolError | None = None
        for record in self.records(length):
            try:
                found.append(read(record))
            except ProtocolError as err:
                wrong = err
        if wrong is not None and not found:
            raise wrong
        return found


def parse_date(digits: str) -> date:
    """Read `YYYYMMDD`; a whole month, with 00 for its day, is its first day.

    Raises ProtocolError if there is no such day.
    """
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]) or 1)
    except ValueError as err:
        raise ProtocolError("a date that does not exist") from err
