"""The simulated OpenEVSE's controller: states, a car, current, energy and limits.

The rules of OpenEVSE/open_evse (J1772EvseController.cpp, rapi_proc.cpp; 8.2.3):

- At -12 V, in a fault and while it starts it does not see whether a car is plugged in.
- The total takes in a session when the car leaves, not before.
- From 5.0.0 on a volatile current is cut to the stored one; from 4.12.0 on a limit is
  refused without a car. Too hot, it refuses a higher current.
- After a start it remembers nothing but the EEPROM: no timer, no limit, no lock.

It knows no clock and no protocol: `step` lets time pass. What RAPI makes of it is in
`openevse_rapi`, what a gateway makes of it in `openevse_gateway`.
"""

from collections import Counter, deque
from datetime import datetime, time, timedelta
from enum import Enum, auto
import math
from typing import Final

from custom_components.wattbus.protocols.rapi import (
    EcFlag,
    LcdColour,
    Notification,
    NotificationKind,
    State,
    VFlag,
)

from .openevse_car import Car
from .openevse_firmware import Firmware
from .openevse_flags import colour, vflags
from .openevse_session import Session
from .openevse_settings import Display, Heartbeat, Settings

_BOOT_SECONDS: Final = 2.0
# How fast a car follows the pilot, and how fast it stops [A/s].
_RAMP_UP: Final = 4.0
_RAMP_DOWN: Final = 20.0


class Mode(Enum):
    """What the controller is told to do."""

    ENABLED = auto()
    SLEEPING = auto()
    DISABLED = auto()


