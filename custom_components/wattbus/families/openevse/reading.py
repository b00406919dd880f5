"""What only RAPI tells of a charger: read in turn, and when something was changed."""

import contextlib
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Issue
from ...protocols import ProtocolError, rapi
from ...protocols.rapi import Reply, State
from ..sink import MAIN_DEVICE, Facts, Sink
from .charger import Charger, Send
from .const import (
    AMMETER_OFFSET,
    AMMETER_SCALE,
    CLOCK,
    CURRENT_MAXIMUM,
    CURRENT_MINIMUM,
    ENERGY_LIMIT,
    LOCKED,
    PHASES,
    PROBLEM,
    SOCKET_LOCKED,
    STORED_CAPACITY,
    TIME_LIMIT,
    TIMER,
    TIMER_END,
    TIMER_START,
)
from .rapi import Rapi, patiently, read

_OLDEST: Final = (4, 8, 0)
# What `$G7` answers, which only a fork knows.
_PHASES: Final = {"0": "1", "1": "3"}
# What hardly ever changes, but by us, is read in one of so many turns.
_SELDOM: Final = 10
# A question that is not answered so often, while others are, is not known there.
_SILENCES: Final = 2


class Questions:
    """Which questions are worth asking.

    A controller that does not know one says so, but gateways up to 2.8.2 keep a bare
    `$NK` to themselves (ESP8266_WiFi_v2.x, mqtt.cpp): silence is the answer there, and
    a gateway that is asked in vain again and again may hang (its issue #218).
    """

    def __init__(self) -> None:
        """Start with all of them."""
        self.turn = 0
        self._unknown: set[str] = set()
        self._turns: dict[str, int] = {}
        self._answers = 0
        self._silent: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        """Ask for everything again: it may have another firmware now."""
        self._unknown.clear()
        self._turns.clear()
        self._silent.clear()

    def known(self, command: str) -> bool:
        """Whether it may be answered."""
        return command not in self._unknown

    def due(self, command: str) -> bool:
        """Whether what hardly changes should be looked at again."""
        answered = self._turns.get(command)
        return answered is None or self.turn - answered >= _SELDOM

    def answered(self, command: str) -> None:
        """Note an answer."""
        self._answers += 1
        self._turns[command] = self.turn
        self._silent.pop(command, None)

    def refused(self, command: str) -> None:
        """Note that there is no such question."""
        self._unknown.add(command)

    def silence(self, command: str) -> None:
        """Note that there was no answer; it counts if others are answered meanwhile."""
        times, answers = self._silent.get(command, (0, -1))
        if answers == self._answers:
            return
        self._silent[command] = (times + 1, self._answers)
        if times + 1 >= _SILENCES and self._answers:
            LOGGER.debug("$%s is never answered", command)
            self._unknown.add(command)


