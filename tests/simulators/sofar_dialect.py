"""What the vendor's page leaves open, as switches of the simulated EMS.

The page's own word is the default wherever it has one.
"""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Final


class NoSchedule(StrEnum):
    """What stands for "no schedule is active", or next."""

    NULL = auto()
    EMPTY = auto()
    ERROR = auto()


class Entries(StrEnum):
    """How the entries of set_schedules may come: the page prints objects in quotes."""

    BOTH = auto()
    OBJECTS = auto()
    STRINGS = auto()


class Ids(StrEnum):
    """What the ids of schedules are: the page has neither quotes nor an example."""

    NUMBERS = auto()
    NUMERALS = auto()
    """Texts such as "12"."""
    TEXTS = auto()

    def write(self, number: int) -> int | str:
        """Return the id of the schedule with a number."""
        if self is Ids.NUMBERS:
            return number
        return str(number) if self is Ids.NUMERALS else f"s-{number:04x}-{number % 7}"


class Feedback(StrEnum):
    """How the devices stand in the feedback, whose structure is not public."""

    BY_NODE = auto()
    LIST = auto()


class Mode(StrEnum):
    """What a policy makes of a device."""

    FREE = auto()
    """It does what it does by itself."""
    OFF = auto()
    """It neither takes nor gives power."""
    SETPOINT = auto()
    """It takes (a producer gives) the set point; a negative one turns it round."""
    REVERSE = auto()
    """It gives the set point."""
    LIMIT = auto()
    """It does what it does by itself, up to the set point."""

    @property
    def needs_power(self) -> bool:
        """Whether a schedule with it must have a set point."""
        return self in {Mode.SETPOINT, Mode.REVERSE, Mode.LIMIT}


type Vocabulary = dict[str, dict[str, Mode]]

# Device types with their policies. The vendor names the groups; these spellings and
# all policies are the simulator's own, as the real list is not public.
VOCABULARY: Final[Vocabulary] = {
    "solar": {"limit": Mode.LIMIT, "off": Mode.OFF, "free": Mode.FREE},
    "battery": {
        "charge": Mode.SETPOINT,
        "discharge": Mode.REVERSE,
        "idle": Mode.OFF,
        "self_consumption": Mode.FREE,
    },
    "ev": {"charge": Mode.SETPOINT, "limit": Mode.LIMIT, "pause": Mode.OFF},
    "hvac": {"power": Mode.SETPOINT, "limit": Mode.LIMIT, "off": Mode.OFF},
}


@dataclass(slots=True)
class Dialect:
    """How an EMS speaks; may be changed while it runs.

    Attributes:
        vocabulary: Device types, their policies, and what these do.
        error_objects: Error bodies are objects instead of strings.
        wordless: Errors have no body, only the code.
        milliseconds: Times in replies are in milliseconds.
        milliseconds_echo: The requestTime of replies, too.
        no_schedule: The answer to get_active_schedule and get_next_schedule.
        entries: What set_schedules takes.
        ids: What the ids of schedules are; another type finds no schedule.
        ids_as_map: set_schedules answers {"0": id} instead of a list.
        partial_sets: A refused entry of set_schedules leaves those before it set.
        remove_active: remove_overlap also deletes what has started.
        whole_watts: Powers are kept without their decimals.
        capacity: How many schedules that are not over it keeps; what is set beyond
            that it acknowledges and forgets.
        feedback: How feedback lists devices.
        live_acks: Live control is acknowledged, as in the page about the virtual
            power plant.
        live_fields: The names of policy and set point; `{}` is the device type.
    """

    vocabulary: Vocabulary = field(
        default_factory=lambda: {key: dict(found) for key, found in VOCABULARY.items()}
    )
    error_objects: bool = False
    wordless: bool = False
    milliseconds: bool = False
    milliseconds_echo: bool = False
    no_schedule: NoSchedule = NoSchedule.NULL
    entries: Entries = Entries.BOTH
    ids: Ids = Ids.NUMBERS
    ids_as_map: bool = False
    partial_sets: bool = False
    remove_active: bool = False
    whole_watts: bool = False
    capacity: int | None = None
    feedback: Feedback = Feedback.BY_NODE
    live_acks: bool = False
    live_fields: tuple[str, str] = ("{}_policy", "{}_power_setpoint_w")
