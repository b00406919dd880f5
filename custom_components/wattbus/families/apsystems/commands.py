"""What an ECU can be told on its web page, and how it is seen that it was followed.

The page answers "done" to whatever it is told, and an ECU that is still busy with the
last order forgets the next one without a word (homeassistant-apsystems_ecu_reader #60).
So orders keep their distance, and are given again when the ECU says otherwise.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import ProtocolError
from ...protocols.inputs import check_number
from ..driver import Context
from ..sink import MAIN_DEVICE, DeviceKey, Value
from .client import EcuClient
from .const import (
    CONF_RESTART,
    CONF_RESTART_AFTER,
    CONF_RESTART_PASSWORD,
    CONF_SSID,
    INVERTER,
)
from .web import MOST_EXPORT, Feature, WebPage, check_max_power

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

GAP: Final = 10.0
"""Seconds between two orders, as the maintainer of that integration advises."""

MOMENT: Final = 0.5
"""Seconds in which what is asked is put into one order."""

# The ECU hands an order on with its next cycle of five minutes, and says so then.
_FOLLOWED_WITHIN: Final = timedelta(minutes=9)
_REPEATS: Final = 2

# Polls between two readings of what inverters are set to: about an hour.
_EVERY: Final = 12
# Polls after a command that may still find what was before: the ECU needs 5 minutes,
# the shortest interval is one.
_SETTLES: Final = 7
# Questions in a row without an answer, after which it is not asked any more.
_TRIES: Final = 3

# What is remembered of 0026, which may take an ECU down (ecu_reader #137).
_TRIAL_KEY: Final = "switch_states"
_ASKED: Final = "asked"
_HANGS: Final = "hangs"
# Polls without an answer, after the first 0026, that are no coincidence any more.
_HANGING: Final = 3

_RESTART_EVERY: Final = timedelta(hours=1)

_ZERO_EXPORT: Final = "zero_export"
_EXPORT_LIMIT: Final = "export_limit"


async def apart(part: Awaitable[None]) -> None:
    """Do one part; without it, the others are done all the same."""
    try:
        await part
    except (WattbusError, ProtocolError) as err:
        LOGGER.debug("A part of the ECU could not be read: %s", err)


@dataclass(slots=True)
class _Order[V]:
    value: V
    since: datetime
    repeats: int = 0


class _Orders[V]:
    """What inverters were told, until the ECU says that they do it."""

    def __init__(self, what: str) -> None:
        """Expect nothing; `what` names the setting in the log."""
        self._what = what
        self.open: dict[str, _Order[V]] = {}

    def given(self, inverter_ids: Iterable[str], value: V) -> None:
        """Expect this of inverters."""
        now = dt_util.utcnow()
        self.open |= {each: _Order(value, now) for each in inverter_ids}

    def lost(self, states: Mapping[str, V | None]) -> dict[str, V]:
        """Compare with what the ECU says; gives the orders that are to be repeated."""
        now = dt_util.utcnow()
        again: dict[str, V] = {}
        for inverter_id, order in list(self.open.items()):
            if states.get(inverter_id) == order.value:
                del self.open[inverter_id]
            elif now - order.since < _FOLLOWED_WITHIN:
                continue
            elif order.repeats < _REPEATS and inverter_id in states:
                order.repeats += 1
                order.since = now
                again[inverter_id] = order.value
            else:
                del self.open[inverter_id]
                LOGGER.warning(
                    "Inverter %s did not follow: %s %s",
                    *(inverter_id, self._what, order.value),
                )
        return again


class _Switching:
    """Puts the switching of several inverters within a moment into one order."""

    def __init__(self, hass: HomeAssistant, page: WebPage) -> None:
        self._hass = hass
        self._page = page
        self._lock = asyncio.Lock()
        self._free_at = 0.0
        self._batch: dict[str, bool] | None = None
        self._sending: asyncio.Task[WattbusError | None] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait until the ECU can take an order."""
        async with self._lock:
            if (wait := self._free_at - self._hass.loop.time()) > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._free_at = self._hass.loop.time() + GAP

    async def ask(self, inverter_id: str, on: bool) -> None:
        """Ask for one inverter, and wait until the page has taken the order.

        An order that is refused for several is given for each by itself: one inverter
        that the ECU does not know does not take the others along. Raises WattbusError.
        """
        if self._batch is None:
            self._batch = {}
            self._sending = self._hass.async_create_background_task(
                self._send(self._batch), "wattbus ECU order"
            )
        batch, sending = self._batch, self._sending
        batch[inverter_id] = on
        assert sending is not None
        # Whoever gives up waiting does not stop the others' order.
        if (error := await asyncio.shield(sending)) is None:
            return
        if len(batch) == 1 or error.translation_key != "web_refused":
            raise error
        async with self.turn():
            await self._page.switch({inverter_id: batch[inverter_id]})

    async def _send(self, batch: Mapping[str, bool]) -> WattbusError | None:
        await asyncio.sleep(MOMENT)
        async with self.turn():
            self._batch = None
            try:
                await self._page.switch(batch)
            except WattbusError as err:
                return err
        return None


