"""The devices of an openWB: who they are, which are there, and from when on."""

from collections.abc import Mapping
from typing import Final

from ...protocols.openwb import Kind, State, Value as Told
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Value

# The kinds that a component may be; its number is one of all of them.
_MEASURING: Final = frozenset({Kind.COUNTER, Kind.INVERTER, Kind.BATTERY})
_KINDS: Final = _MEASURING | {
    *(Kind.CHARGE_POINT, Kind.VEHICLE, Kind.CONSUMER, Kind.IO, Kind.SMART_HOME)
}

# What says who a device is.
_DESCRIBING: Final = frozenset(
    {"name", "serial_number", "version", "ip_address", "manufacturer", "model", "type"}
)


class Devices:
    """Reports the devices of an openWB; all live and fall silent with it."""

    def __init__(self, sink: Sink) -> None:
        """Report to a sink."""
        self._sink = sink
        self._alive = False
        self._settled = False
        self._present: set[DeviceKey] = set()
        self._deleted: set[DeviceKey] = set()
        """Those that are not there any more at openWB, and have not come back."""
        self._named: set[DeviceKey] = set()
        self._waiting: dict[DeviceKey, dict[str, Value]] = {}

    def live(self, alive: bool) -> None:
        """Let all live: what the broker has kept of them has come; or fall silent."""
        if alive and not self._alive:
            self._settled = True
            for device in list(self._waiting):
                self.report(device, self._waiting.pop(device))
            for device in self._present:
                self._sink.seen(device)
        self._alive = alive

    def look_for_deletion(self, state: State) -> None:
        """Note what was deleted at openWB, by the topic with its name, or came back.

        Its other topics are deleted, too, before or after that.
        """
        if not (state.deleted or self._deleted):
            return
        kinds = _MEASURING if state.kind is Kind.COMPONENT else {state.kind} & _KINDS
        devices = {DeviceKey(kind, str(state.id)) for kind in kinds}
        if not state.deleted:
            self._deleted -= devices
        elif "name" in state.values:
            self._deleted |= devices
            self._present -= devices
            for device in devices:
                self._sink.gone(device)

    def place(self, device: DeviceKey, via: DeviceKey) -> None:
        """Hang a device below another one."""
        self._sink.describe(device, Facts(via=via))
        self._belongs(device)

    def describe(self, device: DeviceKey, values: Mapping[str, Told]) -> None:
        """Tell who a device is, as far as a topic says it."""
        if _DESCRIBING.isdisjoint(values):
            return
        address = text(values.get("ip_address"))
        facts = {
            "name": text(values.get("name")),
            "serial_number": text(values.get("serial_number")),
            "sw_version": text(values.get("version")),
            "model": None if device == MAIN_DEVICE else _model(values),
            "configuration_url": f"http://{address}/" if address else None,
        }
        if any(facts.values()):
            self._sink.describe(device, Facts(**facts))  # type: ignore[arg-type]  # each is a text
        if facts["name"]:
            self._named.add(device)
            if device in self._waiting:
                self.report(device, self._waiting.pop(device))

    def report(self, device: DeviceKey, values: Mapping[str, Value]) -> None:
        """Report values of a device, which is one of this openWB.

        Of what the broker has kept, the values of a device wait for its name: entity
        ids are made of it, and never change.
        """
        if device == MAIN_DEVICE:
            self._sink.report(device, values)
        elif self._settled or device in self._named:
            self._sink.report(device, values)
            if device not in self._deleted:
                self._belongs(device)
        else:
            self._waiting.setdefault(device, {}).update(values)

    def forget(self, device: DeviceKey) -> None:
        """Forget a device that the user deleted."""
        self._present.discard(device)

    def _belongs(self, device: DeviceKey) -> None:
        if device not in self._present:
            self._present.add(device)
            if self._alive:
                self._sink.seen(device)


def text(value: Told) -> str | None:
    """Give a text that says something."""
    return value if isinstance(value, str) and value else None


def _model(values: Mapping[str, Told]) -> str | None:
    """Say what a charge point, a vehicle or a consumer is."""
    parts = (text(values.get(name)) for name in ("manufacturer", "model"))
    if words := " ".join(part for part in parts if part):
        return words
    kind = text(values.get("type"))
    return kind.replace("_", " ").replace("openwb", "openWB") if kind else None
