"""The simulated OpenEVSE's gateway, without its connections: time, claims, documents.

`openevse_mqtt` and `openevse_http` listen to what it publishes, and hand in what arrives.

The rules of silence of openevse_esp32_firmware (input.cpp, mqtt.cpp; 4.1.9 to 5.1.5):

- A document is published when its version has risen, after each command of its own by
  MQTT, and after a post to `/override`; not when what it says has become untrue.
- The state's event comes with a change of state, pilot state or flags. A changed
  current is told alone, as `pilot`.
- When the vehicle leaves, that event comes before its claims are released.
"""

from collections.abc import Callable
from dataclasses import dataclass
import json
from typing import Any, Final

from custom_components.wattbus.protocols.rapi import NotificationKind

from . import openevse_values as values
from .openevse_claims import MANUAL, MQTT, Claims, Properties
from .openevse_config import Config
from .openevse_features import Divert, Limit, Schedule, Shaper, Vehicle
from .openevse_firmware import BLOCKING_BUILD, Profile
from .openevse_model import Charger
from .openevse_rapi import Controller
from .openevse_rfid import Rfid
from .openevse_update import Update

type Document = dict[str, Any]

_FULL_SECONDS: Final = 30.0
_ENERGY_SECONDS: Final = 5.0
_SECOND: Final = 1.0
# What a vehicle's feed is called in `/status`, by its member of the configuration.
_VEHICLE: Final = {
    "mqtt_vehicle_soc": "battery_level",
    "mqtt_vehicle_range": "battery_range",
    "mqtt_vehicle_eta": "time_to_full_charge",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish below the base topic."""

    key: str
    payload: str
    retain: bool = False
    # Whether it is said only once.
    lasting: bool = True


class Gateway:
    """A gateway with its controller."""

    def __init__(
        self,
        profile: Profile,
        charger: Charger,
        *,
        base: str = "openevse",
        device_id: str = "c44f330dad55",
        blocks_rapi: bool = False,
        counts_seconds: bool = False,
    ) -> None:
        """Start it; nobody listens yet."""
        self.profile = profile
        self.charger = charger
        self.base = base
        self.device_id = device_id
        # Up to 2.7.5 the total was not the total.
        self.counts_seconds = counts_seconds
        self.controller = Controller(charger)
        self.config = Config(profile, charger, base, device_id)
        self.claims = Claims(charger, self.event)
        self.vehicle = Vehicle()
        self.limit = Limit(
            charger, self.claims, self.vehicle, claiming=profile.number >= (5, 1, 5)
        )
        self.divert = Divert(charger, self.claims if profile.esp32 else None)
        self.shaper = Shaper(charger, self.claims)
        self.schedule = Schedule(charger, self.claims)
        self.update = Update(self)
        self.rfid = Rfid(self)
        self.fed: Document = {}
        self.online = False
        # Since when it is connected to its broker [s since 1970], and why it is not:
        # category and detail.
        self.mqtt_since = 0
        self.mqtt_error: tuple[str, str] | None = None
        self.uptime = 0.0
        self.first_wh = self.total_wh
        self.last_timer = "0 0 0 0"
        # Who is told what is published, what is an event, and that it restarts.
        self.on_message: list[Callable[[Message], None]] = []
        self.on_event: list[Callable[[Document], None]] = []
        self.on_restart: list[Callable[[], None]] = []
        # Who leaves the broker, and comes back.
        self.on_reconnect: list[Callable[[], None]] = []
        self._session = charger.session.number
        self._ended = charger.session.ended
        self._published: dict[str, int] = {}
        self._state: object = None
        self._ages = {"second": 0.0, "energy": 0.0, "full": 0.0}
        if blocks_rapi and profile.limits:
            self.config.values["buildenv"] = BLOCKING_BUILD

    @property
    def total_wh(self) -> float:
        """The energy of its life [Wh], as gateways count that have their own meter."""
        session = self.charger.session
        return self.charger.total_wh + (0.0 if session.ended else session.wh)

    def blocks(self, command: str) -> bool:
        """Return whether it drops a RAPI command, as `$SC 13`."""
        if self.profile.limits:
            if self.config.values["buildenv"] != BLOCKING_BUILD:
                return False
            return not command.startswith(("$G", "$F0", "$FB"))
        return self.profile.esp32 and command.startswith("$ST")

    # --- what it tells

    def event(self, changes: Document, *, lasting: bool = True) -> None:
        """Tell everybody what has changed."""
        retain = bool(self.config.values.get("mqtt_retained"))
        for key, value in changes.items():
            self._tell(Message(key, values.text(value), retain, lasting))
        for listener in self.on_event:
            listener(changes)

    def connected(self) -> None:
        """Publish what a new connection to the broker begins with."""
        self.online = True
        self._published.clear()
        if self.profile.esp32:
            self.event({"mqtt_connected": 1, "mqtt_status": "connected"})
        self.publish_documents()
        if self.profile.limits:
            self._tell(Message("config_version", str(self.config.version), retain=True))
        self.event(values.periodic(self))

    def publish_documents(self, *anyway: str) -> None:
        """Publish the retained documents whose versions have risen, and some anyway."""
        if not self.profile.esp32:
            return
        documents: Document = {
            "claim": self.claims.document(MQTT),
            "override": self.claims.document(MANUAL),
            "schedule": self.schedule.document(),
        }
        versions = {
            "claim": self.claims.version,
            "override": self.claims.override_version,
            "schedule": self.schedule.version,
        }
        if self.profile.limits:
            documents |= {
                "limit": self.limit.document,
                "config": self.config.document(),
            }
            versions |= {
                "limit": self.limit.version,
                "config": self.config.version,
            }
        for key, document in documents.items():
            if key in anyway or self._published.get(key) != versions[key]:
                self._published[key] = versions[key]
                payload = json.dumps(
                    document, separators=(",", ":"), ensure_ascii=False
                )
                self._tell(Message(key, payload, retain=True))

    def _tell(self, message: Message) -> None:
        for listener in self.on_message:
            listener(message)

    # --- what it is told

    def override(self, properties: Properties) -> None:
        """Set the manual override."""
        self.claims.override(properties)
        self.notice()
        self.publish_documents("override")

    def release_override(self) -> bool:
        """End the manual override; False if there is none, and nothing is said."""
        released = self.claims.release(MANUAL)
        if released:
            self.notice()
            self.publish_documents("override")
        return released

    def toggle_override(self) -> None:
        """Do what the button does."""
        self.claims.toggle_override()
        self.notice()
        self.publish_documents("override")

    def set_limit(self, document: Document) -> bool:
        """Set the limit, or clear it with one that is empty."""
        if document:
            done = self.limit.set(document)
        else:
            self.limit.clear()
            done = True
        if done:
            version = self.limit.version
            self.event({"limit": self.limit.active, "limit_version": version})
            self.publish_documents("limit")
        return done

    def set_divert_mode(self, mode: int) -> None:
        """Follow the surplus (2), or do not (1)."""
        if self.divert.set_mode(mode):
            self.event(values.mode(self))
            self.notice()

    def set_shaper(self, active: bool) -> None:
        """Switch the shaper."""
        self.shaper.set(active)
        self.event({"shaper": int(active)})
        self.shaper.step(0)

    def set_config(self, changes: Document) -> bool:
        """Change settings; return whether any has changed."""
        changed = self.config.set(changes)
        if not changed:
            return False
        if self.profile.esp32:
            mode = self.divert.mode
            self.config.apply(self.claims, self.divert, self.shaper, changed)
            if any(name.startswith("current_shaper_") for name in changed):
                self.event(
                    {
                        "shaper": int(self.shaper.active),
                        "shaper_max_pwr": self.shaper.max_power,
                    }
                )
            if mode != self.divert.mode:
                self.event(values.mode(self))
            self.event({"config_version": self.config.version})
            if any(name.startswith("limit_default_") for name in changed):
                self._set_default_limit()
        self.notice()
        if any(name.startswith("mqtt_") for name in changed):
            for listener in self.on_reconnect:
                listener()
        self.publish_documents()
        return True

    def _set_default_limit(self) -> None:
        """Have the limit that the configuration has: setDefaultLimit() of limit.cpp."""
        kind = str(self.config.values["limit_default_type"])
        if kind in ("", "none"):
            self.set_limit({})
        elif value := self.config.values["limit_default_value"]:
            self.set_limit({"type": kind, "value": value, "auto_release": False})

    def feed(self, key: str, number: float) -> None:
        """Take a measurement, by its member of the configuration."""
        match key:
            case "mqtt_grid_ie":
                self.divert.feed(grid_ie=int(number))
            case "mqtt_solar":
                self.divert.feed(solar=int(number))
            case "mqtt_live_pwr":
                self.shaper.feed(int(number))
                self.shaper.step(0)
                if self.shaper.active:
                    self.event(values.shaper(self))
            case "mqtt_vrms":
                # It tells the controller; that one has another meaning for it.
                if self.controller.charger.firmware.protocol >= (5, 1, 3):
                    self.charger.voltage = number
            case _ if key in _VEHICLE:
                name = _VEHICLE[key]
                self.fed[name] = int(number)
                self.vehicle.soc = self.fed.get("battery_level")
                self.vehicle.range = self.fed.get("battery_range")
                self.event({name: int(number)})
        if key in ("mqtt_grid_ie", "mqtt_solar"):
            self.event(values.surplus(self))
        self.notice()

    def restart(self, device: str) -> None:
        """Restart the gateway or the controller."""
        if device == "evse":
            self.charger.reboot()
        elif device == "gateway":
            self.uptime = 0.0
            self.claims.forget()
            self.rfid.forget()
            self.divert.set_mode(1)
            if self.profile.esp32:
                self.config.apply(self.claims, self.divert, self.shaper)
            for listener in self.on_restart:
                listener()

    # --- what time does

    def notice(self) -> None:
        """Hear what the controller says by itself."""
        for notification in self.controller.notifications():
            if notification.kind not in (NotificationKind.ST, NotificationKind.AT):
                continue
            state = (self.charger.state, self.charger.pilot_state, self.charger.vflags)
            if self.profile.esp32 and state == self._state:
                self.event({"pilot": self.charger.capacity})
            else:
                self.event(values.changed(self))
            self._state = state

    def step(self, seconds: float) -> None:
        """Let time pass, for the charger too."""
        while seconds > 0:
            part = min(seconds, _SECOND)
            seconds -= part
            self.charger.step(part)
            self.uptime += part
            self.update.step(part)
            self.notice()
            self._follow_session()
            self.notice()
            if self._due("second", part, _SECOND):
                self._each_second()
            charging = self.charger.amps > 0 and self.profile.esp32
            if self._due("energy", part, _ENERGY_SECONDS) and charging:
                self.event(values.energy(self), lasting=False)
            if self._due("full", part, _FULL_SECONDS):
                self.event(values.periodic(self), lasting=False)

    def _each_second(self) -> None:
        if not self.profile.esp32:
            return
        if self.config.safety:
            self.config.safety.pulse()
        if self.profile.limits:
            self.limit.step()
            if not self.charger.limit_sleep:
                # Nobody else has a say for long.
                self.claims.enforce()
        self.schedule.step()
        self.rfid.step(_SECOND)
        self.shaper.step(_SECOND)
        self.notice()
        self.publish_documents()
        if self.charger.amps > 0:
            self.event(values.live(self), lasting=False)

    def _follow_session(self) -> None:
        """Release what was for the session when its car has left."""
        ended, before = self.charger.session.ended, self._ended
        self._ended = ended
        if self.profile.esp32 and ended and not before:
            if self.limit.end_session():
                version = self.limit.version
                self.event({"limit": False, "limit_version": version})
                self.publish_documents()
            self.claims.end_session()

    def _due(self, name: str, seconds: float, interval: float) -> bool:
        """Count up to an interval."""
        self._ages[name] += seconds
        if self._ages[name] < interval - 1e-6:
            return False
        self._ages[name] = 0.0
        return True
