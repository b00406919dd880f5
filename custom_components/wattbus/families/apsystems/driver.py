"""An ECU that is asked over TCP, a little after each of its own cycles."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import ConnectError, Reason
from ...protocols.ecu import EcuInfo, InverterReport
from ..driver import Context, PollingDriver
from ..sink import MAIN_DEVICE, DeviceKey
from .client import EcuClient
from .commands import Commands, apart
from .const import (
    CONF_NIGHT,
    CONF_PLACE,
    CONF_WEB_PORT,
    CONF_ZONE,
    DEFAULT_INTERVAL,
    DEFAULT_WEB_PORT,
    KEPT_FOR,
    POLLING,
)
from .meter import Meter
from .night import MAINTENANCE_LASTS, at_maintenance, sun_is_up
from .publishing import Publisher
from .state import State, next_poll
from .web import WebPage

# Seconds after the ECU's time stamp at which it has gathered all answers.
_MARGIN: Final = 20.0

_ECU_ID: Final = "ecu_id"
# Some firmware does not know 0030; asking on would cost a time-out with each poll.
_SIGNAL_TRIES: Final = 3


class EcuTcp(PollingDriver):
    """The driver of an ECU that is asked directly."""

    state: State
    """What the ECU has told; made at the start, as is the meter."""
    _meter: Meter

    def __init__(self, context: Context) -> None:
        """Prepare to ask the address that the data names."""
        super().__init__(context)
        self.client = EcuClient(
            self.hass, self.data[CONF_HOST], int(self.data[CONF_PORT])
        )
        self.page = WebPage(
            self.hass,
            self.data[CONF_HOST],
            int(self.options.get(CONF_WEB_PORT, DEFAULT_WEB_PORT)),
            self.sink,
        )
        self.commands = Commands(context, self.client, self.page)
        self._signal_failures = 0
        self._unreadable = False
        """Whether the ECU gives no answer about its inverters, only about itself."""
        self._anyone_online = True
        self._polled: datetime | None = None
        self.importing = asyncio.Lock()
        """One import of the history at a time."""
        self.publisher = Publisher(self.hass, self.options, self.sink)

    @property
    @override
    def interval(self) -> timedelta:
        seconds = float(self.options.get(CONF_SCAN_INTERVAL, DEFAULT_INTERVAL))
        return next_poll(self.state.stamp, dt_util.utcnow(), seconds, _MARGIN)

    @property
    @override
    def tolerance(self) -> timedelta:
        return MAINTENANCE_LASTS if self._at_maintenance else KEPT_FOR

    @property
    def _at_maintenance(self) -> bool:
        return at_maintenance(dt_util.utcnow().astimezone(self.state.zone))

    @override
    async def start(self) -> None:
        name = self.options.get(CONF_ZONE)
        zone = await dt_util.async_get_time_zone(name) if name else None
        if name and zone is None:
            LOGGER.warning(
                "There is no time zone %.60s; Home Assistant's is used", name
            )
        self.state = State(
            self.sink, zone or dt_util.get_default_time_zone(), self.options
        )
        self._meter = Meter(self.sink, self.page)
        self.sink.report(MAIN_DEVICE, {POLLING: self.polling})
        await self.publisher.start()
        await super().start()
        self.client.patient = True

    @override
    async def stop(self) -> None:
        await super().stop()
        await self.publisher.stop()

    @override
    async def refresh(self) -> None:
        if self.rests:
            # There is nothing new at night. While the user has it paused, the values
            # grow old like those of an ECU that does not answer.
            if self.polling:
                self.sink.connected(True)
            elif self._polled and dt_util.utcnow() - self._polled > self.tolerance:
                self.sink.connected(False)
            return
        try:
            await super().refresh()
        except ConnectError as err:
            self.commands.ours = err.reason is not Reason.OTHER_DEVICE
            if self.client.patient:
                await self._failed()
            elif self.commands.ours and self.sink.recall(_ECU_ID) is not None:
                # While the entry is being set up. What brings a known ECU back, such as
                # its restart, is needed now.
                LOGGER.debug("No answer from %s yet: %s", err.host, err.detail)
                return
            raise
        self.commands.ours = True

    @override
    async def poll(self) -> None:
        info = await self.client.info()
        self._identify(info)
        report = await self._inverters()
        levels = await self._levels() if report else {}
        # First: the inverters can be there only when the ECU is.
        self.sink.connected(True)
        now = dt_util.utcnow()
        self._anyone_online = self.state.read(info, report, levels, now)
        self._polled = now
        await self.publisher.publish(info, self.state, report, levels)
        await self._read_page(info)
        if self._unreadable:
            await self._failed(answers=True)
        else:
            self.commands.answered()

    async def _failed(self, *, answers: bool = False) -> None:
        """Count a poll without an answer, where one could be expected."""
        if not self._at_maintenance:
            await self.commands.poll_failed(answers=answers)

    async def _read_page(self, info: EcuInfo) -> None:
        """Read what the page has; nothing of it makes the poll fail."""
        await apart(self.page.look(info))
        if self.page.features:
            self.commands.offer()
            await apart(self._meter.update())
            await self.commands.update(info.firmware, self.state.inverter_ids)

    async def _inverters(self) -> InverterReport | None:
        """Ask for the inverters; without an answer, the ECU's own is all there is.

        For hours, 0002 may be empty or unreadable while 0001 is answered (ecur #13,
        ecu_reader #24 and #119).
        """
        try:
            report = await self.client.inverters()
        except ConnectError as err:
            if not self._unreadable:
                LOGGER.warning(
                    "The ECU at %s does not tell of its inverters: %s", err.host, err
                )
            LOGGER.debug("No inverters from %s: %s", err.host, err.detail)
            self._unreadable = True
            return None
        self._unreadable = False
        return report

    def _identify(self, info: EcuInfo) -> None:
        """Notice when another ECU has got the address."""
        known = self.sink.recall(_ECU_ID)
        if known not in (None, info.ecu_id):
            raise ConnectError(Reason.OTHER_DEVICE, self.data[CONF_HOST], info.ecu_id)
        self.sink.remember(_ECU_ID, info.ecu_id)

    async def _levels(self) -> dict[str, int]:
        """Ask for the signals, which not all firmware tells."""
        if self._signal_failures >= _SIGNAL_TRIES:
            return {}
        try:
            levels = await self.client.signal()
        except ConnectError as err:
            LOGGER.debug("No signals from %s: %s", err.host, err.detail)
            self._signal_failures += 1
            return {}
        self._signal_failures = 0
        return levels

    # --- rest -------------------------------------------------------------------------

    @property
    def polling(self) -> bool:
        """Whether the user lets the ECU be asked."""
        return self.sink.recall(POLLING) is not False

    @property
    def rests(self) -> bool:
        """Whether the ECU is to be left alone now."""
        if not self.polling:
            return True
        if self._polled is None:
            return False  # the first time shows that it is there
        if not self.options.get(CONF_NIGHT) or self._anyone_online:
            return False
        return not sun_is_up(self.hass, self.options.get(CONF_PLACE), dt_util.utcnow())

    async def set_polling(self, on: bool) -> None:
        """Let the ECU be asked, or not. Raises ConnectError if it does not answer."""
        self.sink.remember(POLLING, on)
        self.sink.report(MAIN_DEVICE, {POLLING: on})
        if on:
            await self.refresh()

    @override
    def forget(self, device: DeviceKey) -> None:
        self.state.forget(device.id)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **super().diagnostics(),
            "stamp": str(self.state.stamp),
            "rests": self.rests,
            "web_features": sorted(self.page.offered),
            "asks_for_signals": self._signal_failures < _SIGNAL_TRIES,
            "asks_for_switches": self.commands.asks_for_switches,
            "tells_of_inverters": not self._unreadable,
        }
