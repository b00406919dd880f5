"""The connections to an EM420: by MQTT, and by its JSON interface."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Final, override
from urllib.parse import quote

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL, CONF_TOKEN

from ...const import CONF_TLS, CONF_VERIFY, LOGGER
from ...errors import ConnectError, Reason
from ...protocols import ProtocolError, Unread, em420
from ...transports.http import HttpClient
from ...transports.mqtt import Message
from ..driver import Context, Handler, MqttDriver, PollingDriver
from ..sink import MAIN_DEVICE, DeviceKey, Facts
from .const import (
    CAN_REFRESH,
    CONF_CONFIG_TOPICS,
    CONF_ENDPOINT,
    CONF_TOPICS,
    DEFAULT_INTERVAL,
)
from .state import State

# What an energy manager of another kind answers to the question for the document.
_WRONG_DEVICE: Final = {
    Reason.INVALID_AUTH,
    Reason.NOT_FOUND,
    Reason.BAD_ANSWER,
    Reason.NOT_EM420,
}


class Em420Mqtt(MqttDriver):
    """An EM420 that exports by MQTT. The export is read-only."""

    def __init__(self, context: Context) -> None:
        """Prepare to read the topics that the data names."""
        super().__init__(context)
        self._state = State(self.sink, self.seen)

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        # What a message is shows in the message, so that it does not matter which
        # topic was entered in which field.
        topics = (*self.data[CONF_TOPICS], *self.data.get(CONF_CONFIG_TOPICS, ()))
        return ((topic, self._state.read) for topic in dict.fromkeys(topics))

    @override
    async def start(self) -> None:
        self._state.recall()
        await super().start()

    @override
    def is_event(self, topic: str) -> bool:
        # An equal message is a sign of life only while the device calls it current.
        return bool(self._state.in_error)

    @override
    def forget(self, device: DeviceKey) -> None:
        self._state.forget(device)


class Em420Rest(PollingDriver):
    """An EM420 that is asked through its JSON interface (firmware 3.40: meter only)."""

    def __init__(self, context: Context) -> None:
        """Prepare to ask the address that the data names."""
        super().__init__(context)
        self._state = State(self.sink, self.sink.seen)
        data = self.data
        client = partial(
            HttpClient,
            self.hass,
            data[CONF_HOST],
            int(data[CONF_PORT]),
            tls=data[CONF_TLS],
            verify=data[CONF_VERIFY],
        )
        accept = {"Accept": "application/json"}
        self._http = client(
            headers={"Authorization": f"Bearer {data[CONF_TOKEN]}", **accept}
        )
        # Whom the token is not for is not shown it.
        self._plain = client(headers=accept)
        endpoint = quote(data[CONF_ENDPOINT], safe="")
        self._path = f"/api/json/{endpoint}/values/smart-meter"

    @property
    @override
    def interval(self) -> timedelta:
        return timedelta(seconds=self.options.get(CONF_SCAN_INTERVAL, DEFAULT_INTERVAL))

    @override
    async def start(self) -> None:
        try:
            await super().start()
        except ConnectError as err:
            if err.reason in _WRONG_DEVICE and await self._is_em300():
                raise ConnectError(Reason.IS_EM300, err.host, err.detail) from err
            raise
        self.sink.report(MAIN_DEVICE, {CAN_REFRESH: True})
        await self._describe()

    @override
    async def poll(self) -> None:
        answer = await self._http.get(self._path)
        try:
            self._state.read(Message(self._path, answer, retain=False))
        except Unread:
            raise
        except ProtocolError as err:
            # Of a device that has answered in JSON, only the document is another.
            reason = (
                Reason.NOT_EM420 if em420.is_document(answer) else Reason.BAD_ANSWER
            )
            raise ConnectError(reason, self.data[CONF_HOST], str(err)) from err

    async def _is_em300(self) -> bool:
        """Whether it is an older energy manager, which cannot answer."""
        try:
            return em420.is_em300(await self._plain.get(em420.EM300_PATH))
        except ConnectError:
            return False

    async def _describe(self) -> None:
        """Tell the device's own model, if it lets this token see its settings.

        An EM410 (KOSTAL Smart Energy Meter) has the same web interface, and is not to
        be shown as an EM420.
        """
        try:
            told = em420.decode_settings(await self._http.get(em420.SETTINGS_PATH))
        except (ConnectError, ProtocolError) as err:
            LOGGER.debug("The device does not tell its model: %s", err)
            return
        facts = Facts(
            model=told.product, serial_number=told.serial, sw_version=told.firmware
        )
        self.sink.describe(MAIN_DEVICE, facts)
