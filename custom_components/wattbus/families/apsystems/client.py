"""Asks an ECU: each question over a connection of its own, which the newer ones need."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ...const import LOGGER
from ...errors import ConnectError, Reason
from ...protocols import ProtocolError, ecu
from ...protocols.ecu import Command, Period
from ...transports.tcp import TcpClient

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

ATTEMPTS: Final = 3
RETRY_DELAY: Final = 5.0  # seconds

# Not all firmware answers these, so that asking again would be asking for nothing.
_OPTIONAL: Final = {
    Command.SIGNAL,
    Command.MAX_POWER,
    Command.SWITCH_STATES,
    Command.ENERGY_HISTORY,
}

# More than any day has alarms for.
_MOST_PAGES: Final = 10


class EcuClient:
    """The questions that may be put to an ECU; all raise ConnectError."""

    def __init__(self, hass: HomeAssistant, host: str, port: int) -> None:
        """Prepare to ask; its id is learned from the first answer."""
        self._tcp = TcpClient(hass, host, port)
        self._host = host
        self.ecu_id: str | None = None
        self.patient = False
        """Whether to ask again when there is no answer."""
        self._incomplete = False

    async def _ask[T](
        self, command: Command, decode: Callable[[bytes], T], **more: Any
    ) -> T | None:
        """Ask until there is an answer that can be read; None: the ECU has no data."""
        if command is not Command.INFO and self.ecu_id is None:
            await self.info()
        request = ecu.encode_request(command, self.ecu_id, **more)
        again = self.patient and command not in _OPTIONAL
        for left in reversed(range(ATTEMPTS if again else 1)):
            try:
                return decode(await self._tcp.query(request, _length))
            except ecu.NoDataError:
                return None
            except (ConnectError, ProtocolError) as err:
                if not left:
                    if isinstance(err, ConnectError):
                        raise
                    raise ConnectError(Reason.BAD_ANSWER, self._host, str(err)) from err
                LOGGER.debug("%s of %s is asked again: %s", command, self._host, err)
            await asyncio.sleep(RETRY_DELAY)
        raise AssertionError  # the last attempt returns or raises

    async def info(self) -> ecu.EcuInfo:
        """Ask who it is, and how the whole installation does."""
        info = await self._ask(Command.INFO, ecu.decode_info)
        assert info is not None  # this answer has no status
        self.ecu_id = info.ecu_id
        return info

    async def inverters(self) -> ecu.InverterReport | None:
        """Ask for the inverters; None if it knows nothing yet.

        What cannot be read completely is asked for once more, but not each time: an
        inverter of an unknown kind stays one.
        """
        report = await self._ask(Command.INVERTERS, ecu.decode_inverters)
        if report and not report.complete and not self._incomplete and self.patient:
            report = await self._ask(Command.INVERTERS, ecu.decode_inverters)
        if report:
            self._incomplete = not report.complete
        return report

    async def signal(self) -> dict[str, int]:
        """Ask for the inverters' Zigbee levels."""
        return await self._ask(Command.SIGNAL, ecu.decode_signal) or {}

    async def power_history(self, day: date) -> tuple[ecu.PowerPoint, ...]:
        """Ask for the curve of a day, empty if there is none."""
        decode = ecu.decode_power_history
        return await self._ask(Command.POWER_HISTORY, decode, day=day) or ()

    async def energy_history(self, period: Period) -> tuple[ecu.EnergyPoint, ...]:
        """Ask for the energy of each day, or month."""
        decode = ecu.decode_energy_history
        history = await self._ask(Command.ENERGY_HISTORY, decode, period=period)
        return history.points if history else ()

    async def alarms(self, day: date) -> list[ecu.Alarm]:
        """Ask for the alarms of a day."""
        found: list[ecu.Alarm] = []
        decode = ecu.decode_alarms
        for page in range(_MOST_PAGES):
            more = await self._ask(Command.ALARMS, decode, day=day, page=page)
            new = [alarm for alarm in more or () if alarm not in found]
            # Firmware that ignores the page gives the same again.
            if not new:
                break
            found += new
        return found

    async def max_power(self) -> dict[str, ecu.MaxPower]:
        """Ask for the inverters' limits."""
        return await self._ask(Command.MAX_POWER, ecu.decode_max_power) or {}

    async def switch_states(self) -> dict[str, bool | None]:
        """Ask which inverters are switched on."""
        return await self._ask(Command.SWITCH_STATES, ecu.decode_switch_states) or {}


def _length(head: bytes) -> int | None:
    """Tell the length of the answer, if enough of it is there."""
    if len(head) < ecu.HEAD_LENGTH and b"APS".startswith(head[:3]):
        return None
    return ecu.frame_length(head)
