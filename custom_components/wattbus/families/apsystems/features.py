"""What an ECU can be told, and its meter: the web page's part of an ECU over TCP."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...errors import CommandError, ConnectError, Reason, WattbusError
from ...protocols import ProtocolError
from ...protocols.ecu import EcuInfo
from ..sink import MAIN_DEVICE, Sink, Value
from .client import EcuClient
from .const import (
    CONF_RESTART,
    CONF_RESTART_AFTER,
    CONF_RESTART_PASSWORD,
    CONF_SSID,
    CONF_WEB_PORT,
    DEFAULT_WEB_PORT,
    KEPT_FOR,
)
from .meter import Meter, decode_graph
from .orders import Turns
from .settings import InverterSettings, apart
from .web import Feature, WebPage

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

_RESTART_EVERY: Final = timedelta(hours=1)

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
        self._turns = Turns()
        self.settings = InverterSettings(hass, self.page, client, sink, self._turns)
        self._meter: Meter | None = None
        self._failures = 0
        self._restarted: datetime | None = None

    # --- with each poll ---------------------------------------------------------------

    async def update(self, info: EcuInfo, inverter_ids: list[str]) -> None:
        """Read what there is; nothing of it makes the poll fail."""
        await apart(self.page.look(info))
        if not self.page.features:
            return
        self._tell()
        await apart(self._measurements())
        await self.settings.update(info.firmware, inverter_ids)

    def answered(self) -> None:
        """Note that the ECU tells all that it should."""
        self._failures = 0

    def _tell(self) -> None:
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
            async with self._turns.turn():
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

    async def poll_failed(self, *, answers: bool = False) -> None:
        """Restart an ECU that does not answer, after so many polls as the user says.

        It may have answered in part: that it is there, and no more.
        """
        self._failures += 1
        if self.ours and not answers:
            self.settings.poll_failed()
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
