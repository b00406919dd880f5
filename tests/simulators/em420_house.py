"""The house that the simulated EM420 measures: circuits, sources, and their values.

The rules that it follows, and from where:

- Dropping: powers and energies are cut to a tenth of their unit, and told in thousandths
  (evcc-io/evcc #16765: all are multiples of 100 mW and 100 mWh).
- There is no negative value: import and export are two, of which one is zero; the totals
  are balanced over the phases (TQ document, annex A; evcc's meter/tq-em420.go has all 59
  values of the meter).
- A current sensor knows one phase, and usually import only, so that a producer's power
  stands under `+` (TQ document 1.1.2.2).
- Merging: a group has the sum of what its members tell, whatever their phase.
- The configuration's id is a hash over all of it: each change, of a label alone, too, is
  another id (TQ document 1.1.2.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
import hashlib
import json
import math
from typing import Any, Final

PHASES: Final = ("L1", "L2", "L3")
HOUR: Final = 3600
DAY: Final = 24 * HOUR

# Group C of the total, group D and unit of each key without its phase (annex A).
_CODES: Final = {
    "current": (11, 4, "mA"),
    "voltage": (12, 4, "mV"),
    "power_factor": (13, 4, "cos φ"),
    "supply_frequency": (14, 4, "mHz"),
} | {
    f"{kind}_{what}_{sign}": (c + offset, d, f"m{unit}{hours}")
    for kind, c, unit in (
        ("active", 1, "W"),
        ("reactive", 3, "var"),
        ("apparent", 9, "VA"),
    )
    for sign, offset in (("+", 0), ("-", 1))
    for what, d, hours in (("power", 4, ""), ("energy", 8, "h"))
}


@dataclass(frozen=True, slots=True)
class Circuit:
    """What hangs behind one sensor."""

    label: str
    device_type: str
    watts: float
    power_factor: float = 0.98
    # Of its switching on and off, in seconds.
    period: float = 1200
    producer: bool = False

    def power(self, now: float, noise: float) -> float:
        """Return the active power [W] at a moment."""
        if self.producer:
            sun = math.sin((now % DAY / DAY - 0.25) * 2 * math.pi)
            clouds = 0.85 + 0.15 * math.sin(now / 97)
            return max(0.0, self.watts * sun * clouds * (1 + 0.02 * noise))
        wave = math.sin(now / self.period * 2 * math.pi + len(self.label))
        duty = min(max(3 * wave, 0.02), 1.0)
        return self.watts * duty * (1 + 0.02 * noise)


CIRCUITS: Final = (
    Circuit("Küche", "ROOM_KITCHEN", 1800, 0.97, 900),
    Circuit("Photovoltaik", "PHOTOVOLTAIC_SYSTEM", 4200, 0.99, producer=True),
    Circuit("Wärmepumpe", "HEAT_PUMP", 2400, 0.92, 2700),
    Circuit("Wallbox", "ELECTRIC_VEHICLE", 3680, 0.99, 7200),
    Circuit("Waschmaschine", "WASHING_MACHINE", 900, 0.85, 600),
    Circuit("Beleuchtung", "LIGHTING", 220, 0.9, 5400),
    Circuit("Kühlschrank", "FRIDGE", 90, 0.7, 1500),
    Circuit("Arbeitszimmer", "OFFICES", 240, 0.88, 3600),
)


@dataclass(slots=True)
class Point:
    """One source: its configuration, and its values in base units under their keys."""

    label: str
    source_class: str
    device_type: str
    channel: int
    meta: dict[str, str] = field(default_factory=dict)
    members: list[str] | None = None
    # Which of the values the device sends.
    keys: tuple[str, ...] = ()
    values: dict[str, float] = field(default_factory=dict)

    def configuration(self) -> dict[str, Any]:
        """Return the configuration as the device sends it, with its hash as the id."""
        content = {
            "class": f"CLASS_{self.source_class}",
            "devicetype": f"DEVICE_TYPE_{self.device_type}",
            "label": self.label,
            "sources": self.members,
            "meta": self.meta,
            "values": {
                key: _description(key, self.channel) for key in sorted(self.keys)
            },
        }
        digest = hashlib.sha1(json.dumps(content).encode(), usedforsecurity=False)
        return {"id": digest.hexdigest(), "configuration": content}

    def update(self, live: dict[str, float], seconds: float) -> None:
        """Take over the live values and let the energies follow the powers."""
        self.values |= live
        for key, power in live.items():
            if "_power_" in key:
                energy = key.replace("_power_", "_energy_")
                before = self.values.get(energy, 0.0)
                self.values[energy] = before + power * seconds / HOUR

    def raw(self) -> dict[str, int]:
        """Return the values as the device sends them."""
        return {key: _raw(key, self.values.get(key, 0.0)) for key in sorted(self.keys)}


def meter() -> Point:
    """Return the built-in meter: all 59 values."""
    keys = ["supply_frequency", "power_factor", *powers("", 0, 0)]
    for phase in PHASES:
        keys += line(phase, 0, 0, 230)
    return Point(
        "Netzanschluss",
        "HYBRID",
        "GRID_CONNECTION_POINT",
        channel=0,
        meta={"serial": "4200815"},
        keys=_with_energies(keys),
    )


def sensor(number: int, circuit: Circuit, four_quadrant: bool) -> Point:
    """Return a current sensor: one phase, and usually import only."""
    phase = PHASES[number % len(PHASES)]
    keys = _with_energies(line(phase, 0, 0, 230))
    if not four_quadrant:
        keys = tuple(key for key in keys if "_-" not in key and "reactive" not in key)
    return Point(
        circuit.label,
        "PRODUCER" if circuit.producer else "CONSUMER",
        circuit.device_type,
        channel=number + 1,
        meta={"phase": phase, "serial": f"9C.B7.0D.59.6F.55.{number:02X}"},
        keys=keys,
    )


def group(members: list[str]) -> Point:
    """Return a group that sums sensors."""
    return Point(
        "Alle Verbraucher",
        "CONSUMER",
        "BUILDING_SINGLE_HOME",
        channel=100,
        members=members,
        keys=_with_energies(["active_power_+"]),
    )


def _with_energies(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys and the energies of the powers among them."""
    keys = list(keys)
    energies = [key.replace("_power_", "_energy_") for key in keys if "_power_" in key]
    return (*keys, *energies)


