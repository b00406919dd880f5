"""The simulated microinverters: what they make, and their entries in command 0002.

The rules that they follow, and from where (HAEdwin is homeassistant-apsystems_ecu_reader,
ksheumaker is homeassistant-apsystems_ecur):

- Silence: at night no inverter answers. What its entry then holds differs: a temperature
  of raw 0 or 0x64, the voltages and 1 W of a QT2 (frames of ksheumaker #74, #79, #185),
  or, of kinds that other readers call unsupported, nothing at all.
- One that has never answered since the ECU was started is of type 00, nine bytes long.
- A QS1 that wakes up tells 65.0 Hz and 5 V, before it has the grid (ksheumaker #74).
- Refusing: a limit is per channel, and takes effect with the ECU's next cycle, as does
  being switched off; one that is switched off stays online.
- Type 05 is a DS3-H to some readers and a QT2 to others: it comes in both sizes.
- The signal is 0 while an inverter is offline (frames of ksheumaker #110).
"""

from dataclasses import dataclass
import random
from typing import Final

from .ecu_frame import bcd, u16, u32

NEVER_SEEN: Final = "00"
# The share of the full sun at which the first inverters wake up, and the last.
_WAKES_AT: Final = (0.01, 0.03)
_SIGNALS: Final = (0x60, 0xF0)


@dataclass(frozen=True)
class Kind:
    """A kind of inverter.

    Attributes:
        prefix: What its ids begin with.
        code: Its type in command 0002.
        layout: The words behind frequency and temperature, in their order: `p` is the
            next channel's power, `v` the next phase's voltage.
        peak: Of one channel [W].
        volts: Its usual voltage; between phases for QT2, of a phase for all others.
        offline: The words of an offline one, temperature first. Raw 0 would be
            -100 °C and 0x64 is 0 °C: both are seen, and both mean nothing.
        terse: Whether the entry of an offline one is nothing but its head.
        waking: Frequency and voltage of one that has no grid yet, where it tells any.
    """

    prefix: str
    code: str
    layout: str
    peak: int = 0
    volts: int = 230
    offline: tuple[int, ...] = (0,)
    terse: bool = False
    waking: tuple[int, int] | None = None

    @property
    def channels(self) -> int:
        """Return the number of channels."""
        return self.layout.count("p")


_TWO: Final = "pvpv"
_FOUR_ON_ONE_PHASE: Final = "pvppp"
_FOUR_ON_THREE_PHASES: Final = "pvpvpvp"

KINDS: Final = {
    "yc600": Kind("408", "01", _TWO, 300, 240, (0x64,)),
    "ds3": Kind("702", "01", _TWO, 440, 240),
    "ds3-l": Kind("704", "01", _TWO, 380, 231),
    "yc1000": Kind("502", "02", _FOUR_ON_THREE_PHASES, 225, 235),
    # QT2 keeps its voltages at night and 1 W at its third channel.
    "qt2": Kind(
        "901",
        "02",
        _FOUR_ON_THREE_PHASES,
        450,
        387,
        (0x64, 0, 387, 0, 387, 1, 387, 0),
    ),
    "qs1": Kind("802", "03", _FOUR_ON_ONE_PHASE, 300, 241, waking=(650, 5)),
    "qs1a": Kind("804", "03", _FOUR_ON_ONE_PHASE, 375, 241),
    "ds3d": Kind("707", "04", _TWO, 1000, 231),
    # No frame of type 05 is known: some readers take it for QT2, some for a DS3.
    "qt2-05": Kind("901", "05", _FOUR_ON_THREE_PHASES, 450, 387),
    "ds3-05": Kind("705", "05", _TWO, 480, 231),
    # One that no reader knows yet, longer than all others.
    "unknown": Kind("970", "06", "pvpvpvpv", 500, 231),
    # As users tell of the "Unsupported inverter type" of other readers: a letter in the
    # code, and no telemetry while it is offline.
    "letter": Kind("971", "0A", "pvpvpvpv", 500, 231, terse=True),
    "ds3-terse": Kind("706", "01", _TWO, 440, 240, terse=True),
    # Registered, but silent since the ECU was started.
    "unpaired": Kind("806", NEVER_SEEN, ""),
    # An ECU can have its own id in its list.
    "ecu": Kind("216", NEVER_SEEN, ""),
}


