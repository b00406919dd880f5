"""Publishes an ECU as aps2mqtt does, for those who read its topics.

It has a connection of its own, for the last will: the status goes offline with it.
"""

import asyncio
from collections.abc import Iterable, Mapping
import contextlib
from typing import TYPE_CHECKING, Any, Final

import aiomqtt

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import callback

from ...const import (
    CONF_CA,
    CONF_CLIENT_ID,
    CONF_CONNECTION,
    CONF_FAMILY,
    CONF_TLS,
    CONF_VERIFY,
    DOMAIN,
    LOGGER,
)
from ...errors import ConnectError, Issue
from ...protocols import aps2mqtt
from ...protocols.aps2mqtt import EcuState, InverterState
from ...protocols.ecu import EcuInfo, Inverter, InverterReport, signal_percent
from ...protocols.publication import Publication
from ...transports.mqtt.broker import BrokerClient
from ...transports.mqtt.settings import BrokerSettings
from ..sink import Sink
from . import const
from .state import State

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

# What a broker's settings are called, what the options call them, and what is meant
# where there is none.
_BROKER: Final = (
    (CONF_HOST, const.CONF_PUBLISH_HOST, ""),
    (CONF_PORT, const.CONF_PUBLISH_PORT, const.DEFAULT_PUBLISH_PORT),
    (CONF_USERNAME, const.CONF_PUBLISH_USERNAME, None),
    (CONF_PASSWORD, const.CONF_PUBLISH_PASSWORD, None),
    (CONF_TLS, const.CONF_PUBLISH_TLS, False),
    (CONF_VERIFY, const.CONF_PUBLISH_VERIFY, True),
    (CONF_CA, const.CONF_PUBLISH_CA, None),
    (CONF_CLIENT_ID, const.CONF_PUBLISH_CLIENT_ID, None),
)

# Seconds until a broker is tried again that was not there at the start.
TRY_AGAIN: Final = 60.0


