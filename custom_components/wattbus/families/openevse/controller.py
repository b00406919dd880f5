"""What only the controller tells: asked by RAPI in turn, and when something was changed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Issue
from ...protocols import ProtocolError, rapi
from ...protocols.rapi import Reply, State as EvseState
from ..sink import MAIN_DEVICE, Facts
from . import const
from .rapi import patiently
from .state import State

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


# --- what an answer tells; each raises ProtocolError for one that cannot be read ------


def _status(reply: Reply) -> dict[str, Any]:
    status = rapi.read_status(reply)
    told: dict[str, Any] = {"state": status.state, "session_elapsed": status.elapsed}
    if status.vflags is not None:
        told["vehicle_connected"] = rapi.VFlag.VEHICLE_CONNECTED in status.vflags
    elif status.state in (
        EvseState.NOT_CONNECTED,
        EvseState.CONNECTED,
        EvseState.CHARGING,
    ):
        told["vehicle_connected"] = status.state is not EvseState.NOT_CONNECTED
    return told


def _energy(reply: Reply) -> dict[str, Any]:
    energy = rapi.read_energy(reply)
    return {"session_energy": energy.session_wh, "total_energy": energy.total_wh}


def _capacity(reply: Reply) -> dict[str, Any]:
    capacity = rapi.read_capacity(reply)
    told: dict[str, Any] = {
        const.STORED_CAPACITY: capacity.stored,
        const.CURRENT_MINIMUM: capacity.minimum,
        const.CURRENT_MAXIMUM: capacity.limit,
    }
    return told if capacity.pilot is None else told | {"pilot_current": capacity.pilot}


def _settings(reply: Reply) -> dict[str, Any]:
    settings = rapi.read_flags(reply)
    return {"flags": settings.flags, "pilot_current": settings.current}


def _calibration(reply: Reply) -> dict[str, Any]:
    calibration = rapi.read_calibration(reply)
    return {
        const.AMMETER_SCALE: calibration.scale,
        const.AMMETER_OFFSET: calibration.offset,
    }


def _timer(reply: Reply) -> dict[str, Any]:
    if (timer := rapi.read_timer(reply)) is None:
        return {const.TIMER: False}
    return {
        const.TIMER: True,
        const.TIMER_START: timer.start,
        const.TIMER_END: timer.end,
    }


def _faults(reply: Reply) -> dict[str, Any]:
    faults = rapi.read_faults(reply)
    return {
        "fault_count_gfci": faults.gfci,
        "fault_count_no_ground": faults.no_ground,
        "fault_count_stuck_relay": faults.stuck_relay,
    }


def _clock(reply: Reply) -> dict[str, Any]:
    # It has no zone; it is set to the local time.
    zone = dt_util.get_default_time_zone()
    return {const.CLOCK: rapi.read_time(reply).replace(tzinfo=zone)}


def _phases(reply: Reply) -> dict[str, Any]:
    phases = _PHASES.get(" ".join(reply.values))
    return {const.PHASES: phases} if phases else {}


_READERS: Final[Mapping[str, Callable[[Reply], dict[str, Any]]]] = {
    "G0": lambda reply: {"vehicle_connected": rapi.read_connected(reply)},
    "G3": lambda reply: {const.TIME_LIMIT: rapi.read_time_limit(reply)},
    # Few controllers can lock, or be unlocked.
    "G4": lambda reply: {const.LOCKED: rapi.read_lock(reply).locked},
    "G5": lambda reply: {const.SOCKET_LOCKED: rapi.read_lock(reply).locked},
    "G7": _phases,
    "GA": _calibration,
    "GC": _capacity,
    "GD": _timer,
    "GE": _settings,
    "GF": _faults,
    "GG": lambda reply: {"current": rapi.read_meter(reply).current},
    "GH": lambda reply: {const.ENERGY_LIMIT: rapi.read_energy_limit(reply)},
    "GS": _status,
    "GT": _clock,
    "GU": _energy,
}


class Controller:
    """Asks the controller, and takes what it answers into the state."""

    def __init__(self, state: State) -> None:
        """Start with nothing read."""
        self._state = state
        self._rapi = state.rapi
        self.questions = Questions()

    async def identify(self) -> None:
        """Ask the controller who it is, once."""
        if self._rapi.version is not None:
            return
        version, sink = await self._rapi.identify(), self._state.sink
        sink.describe(MAIN_DEVICE, Facts(hw_version=version.firmware))
        number = version.firmware_version
        sink.issue(
            Issue.OLD_CONTROLLER,
            present=number is not None and number < _OLDEST,
            firmware=version.firmware,
        )
        self._state.report_abilities()

    async def poll(self) -> None:
        """Read what nobody publishes. Raises CommandError when nobody answers."""
        with patiently():
            await self.identify()
            self.questions.turn += 1
            await self.read(*self._wanted())

    def _wanted(self) -> list[str]:
        """Give the questions of this turn."""
        state, due = self._state, self.questions.due
        values, published = state.values, state.published
        asked = []
        if not {"state", "vehicle_connected"} <= published:
            asked += ["GS"]
        if not {"session_energy", "total_energy"} <= published:
            asked += ["GU"]
        if "current" not in published:
            asked += ["GG"]
        asked += ["GE", "GH", "G3"]
        if values.get(const.CURRENT_MAXIMUM) is None or due("GC"):
            asked += ["GC"]
        if values.get(const.PROBLEM) or due("GF"):
            asked += ["GF"]
        return asked + [
            name for name in ("GD", "GA", "GT", "G4", "G5", "G7") if due(name)
        ]

    async def read(self, *commands: str) -> None:
        """Ask for something, and report it; what is not there costs nothing else."""
        for command in commands:
            # Where the gateway has a limit, it is not the controller's.
            if command in ("GH", "G3") and "limit" in self._state.documents:
                continue
            told = await self._answer(command)
            if command == "GS" and told and "vehicle_connected" not in told:
                # Asleep or in a fault. An old controller may not tell it at all.
                told |= {"vehicle_connected": None} | await self._answer("G0")
            if self._state.config is not None:  # which has the range, too
                for name in (const.CURRENT_MINIMUM, const.CURRENT_MAXIMUM):
                    told.pop(name, None)
            if told:
                self._state.take(told)

    async def _answer(self, command: str) -> dict[str, Any]:
        """Give what an answer tells: nothing if there is none, or one that says no."""
        reply = await self._ask(command)
        try:
            return _READERS[command](reply) if reply is not None and reply.ok else {}
        except ProtocolError as err:
            LOGGER.debug("An answer that cannot be read: %s", err)
            return {}

    async def _ask(self, command: str) -> Reply | None:
        """Ask what may not be there: a controller that refuses it is not asked again."""
        if not self.questions.known(command):
            return None
        try:
            reply = await self._rapi.ask(command)
        except (CommandError, ConnectError, ProtocolError) as err:
            LOGGER.debug("$%s: %s", command, err)
            if isinstance(err, ProtocolError):
                self.questions.refused(command)  # this version does not have it
            elif isinstance(err, CommandError) and self._rapi.hides_refusals:
                self.questions.silence(command)
            return None
        if reply.ok:
            self.questions.answered(command)
        else:
            self.questions.refused(command)
        return reply