class Charger:
    """The controller with its car.

    Args:
        firmware: The names of its versions.
        stored: The capacity that the EEPROM holds [A], the most that can be set
            without writing it.
        voltage: What the energy is calculated with [V].
        voltmeter: Whether it measures the voltage, as hardly any does.
        features: What stock boards lack: "auth_lock", "mennekes", "phases".
        serial: What `$GI` gives: bytes of the chip's memory, a character for each.
        now: The controller's clock.
    """

    def __init__(
        self,
        firmware: Firmware | None = None,
        *,
        stored: int = 32,
        voltage: float = 240.0,
        voltmeter: bool = False,
        features: frozenset[str] = frozenset(),
        serial: str = "SIM001C0DE",
        now: datetime = datetime(2026, 3, 2, 12, 0, 0),
    ) -> None:
        """Switch it on; there is no car yet."""
        self.firmware = firmware or Firmware()
        self.settings = Settings(self.firmware, {1: 12, 2: stored})
        self.display = Display()
        self.heartbeat = Heartbeat()
        self.features = features
        self.serial = serial
        self.car = Car()
        self.clock = now
        self.voltage = voltage
        self.voltmeter = voltmeter
        self.three_phases = False
        # Of the hardware D9: the relays of DC 1, DC 2 and AC, the grid's frequency [Hz]
        # and the temperature at which it stops [°C].
        self.relays = {1: True, 2: True, 3: True}
        self.frequency = 50.02
        self.panic = 72.0
        self.capacity = self.settings.stored
        self.mode = Mode.ENABLED
        self.connected = False
        self.amps = 0.0
        self.session = Session()
        self.total_wh = 45_613.0
        self.ambient = 24.7
        self.fault_counts = Counter[State]()
        self.timer: tuple[time, time] | None = None
        self.auth_locked = False
        self.socket_locked = False
        self.socket_manual = False
        self.over_temperature = False
        # It sleeps because a limit was reached.
        self.limit_sleep = False
        self.switches = 0
        # Until it has started it answers nothing.
        self.booting = 0.0
        self.notices: deque[Notification] = deque()
        self._fault: State | None = None
        self._in_window: bool | None = None
        self._waits = 0.0

    @property
    def state(self) -> State:
        """The state that it reports."""
        if self.booting > 0:
            return State.STARTING
        if self._fault is not None:
            return self._fault
        if self.mode is Mode.DISABLED:
            return State.DISABLED
        return State.SLEEPING if self.mode is Mode.SLEEPING else self.pilot_state

    @property
    def pilot_state(self) -> State:
        """The state that the car's side of the pilot is in."""
        if not self.connected:
            return State.NOT_CONNECTED
        asks = (
            self.mode is Mode.ENABLED
            and self._fault is None
            and not self.auth_locked
            and self._waits <= 0
            and not self.car.full
        )
        if not asks:
            return State.CONNECTED
        if self.car.ventilation and not self.flags & EcFlag.VENT_CHECK_DISABLED:
            return State.VENT_REQUIRED
        return State.CHARGING

    @property
    def flags(self) -> EcFlag:
        """The settings of `$GE`."""
        return self.settings.flags

    @property
    def vflags(self) -> VFlag:
        """The volatile flags."""
        return vflags(self)

    @property
    def power(self) -> float:
        """The power that the car takes [W]."""
        return self.amps * self.voltage * (3 if self.three_phases else 1)

    @property
    def eeprom_writes(self) -> int:
        """How often a command has worn the EEPROM."""
        return self.settings.writes

    @property
    def temperature(self) -> float:
        """The temperature at the display [°C]: the current warms the box."""
        return self.ambient + 12 * (self.amps / 32) ** 2

    @property
    def colour(self) -> LcdColour:
        """The colour of the display."""
        return colour(self)

    # --- what people do

    def plug(self, missing_wh: float | None = None) -> None:
        """Plug the car in, which can take so much energy."""
        if missing_wh is not None:
            self.car.missing_wh = missing_wh
        self.car.plugged = True
        self._sense()

    def unplug(self) -> None:
        """Pull the plug; the current stops at once."""
        self.car.plugged = False
        self.amps = 0.0
        self._sense()

    def fault(self, state: State) -> None:
        """Trip; the relay opens at once."""
        if not state.is_fault:
            raise ValueError(f"{state.name} is not a fault")
        self._fault = state
        self.amps = 0.0
        self.fault_counts[state] += 1
        self.over_temperature = state is State.OVER_TEMPERATURE

    def clear_fault(self) -> None:
        """Let it try again."""
        self._fault = None
        self.over_temperature = False
        self._waits = self.car.start_seconds

    def press_button(self, *, long: bool = False) -> None:
        """Press the front button: it sleeps or wakes, or only tells of it."""
        if self.flags & EcFlag.BUTTON_DISABLED:
            press = Notification(NotificationKind.AN, (str(int(long)),))
            self.notices.append(press)
        elif not long:
            if self.mode is Mode.ENABLED:
                self.sleep()
            else:
                self.enable()

    # --- what a client can do

    def enable(self) -> None:
        """Offer current."""
        if self.mode is not Mode.ENABLED:
            self.mode = Mode.ENABLED
            self._waits = self.car.start_seconds
        self.limit_sleep = False
        self._sense()

    def sleep(self) -> None:
        """Offer no current; the car stops by itself."""
        self.mode = Mode.SLEEPING
        self._sense()

    def disable(self) -> None:
        """Open the relay; the car sees a fault."""
        self.mode = Mode.DISABLED
        self.amps = 0.0

    def set_capacity(self, amps: int, *, volatile: bool) -> bool:
        """Set the current [A]; False if it had to be cut, as `capacity` says."""
        if self.over_temperature and amps > self.capacity:
            return False
        firmware, settings = self.firmware, self.settings
        most = settings.maximum
        if volatile and firmware.clamps_to_stored:
            most = settings.stored
        self.capacity = min(max(amps, settings.minimum), most)
        if not volatile:
            settings.store(self.capacity)
        return self.capacity == amps

    def set_service_level(self, level: int) -> None:
        """Switch between level 1 and 2, each of which has a capacity of its own."""
        self.settings.set_level(level)
        self.capacity = self.settings.stored

    def set_timer(self, timer: tuple[time, time] | None) -> None:
        """Charge between two times of day only; None is always."""
        self.timer, self._in_window = timer, None
        self._follow_timer()

    def set_energy_limit(self, kwh: int) -> bool:
        """Limit the session; False without a car."""
        if self._limits_allowed:
            self.session.limit_energy(kwh, from_now=self.firmware.limits_extend)
        return self._limits_allowed

    def set_time_limit(self, quarters: int) -> bool:
        """Limit the session's time in quarters of an hour; False without a car."""
        if self._limits_allowed:
            self.session.limit_time(quarters, from_now=self.firmware.limits_extend)
        return self._limits_allowed

    @property
    def _limits_allowed(self) -> bool:
        allowed = (State.CONNECTED, State.CHARGING)
        return not self.firmware.limits_need_car or self.state in allowed

    def reboot(self) -> None:
        """Start again: what is not in the EEPROM is forgotten."""
        self.booting = _BOOT_SECONDS
        self.mode = Mode.ENABLED
        self.capacity = self.settings.stored
        self.set_timer(None)
        self.amps = 0.0
        self.connected = self.limit_sleep = self.auth_locked = False
        self.session.reset()
        self.display = Display()

    # --- what time does

    def step(self, seconds: float) -> None:
        """Let time pass, in steps of a second at most."""
        while seconds > 0:
            part = min(seconds, 1.0)
            seconds -= part
            self.clock += timedelta(seconds=part)
            if self.booting > 0:
                self._boot(part)
            else:
                self._sense()
                self._follow_timer()
                self._supervise(part)
                self._flow(part)
                self._stop_at_limits()

    def _boot(self, seconds: float) -> None:
        self.booting -= seconds
        if self.booting <= 0:
            self._sense()
            values = (f"{self.state:02x}", self.firmware.name)
            self.notices.append(Notification(NotificationKind.AB, values))

    def _sense(self) -> None:
        """Notice a plug; at -12 V and in a fault the car cannot be seen."""
        blind = (
            self.mode is Mode.DISABLED or self._fault is not None or self.booting > 0
        )
        if blind or self.car.plugged == self.connected:
            return
        self.connected = self.car.plugged
        if self.connected:
            self.session.start()
            self._waits = self.car.start_seconds
            return
        # Only now does the total take in the session.
        self.total_wh += self.session.wh
        self.session.end()
        if self.limit_sleep:
            self.enable()

    def _follow_timer(self) -> None:
        if self.timer is None:
            self._in_window = None
            return
        start, end = self.timer
        now = self.clock.time()
        within = start <= now < end if start <= end else now >= start or now < end
        if within != self._in_window:
            self._in_window = within
            if within:
                self.enable()
            else:
                self.sleep()

    def _supervise(self, seconds: float) -> None:
        if self.heartbeat.miss(seconds):
            self.capacity = min(self.capacity, self.heartbeat.current)

    def _flow(self, seconds: float) -> None:
        """Let the current follow the pilot, and count."""
        self._waits = max(0.0, self._waits - seconds)
        charging = self.state is State.CHARGING
        wanted = self.car.current(self.capacity) if charging else 0.0
        before = self.amps
        ramp = (_RAMP_UP if wanted > before else _RAMP_DOWN) * seconds
        self.amps += math.copysign(min(abs(wanted - before), ramp), wanted - before)
        self.switches += not before and self.amps > 0
        energy_ws = self.power * seconds
        self.session.ws += energy_ws
        self.car.missing_wh -= energy_ws / 3600
        if charging:
            self.session.elapsed += seconds

    def _stop_at_limits(self) -> None:
        if self.session.limit_reached:
            self.session.clear_limits()
            self.limit_sleep = True
            self.mode = Mode.SLEEPING
