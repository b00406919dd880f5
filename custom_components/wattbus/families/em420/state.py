"""What an EM420's messages have told of its sources, put together and reported on."""

from collections.abc import Callable
from datetime import UTC, datetime
import math
import time
from typing import Final

from ...const import LOGGER
from ...protocols import ProtocolError, Unread, em420
from ...transports.mqtt import Message
from ..sink import DeviceKey, Facts, Sink, Value
from .const import DEVICE_TYPE, MEMBERS, PHASE, SOURCE, SOURCE_CLASS, STATUS, TIMESTAMP

# What the last configuration is remembered under.
_CONFIGURATION: Final = "configuration"

# A device has up to 96 sensors, the meter, and groups.
_MOST_SOURCES: Final = 500


class State:
    """Reads messages of either format, and reports what they say of the sources."""

    def __init__(self, sink: Sink, seen: Callable[[DeviceKey, float], None]) -> None:
        """Know nothing yet; `seen` is told of signs of life, as the sink's is."""
        self._sink = sink
        self._seen = seen
        self._sources: dict[str, em420.SourceConfiguration] = {}
        self._measured_at: dict[DeviceKey, float | None] = {}
        self.in_error: set[DeviceKey] = set()
        """The sources that say so, for which an equal message is news."""

    def recall(self) -> None:
        """Take up the last configuration: the device may send it only once, ever."""
        if stored := self._sink.recall(_CONFIGURATION):
            try:
                self._configured(em420.load(stored))
            except ProtocolError as err:
                LOGGER.debug("The stored configuration cannot be read: %s", err)

    def read(self, message: Message) -> None:
        """Read a message. Raises ProtocolError, Unread when it is about a part."""
        found = em420.decode(message.payload, self._sources)
        if isinstance(found, em420.Configuration):
            self._configured(found)
            self._remember()
        else:
            for source_id, source in found.sources.items():
                self._measured(DeviceKey(SOURCE, source_id), source, message.retain)
        if found.unread:
            raise Unread(found.unread[0])

    def forget(self, device: DeviceKey) -> None:
        """Forget a source that is gone, so that it does not come back by itself."""
        self._measured_at.pop(device, None)
        self.in_error.discard(device)
        if self._sources.pop(device.id, None):
            self._remember()
            self._name_groups()

    def _remember(self) -> None:
        self._sink.remember(
            _CONFIGURATION, em420.dump(em420.Configuration(dict(self._sources)))
        )

    def _configured(self, configuration: em420.Configuration) -> None:
        """Say who the sources are; labels are free text on the device."""
        for source_id, source in configuration.sources.items():
            if source_id in self._sources or len(self._sources) < _MOST_SOURCES:
                self._sources[source_id] = source
            device = DeviceKey(SOURCE, source_id)
            model = None
            if source.device_type is not em420.DeviceType.UNKNOWN:
                model = source.device_type.replace("_", " ").capitalize()
            self._sink.describe(
                device,
                Facts(
                    name=source.label[:100].strip() or None,
                    model=model,
                    serial_number=source.serial,
                ),
            )
            told = (SOURCE_CLASS, DEVICE_TYPE, PHASE)
            self._sink.report(device, {key: getattr(source, key) for key in told})
        self._name_groups()

    def _name_groups(self) -> None:
        """Tell what the groups sum, by the labels that the members have now.

        Each source may have a configuration topic of its own: a group's message may
        come before those of its members, and theirs may change without it.
        """
        labels = {each: source.label for each, source in self._sources.items()}
        for source_id, source in self._sources.items():
            members = ", ".join(labels.get(each) or each for each in source.members)
            self._sink.report(DeviceKey(SOURCE, source_id), {MEMBERS: members or None})

    def _measured(
        self, device: DeviceKey, source: em420.Source, retained: bool
    ) -> None:
        values: dict[str, Value] = {**source.values, **em420.net_power(source.values)}
        if not self._is_current(device, source):
            values = dict.fromkeys(values)
        values[STATUS] = source.status
        if (timestamp := source.timestamp) is not None:
            values[TIMESTAMP] = datetime.fromtimestamp(timestamp, UTC)
        self._sink.report(device, values)
        age = 0.0
        if retained:
            # The broker kept it: how old it is, only the message itself can tell.
            age = math.inf if timestamp is None else max(0.0, time.time() - timestamp)
        self._seen(device, age)

    def _is_current(self, device: DeviceKey, source: em420.Source) -> bool:
        """Whether a message holds what the source measures now.

        "Data source did not update, maybe broken" is what STATUS_ERROR says in TQ's
        gdr.proto (github.com/tq-systems/em-gdr): the message repeats the last values.
        Only a timestamp that goes on contradicts it.
        """
        before = self._measured_at.get(device)
        self._measured_at[device] = now = source.timestamp
        if source.status is not em420.Status.ERROR:
            self.in_error.discard(device)
            return True
        self.in_error.add(device)
        return now is not None and before is not None and now > before
