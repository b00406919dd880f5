"""What the simulated ECU answers to each command that reads.

Its rules of silence and refusing, and from where (HAEdwin is
homeassistant-apsystems_ecu_reader, ksheumaker is homeassistant-apsystems_ecur):

- `0001` is answered whatever ECU id it names. The others answer a wrong id with the
  status `01`, and with `02` when there is no data.
- An ECU whose firmware has no history says nothing to `0004`.
- A command that it does not know, or that is none that reads, takes the server down: it
  answers nobody until it starts anew. That is the unkind reading of HAEdwin #137, where
  it is not told whether only writing does so.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from .ecu_frame import Request, bcd, frame, u16, u32
from .ecu_model import Ecu
from .ecu_quirks import Quirk, Quirks
from .ecu_report import Report, info_frame, inverters_frame

_OK: Final = b"00"
_WRONG_ID: Final = b"01"
_NO_DATA: Final = b"02"
_ALARMS_PER_PAGE: Final = 10
_WEEK, _MONTH, _YEAR = "00", "01", "02"
# Read, of the commands that have an operation behind the id.
_READ: Final = "01"
_WITH_OPERATION: Final = frozenset({"0025", "0026"})

type _Handler = Callable[[str], bytes]


class Commands:
    """The answers of an ECU."""

    def __init__(self, ecu: Ecu, quirks: Quirks) -> None:
        """Answer for an ECU, as wrongly as is wanted."""
        self._ecu = ecu
        self._quirks = quirks
        self._told: Report | None = None
        self._energies: tuple[int, int] | None = None
        self._handlers: dict[str, _Handler] = {
            "0002": self._inverters,
            "0003": self._power_of_day,
            "0004": self._energy,
            "0011": self._ids,
            "0012": self._time,
            "0025": self._maximum_powers,
            "0026": self._switches,
            "0030": self._signals,
            "0032": self._alarms,
        }

    def answer(self, request: Request) -> bytes | None:
        """Return the frame, None where this ECU says nothing."""
        command = request.command
        if self._ecu.crashed or self._writes(request):
            self._ecu.crashed = True
            return None
        answer = self._answer(request)
        if answer is not None and self._quirks.take(Quirk.MISSING_LF, command):
            answer = answer.removesuffix(b"\n")
        return answer

    def _writes(self, request: Request) -> bool:
        """Whether a request is none that reads; such take the server down."""
        if request.command in _WITH_OPERATION:
            return not request.arguments.startswith(_READ)
        return request.command != "0001" and request.command not in self._handlers

    def _answer(self, request: Request) -> bytes | None:
        """Return the frame, with the line feed."""
        command, arguments = request.command, request.arguments
        if command == "0001":
            return self._info()
        operation = _READ.encode() if command in _WITH_OPERATION else b""
        if request.ecu_id != self._ecu.who.ecu_id or self._quirks.take(
            Quirk.WRONG_ID, command
        ):
            return frame(command, operation + _WRONG_ID)
        if self._quirks.take(Quirk.NO_DATA, command):
            return frame(command, operation + _NO_DATA, end=False)
        if self._quirks.take(Quirk.NO_DATA_WITH_END, command):
            return frame(command, operation + _NO_DATA)
        if command == "0004" and self._ecu.who.history_bytes is None:
            return None
        return self._handlers[command](arguments)

    def _info(self) -> bytes:
        """Answer 0001, with a zero in the middle of the day if wanted."""
        report = self._ecu.report()
        if self._energies is None or not self._quirks.take(Quirk.STANDING, "0001"):
            self._energies = (report.today, report.lifetime)
        report = replace(report, today=self._energies[0], lifetime=self._energies[1])
        if self._quirks.take(Quirk.TODAY_ZERO, "0001"):
            report = replace(report, today=0)
        if self._quirks.take(Quirk.LIFETIME_ZERO, "0001"):
            report = replace(report, lifetime=0)
        if self._quirks.take(Quirk.COUNTS_ZERO, "0001"):
            report = replace(report, registered=0, online=report.counts[1])
        return info_frame(self._ecu.who, report)

    def _inverters(self, _: str) -> bytes:
        """Answer 0002."""
        report = self._ecu.report()
        if self._told is not None and self._quirks.take(Quirk.STALE, "0002"):
            report = self._told
        self._told = report
        return inverters_frame(self._ecu.who, report)

    def _power_of_day(self, arguments: str) -> bytes:
        """Answer 0003: hour and minute, and W, for each cycle while it is light."""
        day = _day(arguments)
        points = self._ecu.curve(day) if day else []
        payload = b"".join(bcd(f"{at:%H%M}") + u16(power) for at, power in points)
        return frame("0003", _OK + payload)

    def _energy(self, arguments: str) -> bytes:
        """Answer 0004: a week and a month by days, a year by months, in 0.01 kWh."""
        period = arguments[:2]
        today = self._ecu.local_time().date()
        if period == _WEEK:
            days = _days_until(today, 7)
        elif period == _MONTH:
            days = _days_until(today, 30)
        elif period == _YEAR:
            days = _months_until(today)
        else:
            return frame("0004", _NO_DATA + period.encode("latin-1"))
        wide = self._ecu.who.history_bytes == 8
        payload = _OK + period.encode()
        for day in days:
            energy = self._ecu.energy_of(day)
            if period == _YEAR:
                energy = self._energy_of_month(day, today)
            raw = int(energy * 100)
            payload += bcd(f"{day:%Y%m%d}") + (u32(raw) if wide else u16(raw))
        return frame("0004", payload, group="12" if wide else "11")

    def _energy_of_month(self, first: date, today: date) -> float:
        """Return what was made in a month until today [kWh]."""
        days = (first + timedelta(days=n) for n in range(31))
        return sum(
            self._ecu.energy_of(day)
            for day in days
            if day.month == first.month and day <= today
        )

    def _ids(self, _: str) -> bytes:
        """Answer 0011."""
        readings = self._ecu.report().readings
        return frame("0011", _OK + b"".join(bcd(r.inverter_id) for r in readings))

    def _time(self, _: str) -> bytes:
        """Answer 0012."""
        return frame("0012", _OK + f"{self._ecu.local_time():%Y%m%d%H%M%S}".encode())

    def _maximum_powers(self, _: str) -> bytes:
        """Answer 0025: what is wanted, and what has been done at the last cycle."""
        self._ecu.advance()
        entries = (
            bcd(i.inverter_id) + u16(i.maximum, i.applied_maximum)
            for i in self._ecu.inverters
        )
        return frame("0025", b"01" + _OK + b"".join(entries))

    def _switches(self, _: str) -> bytes:
        """Answer 0026: 0 on, 1 off."""
        self._ecu.advance()
        entries = (
            bcd(i.inverter_id) + (b"0" if i.applied_enabled else b"1")
            for i in self._ecu.inverters
        )
        return frame("0026", b"01" + _OK + b"".join(entries))

    def _signals(self, _: str) -> bytes:
        """Answer 0030."""
        readings = self._ecu.report().readings
        entries = (bcd(r.inverter_id) + bytes((r.signal,)) for r in readings)
        return frame("0030", _OK + b"".join(entries))

    def _alarms(self, arguments: str) -> bytes:
        """Answer 0032: a day's events, in pages; the first flag is the highest bit."""
        day, page = _day(arguments[:8]), arguments[8:11]
        events = [alarm for alarm in self._ecu.alarms if alarm.at.date() == day]
        first = int(page) * _ALARMS_PER_PAGE if page.isdecimal() else 0
        payload = b""
        for alarm in events[first : first + _ALARMS_PER_PAGE]:
            flags = sum(1 << (63 - bit) for bit in alarm.bits)
            payload += bcd(alarm.inverter_id) + bcd(f"{alarm.at:%H%M%S}")
            payload += flags.to_bytes(8)
        return frame("0032", _OK + payload)


def _day(digits: str) -> date | None:
    """Return a day from yyyymmdd, None if it is none."""
    try:
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return None


def _days_until(today: date, count: int) -> list[date]:
    """Return so many days, today the last."""
    return [today - timedelta(days=n) for n in reversed(range(count))]


def _months_until(today: date) -> list[date]:
    """Return the first days of twelve months, this month's the last."""
    first = today.replace(day=1)
    months = [first]
    for _ in range(11):
        first = (first - timedelta(days=1)).replace(day=1)
        months.insert(0, first)
    return months