class Publisher:
    """Keeps the topics of one ECU up to date."""

    def __init__(
        self, hass: HomeAssistant, options: Mapping[str, Any], sink: Sink
    ) -> None:
        """Prepare; the options say whether and where to publish."""
        self._hass = hass
        self._options = options
        self._sink = sink
        self._prefix: str = options.get(const.CONF_PUBLISH_PREFIX) or ""
        self._client: BrokerClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._last: list[Publication] = []
        self._discovered: set[Publication] = set()

    async def start(self) -> None:
        """Begin, if the user wants it and nobody of us reads it."""
        options = self._options
        if not (
            options.get(const.CONF_PUBLISH) and options.get(const.CONF_PUBLISH_HOST)
        ):
            return
        heard = self._is_heard()
        self._sink.issue(Issue.PUBLISHED_TO_SELF, present=heard)
        if heard:
            return
        settings = BrokerSettings.from_data(
            {ours: options.get(theirs, unset) for ours, theirs, unset in _BROKER}
        )
        self._sink.issue(
            Issue.TLS_UNVERIFIED,
            present=settings.tls and not settings.verify,
            part="publish",
        )
        gone = aps2mqtt.status(False, self._prefix)
        will = aiomqtt.Will(gone.topic, gone.payload, qos=1, retain=True)
        self._client = BrokerClient(self._hass, settings, will)
        self._client.on_state(self._connection)
        self._task = self._hass.async_create_background_task(
            self._connect(self._client), "wattbus aps2mqtt publishing"
        )

    async def stop(self) -> None:
        """Say good-bye, and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._client is not None:
            await self._send([aps2mqtt.status(False, self._prefix)])
            await self._client.stop()
            self._client = None

    def _is_heard(self) -> bool:
        """Whether an entry of our own reads these topics, or their status.

        Which broker Home Assistant's own client uses is not known, so that the prefix
        alone decides.
        """
        return any(
            entry.data.get(CONF_FAMILY) == "apsystems"
            and entry.data.get(CONF_CONNECTION) == "mqtt"
            and (entry.data.get(const.CONF_PREFIX) or "") == self._prefix
            for entry in self._hass.config_entries.async_entries(DOMAIN)
        )

    async def _connect(self, client: BrokerClient) -> None:
        told = False
        while True:
            try:
                await client.start()
            except ConnectError as err:
                if not told:
                    LOGGER.warning("Nothing can be published: %s", err)
                    told = True
            else:
                return
            await asyncio.sleep(TRY_AGAIN)

    @callback
    def _connection(self, up: bool) -> None:
        if up:
            # A broker that was restarted may have forgotten all.
            self._discovered.clear()
            messages = [aps2mqtt.status(True, self._prefix), *self._last]
            self._hass.async_create_background_task(
                self._send(messages), "wattbus aps2mqtt status"
            )

    async def publish(
        self,
        info: EcuInfo,
        state: State,
        report: InverterReport | None,
        levels: Mapping[str, int],
    ) -> None:
        """Publish one poll, with the energies that are shown: no zeros by mistake."""
        if self._client is None:
            return
        prefix, ecu_id = self._prefix, info.ecu_id
        retain = bool(self._options.get(const.CONF_PUBLISH_RETAIN))
        # Its own id may be in its list.
        inverters = [
            each
            for each in (report.inverters if report else ())
            if each.inverter_id != ecu_id
        ]
        shown = EcuState(ecu_id, info.power, state.energy_today, state.lifetime_energy)
        states = [_state(ecu_id, each, levels) for each in inverters]
        self._last = [
            *self._discovery(info, inverters),
            aps2mqtt.ecu_state(shown, prefix, retain=retain),
            *(aps2mqtt.inverter_state(each, prefix, retain=retain) for each in states),
        ]
        await self._send(self._last)

    def _discovery(
        self, info: EcuInfo, inverters: Iterable[Inverter]
    ) -> list[Publication]:
        """Configure what can be; an inverter that wakes later has more then."""
        if not self._options.get(const.CONF_PUBLISH_DISCOVERY):
            return []
        where = self._options.get(
            const.CONF_PUBLISH_DISCOVERY_PREFIX, const.DEFAULT_DISCOVERY_PREFIX
        )
        configurations = aps2mqtt.discover_ecu(
            info.ecu_id, self._prefix, where, model=info.model, firmware=info.firmware
        )
        for each in inverters:
            configurations += aps2mqtt.discover_inverter(
                info.ecu_id,
                each.inverter_id,
                self._prefix,
                where,
                panel_powers=len(each.channels),
                panel_voltages=len(_voltages(each)),
                model=each.model,
            )
        return configurations

    async def _send(self, messages: Iterable[Publication]) -> None:
        """Publish; without a connection, the next one brings what is current then."""
        client = self._client
        if client is None or not client.connected:
            return
        try:
            for message in messages:
                if message not in self._discovered:
                    await client.publish(
                        message.topic, message.payload, retain=message.retain
                    )
                if message.topic.endswith("/config"):
                    self._discovered.add(message)
        except ConnectError as err:
            LOGGER.debug("Not published to %s: %s", err.host, err.detail)


def _state(ecu_id: str, inverter: Inverter, levels: Mapping[str, int]) -> InverterState:
    if not inverter.online:
        return InverterState(ecu_id, inverter.inverter_id, online=False)
    return InverterState.measured(
        ecu_id,
        inverter.inverter_id,
        signal=signal_percent(levels.get(inverter.inverter_id, 0)),
        temperature=inverter.temperature,
        frequency=inverter.frequency,
        panel_powers=[channel.power for channel in inverter.channels],
        panel_voltages=_voltages(inverter),
    )


def _voltages(inverter: Inverter) -> list[int | None]:
    """Give the voltages as aps2mqtt numbers them: those of channels, or of phases."""
    of_channels = [channel.voltage for channel in inverter.channels]
    if len(inverter.voltages) == 1 and any(of_channels):
        return list(of_channels)
    return list(inverter.voltages)
