"""What the simulated OpenEVSE's controller keeps in its EEPROM, and on its display.

The rules of the controller, OpenEVSE/open_evse (rapi_proc.cpp, J1772EvseController.cpp;
8.2.3):

- A current is cut to what the hardware can, and stored unless it is set as volatile.
- The hardware's maximum can be set once, and never again.
- A text beyond the display's lines or columns is cut without a word.
- Once a pulse was missed, the current stays cut until somebody takes note of it.
"""

from dataclasses import dataclass, field

from custom_components.wattbus.protocols.rapi import (
    LCD_COLUMNS,
    LCD_LINES,
    SAFE_SPACE,
    EcFlag,
    HeartbeatTrigger,
    LcdColour,
)

from .openevse_firmware import Firmware


@dataclass
class Settings:
    """The EEPROM: it wears out, so every command's write is counted."""

    firmware: Firmware
    # The capacity [A] by service level.
    capacities: dict[int, int]
    flags: EcFlag = EcFlag.LEVEL_2
    scale: int = 220
    offset: int = 0
    voltmeter_scale: int = 298
    voltmeter_offset: int = 12_018
    hardware_maximum: int | None = None
    writes: int = 0

    @property
    def level(self) -> int:
        """The service level in use."""
        return 2 if self.flags & EcFlag.LEVEL_2 else 1

    @property
    def minimum(self) -> int:
        """The least current [A]."""
        return self.firmware.minimum(self.level)

    @property
    def maximum(self) -> int:
        """The hardware's maximum [A], which may have been set once and for all."""
        built = self.firmware.maximum(self.level)
        if self.level == 2 and self.hardware_maximum is not None:
            return min(built, self.hardware_maximum)
        return built

    @property
    def stored(self) -> int:
        """The capacity of the level in use [A]."""
        return min(self.capacities[self.level], self.maximum)

    def store(self, amps: int) -> None:
        """Write the capacity."""
        self.capacities[self.level] = amps
        self.writes += 1

    def set_level(self, level: int) -> None:
        """Set the service level, which ends the automatic choice."""
        self.flags |= EcFlag.LEVEL_2 | EcFlag.AUTO_SERVICE_LEVEL_DISABLED
        if level == 1:
            self.flags &= ~EcFlag.LEVEL_2
        self.writes += 1

    def switch(self, flag: EcFlag, on: bool) -> None:
        """Set or clear a flag."""
        self.flags = self.flags | flag if on else self.flags & ~flag
        self.writes += 1


@dataclass
class Display:
    """The display: two lines, a colour, and who writes on it."""

    lines: list[str] = field(default_factory=lambda: [" " * LCD_COLUMNS] * LCD_LINES)
    # None is the controller's own choice.
    colour: LcdColour | None = None
    given_away: bool = False

    def print(self, x: int, y: int, text: str) -> None:
        """Write over what is there."""
        if 0 <= y < LCD_LINES:
            text = text.replace(SAFE_SPACE, " ")
            line = self.lines[y][:x].ljust(x) + text + self.lines[y][x + len(text) :]
            self.lines[y] = line[:LCD_COLUMNS]


@dataclass
class Heartbeat:
    """The supervision: without a pulse the current is cut."""

    interval: int = 0
    current: int = 0
    trigger: HeartbeatTrigger = HeartbeatTrigger.NEVER_MISSED
    age: float = 0.0

    def arm(self, interval: int, current: int) -> None:
        """Set it up; an interval of 0 is off."""
        self.interval, self.current, self.age = interval, current, 0.0
        self.trigger = HeartbeatTrigger.NEVER_MISSED

    def miss(self, seconds: float) -> bool:
        """Let time pass; return whether the current is to be cut."""
        self.age += seconds
        if self.interval and self.age > self.interval:
            self.trigger = HeartbeatTrigger.MISSED
        return self.trigger is HeartbeatTrigger.MISSED
