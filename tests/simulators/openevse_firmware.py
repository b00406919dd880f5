"""What the releases of the simulated OpenEVSE's controller and gateways differ in.

From the tags of OpenEVSE/open_evse (3.11.3 to 8.2.3), ESP8266_WiFi_v2.x (2.7.6, 2.9.1)
and openevse_esp32_firmware (4.1.7, 5.1.5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

type Version = tuple[int, int, int]

# What a release reports by `$GV`: the protocol, and a firmware that has it.
FIRMWARES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.0.3": "3.11.3",
        "3.0.1": "4.8.0",
        "4.0.1": "5.1.0",
        "5.0.0": "6.1.3",
        "5.1.0": "6.2.1",
        "5.2.1": "8.2.3",
        "6.0.0": "9.0.0",
    }
)


def version(text: str) -> Version:
    """Return the numbers of a version: `D4.10.4.EU` is 4.10.4."""
    numbers = [int(part) for part in text.lstrip("vD").split(".") if part.isdigit()]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


@dataclass(frozen=True, slots=True)
class Firmware:
    """A controller's firmware, by its names for itself."""

    name: str = "8.2.3"
    protocol_name: str = "5.2.1"

    @property
    def protocol(self) -> Version:
        """The protocol's version."""
        return version(self.protocol_name)

    @property
    def number(self) -> Version:
        """The firmware's version."""
        return version(self.name)

    @property
    def absent_temperature(self) -> int:
        """What a missing sensor reads."""
        return -2560 if self.number >= (4, 10, 0) else 0

    @property
    def clamps_to_stored(self) -> bool:
        """Whether a volatile current cannot exceed the stored one."""
        return self.number >= (5, 0, 0)

    @property
    def limits_need_car(self) -> bool:
        """Whether limits are refused unless a car is connected."""
        return self.number >= (4, 12, 0)

    @property
    def limits_extend(self) -> bool:
        """Whether a limit counts from now on, not from the session's start."""
        return (4, 12, 1) <= self.number < (5, 1, 0)

    def minimum(self, level: int) -> int:
        """Return the least current [A]; 4.8.0 had 10 A for level 2."""
        return 10 if level == 2 and self.number < (4, 9, 0) else 6

    def maximum(self, level: int) -> int:
        """Return the most that the hardware is built for [A]."""
        if level == 1:
            return 24
        return 80 if self.number >= (6, 0, 0) else 32


class Generation(StrEnum):
    """The gateways that can be simulated."""

    ESP8266_2_7 = "esp8266-2.7"
    ESP8266_2_9 = "esp8266-2.9"
    ESP32_4_1 = "esp32-4.1"
    ESP32_5_1 = "esp32-5.1"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a generation does.

    Attributes:
        version: What it calls itself.
        protocol: The protocol of the controller that it usually came with.
        buildenv: The name of its build, None where there is none.
        esp32: Whether it has an announce topic, events, claims and a WebSocket.
        limits: Whether it has limits, takes settings and restarts over MQTT.
    """

    version: str
    protocol: str
    buildenv: str | None = None
    esp32: bool = False
    limits: bool = False

    @property
    def number(self) -> Version:
        """Its version."""
        return version(self.version)

    @property
    def bare_replies(self) -> bool:
        """Whether `$NK`, and `$OK` without fields, are passed on over MQTT."""
        return self.number >= (2, 9, 0)


PROFILES: Final[Mapping[Generation, Profile]] = MappingProxyType(
    {
        Generation.ESP8266_2_7: Profile("2.7.6", "4.0.1"),
        Generation.ESP8266_2_9: Profile("2.9.1", "4.0.1"),
        Generation.ESP32_4_1: Profile("4.1.7", "5.2.1", "openevse_wifi_v1", esp32=True),
        Generation.ESP32_5_1: Profile(
            "v5.1.5", "5.2.1", "openevse_wifi_v1", esp32=True, limits=True
        ),
    }
)
# The development of 2026, which has no number yet.
NEWEST: Final = (6, 0, 0)
# A build that drops all RAPI commands but $G, $F0 and $FB (5.1.5).
BLOCKING_BUILD: Final = "openevse_wifi_tft_v1"
