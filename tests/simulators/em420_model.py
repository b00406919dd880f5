"""A house with an EM420 in it: what the device would send, second by second.

Nothing in here talks to anything, so tests and the benchmark can drive it. It is
written from the TQ document and shares no code with the integration, so that a wrong
unit or key shows in the tests instead of cancelling out.

The rules that it follows, and from where:

- A source that does not answer stays in the messages with STATUS_ERROR, the values and
  the timestamp of its last update (gdr.proto v2.6.0: "data source did not update, maybe
  broken"). A group goes on with what its members said last.
- The configuration is sent at the first connection with the broker and when it changes,
  "nur beim ersten Verbinden mit dem Broker und bei einer Änderung", for each topic by
  itself: a broker that comes back without it is not told again. A group's may come before
  its members' (TQ document 1.1.2.2).
- It takes no commands, has no last will and announces nothing (TQ document 1.1).
- Without its token, the REST interface answers 401 (evcc's meter/tq-em420.go).
"""

from enum import StrEnum, auto
import json
import math
import random
from typing import Any, Final

from .em420_house import CIRCUITS, PHASES, Point, group, line, meter, powers, sensor

METER: Final = "smart-meter"
GROUP: Final = "g0"


class Glitch(StrEnum):
    """What a message can have wrong."""

    NULLS = auto()
    ZERO_ENERGY = auto()
    STEPPED_BACK_ENERGY = auto()
    ERROR_STATUS = auto()
    OTHER_CONFIGURATION_ID = auto()
    INVALID_JSON = auto()