class Reader(Charger):
    """A charger whose controller is asked."""

    def __init__(self, sink: Sink, control: Rapi, send: Send, base: str) -> None:
        """Start with nothing read."""
        super().__init__(sink, control, send, base)
        self.questions = Questions()

    async def identify(self) -> None:
        """Ask the controller who it is, once."""
        if self.rapi.version is not None:
            return
        version = await self.rapi.identify()
        self.sink.describe(MAIN_DEVICE, Facts(hw_version=version.firmware))
        number = version.firmware_version
        self.sink.issue(
            Issue.OLD_CONTROLLER,
            present=number is not None and number < _OLDEST,
            firmware=version.firmware,
        )
        self.take(self._abilities())

    async def poll(self) -> None:
        """Read what nobody publishes. Raises CommandError when nobody answers."""
        with patiently():
            await self._poll()

    async def _poll(self) -> None:
        await self.identify()
        self.questions.turn += 1
        if not {"state", "vehicle_connected"} <= self._published:
            await self.read_status()
        if not {"session_energy", "total_energy"} <= self._published:
            await self.read_energy()
        if "current" not in self._published:
            self._take_meter(await self._ask("GG"))
        await self.read_settings()
        await self.read_limits()
        if self.values.get(CURRENT_MAXIMUM) is None or self.questions.due("GC"):
            await self.read_capacity()
        if self.values.get(PROBLEM) or self.questions.due("GF"):
            await self.read_faults()
        for command, reading in (
            ("GD", self.read_timer),
            ("GA", self.read_calibration),
            ("GT", self.read_clock),
            ("G4", self.read_lock),
            ("G5", self.read_socket_lock),
            ("G7", self.read_phases),
        ):
            if self.questions.due(command):
                await reading()

    async def read_status(self) -> None:
        """Read the state (`$GS`)."""
        if status := read(rapi.read_status, await self._ask("GS")):
            told: dict[str, Any] = {
                "state": status.state,
                "session_elapsed": status.elapsed,
            }
            if status.vflags is not None:
                told["vehicle_connected"] = (
                    rapi.VFlag.VEHICLE_CONNECTED in status.vflags
                )
            elif status.state in (State.NOT_CONNECTED, State.CONNECTED, State.CHARGING):
                told["vehicle_connected"] = status.state is not State.NOT_CONNECTED
            else:
                # Asleep or in a fault. An old controller may not tell it at all.
                told["vehicle_connected"] = read(
                    rapi.read_connected, await self._ask("G0")
                )
            self.take(told)

    async def read_energy(self) -> None:
        """Read the session's energy and the total (`$GU`)."""
        if energy := read(rapi.read_energy, await self._ask("GU")):
            self.energy = energy
            self.take(
                {"session_energy": energy.session_wh, "total_energy": energy.total_wh}
            )

    def _take_meter(self, reply: Reply | None) -> None:
        if meter := read(rapi.read_meter, reply):
            self.take({"current": meter.current})

    async def read_capacity(self) -> None:
        """Read the range of currents (`$GC`)."""
        if capacity := read(rapi.read_capacity, await self._ask("GC")):
            told: dict[str, Any] = {STORED_CAPACITY: capacity.stored}
            if self.config is None:
                told |= {
                    CURRENT_MINIMUM: capacity.minimum,
                    CURRENT_MAXIMUM: capacity.limit,
                }
            if capacity.pilot is not None:
                told["pilot_current"] = capacity.pilot
            self.take(told)

    async def read_settings(self) -> None:
        """Read the current and the settings (`$GE`)."""
        if settings := read(rapi.read_flags, await self._ask("GE")):
            self.take({"flags": settings.flags, "pilot_current": settings.current})

    async def read_calibration(self) -> None:
        """Read how the ammeter is calibrated (`$GA`)."""
        if calibration := read(rapi.read_calibration, await self._ask("GA")):
            self.take(
                {
                    AMMETER_SCALE: calibration.scale,
                    AMMETER_OFFSET: calibration.offset,
                }
            )

    async def read_limits(self) -> None:
        """Read the session's limits (`$G3`, `$GH`), where the gateway has none."""
        if "limit" in self.documents:
            return
        energy = read(rapi.read_energy_limit, await self._ask("GH"))
        minutes = read(rapi.read_time_limit, await self._ask("G3"))
        told = {ENERGY_LIMIT: energy, TIME_LIMIT: minutes}
        self.take({name: value for name, value in told.items() if value is not None})

    async def read_timer(self) -> None:
        """Read the delay timer (`$GD`)."""
        reply = await self._ask("GD")
        if reply is not None and reply.ok:
            with contextlib.suppress(ProtocolError):
                timer = rapi.read_timer(reply)
                told: dict[str, Any] = {TIMER: timer is not None}
                if timer is not None:
                    told |= {TIMER_START: timer.start, TIMER_END: timer.end}
                self.take(told)

    async def read_faults(self) -> None:
        """Read how often it has tripped (`$GF`)."""
        if faults := read(rapi.read_faults, await self._ask("GF")):
            self.take(
                {
                    "fault_count_gfci": faults.gfci,
                    "fault_count_no_ground": faults.no_ground,
                    "fault_count_stuck_relay": faults.stuck_relay,
                }
            )

    async def read_clock(self) -> None:
        """Read the clock (`$GT`)."""
        if clock := read(rapi.read_time, await self._ask("GT")):
            self.take({CLOCK: _local(clock)})

    async def read_lock(self) -> None:
        """Read whether charging is locked (`$G4`), as few controllers can."""
        if lock := read(rapi.read_lock, await self._ask("G4")):
            self.take({LOCKED: lock.locked})

    async def read_socket_lock(self) -> None:
        """Read whether the plug is locked (`$G5`), as few controllers can."""
        if lock := read(rapi.read_lock, await self._ask("G5")):
            self.take({SOCKET_LOCKED: lock.locked})

    async def read_phases(self) -> None:
        """Read how many phases are used (`$G7`), which a fork tells."""
        reply = await self._ask("G7")
        if (
            reply is not None
            and reply.ok
            and (phases := _PHASES.get(" ".join(reply.values)))
        ):
            self.take({PHASES: phases})

    async def _ask(self, command: str) -> Reply | None:
        """Ask what may not be there: a controller that refuses it is not asked again."""
        if not self.questions.known(command):
            return None
        try:
            reply = await self.rapi.ask(command)
        except (CommandError, ConnectError, ProtocolError) as err:
            LOGGER.debug("$%s: %s", command, err)
            if isinstance(err, ProtocolError):
                self.questions.refused(command)  # this version does not have it
            elif isinstance(err, CommandError) and self.rapi.hides_refusals:
                self.questions.silence(command)
            return None
        if reply.ok:
            self.questions.answered(command)
        else:
            self.questions.refused(command)
        return reply


def _local(clock: datetime) -> datetime:
    """The controller's clock has no zone; it is set to the local time."""
    return clock.replace(tzinfo=dt_util.get_default_time_zone())
