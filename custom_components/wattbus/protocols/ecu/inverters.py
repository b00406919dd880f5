"""0002: what the ECU last heard from each inverter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .. import ProtocolError
from .entries import HEADER, spans
from .fields import Reader
from .framing import Command, unwrap_checked
from .info import Layout
from .models import inverter_model

# The oldest firmware gives no count; where it would stand, the year begins.
_MOST_ENTRIES: Final = 9999 // HEADER
_OLD_ENTRY: Final = 18
# Of the OPT700-RS at an ECU-R-RS, from the vendor's test tool alone. What is in it is
# not read: the units are not known.
_OPTIMIZER: Final = 57
# Less is no grid: a QS1 that wakes up has told of 5 V and 65.0 Hz (ecur #74).
LOWEST_VOLTAGE: Final = 40


@dataclass(frozen=True, slots=True)
class Channel:
    """One input of an inverter: a panel, or a string of them."""

    power: int
    """W."""
    voltage: int | None = None
    """V, of the grid (not of the panel), where the inverter tells it with the channel."""


@dataclass(frozen=True, slots=True)
class Inverter:
    """One inverter. What it cannot know while it is offline is None or missing."""

    inverter_id: str
    """12 digits."""
    type_code: str | None
    """How its entry is laid out, `00` if it has not answered yet; None: not said."""
    online: bool
    frequency: float | None = None
    """Hz."""
    temperature: int | None = None
    """°C."""
    channels: tuple[Channel, ...] = ()
    voltages: tuple[int | None, ...] = ()
    """V of the grid, for each phase; of the YC1000 to neutral, of the QT2 between two."""

    @property
    def power(self) -> int | None:
        """W of all channels; None if it tells of none."""
        return sum(each.power for each in self.channels) if self.channels else None

    @property
    def model(self) -> str | None:
        """The inverter's model; None if it is not known."""
        return inverter_model(self.inverter_id)


@dataclass(frozen=True, slots=True)
class InverterReport:
    """The answer to 0002."""

    timestamp: datetime
    """When the ECU last asked the inverters, in its zone. Old data have an old one."""
    inverters: tuple[Inverter, ...] = ()
    complete: bool = True
    """False: there is more in the list than could be read."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """The 16-bit fields after frequency and temperature, each `p` or `v` with a number.

    A `v` is the grid's voltage on that phase.
    """

    fields: tuple[str, ...]
    voltage_per_channel: bool = True

    @property
    def size(self) -> int:
        return HEADER + 4 + 2 * len(self.fields)


_TWO: Final = _Layout(("p1", "v1", "p2", "v2"))
_THREE_PHASES: Final = _Layout(("p1", "v1", "p2", "v2", "p3", "v3", "p4"))
_FOUR: Final = _Layout(("p1", "v1", "p2", "p3", "p4"), voltage_per_channel=False)

_LAYOUTS: Final = {
    "01": _TWO,  # YC600, DS3, DS3-S, DS3-L
    "02": _THREE_PHASES,  # YC1000, QT2
    "03": _FOUR,  # QS1, QS1A
    "04": _TWO,  # DS3D-L, DS3-H
}
# Type 05 is the DS3-H to some clients and the QT2 to others: the size of each entry
# tells.
_LAYOUTS_OF_05: Final = {layout.size: layout for layout in (_THREE_PHASES, _TWO)}
_SIZES: Final = {
    # Registered, and not heard of since the ECU started.
    "00": (HEADER,),
    **{code: (layout.size,) for code, layout in _LAYOUTS.items()},
    "05": tuple(_LAYOUTS_OF_05),
}


def decode_inverters(frame: bytes) -> InverterReport:
    """Read the answer to 0002.

    Raises:
        NoDataError: If the ECU has none.
        WrongEcuError: If the request's id is not the ECU's.
        ProtocolError: If this is no such answer.
    """
    fields = Reader(unwrap_checked(frame, Command.INVERTERS).payload)
    layout = fields.digits(2)
    if layout not in Layout:
        raise ProtocolError(f"inverters of the unknown layout {layout}")
    count = int.from_bytes(fields.peek(2))
    if count > _MOST_ENTRIES:
        return _of_oldest(fields)
    fields.take(2)
    timestamp = fields.timestamp()
    if layout == Layout.OPTIMIZERS:
        if fields.left != count * _OPTIMIZER:
            raise ProtocolError("a list of optimizers that does not fit its count")
        return InverterReport(timestamp)
    data = fields.take(fields.left)
    found, complete = spans(data, count, _SIZES)
    if not found and count:
        raise ProtocolError("a list of inverters that cannot be read")
    inverters = tuple(
        _inverter(Reader(data[each.start : each.start + each.size])) for each in found
    )
    return InverterReport(timestamp, inverters, complete=complete)


def _inverter(entry: Reader) -> Inverter:
    size = entry.left
    inverter_id = entry.bcd(6)
    online = entry.number(1) == 1
    code = entry.text(2)
    layout = _LAYOUTS_OF_05.get(size) if code == "05" else _LAYOUTS.get(code)
    if layout is None or not online:
        return Inverter(inverter_id, code, online)
    return _measured(inverter_id, code, entry, layout)


def _measured(
    inverter_id: str, code: str | None, entry: Reader, layout: _Layout
) -> Inverter:
    frequency, temperature = entry.number(2), entry.number(2)
    values = {name: entry.number(2) for name in layout.fields}
    # Without the grid an inverter that just starts tells any voltage and frequency.
    grid = {
        name: value if value >= LOWEST_VOLTAGE else None
        for name, value in values.items()
        if name.startswith("v")
    }
    voltages = tuple(grid.values())
    channels = tuple(
        Channel(value, grid.get(f"v{name[1:]}") if layout.voltage_per_channel else None)
        for name, value in values.items()
        if name.startswith("p")
    )
    return Inverter(
        inverter_id,
        code,
        online=True,
        frequency=frequency / 10 if any(voltages) else None,
        temperature=temperature - 100 if temperature else None,
        channels=channels,
        # One grid measured twice: the phases are those of layouts with three.
        voltages=voltages[:1] if layout is _TWO else voltages,
    )


def _of_oldest(fields: Reader) -> InverterReport:
    """Read the oldest firmware's list, which says neither who is online nor the type."""
    timestamp = fields.timestamp()
    return InverterReport(timestamp, tuple(map(_oldest, fields.records(_OLD_ENTRY))))


def _oldest(entry: Reader) -> Inverter:
    inverter_id = entry.bcd(6)
    if not any(entry.peek(2)):  # without a frequency it is not connected
        return Inverter(inverter_id, None, online=False)
    return _measured(inverter_id, None, entry, _TWO)
