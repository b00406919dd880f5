"""All commands: the guide's, those of every released controller, and a fork's.

From the OpenEVSE Developers Guide (MQTT) and rapi_proc.h and rapi_proc.cpp, tags v3.5.1
to 8.2.3; those of the hardware D9 (protocol 6.0.0), whose source is not public, from the
gateway's OpenEVSE_Lib. A version says what the tagged builds report: protocol 1.0.5, 2.0.4 and 3.0.1
are the same one with fewer or more options, so "since 1.0.5" is firmware 4.5 to 4.8.
The controller checks next to nothing of a parameter (`$SC 300` sets 44 A): the ranges
here do.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .command import Command, Kind, choice, number, signed, text
from .fields import VersionNumber

# The display has two lines of 16 characters.
LCD_COLUMNS: Final = 16
LCD_LINES: Final = 2
# SAE J1772 allows from 6 A, the firmware up to 80 A (MAX_CURRENT_CAPACITY_L2).
MIN_CURRENT: Final = 6
MAX_CURRENT: Final = 80
# What acknowledges a missed heartbeat.
HEARTBEAT_COOKIE: Final = 165

_FIRMWARE_4 = (1, 0, 5)
_FEATURES = (4, 0, 1)
# Controllers of the hardware D9; their commands are known from OpenEVSE_Lib.
_D9 = (6, 0, 0)
_ON_OFF = choice("enabled", "0", "1")


def _get(
    name: str,
    summary: str,
    *reply: str,
    since: VersionNumber | None = None,
    until: VersionNumber | None = None,
) -> Command:
    """Return a command that reads."""
    return Command(name, summary, (), reply, Kind.READ, since, until)


def _switch(name: str, summary: str) -> Command:
    """Return one of the old commands that `FF` has replaced."""
    return Command(
        name,
        summary,
        (_ON_OFF,),
        until=_FEATURES,
        expert=True,
    )


_FUNCTIONS = (
    Command("F0", "Give the display to the controller (1) or to RAPI (0)", (_ON_OFF,)),
    Command("F1", "Press the front button shortly", since=_FEATURES),
    Command("FB", "Set the colour of the display", (number("colour", 0, 7),)),
    Command("FC", "Reset the fault counters", since=_D9, expert=True),
    Command("FD", "Disable: the pilot goes to -12 V, as in a fault"),
    Command("FE", "Enable"),
    Command(
        "FF",
        # On every version `E 0` switches the echo on, as `E 1` does.
        "Switch a feature: front button (B), diode check (D), echo (E), GFCI self test "
        "(F), ground check (G), capacity by the plug (P; D9), stuck relay check (R), "
        "temperature monitoring (T), vent required check (V), switching at the zero "
        "crossing (Z; D9)",
        (choice("feature", *"BDEFGPRTVZ"), _ON_OFF),
        since=_FEATURES,
        expert=True,
    ),
    Command(
        "FO",
        "Set the temperature [0.1 °C] to stop at",
        (number("threshold", 0, 1000),),
        since=_D9,
        expert=True,
    ),
    Command(
        "FP",
        "Print text on the display",
        (number("x", 0, LCD_COLUMNS - 1), number("y", 0, LCD_LINES - 1), text("text")),
    ),
    Command("FR", "Restart the controller"),
    Command("FS", "Sleep: the pilot stays at +12 V until it is enabled"),
)

_SETTINGS = (
    Command(
        "S0",
        "Set the display's type: monochrome (0) or colour (1)",
        (choice("type", "0", "1"),),
        expert=True,
    ),
    Command(
        "S1",
        "Set the clock",
        (
            number("year", 0, 99),
            number("month", 1, 12),
            number("day", 1, 31),
            number("hour", 0, 23),
            number("minute", 0, 59),
            number("second", 0, 59),
        ),
    ),
    Command(
        "S2",
        "Read the ammeter in all states (1) or only while charging (0)",
        (_ON_OFF,),
        until=(5, 1, 4),
        expert=True,
    ),
    Command(
        "S3",
        "Limit the session's time, in quarters of an hour; only with a car connected",
        (number("quarters", 0, 255),),
        since=_FIRMWARE_4,
    ),
    Command(
        "S4",
        "Lock (1) or unlock (0) charging, where the controller has a lock",
        (choice("locked", "0", "1"),),
        since=_FIRMWARE_4,
    ),
    Command(
        "S5",
        "Set the Mennekes lock: automatic (A), manual (M), unlock (0), lock (1)",
        (choice("mode", "A", "M", "0", "1"),),
        since=(5, 2, 0),
    ),
    Command(
        "S7",
        "Charge with one phase (0) or three (1); a fork's",
        (choice("three_phases", "0", "1"),),
    ),
    Command("S8", "Switch phases automatically; a fork's", (_ON_OFF,)),
    Command(
        "SA",
        "Calibrate the ammeter",
        (number("scale", 0, 0x7FFF), signed("offset", 16)),
        expert=True,
    ),
    Command(
        "SB",
        "Clear the boot lock, where the controller has one",
        (),
        ("fault",),
        since=(5, 2, 1),
        expert=True,
    ),
    Command(
        "SC",
        "Set the charge current [A]; with V until the next start only",
        (
            number("current", MIN_CURRENT, MAX_CURRENT),
            # N is V's name in firmware 4.8.
            choice("volatile", "V", "N", optional=True),
        ),
        ("current",),
        expert=True,
        never=("M",),
    ),
    Command(
        "SH",
        "Limit the session's energy [kWh]; only with a car connected",
        (number("energy", 0, 255),),
        since=_FIRMWARE_4,
    ),
    Command(
        "SK",
        "Set the total energy [Wh]",
        (number("energy", 0, 2**31 - 1),),
        since=(1, 0, 3),
        expert=True,
    ),
    Command(
        "SL",
        "Set the service level: 1, 2 or automatic (A)",
        (choice("level", "1", "2", "A"),),
    ),
    Command(
        "SM",
        "Calibrate the voltmeter",
        (number("scale", 0, 0x7FFF), signed("offset", 32)),
        expert=True,
    ),
    Command(
        "SO",
        "Set the temperatures [0.1 °C] to throttle at: air and infrared; 4.8.0 only",
        (number("ambient", 0, 1000), number("infrared", 0, 1000)),
        since=_FIRMWARE_4,
        until=(3, 0, 1),
        expert=True,
    ),
    Command(
        "ST",
        "Set the delay timer's start and end; four zeros switch it off",
        (
            number("start_hour", 0, 23),
            number("start_minute", 0, 59),
            number("end_hour", 0, 23),
            number("end_minute", 0, 59),
        ),
    ),
    Command(
        "SV",
        "Set the voltage [mV] that energy is calculated with, until the next start",
        (number("voltage", 50_000, 500_000),),
        since=(5, 1, 3),
        earlier=_switch("SV", "Switch the vent required check"),
    ),
    Command(
        "SY",
        "Supervise by heartbeat: interval [s] (0 is off) and current [A] without it; "
        "without parameters: a pulse; 165: acknowledge a missed one",
        (
            number("interval", 0, 0xFFFF, optional=True),
            number("current", 0, MAX_CURRENT, optional=True),
        ),
        ("interval", "current", "trigger"),
        since=(5, 0, 0),
        expert=True,
    ),
    _switch("SD", "Switch the diode check"),
    _switch("SE", "Switch the command echo"),
    _switch("SF", "Switch the GFCI self test"),
    _switch("SG", "Switch the ground check"),
    Command(
        "SR",
        "Use a relay or do not: that of DC 1 (1), of DC 2 (2), of AC (3)",
        (number("relay", 1, 3), _ON_OFF),
        since=_D9,
        expert=True,
        earlier=_switch("SR", "Switch the stuck relay check"),
    ),
    _switch("SS", "Switch the GFCI self test"),
)

_READINGS = (
    _get("G0", "Whether a car is connected", "connected", since=_FIRMWARE_4),
    _get("G3", "The session's time limit [min]", "time_limit", since=_FIRMWARE_4),
    _get("G4", "The lock", "locked", "manual", since=_FIRMWARE_4),
    _get("G5", "The Mennekes lock", "locked", "manual", since=(5, 2, 0)),
    _get("G7", "One or three phases; a fork's", "three_phases"),
    _get("GA", "The ammeter's calibration", "scale", "offset"),
    _get("GC", "The range of currents [A]", "minimum", "maximum", "pilot", "stored"),
    _get("GD", "The delay timer", "start", "end", since=_FIRMWARE_4),
    _get("GE", "The current [A] and the settings", "current", "flags"),
    _get("GF", "The fault counters", "gfci", "no_ground", "stuck_relay"),
    _get("GG", "Measured current [A] and voltage [V]", "current", "voltage"),
    _get("GH", "The session's energy limit [kWh]", "energy_limit", since=_FIRMWARE_4),
    _get("GI", "The processor's serial number", "id", since=(5, 1, 4)),
    _get("GM", "The voltmeter's calibration", "scale", "offset"),
    _get(
        "GO",
        "The temperatures [°C] to throttle at",
        "ambient",
        "infrared",
        since=_FIRMWARE_4,
    ),
    _get("GP", "The temperatures [°C]", "ds3231", "mcp9808", "tmp007", since=(1, 0, 3)),
    _get("GR", "Which relays are used", "dc_1", "dc_2", "ac", since=_D9),
    _get(
        "GS",
        "The state and the session's time [s]",
        "state",
        "elapsed",
        "pilot_state",
        "vflags",
    ),
    _get("GT", "The clock", "time"),
    _get("GU", "The energy [Wh]", "session_wh", "total_wh", since=(1, 0, 3)),
    _get("GV", "The versions", "firmware", "firmware_version", "protocol"),
    _get(
        "GY",
        "The heartbeat supervision",
        "interval",
        "current",
        "trigger",
        since=(5, 0, 0),
    ),
    _get("GZ", "The frequency of the grid [Hz]", "frequency", since=_D9),
)

# None of the released builds has these.
_TESTS = (
    Command(
        "T0", "Fake a charge current [A]", (number("current", 0, 255),), expert=True
    ),
    Command(
        "Z0",
        "Set the relay's closing time [ms] and holding duty cycle",
        (number("close", 0, 255), number("hold", 0, 255)),
        expert=True,
    ),
)

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        command.name: command
        for command in (*_FUNCTIONS, *_SETTINGS, *_READINGS, *_TESTS)
    }
)
