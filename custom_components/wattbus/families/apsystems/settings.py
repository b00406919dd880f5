"""How inverters are set, and setting them: switched on, and the limit of their power."""

from collections.abc import Awaitable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import ConnectError, WattbusError
from ...protocols import ProtocolError
from ..sink import DeviceKey, Sink
from .client import EcuClient
from .const import INVERTER
from .orders import Gathered, Orders, Turns
from .web import Feature, WebPage

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

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


async def apart(part: Awaitable[None]) -> None:
    """Do one part; without it, the others are done all the same."""
    try:
        await part
    except (WattbusError, ProtocolError) as err:
        LOGGER.debug("A part of the ECU could not be read: %s", err)


class InverterSettings:
    """Reads and changes what inverters are set to."""

    def __init__(
        self,
        hass: HomeAssistant,
        page: WebPage,
        client: EcuClient,
        sink: Sink,
        turns: Turns,
    ) -> None:
        """Prepare; nothing is asked yet."""
        self._page = page
        self._client = client
        self._sink = sink
        self._turns = turns
        self._ids: list[str] = []
        self._read_in = 0
        self._awaited = 0
        self._unanswered = 0
        self._switching = Gathered(hass, turns, page.switch)
        self._switches: Orders[bool] = Orders("switched on")
        self._limits: Orders[int] = Orders("maximum power")
        self._failed_polls = 0

    @property
    def asks_for_switches(self) -> bool:
        """Whether the ECU is still asked which inverters are switched on."""
        return self._unanswered < _TRIES and self._sink.recall(_TRIAL_KEY) != _HANGS

    # --- with each poll ---------------------------------------------------------------

    async def update(self, firmware: str, inverter_ids: list[str]) -> None:
        """Say what can be set, and at times how it is."""
        self._ids = inverter_ids
        self._failed_polls = 0
        if self._sink.recall(_TRIAL_KEY) == _ASKED:
            # Whether it has answered that or not, it goes on answering.
            self._sink.remember(_TRIAL_KEY, firmware)
        offered = self._page.offered & {Feature.SWITCH, Feature.MAX_POWER}
        for inverter_id in inverter_ids:
            self._tell(inverter_id, dict.fromkeys(offered, True))
        if self._read_in > 0 and not (self._switches or self._limits):
            self._read_in -= 1
            return
        self._read_in = 0 if self._awaited else _EVERY
        self._awaited = max(self._awaited - 1, 0)
        await apart(self._read_switches(firmware))
        await apart(self._read_limits())

    def poll_failed(self) -> None:
        """Give 0026 up for good when an ECU hangs after the first one."""
        self._failed_polls += 1
        if self._failed_polls >= _HANGING and self._sink.recall(_TRIAL_KEY) == _ASKED:
            LOGGER.warning(
                "The ECU does not answer any more since it was asked which inverters "
                "are switched on: it is not asked that again"
            )
            self._sink.remember(_TRIAL_KEY, _HANGS)

    def _tell(self, inverter_id: str, values: Mapping[str, Any]) -> None:
        if inverter_id in self._ids:  # else its entry is not that of an inverter
            self._sink.report(DeviceKey(INVERTER, inverter_id), values)

    async def _read_switches(self, firmware: str) -> None:
        if not self.asks_for_switches:
            self._switches.forget()
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
        if again := self._switches.lost(states, dt_util.utcnow()):
            LOGGER.debug("Switched once more: %s", again)
            async with self._turns.turn():
                await self._page.switch(again)

    async def _read_limits(self) -> None:
        found = await self._client.max_power()
        limits = {inverter_id: each.limit for inverter_id, each in found.items()}
        for inverter_id, limit in limits.items():
            self._tell(inverter_id, {"max_power": limit})
        for inverter_id, watts in self._limits.lost(limits, dt_util.utcnow()).items():
            LOGGER.debug("Limited once more: %s to %d W", inverter_id, watts)
            async with self._turns.turn():
                await self._page.set_max_power(inverter_id, watts)

    # --- commands ---------------------------------------------------------------------

    async def switch(self, inverter_id: str, on: bool) -> None:
        """Switch one inverter. The ECU takes minutes; it tells when it is done."""
        await self._switching.ask(inverter_id, on)
        self._await_switches((inverter_id,), on)

    async def switch_all(self, on: bool) -> None:
        """Switch all inverters."""
        async with self._turns.turn():
            await self._page.switch_all(on)
        self._await_switches(self._ids, on)

    async def set_max_power(self, inverter_id: str, limit: float) -> None:
        """Limit each channel of an inverter [W]. Raises InputError, WattbusError."""
        watts = self._page.check_max_power(limit)
        async with self._turns.turn():
            await self._page.set_max_power(inverter_id, watts)
        self._limits.note((inverter_id,), watts, dt_util.utcnow())
        self._await_change()

    def _await_switches(self, inverter_ids: Iterable[str], on: bool) -> None:
        self._switches.note(inverter_ids, on, dt_util.utcnow())
        self._await_change()

    def _await_change(self) -> None:
        """Read with the next polls how inverters are set."""
        self._read_in = 0
        self._awaited = _SETTLES
