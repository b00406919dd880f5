"""What a row of the table of commands says."""

from dataclasses import dataclass
from enum import StrEnum, auto

from .fields import VersionNumber


class Kind(StrEnum):
    """Whether a command changes anything."""

    READ = auto()
    WRITE = auto()


class ParameterKind(StrEnum):
    """What a parameter is."""

    INT = auto()
    CHOICE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command.

    `minimum` and `maximum` bound a number, both included; `choices` are what is
    accepted of the others. An `optional` one may be missing at the end. `bits` is the
    size in which the controller keeps a number that may be negative.
    """

    name: str
    kind: ParameterKind
    minimum: int = 0
    maximum: int = 0
    choices: tuple[str, ...] = ()
    optional: bool = False
    bits: int | None = None

    def sent(self, value: int) -> str:
        """Write a number so that the controller reads it.

        Its parser (dtou32 in rapi_proc.cpp, all versions) takes a sign for a digit of
        -3: `-5` is -25. What it keeps in so many bits is the same with and without 2^n.
        """
        return str(value if self.bits is None else value % (1 << self.bits))


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: Its two characters.
        summary: What it does.
        parameters: What it takes, in order.
        reply: The names of the fields that `describe` gives for its answer.
        kind: Whether it reads or writes.
        since: The first protocol version that has it, None for all.
        until: The last protocol version that has it, None for all.
        expert: Whether it is for the expert option only: safety tests, calibration,
            what may harm, wear of the EEPROM; `is_expert` decides for one use.
        never: Values of the last parameter that are never sent.
        earlier: What the same name meant in protocol versions before `since`.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    reply: tuple[str, ...] = ()
    kind: Kind = Kind.WRITE
    since: VersionNumber | None = None
    until: VersionNumber | None = None
    expert: bool = False
    never: tuple[str, ...] = ()
    earlier: Command | None = None

    def exists_in(self, protocol: VersionNumber) -> bool:
        """Return whether a protocol version has the command, with this meaning."""
        return (self.since is None or protocol >= self.since) and (
            self.until is None or protocol <= self.until
        )


def number(
    name: str, minimum: int, maximum: int, *, optional: bool = False
) -> Parameter:
    """Return a parameter that is a number."""
    return Parameter(name, ParameterKind.INT, minimum, maximum, optional=optional)


def signed(name: str, bits: int) -> Parameter:
    """Return a parameter that is a number of so many bits, negative or not."""
    half = 1 << bits - 1
    return Parameter(name, ParameterKind.INT, -half, half - 1, bits=bits)


def choice(name: str, *choices: str, optional: bool = False) -> Parameter:
    """Return a parameter that is one of a few words."""
    return Parameter(name, ParameterKind.CHOICE, choices=choices, optional=optional)


def text(name: str) -> Parameter:
    """Return a parameter that is free text."""
    return Parameter(name, ParameterKind.TEXT)
