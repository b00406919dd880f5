"""What the site consists of, and what is measured there."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ...errors import CommandError
from ...protocols import sofar
from ...protocols.sofar import MessageType, TopologyNode
from ..integration import Integral
from ..sink import MAIN_DEVICE, DeviceKey, Facts, Sink, Value
from .const import (
    ENERGY,
    FEEDBACK,
    MOST_POWER,
    NEGATIVE,
    NODE,
    NODE_TYPE,
    NOMINAL_CURRENT,
    POSITIVE,
    POWERS,
)
from .requests import Refused, Requests
from .sensors import quantity_of
from .settings import Settings

# A feedback that is missing so often breaks an energy off, and is not known any more.
_MISSES: Final = 3


class Site:
    """Reports nodes and their values."""

    def __init__(
        self,
        requests: Requests,
        sink: Sink,
        settings: Settings,
    ) -> None:
        """Prepare without knowing the site."""
        self._requests = requests
        self._sink = sink
        self._settings = settings
        self._id = sofar.site_node_id(settings.serial, settings.dialect)
        self.devices: set[DeviceKey] = set()
        """All that were seen, also those of the device types."""
        self._nodes: set[str] = set()
        """Also those that are gone: feedback that tells them again is about them."""
        self._told: dict[DeviceKey, set[str]] = {}
        """What the last feedback had."""
        self._missed = 0
        self._integrals: dict[tuple[DeviceKey, str], Integral] = {}

    def key(self, node_id: str) -> DeviceKey:
        """Name the device of a node; the site's own is the main device."""
        return MAIN_DEVICE if node_id == self._id else DeviceKey(NODE, node_id)

    def seen(self, device: DeviceKey) -> None:
        """Note that a device is there."""
        self.devices.add(device)
        self._sink.seen(device)

    async def read_topology(self) -> set[DeviceKey] | None:
        """Report the nodes, parents first; gives what it or the last feedback tells.

        None: it does not say which nodes there are, or not of all.

        Raises CommandError or ConnectError.
        """
        try:
            root = await self.topology()
        except Refused:
            return None  # an EMS without one: its feedback may still have nodes
        told = set(self._told)
        for node, parent in root.walk():
            key = self.key(node.node_id)
            told.add(key)
            self._nodes.add(node.node_id)
            self._sink.report(key, {NOMINAL_CURRENT: node.nominal_current})
            self.seen(key)
            if key != MAIN_DEVICE:
                via = self.key(parent.node_id) if parent else None
                name = node.node_id.removeprefix(f"{self._settings.serial}_")
                self._sink.describe(
                    key,
                    Facts(
                        # An id alone is said to be one, by the device's own name.
                        name=name if name != node.node_id else None,
                        model=node.node_type,
                        via=via,
                    ),
                )
                self._sink.report(key, {NODE_TYPE: node.node_type})
        return told if root.whole else None

    async def topology(self) -> TopologyNode:
        """Ask for the tree of nodes."""
        return await self._requests.read(
            MessageType.GET_TOPOLOGY, sofar.get_topology(), sofar.read_topology
        )

    async def read_feedback(self) -> None:
        """Report what is measured. Raises CommandError or ConnectError."""
        try:
            feedback = await self._requests.read(
                MessageType.GET_FEEDBACK,
                sofar.get_feedback(self._settings.feedback_level),
                lambda state: sofar.read_feedback(state, self._nodes, self._id),
            )
        except CommandError:
            self._missed += 1
            if self._missed >= _MISSES:
                self._forget({})
            raise
        self._missed = 0
        told = {MAIN_DEVICE: feedback.site} | {
            self.key(node_id): values for node_id, values in feedback.nodes.items()
        }
        self._forget(told)
        for key, values in told.items():
            self._measured(key, values)
            if key != MAIN_DEVICE:
                self.seen(key)

    def _forget(self, told: Mapping[DeviceKey, Collection[str]]) -> None:
        """Let what is not told any more be unknown."""
        for key, names in self._told.items():
            if gone := names.difference(told.get(key, ())):
                self._sink.report(key, {f"{FEEDBACK}{name}": None for name in gone})
        self._told = {key: set(names) for key, names in told.items()}

    def _measured(self, key: DeviceKey, told: dict[str, sofar.Scalar]) -> None:
        values: dict[str, Value] = {
            f"{FEEDBACK}{name}": _shown(name, value) for name, value in told.items()
        }
        for name in POWERS:
            power = told.get(name)
            if isinstance(power, int | float) and not isinstance(power, bool):
                values |= self._energies(key, name, power)
        if values:
            self._sink.report(key, values)

    def _energies(self, key: DeviceKey, name: str, power: float) -> dict[str, Value]:
        """Count energy up, for each direction on its own; none is not told."""
        now = dt_util.utcnow()
        energies: dict[str, Value] = {}
        for direction, sign in ((POSITIVE, 1), (NEGATIVE, -1)):
            value = f"{ENERGY}{name}.{direction}"
            integral = self._integrals.get((key, value))
            if integral is None:
                longest = timedelta(seconds=_MISSES * self._settings.feedback_interval)
                integral = self._integrals[key, value] = Integral(
                    self._sink,
                    f"{key.identifier}|{value}",
                    longest=longest,
                    most=MOST_POWER,
                )
            if energy := integral.add(sign * power, now):
                energies[value] = energy
        return energies


def _shown(name: str, value: sofar.Scalar) -> Value:
    """Give what a sensor shows: a number where the name has a unit, fractions in %."""
    if quantity_of(name) is None:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value * 100 if name.endswith("_frac") else value
