"""The entries of 0002 from an ECU-R-RS: rapid-shutdown optimizers (OPT700-RS).

From the vendor's test tool alone; no real frame is known. Voltages, currents and
energies are as the device counts them: their scale is not known.
"""

from dataclasses import dataclass
from typing import Final

from .. import ProtocolError
from .fields import Reader

_ENTRY: Final = 57


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One optimizer; it has two inputs and one output."""

    optimizer_id: str
    """12 digits."""
    status: int
    switched_on: bool
    """Whether its output is (the MOSFET)."""
    function_on: bool
    """Whether rapid shutdown is."""
    protected: tuple[bool, bool]
    """Whether an input has been shut off for protection."""
    heart_rate: int
    off_times: int
    shutdowns: int
    input_voltages: tuple[int, int]
    input_currents: tuple[int, int]
    input_powers: tuple[int, int]
    output_voltage: int
    output_current: int
    output_power: int
    rssi: int
    """Raw, 0 to 255."""
    input_energies: tuple[int, int]
    output_energy: int
    mos_closes: int
    version: int
    model: int
    temperature: int
    """Raw, 0 to 255."""


def read_optimizers(fields: Reader, count: int) -> tuple[Optimizer, ...]:
    """Read the rest of an answer. Raises ProtocolError."""
    if fields.left != count * _ENTRY:
        raise ProtocolError("a list of optimizers that does not fit its count")
    return tuple(map(_optimizer, fields.records(_ENTRY)))


def _optimizer(entry: Reader) -> Optimizer:
    optimizer_id = entry.bcd(6)
    status, bits = entry.number(1), entry.number(1)

    def pair(length: int) -> tuple[int, int]:
        return entry.number(length), entry.number(length)

    return Optimizer(
        optimizer_id=optimizer_id,
        status=status,
        switched_on=bool(bits & 1),
        function_on=bool(bits & 2),
        protected=(bool(bits & 4), bool(bits & 8)),
        heart_rate=entry.number(2),
        off_times=entry.number(2),
        shutdowns=entry.number(1),
        input_voltages=pair(2),
        input_currents=pair(2),
        input_powers=pair(2),
        output_voltage=entry.number(2),
        output_current=entry.number(2),
        output_power=entry.number(2),
        rssi=entry.number(1),
        input_energies=pair(4),
        output_energy=entry.number(4),
        mos_closes=entry.number(1),
        version=entry.number(2),
        model=entry.number(1),
        temperature=entry.number(1),
    )
