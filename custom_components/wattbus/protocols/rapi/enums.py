"""The controller's enumerations and flag words, from its J1772EvseController.h."""

from enum import IntEnum, IntFlag


class State(IntEnum):
    """The state of the charger; SAE J1772's states A to D are 1 to 4.

    A number that is not listed becomes `UNKNOWN`.
    """

    UNKNOWN = -1
    # The firmware calls it unknown: it is so until the self tests are over.
    STARTING = 0
    NOT_CONNECTED = 1
    CONNECTED = 2
    CHARGING = 3
    VENT_REQUIRED = 4
    DIODE_CHECK_FAILED = 5
    GFCI_FAULT = 6
    NO_GROUND = 7
    STUCK_RELAY = 8
    GFCI_SELF_TEST_FAILED = 9
    OVER_TEMPERATURE = 10
    # Firmware 5.0.0 and newer.
    OVER_CURRENT = 11
    # Reserved, no firmware is known to report them.
    PILOT_ERROR = 12
    TEMPERATURE_SENSOR_FAULT = 13
    # Firmware 8.
    RELAY_CLOSURE_FAULT = 14
    # Protocol 6.0.0.
    PP_SHORTED = 15
    PP_MISSING = 16
    EEPROM_FAULT = 17
    # Pilot +12 V: waits.
    SLEEPING = 254
    # Pilot -12 V: out of order, as the car sees it.
    DISABLED = 255

    @classmethod
    def _missing_(cls, value: object) -> State | None:
        return cls.UNKNOWN if isinstance(value, int) else None

    @property
    def is_fault(self) -> bool:
        """Whether the charger has stopped for a fault (4 to 17)."""
        return State.VENT_REQUIRED <= self <= State.EEPROM_FAULT


class EcFlag(IntFlag):
    """The settings of `$GE`: a bit of a check says that the check is off."""

    LEVEL_2 = 0x0001
    DIODE_CHECK_DISABLED = 0x0002
    VENT_CHECK_DISABLED = 0x0004
    GROUND_CHECK_DISABLED = 0x0008
    STUCK_RELAY_CHECK_DISABLED = 0x0010
    AUTO_SERVICE_LEVEL_DISABLED = 0x0020
    # In protocol 6.0.0 the same bit is: the capacity is that of the plug.
    AUTO_START_DISABLED = 0x0040
    SERIAL_DEBUG = 0x0080
    MONOCHROME_LCD = 0x0100
    GFCI_SELF_TEST_DISABLED = 0x0200
    TEMPERATURE_CHECK_DISABLED = 0x0400
    # Protocol 6.0.0, and so is BOOT_LOCK_DISABLED.
    ZERO_CROSSING_DISABLED = 0x0800
    CGMI = 0x1000
    BOOT_LOCK_DISABLED = 0x2000
    BUTTON_DISABLED = 0x8000


class VFlag(IntFlag):
    """The volatile flags of `$GS` and `$AT` (protocol 5.0.0 and newer)."""

    AUTO_SERVICE_LEVEL_SKIPPED = 0x0001
    HARD_FAULT = 0x0002
    LIMIT_SLEEP = 0x0004
    AUTH_LOCKED = 0x0008
    # Before firmware 7.1.1: the ammeter is being calibrated.
    TIME_LIMIT = 0x0010
    NO_GROUND_TRIPPED = 0x0020
    CHARGING_ON = 0x0040
    GFCI_TRIPPED = 0x0080
    VEHICLE_CONNECTED = 0x0100
    SESSION_ENDED = 0x0200
    VEHICLE_CONNECTED_BEFORE = 0x0400
    IN_MENU = 0x0800
    # Firmware 8.1.0 and newer.
    TIMER_ON = 0x1000
    CHARGE_LIMIT = 0x2000
    BOOT_LOCK = 0x4000
    # Firmware 7.1.1 to 8.0: the ammeter is being calibrated.
    MENNEKES_MANUAL = 0x8000


class LcdColour(IntEnum):
    """The colours of the display (`$FB`)."""

    OFF = 0
    RED = 1
    GREEN = 2
    YELLOW = 3
    BLUE = 4
    VIOLET = 5
    TEAL = 6
    WHITE = 7


class HeartbeatTrigger(IntEnum):
    """What became of the heartbeat supervision (`$GY`)."""

    NEVER_MISSED = 0
    MISSED_AND_ACKNOWLEDGED = 1
    MISSED = 2
