"""Limits of a session: those of the gateway, or those that the controller keeps.

From 5.1.5 on a limit with auto_release claims the charger where the configuration's
default_state is off, at a priority above the manual override's, so that it starts a
charge that cannot be switched off (openevse_esp32_firmware #1029, limit.cpp). One without
does not; there, Wattbus sends that, and removes it when the vehicle has left.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ...const import LOGGER
from ...errors import CommandError, WattbusError
from ...protocols import openevse
from ...protocols.inputs import check_number
from ...protocols.openevse import Capability, LimitType, ServiceState
from .const import ENABLED, ENERGY_LIMIT, TIME_LIMIT
from .controller import Controller
from .state import State

_QUARTER: Final = 15
# What the controller counts, in kWh and in quarters of an hour.
_MOST: Final = 255
_STARTING_SINCE: Final = (5, 1, 5)
# The limits that have a control.
_SEEN_AS: Final = {LimitType.ENERGY: ENERGY_LIMIT, LimitType.TIME: TIME_LIMIT}
# Two turns of the gateway's.
_LOOP: Final = 2.5
# What is remembered of a limit that ends with the session: over restarts, too.
_NOTE: Final = "session_limit"


def _at_least_one(count: float) -> int:
    """Round what the controller counts in whole units; only 0 is no limit."""
    return max(1, round(count)) if count else 0


class Limits:
    """Limits the charger's sessions."""

    def __init__(self, state: State, controller: Controller) -> None:
        """Follow the sessions in the state."""
        self._state = state
        self._controller = controller
        self._ending: asyncio.Task[None] | None = None
        state.follow = self._follow

    async def set_energy_limit(self, kwh: float) -> None:
        """End the session after so much energy [kWh]; 0 is never."""
        if Capability.LIMIT in self._state.offers:
            await self._limit(LimitType.ENERGY, round(kwh * 1000))
            return
        check_number(kwh, ENERGY_LIMIT, minimum=0, maximum=_MOST)
        await self._session_limit("SH", ENERGY_LIMIT, _at_least_one(kwh), 1)

    async def set_time_limit(self, minutes: float) -> None:
        """End the session after so many minutes; 0 is never."""
        if Capability.LIMIT in self._state.offers:
            await self._limit(LimitType.TIME, round(minutes))
            return
        check_number(minutes, TIME_LIMIT, minimum=0, maximum=_MOST * _QUARTER)
        quarters = _at_least_one(minutes / _QUARTER)
        await self._session_limit("S3", TIME_LIMIT, quarters, _QUARTER)

    async def _session_limit(
        self, command: str, name: str, count: int, unit: int
    ) -> None:
        """Set a limit that the controller keeps, counted in units.

        Below what the session has had already, it ends the session at once and is
        gone.
        """
        charging = self._state.values.get(ENABLED)
        await self._state.rapi.order(command, count)
        await self._controller.read("GH", "G3")
        if self._state.values.get(name) != count * unit:
            await self._controller.read("GS")
        await self._state.confirmed(
            name,
            lambda: (
                self._state.values.get(name) == count * unit
                or (
                    count > 0
                    and charging is True
                    and self._state.values[ENABLED] is False
                )
            ),
        )

    async def _limit(self, kind: LimitType, value: int) -> None:
        """Set the gateway's limit, of which there is one; 0 removes it if it is this."""
        if value:
            await self.set_limit(kind, value)
        elif self._state.limit is None or self._state.limit.type is kind:
            await self.clear_limit()

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
            _SEEN_AS.get(kind, "limit"),
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