class Em420:
    """An EM420 with its meter, sensors and a group.

    Args:
        sensors: How many current sensors, s0 to sN. The first eight are what
            CIRCUITS says, then it starts again. A real device has up to 96.
        start: Where its clock begins, in Unix seconds.
        flat: The simplified format instead of the detailed one.
        four_quadrant: Let the sensors send all 15 values of their phase instead of
            the usual 7.
        seed: Of what is random.
    """

    def __init__(
        self,
        sensors: int = 3,
        *,
        start: float = 1_729_699_542.0,
        flat: bool = False,
        four_quadrant: bool = False,
        seed: int = 420,
    ) -> None:
        """Build the house; a first step gives every value."""
        self.now = start
        self.flat = flat
        self._broken: dict[str, float] = {}
        self._random = random.Random(seed)
        self._circuits = [CIRCUITS[i % len(CIRCUITS)] for i in range(sensors)]
        self._points = {METER: meter()}
        for number, circuit in enumerate(self._circuits):
            self._points[f"s{number}"] = sensor(number, circuit, four_quadrant)
        if consumers := [i for i, c in enumerate(self._circuits) if not c.producer]:
            self._points[GROUP] = group([f"s{i}" for i in consumers])
        for point in self._points.values():
            # Meters that have been running for a while.
            for key in point.keys:
                if "_energy_" in key:
                    point.values[key] = self._random.uniform(1e5, 5e6)
        self._voltages = dict.fromkeys(PHASES, 230.0)
        self._frequency = 50.0
        self.step(0)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the ids of all sources."""
        return tuple(self._points)

    def breaks(self, source_id: str) -> None:
        """Let a source answer no more: what it said last is repeated."""
        self._broken.setdefault(source_id, self.now)

    def mends(self, source_id: str) -> None:
        """Let it answer again."""
        self._broken.pop(source_id, None)

    def _update(self, source_id: str, live: dict[str, float], seconds: float) -> None:
        """Measure, where the source still answers."""
        if source_id not in self._broken:
            self._points[source_id].update(live, seconds)

    def step(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        noise = self._random.gauss
        self._frequency += (50.0 - self._frequency) * 0.1 + noise(0, 0.004)
        for phase in PHASES:
            before = self._voltages[phase]
            self._voltages[phase] = before + (231.0 - before) * 0.1 + noise(0, 0.3)
        # What no sensor sees, by phase: active and reactive power.
        loads = {
            phase: [180 + 15 * noise(0, 1), 40 + 4 * noise(0, 1)] for phase in PHASES
        }
        for number, circuit in enumerate(self._circuits):
            phase = PHASES[number % len(PHASES)]
            power = circuit.power(self.now, noise(0, 1))
            reactive = power * math.tan(math.acos(circuit.power_factor))
            live = line(phase, power, reactive, self._voltages[phase])
            self._update(f"s{number}", live, seconds)
            loads[phase][0] += -power if circuit.producer else power
            loads[phase][1] += reactive
        self._step_meter(loads, seconds)
        if GROUP in self._points:
            self._step_group(self._points[GROUP], seconds)

    def data(
        self,
        *source_ids: str,
        flat: bool | None = None,
        glitch: Glitch | None = None,
    ) -> bytes:
        """Return a data message, of all sources unless some are named."""
        flat = self.flat if flat is None else flat
        chosen = source_ids or self.sources
        records = {source_id: self._record(source_id, flat) for source_id in chosen}
        payload = _encode(_with_glitch(records, glitch) if glitch else records)
        return payload[:-3] if glitch is Glitch.INVALID_JSON else payload

    def configuration(self, *source_ids: str) -> bytes:
        """Return a configuration message, of all sources unless some are named."""
        chosen = source_ids or self.sources
        return _encode({i: self._points[i].configuration() for i in chosen})

    def rename(self, source_id: str, label: str) -> None:
        """Change a label, as the owner does in the web interface; the id changes, too."""
        self._points[source_id].label = label

    def label(self, source_id: str) -> str:
        """Return a source's label."""
        return self._points[source_id].label

    def _step_meter(self, loads: dict[str, list[float]], seconds: float) -> None:
        """Measure at the grid: each phase by itself, the totals balanced."""
        live = {"supply_frequency": self._frequency}
        for phase, (power, reactive) in loads.items():
            live |= line(phase, power, reactive, self._voltages[phase])
        total, reactive = (sum(load[i] for load in loads.values()) for i in (0, 1))
        live |= powers("", total, reactive)
        self._update(METER, live, seconds)

    def _step_group(self, point: Point, seconds: float) -> None:
        """Sum the members, whatever phase they are on."""
        power = sum(
            value
            for member in point.members or ()
            for key, value in self._points[member].values.items()
            if key.startswith("active_power_+")
        )
        point.update({"active_power_+": power}, seconds)

    def _record(self, source_id: str, flat: bool) -> dict[str, Any]:
        """Return one source's part of a data message."""
        point = self._points[source_id]
        broken = source_id in self._broken
        updated = self._broken.get(source_id, self.now)
        seconds = int(updated)
        if flat:
            status = 3 if broken else 1
            return point.raw() | {"status": status, "timestamp": seconds}
        nanos = int((updated - seconds) * 1e9)
        return {
            "configuration_id": point.configuration()["id"],
            "status": "STATUS_ERROR" if broken else "STATUS_OK",
            "timestamp": {"seconds": seconds, "nanos": nanos},
            "values": point.raw(),
        }


def _with_glitch(records: dict[str, Any], glitch: Glitch) -> dict[str, Any]:
    """Return the records with something wrong in the first of them."""
    record = next(iter(records.values()))
    values = record.get("values", record)
    match glitch:
        case Glitch.NULLS:
            values |= dict.fromkeys(values.keys() - {"status", "timestamp"})
        case Glitch.ZERO_ENERGY:
            values |= {key: 0 for key in values if "_energy_" in key}
        case Glitch.STEPPED_BACK_ENERGY:
            values |= {
                k: v * 9 // 1000 * 100 for k, v in values.items() if "_energy_" in k
            }
        case Glitch.ERROR_STATUS:
            record["status"] = 3 if values is record else "STATUS_ERROR"
        case Glitch.OTHER_CONFIGURATION_ID if values is not record:
            record["configuration_id"] = "0" * 40
    return records


def _encode(message: dict[str, Any]) -> bytes:
    """Return a message as compact JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
