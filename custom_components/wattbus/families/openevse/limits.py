"""Limits of a session: those of the gateway, or those that the controller keeps.

From 5.1.5 on a limit with auto_release claims the charger where the configuration's
default_state is off, at a priority above the manual override's, so that it starts a
charge that cannot be switched off (openevse_esp32_firmware #1029, limit.cpp). One without
does not; there, Wattbus sends that, and removes it when the vehicle has left.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from ...const import LOGGER
from ...errors import CommandError, WattbusError
from ...protocols import openevse
from ...protocols.inputs import check_number
from ...protocols.openevse import Capability, LimitType, ServiceState
from .const import ENABLED, ENERGY_LIMIT, TIME_LIMIT
from .controller import Controller
from .state import State

# What the controller counts at most.
_MOST: Final = 255
_STARTING_SINCE: Final = (5, 1, 5)
# Two turns of the gateway's.
_LOOP: Final = 2.5
# What is remembered of a limit that ends with the session: over restarts, too.
_NOTE: Final = "session_limit"


class Counted(NamedTuple):
    """A limit that has a control, and that the controller can count."""

    name: str
    scale: int
    """What one of the control's unit is for the gateway."""
    command: str
    unit: int
    """How many of the control's unit the controller counts as one."""


COUNTED: Final = {
    LimitType.ENERGY: Counted(ENERGY_LIMIT, 1000, "SH", 1),
    LimitType.TIME: Counted(TIME_LIMIT, 1, "S3", 15),
}


class Limits:
    """Limits the charger's sessions."""

    def __init__(self, state: State, controller: Controller) -> None:
        """Follow the sessions in the state."""
        self._state = state
        self._controller = controller
        self._ending: asyncio.Task[None] | None = None
        state.follow = self._follow

    async def limit(self, kind: LimitType, amount: float) -> None:
        """End the session after so much, in the control's unit; 0 is never."""
        state, counted = self._state, COUNTED[kind]
        if Capability.LIMIT not in state.offers:
            await self._count(counted, amount)
        elif value := round(amount * counted.scale):
            await self.set_limit(kind, value)
        elif state.limit is None or state.limit.type is kind:
            await self.clear_limit()  # of which there is one

    async def _count(self, counted: Counted, amount: float) -> None:
        """Have the controller count, in whole units; only 0 is no limit.

        Below what the session has had already, it ends the session at once and is
        gone.
        """
        name, unit = counted.name, counted.unit
        check_number(amount, name, minimum=0, maximum=_MOST * unit)
        count = max(1, round(amount / unit)) if amount else 0
        values = self._state.values
        charging = values.get(ENABLED)
        await self._state.rapi.order(counted.command, count)
        await self._controller.read("GH", "G3")
        if values.get(name) != count * unit:
            await self._controller.read("GS")
        await self._state.confirmed(
            name,
            lambda: (
                values.get(name) == count * unit
                or (count > 0 and charging is True and values[ENABLED] is False)
            ),
        )

    async def set_limit(
        self, kind: LimitType, value: int, *, auto_release: bool = True
    ) -> None:
        """Set the gateway's limit: minutes, Wh, percent or the vehicle's range."""
        self._state.require(Capability.LIMIT, "limit")
        if self._limits_start and auto_release:
            await self._limit_session(kind, value)
        else:
            self._forget_session_limit()
            await self._send_limit(kind, value, auto_release=auto_release)

    async def _send_limit(
        self, kind: LimitType, value: int, *, auto_release: bool
    ) -> None:
        await self._state.send(
            openevse.set_limit(self._state.base, kind, value, auto_release=auto_release)
        )
        await self._state.confirmed(
            COUNTED[kind].name if kind in COUNTED else "limit",
            lambda: (
                self._state.limit is not None
                and (self._state.limit.type, self._state.limit.value) == (kind, value)
                and self._state.limit.auto_release in (None, auto_release)
            ),
        )

    async def clear_limit(self) -> None:
        """Remove the gateway's limit."""
        await self._state.send(openevse.clear_limit(self._state.base))
        await self._state.confirmed("limit", lambda: self._state.limit is None)
        self._forget_session_limit()

    # --- where nothing charges by itself ------------------------------------------

    @property
    def _limits_start(self) -> bool:
        """Whether a limit with auto_release takes the charger out of "off"."""
        if self._state.config is None or self._state.config.default_state is not False:
            return False
        number = self._state.rapi.gateway.number
        return number is None or number >= _STARTING_SINCE

    async def _limit_session(self, kind: LimitType, value: int) -> None:
        """Limit the session without a claim of the limit's own; see to its end ourselves."""
        if self._state.limit is not None and self._state.limit.auto_release:
            await self._drop_limit()
        begun = self._state.values.get("vehicle_connected") is True
        note = {"type": kind.value, "value": value, "begun": begun}
        self._state.sink.remember(_NOTE, note)
        await self._send_limit(kind, value, auto_release=False)

    async def _drop_limit(self) -> None:
        """Remove the limit, and wait until its claim is released, if it has one.

        That takes a turn of the gateway's own (EVSE_LIMIT_LOOP_TIME, a second); another
        limit before would leave the claim as it is.
        """
        version = self._state.values.get("claims_version")
        await self._state.send(openevse.clear_limit(self._state.base))
        await self._state.confirmed("limit", lambda: self._state.limit is None)
        with suppress(CommandError):
            await self._state.confirmed(
                "limit",
                lambda: self._state.values.get("claims_version") != version,
                within=_LOOP,
            )

    async def keep_off(self) -> None:
        """See that the limit does not start what the override has switched off."""
        override, limit = self._state.override, self._state.limit
        off = override is not None and override.state is ServiceState.DISABLED
        if off and self._limits_start and limit is not None and limit.auto_release:
            # Its claim would outrank this. The limit stays, without one.
            await self._limit_session(limit.type, round(limit.value))

    def _follow(self, told: Mapping[str, Any]) -> None:
        """Take note of a limit that is gone, and of the session's end."""
        if told.get("limit", False) is None:
            self._forget_session_limit()
        else:
            self._follow_session()

    def _follow_session(self) -> None:
        """End the limit of the session with it."""
        if (noted := self._state.sink.recall(_NOTE)) is None:
            return
        plugged = self._state.values.get("vehicle_connected")
        if plugged is True and not noted["begun"]:
            self._state.sink.remember(_NOTE, noted | {"begun": True})
        elif plugged is False and noted["begun"] and self._state.limit is not None:
            if (self._state.limit.type, self._state.limit.value) != (
                noted["type"],
                noted["value"],
            ):
                self._forget_session_limit()  # somebody has set another one
            elif self._ending is None or self._ending.done():
                self._ending = asyncio.get_running_loop().create_task(self._end_limit())

    async def _end_limit(self) -> None:
        try:
            await self.clear_limit()
            self._state.unsettled = False
        except WattbusError as err:
            self._state.unsettled = True
            LOGGER.debug("The limit of the session could not be removed: %s", err)

    def _forget_session_limit(self) -> None:
        if self._state.sink.recall(_NOTE) is not None:
            self._state.sink.remember(_NOTE, None)

    async def end(self) -> None:
        """Give up what goes on beside the commands."""
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.gather(self._ending, return_exceptions=True)
