"""Live control of the simulated EMS: a command holds until the fallback time-out.

The names of the fields are not public, so they come from the dialect.
"""

from dataclasses import dataclass

from .sofar_dialect import Dialect
from .sofar_fields import Fields, number
from .sofar_refusal import Reason, Refusal


@dataclass(frozen=True, slots=True)
class LiveCommand:
    """A policy for a device type, with its set point [W], and when it came."""

    received: float
    device_type: str
    policy: str
    power: float | None


class LiveControl:
    """What live control has said, and until when it counts.

    Attributes:
        history: All commands, the oldest first.
        fallback_seconds: How long a command counts.
    """

    def __init__(self, dialect: Dialect, fallback_seconds: float) -> None:
        """Begin with nothing said."""
        self._dialect = dialect
        self.fallback_seconds = fallback_seconds
        self.history: list[LiveCommand] = []
        self._latest: dict[str, LiveCommand] = {}

    def handle(self, fields: Fields, now: float) -> list[LiveCommand]:
        """Take the commands of a message, one for each device type in it."""
        commands = self._read(fields, now)
        self.history += commands
        self._latest |= {command.device_type: command for command in commands}
        return commands

    def active(self, device_type: str, now: float) -> LiveCommand | None:
        """Return the command that counts."""
        command = self._latest.get(device_type)
        if command is None or now >= self.until(command):
            return None
        return command

    def until(self, command: LiveCommand) -> float:
        """Return when a command falls back."""
        return command.received + self.fallback_seconds

    def ends(self) -> list[float]:
        """Return when the commands fall back."""
        return [self.until(command) for command in self._latest.values()]

    def _read(self, fields: Fields, now: float) -> list[LiveCommand]:
        policy_field, power_field = self._dialect.live_fields
        rest = dict(fields)
        commands = []
        for device_type, policies in self._dialect.vocabulary.items():
            policy = rest.pop(policy_field.format(device_type), None)
            power = rest.pop(key := power_field.format(device_type), None)
            if policy is None and power is None:
                continue
            if not isinstance(policy, str) or policy not in policies:
                raise Refusal(
                    Reason.INVALID_POLICY,
                    f"Invalid policy {policy} for device type {device_type}",
                )
            if power is None:
                if policies[policy].needs_power:
                    raise Refusal(Reason.INVALID_FIELD, f"Policy {policy} needs {key}")
            elif number(power) is None:
                raise Refusal(Reason.INVALID_FIELD, f"Invalid {key}")
            commands.append(LiveCommand(now, device_type, policy, power))
        if rest or not commands:
            raise Refusal(
                Reason.INVALID_FIELD, f"Unknown component {min(rest, default='')}"
            )
        return commands
