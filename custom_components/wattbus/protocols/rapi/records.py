"""What the replies to the get commands say, in base units.

Facts are from the controller's rapi_proc.h and rapi_proc.cpp, tags v3.5.1 to 8.2.3.
"""

from dataclasses import dataclass
from datetime import time

from .enums import EcFlag, HeartbeatTrigger, State, VFlag
from .fields import VersionNumber


@dataclass(frozen=True, slots=True)
class Status:
    """`$GS`: the state and the time [s] of the current or last session.

    `pilot_state` is the state that the car's side of the pilot is in; it and `vflags`
    are known from protocol 5.0.0 on.
    """

    state: State
    elapsed: int
    pilot_state: State | None = None
    vflags: VFlag | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """`$GC`: currents [A] of the service level in use.

    `maximum` is the hardware's, `pilot` what the car is offered (protocol 5.0.0),
    `stored` the capacity in the EEPROM (protocol 5.1.0).
    """

    minimum: int
    maximum: int
    pilot: int | None = None
    stored: int | None = None

    @property
    def limit(self) -> int:
        """The most that `$SC n V` can set [A]: the stored capacity, if it is known."""
        return self.maximum if self.stored is None else self.stored


@dataclass(frozen=True, slots=True)
class Energy:
    """`$GU`: energy [Wh] of the session and of the charger's life.

    The total takes in a session when it ends, the session is zeroed when the next car
    is plugged in: in between their sum counts the session twice.
    """

    session_wh: float
    total_wh: int


@dataclass(frozen=True, slots=True)
class Faults:
    """`$GF`: how often the charger has tripped; 255 is "at least"."""

    gfci: int
    no_ground: int
    stuck_relay: int


@dataclass(frozen=True, slots=True)
class Temperatures:
    """`$GP`: temperatures [°C], None where there is no sensor.

    The clock's (DS3231), the display's (MCP9808, the one that the charger's own
    protection goes by) and the infrared one (TMP007).
    """

    ds3231: float | None
    mcp9808: float | None
    tmp007: float | None


@dataclass(frozen=True, slots=True)
class Meter:
    """`$GG`: current [A] and voltage [V], None where they are not measured."""

    current: float | None
    voltage: float | None


@dataclass(frozen=True, slots=True)
class Version:
    """`$GV`: what the controller calls its firmware, and the numbers in it."""

    firmware: str
    firmware_version: VersionNumber | None
    protocol: VersionNumber | None


@dataclass(frozen=True, slots=True)
class Relays:
    """Which relays a controller of the hardware D9 uses."""

    dc_1: bool
    dc_2: bool
    ac: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """`$GE`: the current that the pilot offers [A], and the settings."""

    current: int
    flags: EcFlag


@dataclass(frozen=True, slots=True)
class Timer:
    """`$GD`: the delay timer, in the controller's local time."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Lock:
    """`$G4` and `$G5`; `manual` is the Mennekes lock's mode, None for the other."""

    locked: bool
    manual: bool | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`$GY` and `$SY`: supervision interval [s], 0 is off, and fallback current [A]."""

    interval: int
    current: int
    trigger: HeartbeatTrigger


@dataclass(frozen=True, slots=True)
class Calibration:
    """`$GA` and `$GM`: scale and offset of the ammeter or the voltmeter."""

    scale: int
    offset: int


@dataclass(frozen=True, slots=True)
class OverTemperature:
    """`$GO`: where the charger throttles [°C]; one threshold from protocol 6.0.0 on."""

    ambient: float
    infrared: float | None = None