class Commands:
    """Reads and changes how an ECU and its inverters are set, and restarts it."""

    def __init__(self, context: Context, client: EcuClient, page: WebPage) -> None:
        """Prepare; nothing is asked yet."""
        self._options = context.options
        self._sink = context.sink
        self._host: str = context.data[CONF_HOST]
        self._client = client
        self._page = page
        self._switching = _Switching(context.hass, page)
        self._turn = self._switching.turn
        self._switches: _Orders[bool] = _Orders("switched on")
        self._limits: _Orders[int] = _Orders("maximum power")
        self.ours = True
        """Whether it is our ECU that answers at the address."""
        self._ids: list[str] = []
        self._read_in = 0
        self._awaited = 0
        self._unanswered = 0
        self._failures = 0
        self._silent = 0
        self._restarted: datetime | None = None

    @property
    def asks_for_switches(self) -> bool:
        """Whether the ECU is still asked which inverters are switched on."""
        return self._unanswered < _TRIES and self._sink.recall(_TRIAL_KEY) != _HANGS

    @property
    def _may_restart(self) -> bool:
        """Whether the user has allowed it, and said what is written with it."""
        needed = (CONF_RESTART, CONF_SSID, CONF_RESTART_PASSWORD)
        return all(self._options.get(key) for key in needed)

    # --- with each poll ---------------------------------------------------------------

    def offer(self) -> None:
        """Say what is offered; that brings the entities."""
        features, offered = self._page.features, self._page.offered
        told: dict[str, Value] = {each: each in offered for each in features}
        if not self._may_restart:
            told.pop(Feature.RESTART, None)
        if Feature.ZERO_EXPORT in features:
            told |= {
                key: self._sink.recall(key) for key in (_ZERO_EXPORT, _EXPORT_LIMIT)
            }
        self._sink.report(MAIN_DEVICE, told)

    async def update(self, firmware: str, inverter_ids: list[str]) -> None:
        """Say what can be set on inverters, and at times how it is."""
        self._ids = inverter_ids
        self._silent = 0
        if self._sink.recall(_TRIAL_KEY) == _ASKED:
            # Whether it has answered that or not, it goes on answering.
            self._sink.remember(_TRIAL_KEY, firmware)
        offered = self._page.offered & {Feature.SWITCH, Feature.MAX_POWER}
        for inverter_id in inverter_ids:
            self._tell(inverter_id, dict.fromkeys(offered, True))
        if self._read_in > 0 and not (self._switches.open or self._limits.open):
            self._read_in -= 1
            return
        self._read_in = 0 if self._awaited else _EVERY
        self._awaited = max(self._awaited - 1, 0)
        await apart(self._read_switches(firmware))
        await apart(self._read_limits())

    def _tell(self, inverter_id: str, values: Mapping[str, Any]) -> None:
        if inverter_id in self._ids:  # else its entry is not that of an inverter
            self._sink.report(DeviceKey(INVERTER, inverter_id), values)

    async def _read_switches(self, firmware: str) -> None:
        if not self.asks_for_switches:
            self._switches.open.clear()
            return
        if self._sink.recall(_TRIAL_KEY) != firmware:
            # Before the question: an ECU that hangs may be found so after a restart.
            self._sink.remember(_TRIAL_KEY, _ASKED)
        try:
            states = await self._client.switch_states()
        except ConnectError:
            self._unanswered += 1
            raise
        self._unanswered = 0
        for inverter_id, on in states.items():
            self._tell(inverter_id, {"switched_on": on})
        if again := self._switches.lost(states):
            LOGGER.debug("Switched once more: %s", again)
            async with self._turn():
                await self._page.switch(again)

    async def _read_limits(self) -> None:
        limits = {
            key: each.limit for key, each in (await self._client.max_power()).items()
        }
        for inverter_id, limit in limits.items():
            self._tell(inverter_id, {"max_power": limit})
        for inverter_id, watts in self._limits.lost(limits).items():
            LOGGER.debug("Limited once more: %s to %d W", inverter_id, watts)
            async with self._turn():
                await self._page.set_max_power(inverter_id, watts)

    # --- commands ---------------------------------------------------------------------

    async def switch(self, inverter_id: str, on: bool) -> None:
        """Switch one inverter. The ECU takes minutes; it tells when it is done."""
        await self._switching.ask(inverter_id, on)
        self._switches.given((inverter_id,), on)
        self._await_change()

    async def switch_all(self, on: bool) -> None:
        """Switch all inverters."""
        async with self._turn():
            await self._page.switch_all(on)
        self._switches.given(self._ids, on)
        self._await_change()

    async def set_max_power(self, inverter_id: str, limit: float) -> None:
        """Limit each channel of an inverter [W]. Raises InputError, WattbusError."""
        watts = check_max_power(limit)
        async with self._turn():
            await self._page.set_max_power(inverter_id, watts)
        self._limits.given((inverter_id,), watts)
        self._await_change()

    def _await_change(self) -> None:
        """Read with the next polls how inverters are set."""
        self._read_in = 0
        self._awaited = _SETTLES

    async def set_zero_export(
        self, *, on: bool | None = None, limit: float | None = None
    ) -> None:
        """Switch zero export, or change its limit [W].

        The ECU does not tell how it is set: what it has accepted is remembered. Both
        go to it together, so that nothing does until both are known: what it has from
        elsewhere would be overwritten. Raises InputError, WattbusError.
        """
        if on is None:
            on = self._sink.recall(_ZERO_EXPORT)
        if limit is None:
            limit = self._sink.recall(_EXPORT_LIMIT)
        if limit is None:
            raise CommandError("export_limit_unknown")
        watts = int(
            check_number(
                limit, _EXPORT_LIMIT, minimum=0, maximum=MOST_EXPORT, whole=True
            )
        )
        if on is not None:
            async with self._turn():
                await self._page.set_zero_export(on, watts)
        for key, value in ((_ZERO_EXPORT, on), (_EXPORT_LIMIT, watts)):
            self._sink.remember(key, value)
            self._sink.report(MAIN_DEVICE, {key: value})

    async def restart(self) -> None:
        """Restart the ECU. Raises WattbusError."""
        if not self._may_restart:
            raise CommandError("restart_not_allowed")
        if not self.ours:
            # Another that has got the address is not ours to restart, let alone to be
            # told our password.
            raise ConnectError(Reason.OTHER_DEVICE, self._host)
        await self._page.restart(
            self._options[CONF_SSID], self._options[CONF_RESTART_PASSWORD]
        )

    # --- an ECU that does not answer --------------------------------------------------

    def answered(self) -> None:
        """Note that the ECU tells all that it should."""
        self._failures = 0

    async def poll_failed(self, *, answers: bool = False) -> None:
        """Restart an ECU that does not answer, after so many polls as the user says.

        It may have answered in part: that it is there, and no more.
        """
        self._failures += 1
        if self.ours and not answers:
            self._doubt_switch_states()
        most = int(self._options.get(CONF_RESTART_AFTER, 0))
        if not most or self._failures < most or not self._may_restart or not self.ours:
            return
        now = dt_util.utcnow()
        if self._restarted and now - self._restarted < _RESTART_EVERY:
            return
        self._restarted = now
        LOGGER.warning("The ECU does not answer over TCP and is restarted")
        try:
            await self.restart()
        except WattbusError as err:
            detail = err.detail if isinstance(err, ConnectError) else err
            LOGGER.debug("The ECU could not be restarted: %s", detail)

    def _doubt_switch_states(self) -> None:
        """Give 0026 up for good when an ECU hangs after the first one."""
        self._silent += 1
        if self._silent >= _HANGING and self._sink.recall(_TRIAL_KEY) == _ASKED:
            LOGGER.warning(
                "The ECU does not answer any more since it was asked which inverters "
                "are switched on: it is not asked that again"
            )
            self._sink.remember(_TRIAL_KEY, _HANGS)
