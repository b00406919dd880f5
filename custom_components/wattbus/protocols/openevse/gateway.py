"""What a gateway can do, by its version, its build, and the documents it publishes."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

from ..rapi import VersionNumber, parse_version
from .configuration import Config


class Generation(StrEnum):
    """The gateway's hardware."""

    ESP8266 = auto()
    ESP32 = auto()


class Capability(StrEnum):
    """One thing that a gateway offers."""

    DIVERT_MODE = auto()
    OVERRIDE = auto()
    CLAIM = auto()
    SCHEDULE = auto()
    SHAPER = auto()
    LIMIT = auto()
    CONFIG = auto()
    RESTART = auto()
    # It announces itself, retained, with a last will.
    ANNOUNCE = auto()
    # It passes on RAPI commands that change something: all of them...
    RAPI_WRITE = auto()
    # ... `ST`, the delay timer ...
    RAPI_TIMER = auto()
    # ... and `F0` and `FB`, the display.
    RAPI_DISPLAY = auto()
    # It publishes `$OK` and `$NK` without fields, too; others publish nothing then.
    RAPI_BARE_REPLIES = auto()


# Override, claim, schedule and shaper are in tag 4.1.5, not in 4.1.4; limit, config and
# restart in 5.0.0, not in 4.2.2.
CLAIMS_SINCE: Final = (4, 1, 5)
LIMITS_SINCE: Final = (5, 0, 0)
ANNOUNCE_SINCE: Final = (3, 3, 2)
BARE_REPLIES_SINCE: Final = (2, 9, 0)
# The builds that pull in debug_flags, and with them ENABLE_FULL_RAPI, since 5.1.2
# (platformio.ini; 5.1.2, 5.1.5 and the development of 2026, which adds the last two).
FULL_RAPI_BUILDS: Final = frozenset(
    {
        "openevse_wifi_v1",
        "openevse_wifi_tft_v1_dev",
        "elecrow_esp32_hmi_dev",
        "nodemcu-32s",
        "espressif_esp-wrover-kit",
        "espressif_esp-wrover-kit_latest",
        "adafruit_huzzah32_dev",
        "adafruit_featheresp32",
        "olimex_esp32-gateway-e_dev",
        "olimex_esp32-gateway-f_dev",
        "esp32-c3-devkitc-02",
        "native_openevse",
        "native_openevse_lvgl",
    }
)
_UNKNOWN = (0, 0, 0)
_ESP32_SINCE = (3, 0, 0)
_TIMER_BLOCKED_SINCE = (4, 1, 0)
_WRITES_BLOCKED_SINCE = (5, 0, 0)
_FULL_BUILDS_SINCE = (5, 1, 2)
_DISPLAY_SINCE = (5, 1, 5)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway's version and build environment, as its configuration has them."""

    version: str | None = None
    buildenv: str | None = None

    @property
    def number(self) -> VersionNumber | None:
        """The version's numbers, None if it is unknown or a developer's own."""
        return parse_version(self.version)

    @property
    def generation(self) -> Generation | None:
        """The hardware: ESP8266 has versions 2 and below, ESP32 3 and above."""
        if self.number is None:
            return None
        is_esp32 = self.number >= _ESP32_SINCE
        return Generation.ESP32 if is_esp32 else Generation.ESP8266

    def blocks(self, command: str) -> bool | None:
        """Return whether a RAPI command is dropped without a word; None: unknown.

        Over HTTP the answer to a blocked command is `RAPI_RESPONSE_BLOCKED`. From
        isRapiCommandBlocked() in evse_man.cpp, at each tag from 3.0.1 to 5.1.5.
        """
        number = self.number
        if command.startswith("G"):
            return False
        if number is None:
            return None
        if number < _TIMER_BLOCKED_SINCE:
            return False
        if number < _WRITES_BLOCKED_SINCE:
            return command == "ST"
        if number < _FULL_BUILDS_SINCE:
            return True
        if command in ("F0", "FB") and number >= _DISPLAY_SINCE:
            return False
        if self.buildenv is None:
            return None
        return self.buildenv not in FULL_RAPI_BUILDS


def capabilities(
    gateway: Gateway | None = None,
    *,
    config: Config | None = None,
    documents: Collection[str] = (),
) -> frozenset[Capability]:
    """Return what a gateway offers.

    `documents` are the names of the retained documents that were seen, as `override`:
    a gateway that publishes one takes the command, whatever its version. A gateway of
    which nothing is known is taken for an old one: RAPI, and nothing else.
    """
    if gateway is None:
        said = config or Config()
        gateway = Gateway(said.version, said.buildenv)
    least = _least_version(gateway, documents)
    found = {Capability.DIVERT_MODE}
    if least >= ANNOUNCE_SINCE:
        found.add(Capability.ANNOUNCE)
    if least >= BARE_REPLIES_SINCE:
        found.add(Capability.RAPI_BARE_REPLIES)
    if least >= CLAIMS_SINCE:
        found |= {
            Capability.OVERRIDE,
            Capability.CLAIM,
            Capability.SCHEDULE,
            Capability.SHAPER,
        }
    if least >= LIMITS_SINCE:
        found |= {Capability.LIMIT, Capability.CONFIG, Capability.RESTART}
    if gateway.number is None and least > _UNKNOWN:
        gateway = Gateway(".".join(map(str, least)), gateway.buildenv)
    return frozenset(found | _rapi(gateway))


def _least_version(gateway: Gateway, documents: Collection[str]) -> VersionNumber:
    """Return the version, or the oldest that publishes what was seen."""
    least = gateway.number or _UNKNOWN
    if not {"claim", "override", "schedule"}.isdisjoint(documents):
        least = max(least, CLAIMS_SINCE)
    if not {"config", "limit"}.isdisjoint(documents):
        least = max(least, LIMITS_SINCE)
    return least


def _rapi(gateway: Gateway) -> set[Capability]:
    """Return what the gateway passes on to the controller."""
    known = gateway.number is not None
    return {
        capability
        for capability, command in (
            (Capability.RAPI_WRITE, "SC"),
            (Capability.RAPI_TIMER, "ST"),
            (Capability.RAPI_DISPLAY, "FB"),
        )
        # A newer gateway of an unknown build may drop it: better not to rely on it.
        if gateway.blocks(command) is False or not known
    }
