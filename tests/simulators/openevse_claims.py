"""The simulated OpenEVSE gateway's arbiter: who of its clients wants what (ESP32).

The rules of openevse_esp32_firmware, evse_man.cpp and manual.cpp, the same in 4.1.9,
5.1.2 and 5.1.5:

- Merging: a client's properties are replaced, never merged. A state that begins neither
  with `a` nor with `d`, as `clear`, is no state and changes none.
- Silence: when the vehicle leaves, `releaseAutoReleaseClaims()` drops claims with
  auto_release, the manual override among them. No version is raised, no event sent, no
  document published.
- Silence: a claim that changes nothing raises no version and sends no event. Releasing
  what is not there does nothing.
- `manual_override` 1 is told at each evaluation while there is an override, 0 when it
  is released by somebody.
- An override without auto_release has it, unless the properties that come with it have
  ever been given one: `clear()` empties their auto_release, but not that it was given.
- Without claims the charger is as default_state says (5.1.2; before that, active).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final

from .openevse_model import Charger, Mode

type Document = dict[str, Any]

# The gateway's own clients.
MANUAL: Final = 0x10001
DIVERT: Final = 0x10002
SCHEDULE: Final = 0x10004
LIMIT: Final = 0x10006
MQTT: Final = 0x1000B
SHAPER: Final = 0x1000C

_NUMBERS: Final = ("charge_current", "max_current", "energy_limit", "time_limit")


class Priority(IntEnum):
    """Who wins among the claims on the charger (evse_man.h)."""

    DIVERT = 50
    TIMER = 100
    API = 500
    MANUAL = 1000
    RFID = 1030
    LIMIT = 1100
    SAFETY = 5000


@dataclass
class Properties:
    """What a client wants; None is left to those of a lower priority."""

    state: str | None = None
    charge_current: int | None = None
    max_current: int | None = None
    energy_limit: int | None = None
    time_limit: int | None = None
    auto_release: bool = False
    # Whether it was ever given, which nothing takes back.
    has_auto_release: bool = False

    def clear(self) -> None:
        """Empty it, as far as the firmware does."""
        given = self.has_auto_release
        vars(self).update(vars(Properties(has_auto_release=given)))

    def update(self, document: Document) -> None:
        """Take over what a document has; the first letter of a state is enough."""
        state = document.get("state")
        if isinstance(state, str) and state[:1] in ("a", "d"):
            self.state = "active" if state[0] == "a" else "disabled"
        for name in _NUMBERS:
            if name in document:
                value = document[name]
                cleared = value == "clear"
                setattr(self, name, None if cleared else _natural(value))
        if "auto_release" in document:
            self.auto_release = bool(document["auto_release"])
            self.has_auto_release = True

    def document(self) -> Document:
        """Return it as the gateway writes it."""
        document: Document = {} if self.state is None else {"state": self.state}
        for name in _NUMBERS:
            if (value := getattr(self, name)) is not None:
                document[name] = value
        return document | {"auto_release": self.auto_release}

    def wanted(self) -> Properties:
        """Return a copy of what is compared, and kept of a claim."""
        return replace(self, has_auto_release=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's wish, and its rank."""

    client: int
    priority: int
    properties: Properties


