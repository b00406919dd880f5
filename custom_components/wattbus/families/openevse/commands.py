"""What can be asked of a charger: by the gateway's own commands, or else by RAPI.

Every method ends when the charger has confirmed it, or raises a WattbusError.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any, Final, NamedTuple

from ...const import LOGGER
from ...errors import WattbusError
from ...protocols import InputError, openevse
from ...protocols.openevse import (
    Capability,
    DivertMode,
    ScheduleEvent,
    ServiceState,
    Weekday,
)
from ...protocols.rapi import LcdColour
from ..sink import MAIN_DEVICE, Value
from . import const
from .claims import OVERRIDE
from .controller import Controller
from .limits import Limits
from .overrides import Overrides
from .shown import CHECKS, CONFIGURED, GATEWAY_SETTINGS, configuration
from .state import State, unconfirmed

# With a setting of MQTT the gateway leaves the broker, and tells it when it is back.
_RECONNECTING: Final = 15.0
_TIMER_DEFAULT: Final = (time(22), time(6))

type Order = tuple[str, *tuple[str | int, ...]]


class _Kept(NamedTuple):
    """How RAPI sets values that the controller keeps, and reads them back."""

    order: Callable[..., Order]
    read: str | None
    names: tuple[str, ...] = ()
    """Values that are set together, if there are several."""


_CALIBRATION: Final = _Kept(
    lambda scale, offset: ("SA", scale, offset),
    "GA",
    (const.AMMETER_SCALE, const.AMMETER_OFFSET),
)


def _check(letter: str) -> _Kept:
    return _Kept(lambda on: ("FF", letter, int(on)), "GE")


_KEPT: Final[Mapping[str, _Kept]] = {
    const.SERVICE_LEVEL: _Kept(
        lambda level: ("SL", "A" if level == "auto" else level), "GE"
    ),
    # The gateway tells the colour back.
    const.LCD_COLOUR: _Kept(
        lambda colour: ("FB", LcdColour[colour.upper()].value), None
    ),
    const.LCD_TYPE: _Kept(lambda kind: ("S0", int(kind == "rgb")), "GE"),
    const.LOCKED: _Kept(lambda locked: ("S4", int(locked)), "G4"),
    const.SOCKET_LOCKED: _Kept(lambda locked: ("S5", int(locked)), "G5"),
    const.PHASES: _Kept(lambda phases: ("S7", int(phases == "3")), "G7"),
    const.STORED_CAPACITY: _Kept(lambda current: ("SC", current), "GC"),
    const.AMMETER_SCALE: _CALIBRATION,
    const.AMMETER_OFFSET: _CALIBRATION,
    **{key: _check(letter) for letter, (key, _) in CHECKS.items()},
}


class Commands:
    """Asks a charger for something, and waits until its state shows it."""

    def __init__(
        self, state: State, controller: Controller, overrides: Overrides
    ) -> None:
        """Ask by what the gateway has, and the controller for the rest."""
        self._state = state
        self._controller = controller
        self.overrides = overrides
        self.limits = Limits(state, controller)
        self._display: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """End what goes on beside the commands."""
        await self.limits.end()
        if self._display is not None and not self._display.done():
            self.cancel_display()
            await self._give_display_back(0)

    # --- charging ---------------------------------------------------------------------

    async def set_enabled(self, on: bool) -> None:
        """Allow charging, or put the charger to sleep."""
        if Capability.OVERRIDE in self._state.offers:
            await self.change(
                OVERRIDE, state=ServiceState.ACTIVE if on else ServiceState.DISABLED
            )
        else:
            await self._state.rapi.order("FE" if on else "FS")
            await self._controller.read("GS")
        await self._shows(const.ENABLED, on)

    async def set_current(self, amps: float) -> None:
        """Set the charge current [A], without wearing the controller's memory."""
        state, current = self._state, round(amps)
        if state.values.get(const.CURRENT_MAXIMUM) is None:
            # It has just started, and what the number allows was a guess.
            await self._controller.read("GC")
        maximum = state.values.get(const.CURRENT_MAXIMUM)
        if isinstance(maximum, int | float) and current > maximum:
            raise InputError(
                "too_large", field=const.CHARGE_CURRENT, maximum=f"{maximum:g}"
            )
        if Capability.OVERRIDE in state.offers:
            await self.change(OVERRIDE, charge_current=current)
            return
        await state.rapi.order("SC", current, "V")
        await self._controller.read("GE")
        await self._shows(const.CHARGE_CURRENT, current)

    async def change(self, name: str, **changes: Any) -> None:
        """Change properties of the override or claim; what is left out stays as it is.

        Raises WattbusError, and InputError for a current that cannot be asked for.
        """
        await self.overrides.change(name, **changes)
        if name == OVERRIDE:
            await self.limits.keep_off()

    async def set_manual_override(self, on: bool) -> None:
        """Take the charger over by hand as it is now, or give it back."""
        if not on:
            await self.overrides.release(OVERRIDE)
        elif self._state.override is None:
            enabled = self._state.values.get(const.ENABLED) is not False
            await self.change(
                OVERRIDE,
                state=ServiceState.ACTIVE if enabled else ServiceState.DISABLED,
            )
        else:
            await self.change(OVERRIDE)

    async def set_override_state(self, state: str) -> None:
        """Charge (`on`), do not (`off`), or leave that to the others (`auto`)."""
        if state == "auto":
            await self.overrides.release(OVERRIDE)
        else:
            await self.set_enabled(state == "on")

    async def set_divert_mode(self, mode: str) -> None:
        """Follow the surplus (`eco`), or do not (`normal`)."""
        state = self._state
        await state.send(openevse.set_divert_mode(state.base, DivertMode[mode.upper()]))
        await self._shows(const.DIVERT_MODE, mode)

    async def set_shaper(self, on: bool) -> None:
        """Keep the whole house below its limit, or do not."""
        self._state.require(Capability.SHAPER, const.SHAPER)
        await self._state.send(openevse.set_shaper(self._state.base, on))
        await self._shows(const.SHAPER, on)

    async def _shows(self, name: str, value: Value) -> None:
        """Wait until the charger has told a value. Raises CommandError."""
        values = self._state.values
        await self._state.confirmed(name, lambda: values.get(name) == value)

    # --- what is kept -----------------------------------------------------------------

    async def set(self, name: str, value: Any) -> None:
        """Set what the gateway or the controller keeps, to what its control shows then.

        The gateway says nothing of a setting that is what it was to be.
        """
        if name in GATEWAY_SETTINGS:
            await self._set_setting(name, value)
            return
        state, kept = self._state, _KEPT[name]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if name in CONFIGURED:
            openevse.check_settings(configuration({name: value}))
        wanted = {key: state.values.get(key) for key in kept.names} | {name: value}
        if None in wanted.values():
            raise unconfirmed(name)  # never told, and the gateway, too, takes only all
        if state.configures and name in CONFIGURED:
            await state.send(openevse.set_config(state.base, configuration(wanted)))
        else:
            await state.rapi.order(*kept.order(*wanted.values()))
            if kept.read:
                await self._controller.read(kept.read)
        await state.confirmed(name, lambda: wanted.items() <= state.values.items())

    async def _set_setting(self, name: str, value: Value) -> None:
        state, seen = self._state, openevse.seen_as(name)
        state.require(Capability.CONFIG, seen)
        rule = GATEWAY_SETTINGS[name]
        sent = rule.value(value)
        await state.send(openevse.set_config(state.base, {name: sent}))
        await state.confirmed(
            seen,
            lambda: rule.value(state.values.get(name)) == sent,
            within=_RECONNECTING if name.startswith("mqtt_") else None,
        )

    # --- the schedule -----------------------------------------------------------------

    async def set_schedule(
        self,
        event_id: int | None,
        state: ServiceState,
        at: time,
        days: tuple[Weekday, ...],
    ) -> None:
        """Add an entry, or change the one with this id.

        What is not sent of an entry that is there is cleared: `addEvent()` in
        scheduler.cpp of the firmware of 2026, which has features and limits.
        """
        self._state.require(Capability.SCHEDULE, "schedule")
        await self.overrides.look_again("schedule")
        known = (
            event
            for event in self._state.schedule
            if event_id is not None and event.id == event_id
        )
        wanted = replace(
            next(known, ScheduleEvent(event_id, None, None, ())),
            state=state,
            time=at,
            days=days,
        )
        await self._state.send(openevse.set_schedule(self._state.base, [wanted]))
        await self._state.confirmed(
            "schedule",
            lambda: any(_is_entry(event, wanted) for event in self._state.schedule),
        )

    async def clear_schedule(self, event_id: int) -> None:
        """Remove an entry."""
        state = self._state
        state.require(Capability.SCHEDULE, "schedule")
        await state.send(openevse.clear_schedule(state.base, event_id))
        await state.confirmed(
            "schedule", lambda: all(event.id != event_id for event in state.schedule)
        )

    # --- the delay timer --------------------------------------------------------------

    async def set_timer(self, on: bool) -> None:
        """Switch the delay timer on, with the times it had, or off."""
        if on:
            await self.set_timer_times(*self._times())
        else:
            await self._state.rapi.order("ST", 0, 0, 0, 0)
            await self._controller.read("GD")
            await self._shows(const.TIMER, False)

    async def set_timer_start(self, start: time) -> None:
        """Set when the delay timer lets charging begin."""
        await self.set_timer_times(start, self._times()[1])

    async def set_timer_end(self, end: time) -> None:
        """Set when the delay timer ends charging."""
        await self.set_timer_times(self._times()[0], end)

    async def set_timer_times(self, start: time, end: time) -> tuple[time, time]:
        """Switch the delay timer on with these times; give those that it has now."""
        # The controller knows no seconds.
        times = tuple(at.replace(second=0, microsecond=0) for at in (start, end))
        order = (number for at in times for number in (at.hour, at.minute))
        await self._state.rapi.order("ST", *order)
        await self._controller.read("GD")
        await self._state.confirmed(
            const.TIMER,
            lambda: (
                self._state.values.get(const.TIMER) is True and self._times() == times
            ),
        )
        return self._times()

    def _times(self) -> tuple[time, time]:
        start, end = (
            at if isinstance(at := self._state.values.get(name), time) else default
            for name, default in zip(
                (const.TIMER_START, const.TIMER_END), _TIMER_DEFAULT, strict=True
            )
        )
        return start, end

    # --- the display ------------------------------------------------------------------

    def give_display_back(self, seconds: float) -> None:
        """Let the controller use its display again, after a while."""
        self.cancel_display()
        self._display = asyncio.get_running_loop().create_task(
            self._give_display_back(seconds)
        )

    def cancel_display(self) -> None:
        """Give up waiting, because of another text."""
        if self._display is not None:
            self._display.cancel()
            self._display = None

    async def _give_display_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self._state.rapi.order("F0", 1)
        except WattbusError as err:
            LOGGER.debug("The display could not be given back: %s", err)

    # --- buttons ----------------------------------------------------------------------

    async def wake(self) -> None:
        """Wake a car that has fallen asleep: out of order for a moment, then enabled."""
        # Its state is not waited for: newer gateways set it back within a second.
        await self._state.rapi.order("FD")
        await self._state.rapi.order("FE")
        await self._controller.read("GS")
        await self._shows(const.ENABLED, True)

    async def press_button(self) -> None:
        """Do what a short press on the charger's button does."""
        await self._state.rapi.order("F1")

    async def restart_gateway(self) -> None:
        """Restart the gateway."""
        state = self._state
        state.require(Capability.RESTART, "restart")
        await state.send(openevse.restart(state.base, openevse.Restart.GATEWAY))

    async def restart_charger(self) -> None:
        """Restart the controller."""
        state = self._state
        if Capability.RESTART in state.offers:
            await state.send(openevse.restart(state.base, openevse.Restart.CONTROLLER))
        else:
            await state.rapi.tell("FR")

    async def reset_total_energy(self) -> None:
        """Set the total energy to zero."""
        await self._state.rapi.order("SK", 0)
        await self._controller.read("GU")
        await self._shows("total_energy", 0)
        self._state.sink.begins_again(MAIN_DEVICE, "total_energy")
        self._state.take({"total_energy": 0})


def _is_entry(event: ScheduleEvent, wanted: ScheduleEvent) -> bool:
    """Whether an entry is what was asked for; a new one has got an id meanwhile."""
    same = replace(event, id=None, days=()) == replace(wanted, id=None, days=())
    days = set(event.days) == set(wanted.days)
    return same and days and wanted.id in (None, event.id)
