"""What can be asked of a charger: by the gateway's own commands, or else by RAPI.

Every method ends when the charger has confirmed it, or raises a WattbusError.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import time
from typing import Final

from ...const import LOGGER
from ...errors import WattbusError
from ...protocols import openevse
from ...protocols.openevse import Capability, DivertMode
from ...protocols.rapi import LcdColour
from ..sink import MAIN_DEVICE, Value
from .charger import unconfirmed
from .const import (
    AMMETER_OFFSET,
    AMMETER_SCALE,
    DIVERT_MODE,
    ENABLED,
    LCD_COLOUR,
    LCD_TYPE,
    LOCKED,
    PHASES,
    SERVICE_LEVEL,
    SHAPER,
    SOCKET_LOCKED,
    STORED_CAPACITY,
    TIMER,
    TIMER_END,
    TIMER_START,
)
from .limiting import Limiting
from .values import CHECKS, configuration

# With a setting of MQTT the gateway leaves the broker, and tells it when it is back.
_RECONNECTING: Final = 15.0
_TIMER_DEFAULT: Final = (time(22), time(6))


class Commands(Limiting):
    """A charger that can be controlled."""

    _display: asyncio.Task[None] | None = None

    # --- surplus and shaper ---------------------------------------------------------
    async def set_divert_mode(self, mode: str) -> None:
        """Follow the surplus (`eco`), or do not (`normal`)."""
        await self.send(openevse.set_divert_mode(self.base, DivertMode[mode.upper()]))
        await self.confirmed(DIVERT_MODE, lambda: self.values.get(DIVERT_MODE) == mode)

    async def set_shaper(self, on: bool) -> None:
        """Keep the whole house below its limit, or do not."""
        self.require(Capability.SHAPER, SHAPER)
        await self.send(openevse.set_shaper(self.base, on))
        await self.confirmed(SHAPER, lambda: self.values.get(SHAPER) is on)

    # --- the delay timer ----------------------------------------------------------

    async def set_timer(self, on: bool) -> None:
        """Switch the delay timer on, with the times it had, or off."""
        if on:
            await self._order_timer(*self._timer())
        else:
            await self.rapi.order("ST", 0, 0, 0, 0)
            await self._read_timer_back(None)

    async def set_timer_times(self, start: time, end: time) -> tuple[time, time]:
        """Switch the delay timer on with these times; give those that it has now."""
        await self._order_timer(start, end)
        return self._timer()

    async def set_timer_start(self, start: time) -> None:
        """Set when the delay timer lets charging begin."""
        await self._order_timer(start, self._timer()[1])

    async def set_timer_end(self, end: time) -> None:
        """Set when the delay timer ends charging."""
        await self._order_timer(self._timer()[0], end)

    def _timer(self) -> tuple[time, time]:
        start, end = self.values.get(TIMER_START), self.values.get(TIMER_END)
        return (
            start if isinstance(start, time) else _TIMER_DEFAULT[0],
            end if isinstance(end, time) else _TIMER_DEFAULT[1],
        )

    async def _order_timer(self, start: time, end: time) -> None:
        # The controller knows no seconds.
        start, end = (
            moment.replace(second=0, microsecond=0) for moment in (start, end)
        )
        await self.rapi.order("ST", start.hour, start.minute, end.hour, end.minute)
        await self._read_timer_back((start, end))

    async def _read_timer_back(self, times: tuple[time, time] | None) -> None:
        await self.read_timer()
        await self.confirmed(
            TIMER,
            lambda: (
                self.values.get(TIMER) is (times is not None)
                and (times is None or self._timer() == times)
            ),
        )

    # --- settings -----------------------------------------------------------------

    async def set_service_level(self, level: str) -> None:
        """Set the service level: `1`, `2` or `auto`."""
        order = ("SL", "A" if level == "auto" else level)
        await self._keep({SERVICE_LEVEL: level}, order, self.read_settings)

    async def _keep(
        self,
        wanted: Mapping[str, Value],
        order: tuple[str, *tuple[str | int, ...]],
        read_back: Callable[[], Awaitable[None]],
    ) -> None:
        """Have the controller keep values: by RAPI, or by the configuration."""
        if self.configures:
            changes = configuration(wanted)
            await self.send(openevse.set_config(self.base, changes))
        else:
            await self.rapi.order(*order)
            await read_back()
        await self.confirmed(
            next(iter(wanted)), lambda: wanted.items() <= self.values.items()
        )

    async def set_lcd_colour(self, colour: str) -> None:
        """Set the colour of the display, which the gateway tells back."""
        await self.rapi.order("FB", LcdColour[colour.upper()].value)
        await self.confirmed(LCD_COLOUR, lambda: self.values.get(LCD_COLOUR) == colour)

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

    async def end_display(self) -> None:
        """Give the display back now, because of the end."""
        if self._display is not None and not self._display.done():
            self.cancel_display()
            await self._give_display_back(0)

    async def _give_display_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        try:
            await self.rapi.order("F0", 1)
        except WattbusError as err:
            LOGGER.debug("The display could not be given back: %s", err)

    async def set_setting(self, name: str, value: Value) -> None:
        """Change a setting of the gateway, to what its control shows then.

        The gateway says nothing of one that is what it was to be.
        """
        rule, seen = openevse.SETTINGS[name], openevse.seen_as(name)
        self.require(Capability.CONFIG, seen)
        sent = rule.value(value)
        await self.send(openevse.set_config(self.base, {name: sent}))
        await self.confirmed(
            seen,
            lambda: rule.value(self.values.get(name)) == sent,
            within=_RECONNECTING if name.startswith("mqtt_") else None,
        )

    async def set_locked(self, locked: bool) -> None:
        """Lock charging, where the controller has a lock."""
        await self.rapi.order("S4", int(locked))
        await self.read_lock()
        await self.confirmed(LOCKED, lambda: self.values.get(LOCKED) is locked)

    async def set_socket_locked(self, locked: bool) -> None:
        """Lock the plug into the socket."""
        await self.rapi.order("S5", int(locked))
        await self.read_socket_lock()
        await self.confirmed(
            SOCKET_LOCKED, lambda: self.values.get(SOCKET_LOCKED) is locked
        )

    async def set_phases(self, phases: str) -> None:
        """Charge with one phase or with three."""
        await self.rapi.order("S7", int(phases == "3"))
        await self.read_phases()
        await self.confirmed(PHASES, lambda: self.values.get(PHASES) == phases)

    # --- buttons ------------------------------------------------------------------

    async def wake(self) -> None:
        """Wake a car that has fallen asleep: out of order for a moment, then enabled."""
        # Its state is not waited for: newer gateways set it back within a second.
        await self.rapi.order("FD")
        await self.rapi.order("FE")
        await self.read_status()
        await self.confirmed(ENABLED, lambda: self.values.get(ENABLED) is True)

    async def press_button(self) -> None:
        """Do what a short press on the charger's button does."""
        await self.rapi.order("F1")

    async def restart_gateway(self) -> None:
        """Restart the gateway."""
        self.require(Capability.RESTART, "restart")
        await self.send(openevse.restart(self.base, openevse.Restart.GATEWAY))

    async def restart_charger(self) -> None:
        """Restart the controller."""
        if Capability.RESTART in self.offers:
            await self.send(openevse.restart(self.base, openevse.Restart.CONTROLLER))
        else:
            await self.rapi.tell("FR")

    # --- with the expert option ---------------------------------------------------

    async def set_feature(self, letter: str, on: bool) -> None:
        """Switch one of the charger's safety checks."""
        key, _ = CHECKS[letter]
        await self._keep({key: on}, ("FF", letter, int(on)), self.read_settings)

    async def set_stored_capacity(self, amps: float) -> None:
        """Store the current [A] that the controller starts with."""
        current = round(amps)
        await self._keep(
            {STORED_CAPACITY: current}, ("SC", current), self.read_capacity
        )

    async def reset_total_energy(self) -> None:
        """Set the total energy to zero."""
        await self.rapi.order("SK", 0)
        await self.read_energy()
        await self.confirmed(
            "total_energy",
            lambda: self.energy is not None and self.energy.total_wh == 0,
        )
        self.sink.begins_again(MAIN_DEVICE, "total_energy")
        self.take({"total_energy": 0})

    async def set_lcd_type(self, kind: str) -> None:
        """Tell the controller which display it has: `rgb` or `monochrome`."""
        await self.rapi.order("S0", int(kind == "rgb"))
        await self.read_settings()
        await self.confirmed(LCD_TYPE, lambda: self.values.get(LCD_TYPE) == kind)

    async def set_ammeter_scale(self, scale: float) -> None:
        """Set the scale of the ammeter."""
        await self._calibrate(scale, self.values.get(AMMETER_OFFSET))

    async def set_ammeter_offset(self, offset: float) -> None:
        """Set the offset of the ammeter."""
        await self._calibrate(self.values.get(AMMETER_SCALE), offset)

    async def _calibrate(self, scale: Value, offset: Value) -> None:
        if not isinstance(scale, int | float) or not isinstance(offset, int | float):
            raise unconfirmed(AMMETER_SCALE)  # never told
        scale, offset = round(scale), round(offset)
        # The gateway, too, takes only both together.
        await self._keep(
            {AMMETER_SCALE: scale, AMMETER_OFFSET: offset},
            ("SA", scale, offset),
            self.read_calibration,
        )