class Claims:
    """All claims on a charger."""

    def __init__(self, charger: Charger, tell: Callable[[Document], None]) -> None:
        """Nobody wants anything, so the charger is enabled; tell what is an event."""
        self._charger = charger
        self._tell = tell
        self._claims: dict[int, Claim] = {}
        self.version = 0
        self.override_version = 0
        # What nobody asks otherwise: the configuration's default_state.
        self.default_state = "active"
        self.pause_uses_disabled = False

    def get(self, client: int) -> Claim | None:
        """Return a client's claim."""
        return self._claims.get(client)

    def all(self) -> list[Document]:
        """Return all claims as the gateway lists them."""
        return [
            {"client": claim.client, "priority": claim.priority}
            | claim.properties.document()
            for claim in self._claims.values()
        ]

    def document(self, client: int) -> Document:
        """Return a client's claim as MQTT has it; the text "null" is none."""
        claim = self._claims.get(client)
        if claim is None:
            return {"state": "null"}
        # The override is published without its rank.
        rank = {} if client == MANUAL else {"priority": claim.priority}
        return rank | claim.properties.document()

    def make(self, client: int, properties: Properties, priority: int) -> None:
        """Make a claim or change it."""
        if client == MANUAL and not properties.has_auto_release:
            properties.auto_release = properties.has_auto_release = True
        claim = Claim(client, priority, properties.wanted())
        if self._claims.get(client) != claim:
            self._claims[client] = claim
            self._changed(client)

    def override(self, properties: Properties) -> None:
        """Make the manual override, which outranks all that people and clients want."""
        self.make(MANUAL, properties, Priority.MANUAL)

    def release(self, client: int) -> bool:
        """Give a claim up; False if there is none."""
        if client not in self._claims:
            return False
        if client == MANUAL:
            self._tell({"manual_override": 0})
        del self._claims[client]
        self._changed(client)
        return True

    def toggle_override(self) -> None:
        """Do the opposite of what the charger does, or give that up again."""
        if not self.release(MANUAL):
            opposite = "disabled" if self.target().state == "active" else "active"
            self.override(Properties(opposite))

    def end_session(self) -> None:
        """Release what is only for the session, and say nothing of it."""
        kept = {
            client: claim
            for client, claim in self._claims.items()
            if not claim.properties.auto_release
        }
        if kept != self._claims:
            self._claims = kept
            self._evaluate()

    def forget(self) -> None:
        """Lose all claims, as a restart does."""
        self._claims.clear()
        self.version = self.override_version = 0
        self.enforce()

    def target(self) -> Properties:
        """Return what is to be: each property by the highest that has one."""
        target = Properties(self.default_state)
        for claim in sorted(self._claims.values(), key=lambda claim: claim.priority):
            wanted = claim.properties
            target.state = wanted.state or target.state
            for name in ("charge_current", "max_current"):
                if (value := getattr(wanted, name)) is not None:
                    setattr(target, name, value)
        return target

    def winners(self) -> dict[str, int]:
        """Return which client decides which property (`/claims/target`)."""
        found: dict[str, int] = {}
        for claim in sorted(self._claims.values(), key=lambda claim: claim.priority):
            for name in claim.properties.document().keys() - {"auto_release"}:
                found[name] = claim.client
        return found

    def enforce(self) -> None:
        """Bring the charger to where the claims want it."""
        charger, target = self._charger, self.target()
        off = Mode.DISABLED if self.pause_uses_disabled else Mode.SLEEPING
        wanted = Mode.ENABLED if target.state == "active" else off
        if charger.mode is not wanted:
            match wanted:
                case Mode.ENABLED:
                    charger.enable()
                case Mode.SLEEPING:
                    charger.sleep()
                case _:
                    charger.disable()
        current = charger.settings.stored
        for most in (target.max_current, target.charge_current):
            if most is not None:
                current = min(current, most)
        current = max(current, charger.settings.minimum)
        if current != charger.capacity:
            charger.set_capacity(current, volatile=True)

    def _changed(self, client: int) -> None:
        self.version += 1
        event: Document = {"claims_version": self.version}
        if client == MANUAL:
            self.override_version += 1
            event["override_version"] = self.override_version
        self._tell(event)
        self._evaluate()

    def _evaluate(self) -> None:
        if MANUAL in self._claims:
            self._tell({"manual_override": 1})
        self.enforce()


def _natural(value: object) -> int:
    """Read a number as the gateway's JSON library does: what is none is 0."""
    try:
        return max(0, int(value))  # type: ignore[call-overload, no-any-return]
    except TypeError, ValueError, OverflowError:
        return 0
