"""Turns an EM420's messages into reports, by MQTT and by REST."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
import math
import time
from typing import Final, override
from urllib.parse import quote

from homeassistant.const import CONF_HOST, CONF_PORT, CONF_SCAN_INTERVAL, CONF_TOKEN
from homeassistant.core import callback

from ...const import CONF_TLS, CONF_VERIFY, LOGGER
from ...errors import ConnectError, Reason
from ...protocols import ProtocolError, Unread, em420
from ...transports.http import HttpClient
from ...transports.mqtt import Message
from ..driver import Context, Driver, Handler, MqttDriver, PollingDriver
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Value
from .const import (
    CAN_REFRESH,
    CONF_CONFIG_TOPICS,
    CONF_ENDPOINT,
    CONF_TOPICS,
    DEFAULT_INTERVAL,
    DEVICE_TYPE,
    MEMBERS,
    PHASE,
    SOURCE,
    SOURCE_CLASS,
    STATUS,
    TIMESTAMP,
)

# What the last configuration is remembered under.
_CONFIGURATION: Final = "configuration"

# A device has up to 96 sensors, the meter, and groups.
_MOST_SOURCES: Final = 500

# What an energy manager of another kind answers to the question for the document.
_WRONG_DEVICE: Final = {
    Reason.INVALID_AUTH,
    Reason.NOT_FOUND,
    Reason.BAD_ANSWER,
    Reason.NOT_EM420,
}


class _Reader:
    """Reads messages of either format, and reports what they say of the sources."""

    def __init__(self, sink: Sink, seen: Callable[[DeviceKey, float], None]) -> None:
        self._sink = sink
        self._seen = seen
        self._sources: dict[str, em420.SourceConfiguration] = {}
        self._measured_at: dict[DeviceKey, float | None] = {}
        self._in_error: set[DeviceKey] = set()

    @property
    def in_error(self) -> bool:
        """Whether a source says that it is, for which an equal message is news."""
        return bool(self._in_error)

    @callback
    def recall(self) -> None:
        """Take up the last configuration: the device may send it only once, ever."""
        if stored := self._sink.recall(_CONFIGURATION):
            try:
                self._configured(em420.load(stored))
            except ProtocolError as err:
                LOGGER.debug("The stored configuration cannot be read: %s", err)

    @callback
    def read(self, payload: bytes, *, retained: bool = False) -> None:
        """Read one message. Raises ProtocolError, Unread when it is about a part."""
        message = em420.decode(payload, self._sources)
        if isinstance(message, em420.Configuration):
            self._configured(message)
            self._remember()
        else:
            for source_id, source in message.sources.items():
                self._measured(DeviceKey(SOURCE, source_id), source, retained=retained)
        if message.unread:
            raise Unread(message.unread[0])

    @callback
    def forget(self, device: DeviceKey) -> None:
        """Forget a source that is gone, so that it does not come back by itself."""
        self._measured_at.pop(device, None)
        self._in_error.discard(device)
        if self._sources.pop(device.id, None):
            self._remember()
            self._name_groups()

    def _remember(self) -> None:
        self._sink.remember(
            _CONFIGURATION, em420.dump(em420.Configuration(dict(self._sources)))
        )

    def _configured(self, configuration: em420.Configuration) -> None:
        for source_id, source in configuration.sources.items():
            if source_id in self._sources or len(self._sources) < _MOST_SOURCES:
                self._sources[source_id] = source
        for source_id, source in configuration.sources.items():
            device = DeviceKey(SOURCE, source_id)
            self._sink.describe(device, _facts(source))
            self._sink.report(
                device,
                {
                    SOURCE_CLASS: source.source_class,
                    DEVICE_TYPE: source.device_type,
                    PHASE: source.phase,
                },
            )
        self._name_groups()

    def _name_groups(self) -> None:
        """Tell what the groups sum, by the names that the members have now.

        Each source may have a configuration topic of its own: a group's message may
        come before those of its members, and theirs may change without it.
        """
        for source_id, source in self._sources.items():
            self._sink.report(
                DeviceKey(SOURCE, source_id), {MEMBERS: self._members(source)}
            )

    def _members(self, source: em420.SourceConfiguration) -> str | None:
        """Name what a group sums, by label where there is one."""
        labels = [
            known.label or member if (known := self._sources.get(member)) else member
            for member in source.members
        ]
        return ", ".join(labels) or None

    def _measured(
        self, device: DeviceKey, source: em420.Source, *, retained: bool
    ) -> None:
        values: dict[str, Value] = {**source.values, **em420.net_power(source.values)}
        if not self._is_current(device, source):
            values = dict.fromkeys(values)
        values[STATUS] = source.status
        timestamp = source.timestamp
        if timestamp is not None:
            values[TIMESTAMP] = datetime.fromtimestamp(timestamp, UTC)
        self._sink.report(device, values)
        if not retained:
            self._seen(device, 0.0)
        else:
            # The broker kept it: how old it is, only the message itself can tell.
            age = math.inf if timestamp is None else time.time() - timestamp
            self._seen(device, max(0.0, age))

    def _is_current(self, device: DeviceKey, source: em420.Source) -> bool:
        """Whether a message holds what the source measures now.

        "Data source did not update, maybe broken" is what STATUS_ERROR says in TQ's
        gdr.proto (github.com/tq-systems/em-gdr): the message repeats the last values.
        Only a timestamp that goes on contradicts it.
        """
        before = self._measured_at.get(device)
        self._measured_at[device] = now = source.timestamp
        if source.status is not em420.Status.ERROR:
            self._in_error.discard(device)
            return True
        self._in_error.add(device)
        return now is not None and before is not None and now > before


def _facts(source: em420.SourceConfiguration) -> Facts:
    """Say who a source is; labels are free text on the device."""
    model = None
    if source.device_type is not em420.DeviceType.UNKNOWN:
        model = source.device_type.replace("_", " ").capitalize()
    return Facts(
        name=source.label[:100].strip() or None,
        model=model,
        serial_number=source.serial,
    )


class Em420Mqtt(MqttDriver):
    """An EM420 that exports by MQTT. The export is read-only."""

    def __init__(self, context: Context) -> None:
        """Prepare to read the topics that the data names."""
        super().__init__(context)
        self._reader = _Reader(self.sink, self.seen)

    @override
    def subscriptions(self) -> Iterable[tuple[str, Handler]]:
        # What a message is shows in the message, so that it does not matter which
        # topic was entered in which field.
        topics = (*self.data[CONF_TOPICS], *self.data.get(CONF_CONFIG_TOPICS, ()))
        return ((topic, self._received) for topic in dict.fromkeys(topics))

    @override
    async def start(self) -> None:
        self._reader.recall()
        await super().start()

    @override
    def is_event(self, topic: str) -> bool:
        # An equal message is a sign of life only while the device calls it current.
        return self._reader.in_error

    @override
    def forget(self, device: DeviceKey) -> None:
        self._reader.forget(device)

    @callback
    def _received(self, message: Message) -> None:
        self._reader.read(message.payload, retained=message.retain)


class Em420Rest(PollingDriver):
    """An EM420 that is asked through its JSON interface (firmware 3.40: meter only)."""

    def __init__(self, context: Context) -> None:
        """Prepare to ask the address that the data names."""
        super().__init__(context)
        self._reader = _Reader(self.sink, self.sink.seen)
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
        self._path = (
            f"/api/json/{quote(data[CONF_ENDPOINT], safe='')}/values/smart-meter"
        )

    @property
    @override
    def interval(self) -> timedelta:
        return timedelta(seconds=self.options.get(CONF_SCAN_INTERVAL, DEFAULT_INTERVAL))

    @override
    async def start(self) -> None:
        try:
            await super().start()
        except ConnectError as err:
            await self._call_it_what_it_is(err)
            raise
        self.sink.report(MAIN_DEVICE, {CAN_REFRESH: True})
        await self._describe()

    @override
    async def poll(self) -> None:
        answer = await self._http.get(self._path)
        try:
            self._reader.read(answer)
        except Unread:
            raise
        except ProtocolError as err:
            # Of a device that has answered in JSON, only the document is another.
            reason = (
                Reason.NOT_EM420 if em420.is_document(answer) else Reason.BAD_ANSWER
            )
            raise ConnectError(reason, self.data[CONF_HOST], str(err)) from err

    async def _call_it_what_it_is(self, err: ConnectError) -> None:
        """Look whether it is an older energy manager that cannot answer.

        Raises ConnectError if so.
        """
        if err.reason not in _WRONG_DEVICE:
            return
        try:
            answer = await self._plain.get(em420.EM300_PATH)
        except ConnectError:
            return
        if em420.is_em300(answer):
            raise ConnectError(Reason.IS_EM300, err.host, err.detail) from err

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
        self.sink.describe(
            MAIN_DEVICE,
            Facts(
                model=told.product,
                serial_number=told.serial,
                sw_version=told.firmware,
            ),
        )


async def refresh(driver: Driver, _: DeviceKey) -> None:
    """Ask now instead of at the next interval."""
    assert isinstance(driver, Em420Rest)  # only it reports that it can
    await driver.refresh()