@dataclass(frozen=True)
class Reading:
    """What the ECU knows about an inverter, in the numbers of the wire.

    Attributes:
        frequency: In 0.1 Hz.
        temperature: In °C, plus 100.
        words: Powers [W] and voltages [V] in the order of the kind's layout.
        signal: 0 (none) to 255.
        terse: Whether its entry has no words.
    """

    inverter_id: str
    code: str = NEVER_SEEN
    online: bool = False
    frequency: int = 0
    temperature: int = 0
    words: tuple[int, ...] = ()
    signal: int = 0
    terse: bool = False

    def entry(self) -> bytes:
        """Return the entry in command 0002; of type 00 nothing but the head."""
        head = bcd(self.inverter_id) + bytes((self.online,)) + self.code.encode()
        if self.code == NEVER_SEEN or self.terse:
            return head
        return head + u16(self.frequency, self.temperature, *self.words)

    def oldest_entry(self) -> bytes:
        """Return the entry of the oldest firmware: two channels, no type, no state."""
        words = (*self.words, 0, 0, 0, 0)[:4]
        return bcd(self.inverter_id) + u16(self.frequency, self.temperature, *words)

    def rsd_entry(self) -> bytes:
        """Return the entry of an OPT700-RS (model 02), 57 bytes."""
        power1, volts1, power2, volts2 = (*self.words, 0, 0, 0, 0)[:4]
        power = power1 + power2
        amperes = tuple(
            round(watt / volts) if volts else 0
            for watt, volts in ((power1, volts1), (power2, volts2))
        )
        volts_out = volts1 + volts2
        return b"".join(
            (
                bcd(self.inverter_id),
                bytes((self.online, 0b11 if self.online else 0)),
                u16(60, 0),
                bytes((0,)),
                u16(volts1, volts2, *amperes, power1, power2),
                u16(volts_out, max(amperes), power),
                bytes((self.signal,)),
                u32(0) * 3,
                bytes((0,)),
                u16(1),
                bytes((1, self.temperature)),
                bytes(8),
            )
        )


class Inverter:
    """An inverter on the roof.

    Attributes:
        maximum: What the user wants of each channel at most [W], 0 for no limit.
        enabled: Whether the user wants it to run.
        applied_maximum: `maximum` as of the ECU's last cycle; `applied_enabled` too.
        seen: Whether it has answered since the ECU was started.
        wakes: Whether this is its first cycle of the day.
        energy: What it made in its life with this simulator [Wh].
    """

    def __init__(self, inverter_id: str, kind: Kind, seed: int) -> None:
        """Put it on the roof, some panels in more shade than others."""
        chance = random.Random(seed)
        self.inverter_id = inverter_id
        self.kind = kind
        self.maximum = self.applied_maximum = 0
        self.enabled = self.applied_enabled = True
        self.seen = True
        self.energy = 0.0
        self.online = self.wakes = False
        self.powers = (0,) * kind.channels
        self.peaks = tuple(
            kind.peak * chance.uniform(0.8, 1.0) for _ in range(kind.channels)
        )
        self._wakes_at = chance.uniform(*_WAKES_AT)
        self._signal = chance.randint(*_SIGNALS)

    @property
    def power(self) -> int:
        """Return what it makes, all channels together [W]."""
        return sum(self.powers)

    def apply(self) -> None:
        """Take over what the user wants; the ECU tells it once per cycle."""
        self.applied_maximum = self.maximum
        self.applied_enabled = self.enabled

    def make(self, irradiance: float) -> None:
        """Turn the sun (0 to 1) into power."""
        before = self.online
        self.online = bool(self.powers) and irradiance > self._wakes_at
        self.wakes = self.online and not before
        if not (self.online and self.applied_enabled):
            self.powers = (0,) * len(self.powers)
            return
        most = self.applied_maximum or 0xFFFF
        self.powers = tuple(min(most, round(p * irradiance)) for p in self.peaks)

    def curtail(self, factor: float) -> None:
        """Make less, as zero export wants it."""
        self.powers = tuple(int(power * factor) for power in self.powers)

    def reading(self, irradiance: float, cycle: int) -> Reading:
        """Return what the ECU read in its last cycle, `cycle` its number."""
        kind, inverter_id = self.kind, self.inverter_id
        if kind.code == NEVER_SEEN or not self.seen:
            return Reading(inverter_id)
        if not self.online:
            temperature, *words = kind.offline
            padded = (*words, *(0,) * len(kind.layout))[: len(kind.layout)]
            return Reading(
                *(inverter_id, kind.code, False, 0, temperature, padded),
                terse=kind.terse,
            )
        powers = iter(self.powers)
        frequency, volts = 499 + cycle % 3, None
        if self.wakes and kind.waking:
            frequency, volts = kind.waking
        words = [
            next(powers)
            if letter == "p"
            else volts or kind.volts + (cycle + place) % 5 - 2
            for place, letter in enumerate(kind.layout)
        ]
        return Reading(
            inverter_id,
            kind.code,
            True,
            frequency,
            100 + round(10 + 15 * irradiance + 25 * self._load),
            tuple(words),
            self._signal,
        )

    @property
    def _load(self) -> float:
        """Return how much of its full power it makes, 0 to 1."""
        return self.power / sum(self.peaks)