def line(phase: str, power: float, reactive: float, voltage: float) -> dict[str, float]:
    """Return all live values of one phase."""
    return powers(f"_{phase}", power, reactive) | {
        f"current_{phase}": math.hypot(power, reactive) / voltage,
        f"voltage_{phase}": voltage,
    }


def powers(suffix: str, power: float, reactive: float) -> dict[str, float]:
    """Return powers by direction (both never below zero) and the power factor."""
    apparent = math.hypot(power, reactive)
    values = {f"power_factor{suffix}": abs(power) / apparent if apparent else 1.0}
    exports = power < 0
    for kind, plus, amount in (
        ("active", not exports, abs(power)),
        ("reactive", reactive >= 0, abs(reactive)),
        ("apparent", not exports, apparent),
    ):
        values[f"{kind}_power_+{suffix}"] = amount if plus else 0.0
        values[f"{kind}_power_-{suffix}"] = 0.0 if plus else amount
    return values


def _raw(key: str, value: float) -> int:
    """Return a value in thousandths; powers and energies have a tenth of their unit."""
    if "_power_" in key or "_energy_" in key:
        return int(value * 10) * 100
    return round(value * 1000)


def _description(key: str, channel: int) -> dict[str, str]:
    """Return code and unit of a key."""
    name, _, phase = key.rpartition("_L")
    c, d, unit = _CODES[name or key]
    step = 20 * int(phase) if name else 0
    return {"obis_code": f"1-{channel}:{c + step}.{d}.0*255", "unit": unit}
