"""What an ECU can be told, and its meter: the web page's part of an ECU over TCP."""

from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import ProtocolError
from ...protocols.ecu import EcuInfo
from ..sink import MAIN_DEVICE, DeviceKey, Sink, Value
from .client import EcuClient
from .const import (
    CONF_RESTART,
    CONF_RESTART_AFTER,
    CONF_RESTART_PASSWORD,
    CONF_SSID,
    CONF_WEB_PORT,
    DEFAULT_WEB_PORT,
    INVERTER,
    KEPT_FOR,
)
from .meter import Meter, decode_graph
from .web import Feature, WebPage

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_RESTART_EVERY: Final = timedelta(hours=1)
# Polls between two readings of what inverters are set to: about an hour.
_EVERY: Final = 12
# Polls after a command that may still find what was before: the ECU needs 5 minutes,
# the shortest interval is one.
_SETTLES: Final = 7

_ZERO_EXPORT: Final = "zero_export"
_EXPORT_LIMIT: Final = "export_limit"


class Features:
    """Everything that not every ECU can do."""

    def __init__(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        options: Mapping[str, Any],
        sink: Sink,
        client: EcuClient,
    ) -> None:
        """Prepare; nothing is asked yet."""
        port = int(options.get(CONF_WEB_PORT, DEFAULT_WEB_PORT))
        self.page = WebPage(hass, data[CONF_HOST], port, sink)
        self.ours = True
        """Whether it is our ECU that answers at the address."""
        self._host: str = data[CONF_HOST]
        self._options = options
        self._sink = sink
        self._client = client
        self._meter: Meter | None = None
        self._read_in = 0
        self._awaited = 0
        self._failures = 0
        self._restarted: datetime | None = None

    # --- with each poll ---------------------------------------------------------------

    async def update(self, info: EcuInfo, inverter_ids: list[str]) -> None:
        """Read what there is; nothing of it makes the poll fail."""
        self._failures = 0
        await self._apart(self.page.look(info))
        if not self.page.offered:
            return
        self._tell(inverter_ids)
        await self._apart(self._measurements())
        await self._states()

    async def _apart(self, part: Awaitable[None]) -> None:
        """Read one part; without it, the others are read all the same."""
        try:
            await part
        except (WattbusError, ProtocolError) as err:
            LOGGER.debug("The web page's part could not be read: %s", err)

    def _tell(self, inverter_ids: list[str]) -> None:
        """Say what is offered; that brings the entities."""
        offered: dict[str, Value] = {
            feature: feature in self.page.offered for feature in self.page.features
        }
        if not self._may_restart:
            offered.pop(Feature.RESTART, None)
        self._sink.report(MAIN_DEVICE, offered)
        if Feature.ZERO_EXPORT in self.page.features:
            self._sink.report(
                MAIN_DEVICE,
                {
                    _ZERO_EXPORT: self._sink.recall(_ZERO_EXPORT),
                    _EXPORT_LIMIT: self._sink.recall(_EXPORT_LIMIT),
                },
            )
        both: dict[str, Value] = {
            feature: True
            for feature in (Feature.SWITCH, Feature.MAX_POWER)
            if feature in self.page.offered
        }
        for inverter_id in inverter_ids:
            self._sink.report(DeviceKey(INVERTER, inverter_id), both)

    async def _states(self) -> None:
        """Ask what inverters are set to: seldom, for it changes seldom."""
        if self._read_in > 0:
            self._read_in -= 1
            return
        self._read_in = 0 if self._awaited else _EVERY
        self._awaited = max(self._awaited - 1, 0)
        await self._apart(self._switch_states())
        await self._apart(self._max_power())

    async def _switch_states(self) -> None:
        for inverter_id, on in (await self._client.switch_states()).items():
            self._sink.report(DeviceKey(INVERTER, inverter_id), {"switched_on": on})

    async def _max_power(self) -> None:
        for inverter_id, limit in (await self._client.max_power()).items():
            self._sink.report(
                DeviceKey(INVERTER, inverter_id), {"max_power": limit.limit}
            )

    async def _measurements(self) -> None:
        try:
            body = await self.page.meter_graph()
            points = None if body is None else decode_graph(body)
        except ConnectError, ProtocolError:
            if self._meter and self._meter.is_older(KEPT_FOR, dt_util.utcnow()):
                self._meter.forget_powers()
            raise
        if points is None:
            if self._meter is not None:
                self._meter.forget_powers()
            return
        if self._meter is None:
            self._meter = Meter(self._sink)
        now = dt_util.utcnow()
        self._meter.read(points, now)
        if not points or now - points[-1].moment > KEPT_FOR:
            self._meter.forget_powers()

    # --- commands ---------------------------------------------------------------------

    async def switch(self, inverter_id: str, on: bool) -> None:
        """Switch one inverter. The ECU takes minutes; it tells when it is done."""
        await self.page.switch(inverter_id, on)
        self._await_change()

    async def switch_all(self, on: bool) -> None:
        """Switch all inverters."""
        await self.page.switch_all(on)
        self._await_change()

    async def set_max_power(self, inverter_id: str, watts: int) -> None:
        """Limit each channel of an inverter."""
        await self.page.set_max_power(inverter_id, watts)
        self._await_change()

    def _await_change(self) -> None:
        """Read with the next polls how inverters are set."""
        self._read_in = 0
        self._awaited = _SETTLES

    async def set_zero_export(
        self, *, on: bool | None = None, limit: int | None = None
    ) -> None:
        """Switch zero export, or change its limit [W].

        The ECU does not tell how it is set: what it has accepted is remembered. Both
        go to it together, so that nothing does until both are known: what it has from
        elsewhere would be overwritten. Raises WattbusError.
        """
        if on is None:
            on = self._sink.recall(_ZERO_EXPORT)
        if limit is None:
            limit = self._sink.recall(_EXPORT_LIMIT)
        if limit is None:
            raise CommandError("export_limit_unknown")
        if on is not None:
            await self.page.set_zero_export(on, limit)
        for key, value in ((_ZERO_EXPORT, on), (_EXPORT_LIMIT, limit)):
            self._sink.remember(key, value)
            self._sink.report(MAIN_DEVICE, {key: value})

    # --- restart ----------------------------------------------------------------------

    @property
    def _may_restart(self) -> bool:
        """Whether the user has allowed it, and said what is written with it."""
        options = self._options
        return bool(
            options.get(CONF_RESTART)
            and options.get(CONF_SSID)
            and options.get(CONF_RESTART_PASSWORD)
        )

    async def restart(self) -> None:
        """Restart the ECU. Raises WattbusError."""
        if not self._may_restart:
            raise CommandError("restart_not_allowed")
        if not self.ours:
            # Another that has got the address is not ours to restart, let alone to be
            # told our password.
            raise ConnectError(Reason.OTHER_DEVICE, self._host)
        await self.page.restart(
            self._options[CONF_SSID], self._options[CONF_RESTART_PASSWORD]
        )

    async def poll_failed(self) -> None:
        """Restart an ECU that does not answer, after so many polls as the user says."""
        self._failures += 1
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
        except ConnectError as err:
            LOGGER.debug("The ECU could not be restarted: %s", err.detail)
        except WattbusError as err:
            LOGGER.debug("The ECU could not be restarted: %s", err)
