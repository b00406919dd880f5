"""OBIS codes (IEC 62056-61) of electrical quantities, as TQ's energy managers use them.

A code has six groups A-B:C.D.E*F: medium, channel, measurand, kind of measurement,
tariff, previous reading (TQ document, annex A).
"""

from dataclasses import dataclass
import re
from typing import Final, Literal

from . import ProtocolError
from .payload import quote

type Direction = Literal["import", "export"]

ELECTRICITY: Final = 1
MEAN: Final = 4
INSTANTANEOUS: Final = 7
ENERGY: Final = 8
# Group F when no previous reading is meant; TQ's codes always end so.
CURRENT_READING: Final = 255

_FORMAT = re.compile(
    r"(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*(\d{1,3}))?", re.ASCII
)
_LONGEST = len("255-255:255.255.255*255")

# Group C counts in steps of 20: the total, then one block for each phase.
PHASE_STEP: Final = 20
_PHASES: Final = (None, "L1", "L2", "L3")

_POWERS: dict[int, tuple[str, Direction]] = {
    1: ("active", "import"),
    2: ("active", "export"),
    3: ("reactive", "import"),
    4: ("reactive", "export"),
    9: ("apparent", "import"),
    10: ("apparent", "export"),
}
_POWER_UNITS = {"active": "W", "reactive": "var", "apparent": "VA"}
_OTHERS = {
    11: ("current", "A"),
    12: ("voltage", "V"),
    13: ("power_factor", "1"),
    14: ("supply_frequency", "Hz"),
}


@dataclass(frozen=True, slots=True)
class ObisCode:
    """One OBIS code, by its six groups."""

    a: int
    b: int
    c: int
    d: int
    e: int = 0
    f: int = CURRENT_READING

    def __str__(self) -> str:
        """Return the code as it is written in data sheets and payloads."""
        return f"{self.a}-{self.b}:{self.c}.{self.d}.{self.e}*{self.f}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a code stands for, in base units (W, Wh, VA, VAh, var, varh, V, A, Hz, 1)."""

    stem: str
    direction: Direction | None
    phase: str | None
    unit: str


def parse(code: str) -> ObisCode:
    """Parse a written code; without `*F` the current reading is meant.

    Raises ProtocolError if it is not an OBIS code.
    """
    # The length first: group numbers are short, an attacker's text is not.
    match = _FORMAT.fullmatch(code) if len(code) <= _LONGEST else None
    if match is None:
        raise ProtocolError(f"not an OBIS code: {quote(code)}")
    groups = [int(group) for group in match.groups(default=str(CURRENT_READING))]
    if max(groups) > 255:
        raise ProtocolError(f"an OBIS group is above 255: {quote(code)}")
    return ObisCode(*groups)


def quantity(code: ObisCode | str) -> Quantity | None:
    """Return what a code measures, None if it is none of the quantities known here.

    Group B is not looked at: TQ's annex gives sensors a channel of their own, its
    example gives them the meter's channel 0.

    Raises ProtocolError if the text is not an OBIS code.
    """
    if isinstance(code, str):
        code = parse(code)
    block, measurand = divmod(code.c, PHASE_STEP)
    if code.a != ELECTRICITY or block >= len(_PHASES):
        return None
    phase = _PHASES[block]
    is_live = code.d in (MEAN, INSTANTANEOUS)
    if measurand in _POWERS and (is_live or code.d == ENERGY):
        kind, direction = _POWERS[measurand]
        unit = _POWER_UNITS[kind]
        if is_live:
            return Quantity(f"{kind}_power", direction, phase, unit)
        return Quantity(f"{kind}_energy", direction, phase, f"{unit}h")
    if measurand in _OTHERS and is_live:
        stem, unit = _OTHERS[measurand]
        return Quantity(stem, None, phase, unit)
    return None
