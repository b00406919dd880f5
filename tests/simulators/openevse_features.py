"""What the simulated OpenEVSE gateway does by itself: limit, surplus, shaper, schedule.

The rules of openevse_esp32_firmware that it follows (limit.cpp, divert.cpp,
current_shaper.cpp, scheduler.cpp; 5.1.5):

- A limit without a type, or with a value of 0 or less, is refused.
- The divert mode is taken if it is 1 or 2; anything else is dropped without a word.
- Nothing is heard of the surplus but with a measurement or a change of mode.
- The shaper is switched until the next start, which begins as configured. A setting of
  it that changes (`current_shaper_...`) switches it as configured, too; no other does.
- The shaper says what it was told only while it is on; without news for
  `current_shaper_data_maxinterval` it pauses charging.
- A schedule's entry with an id replaces the one that has it: what is left out is gone.
  Removing one that is not there does nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from custom_components.wattbus.protocols.openevse import Weekday
from custom_components.wattbus.protocols.rapi import State

from .openevse_claims import (
    DIVERT,
    LIMIT,
    SCHEDULE,
    SHAPER,
    Claims,
    Priority,
    Properties,
)
from .openevse_model import Charger, Mode

type Document = dict[str, Any]

_LIMITS: Final = {"n": "none", "t": "time", "e": "energy", "s": "soc", "r": "range"}
_FIRST_DAY: Final = datetime(2024, 1, 7)  # A Sunday.


@dataclass
class Vehicle:
    """What the gateway has been told of the car."""

    soc: float | None = None
    range: float | None = None


class Limit:
    """The gateway's own limit of a session (since 5.0.0).

    The rules of limit.cpp:

    - A reached limit claims "disabled", and is heard of by its claim alone.
    - 5.1.5: one with auto_release claims "active" where default_state is off, whatever
      a manual override says (openevse_esp32_firmware #1029). Only with the limit, or
      the session, does that claim end: another limit leaves it as it is.
    - 5.1.5: with the session one with auto_release ends. Before that none does.
    """

    def __init__(
        self, charger: Charger, claims: Claims, vehicle: Vehicle, *, claiming: bool
    ) -> None:
        """There is none; `claiming` is the firmware of 5.1.5."""
        self._charger, self._claims, self._vehicle = charger, claims, vehicle
        self._claiming = claiming
        self.version = 0
        self.document: Document = self._none()

    @staticmethod
    def _none() -> Document:
        return {"type": "none", "value": 0, "auto_release": True}

    @property
    def active(self) -> bool:
        """Whether there is one."""
        return str(self.document["type"]) != "none"

    def set(self, document: Document) -> bool:
        """Set it from a document; it is refused without a type and a value above 0."""
        new = self._none() | {k: document[k] for k in self.document if k in document}
        new["type"] = _LIMITS.get(str(new["type"])[:1], "none")
        if new["type"] == "none" or not isinstance(new["value"], int | float):
            return False
        if new["value"] <= 0:
            return False
        self.document = new | {"value": int(new["value"])}
        self.version += 1
        return True

    def clear(self) -> None:
        """Remove it."""
        self.document = self._none()
        self.version += 1

    def end_session(self) -> bool:
        """Forget it with the car, if it is meant so; return whether it was."""
        if not self._claiming:
            return False
        self._claims.release(LIMIT)
        ends = self.active and bool(self.document["auto_release"])
        if ends:
            self.clear()
        return ends

    def step(self) -> None:
        """End the session when it is reached."""
        charger, value = self._charger, self.document["value"]
        if not self.active:
            self._claims.release(LIMIT)
        elif charger.state is State.CHARGING:
            if {
                "time": charger.session.elapsed // 60,
                "energy": charger.session.wh,
                "soc": self._vehicle.soc or 0,
                "range": self._vehicle.range or 0,
            }[self.document["type"]] >= value:
                self._claim("disabled")
        elif (
            self._claiming
            and self.document["auto_release"]
            and self._claims.default_state == "disabled"
            and self._claims.get(LIMIT) is None
        ):
            self._claim("active")

    def _claim(self, state: str) -> None:
        wanted = Properties(state, auto_release=True)
        self._claims.make(LIMIT, wanted, Priority.LIMIT)


class Divert:
    """Charging with the surplus: what is fed to the grid, or what the sun gives."""

    def __init__(self, charger: Charger, claims: Claims | None) -> None:
        """Start in normal mode; without claims it commands the charger itself."""
        self._charger, self._claims = charger, claims
        self.mode = 1
        self.grid_ie = 0
        self.solar = 0
        self.available = 0.0
        self.charge_rate = 0
        self.active = False

    def set_mode(self, mode: int) -> bool:
        """Set the mode; anything but 1 and 2 is ignored."""
        if mode not in (1, 2):
            return False
        self.mode = mode
        self.active = False
        if mode == 2:
            self._follow()
        elif self._claims is not None:
            self._claims.release(DIVERT)
        else:
            self._charger.enable()
            self._charger.set_capacity(self._charger.settings.stored, volatile=True)
        return True

    def feed(self, *, grid_ie: int | None = None, solar: int | None = None) -> None:
        """Take a measurement [W]; export is negative."""
        if grid_ie is not None:
            self.grid_ie = grid_ie
            # What the car takes would be exported without it.
            self.available = self._charger.amps - grid_ie / self._charger.voltage
        if solar is not None:
            self.solar = solar
            self.available = solar / self._charger.voltage
        self.available = max(0.0, self.available)
        if self.mode == 2:
            self._follow()

    def _follow(self) -> None:
        """Let the car have what is left over, if it is enough."""
        charger = self._charger
        least, most = charger.settings.minimum, charger.settings.stored
        self.charge_rate = min(int(self.available), most)
        self.active = self.charge_rate >= least
        if self._claims is not None:
            wanted = Properties("active" if self.active else "disabled")
            if self.active:
                wanted.charge_current = self.charge_rate
            self._claims.make(DIVERT, wanted, Priority.DIVERT)
        elif self.active:
            if charger.mode is not Mode.ENABLED:
                charger.enable()
            charger.set_capacity(self.charge_rate, volatile=True)
        elif charger.mode is Mode.ENABLED:
            charger.sleep()


class Shaper:
    """Keeps the house below what its connection allows."""

    def __init__(self, charger: Charger, claims: Claims) -> None:
        """Start switched off."""
        self._charger, self._claims = charger, claims
        self.active = False
        self.max_power = 0
        self.max_age = 120.0
        self.live_power = 0
        self.current = 0.0
        self.age: float | None = None

    @property
    def updated(self) -> bool:
        """Whether the live power is young enough."""
        return self.age is not None and self.age <= self.max_age

    def set(self, active: bool) -> None:
        """Switch it until the next start."""
        self.active = active
        if not active:
            self._claims.release(SHAPER)

    def feed(self, live_power: int) -> None:
        """Take the house's live power [W], the car's included."""
        self.live_power, self.age = live_power, 0.0

    def step(self, seconds: float) -> None:
        """Leave the car what the house does not need; pause without fresh values."""
        if self.age is not None:
            self.age += seconds
        if not self.active:
            return
        charger = self._charger
        rest = self.max_power - self.live_power + charger.power
        self.current = max(0.0, round(rest / charger.voltage, 2))
        limited = Properties(max_current=int(self.current))
        if not self.updated or self.current < charger.settings.minimum:
            limited = Properties("disabled")
        self._claims.make(SHAPER, limited, Priority.SAFETY)


class Schedule:
    """What is to be from when on, by weekday."""

    def __init__(self, charger: Charger, claims: Claims) -> None:
        """Start without entries."""
        self._charger, self._claims = charger, claims
        self.events: dict[int, Document] = {}
        self.version = 0

    def document(self) -> list[Document]:
        """Return the entries."""
        return list(self.events.values())

    def set(self, entries: Any) -> bool:
        """Add entries, or change those with the same id."""
        events = entries if isinstance(entries, list) else [entries]
        if not all(isinstance(event, dict) for event in events):
            return False
        for event in events:
            number = int(event.get("id") or max(self.events, default=0) + 1)
            self.events[number] = {"id": number} | event
        self.version += 1
        return True

    def remove(self, number: int) -> bool:
        """Remove an entry; False if there is none."""
        if self.events.pop(number, None) is None:
            return False
        self.version += 1
        return True

    def step(self) -> None:
        """Claim what the last entry before now wants."""
        week = timedelta(days=7)
        now = (self._charger.clock - _FIRST_DAY) % week
        latest: tuple[timedelta, str] | None = None
        for event in self.events.values():
            at = datetime.strptime(event["time"], "%H:%M:%S") - datetime(1900, 1, 1)
            for day in event["days"]:
                then = at + timedelta(days=list(Weekday).index(Weekday(day)))
                age = (now - then) % week
                if latest is None or age < latest[0]:
                    latest = age, event["state"]
        if latest is None:
            self._claims.release(SCHEDULE)
        else:
            self._claims.make(SCHEDULE, Properties(latest[1]), Priority.TIMER)
