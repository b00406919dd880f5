"""The EM420's value keys and their units.

The keys are those of a real `smart-meter` (all 59 in evcc's meter/tq-em420.go), the
codes those of TQ's obis/obis.go, the units those of TQ document 1.1.2.2.
"""

from dataclasses import dataclass
from typing import Final

from ..obis import ENERGY, MEAN, PHASE_STEP, Direction, ObisCode, quantity
from ..payload import if_readable

# Every integer is in thousandths of its base unit. That includes the power factor,
# although its unit reads "cos φ": TQ's test record (em-gdr, marshall_test.go) has
# 64.4 W, 552.3 VA and a power factor of 117.
MILLI: Final = 1000

_SIGNS: dict[Direction | None, str] = {"import": "+", "export": "-", None: ""}
_TOTAL = (None,)
_PHASES = ("L1", "L2", "L3")

# OBIS group C of the total, group D, and for what the quantity is measured.
_ROWS: tuple[tuple[int, int, tuple[str | None, ...]], ...] = (
    *(
        (c, d, (*_TOTAL, *_PHASES))
        for c in (1, 2, 3, 4, 9, 10)  # active, reactive, apparent; each + and -
        for d in (MEAN, ENERGY)
    ),
    (11, MEAN, _PHASES),  # current
    (12, MEAN, _PHASES),  # voltage
    (13, MEAN, (*_TOTAL, *_PHASES)),  # power factor
    (14, MEAN, _TOTAL),  # frequency
)

_BASE_UNITS = ("W", "Wh", "VA", "VAh", "var", "varh", "V", "A", "Hz")
_POWER_FACTOR_UNIT = "1"


@dataclass(frozen=True, slots=True)
class Key:
    """One value key of the device."""

    stem: str
    direction: Direction | None
    phase: str | None
    unit: str
    divisor: int
    obis: ObisCode


@dataclass(frozen=True, slots=True)
class Scale:
    """The way from the device's number to the base unit."""

    unit: str
    divisor: int = 1
    factor: int = 1

    def apply(self, raw: float) -> float:
        """Return the number in the base unit; from an integer with its exact decimals.

        A large float can become infinite by a factor.
        """
        if isinstance(raw, int):
            return raw * self.factor / self.divisor
        # A fraction up to 1 can only be the cosine itself.
        if self.unit == _POWER_FACTOR_UNIT and abs(raw) <= 1:
            return raw
        # Nine digits take away what the binary multiplication adds: 6.7301 kW is
        # 6730.1 W and not 6730.099999999999 W.
        return round(raw * self.factor / self.divisor, 9)


def _keys() -> dict[str, Key]:
    """Make the table of all keys from its rows."""
    keys = {}
    for c, d, phases in _ROWS:
        for phase in phases:
            step = _PHASES.index(phase) + 1 if phase else 0
            code = ObisCode(1, 0, c + step * PHASE_STEP, d)
            meaning = quantity(code)
            assert meaning is not None
            # Sign before phase: "active_power_+_L1".
            parts = (meaning.stem, _SIGNS[meaning.direction], phase)
            keys["_".join(part for part in parts if part)] = Key(
                meaning.stem, meaning.direction, phase, meaning.unit, MILLI, code
            )
    return keys


def _units() -> dict[str, Scale]:
    """Make the table of understood unit texts, all in small letters."""
    units = {}
    for base in _BASE_UNITS:
        lower = base.casefold()
        units[lower] = Scale(base)
        units[f"m{lower}"] = Scale(base, divisor=MILLI)
        units[f"k{lower}"] = Scale(base, factor=MILLI)
    power_factor = Scale(_POWER_FACTOR_UNIT, divisor=MILLI)
    return units | dict.fromkeys(("cos φ", "cosφ", "cos phi"), power_factor)


KEYS: Final = _keys()
KEY_SCALES: Final = {name: Scale(key.unit, key.divisor) for name, key in KEYS.items()}
_UNITS: Final = _units()


def parse_unit(text: str | None) -> Scale | None:
    """Return the scale that a configured unit stands for, None if it is not understood.

    No source shows how the device spells its reactive units and mHz, so letter case
    is not looked at; "m" is always milli (the device knows no megawatts).
    """
    return _UNITS.get(text.strip().casefold()) if text else None


def obis_scale(code: str | None) -> Scale | None:
    """Return the scale that an OBIS code stands for; the device counts in thousandths."""
    meaning = if_readable(quantity, code) if code else None
    return Scale(meaning.unit, divisor=MILLI) if meaning else None
