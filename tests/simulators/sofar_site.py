"""The site that the simulated EMS looks after: its nodes, and their powers.

Public is the form of a node in the topology (docs.eniris.be, eniris-schedules-mqtt), whose
members may be missing, and what the vendor's REST interface calls things (Siebe-Uy/eniris-ha,
const.py: actualPowerTot_W, stateOfCharge_frac, signalActive, … and the types of nodes). The
form of the feedback is not: `sofar_dialect` has two. The rest is the simulator's own:

- Powers are positive for what the grid gives, a battery or a consumer takes, and a solar
  inverter gives.
- A value that there is none of is left out, not null: set points and policies come and go
  with orders, limits with schedules that have them.
- A node tells what it does now, and not what it was told: a battery that is full takes
  nothing, whatever its set point, and no more than its largest power.
- An order for a device type is shared among its devices.
- A node that is not known is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
import math
from typing import Any, Final

from .sofar_dialect import Feedback, Mode

HOUR: Final = 3600
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Order:
    """What a node has to do: a policy, its set point [W], and the site's limits [W]."""

    policy: str
    mode: Mode
    power: float | None = None
    site_import: float | None = None
    site_export: float | None = None


@dataclass(slots=True)
class Node:
    """A device or a switchboard.

    Attributes:
        nominal_current: In A.
        device_type: The group that it is controlled with, None if it is not.
        max_power: In W.
        capacity: Of a battery [Wh].
        charge: The state of charge of a battery, 0 to 1.
        power: At present [W].
    """

    node_id: str
    node_type: str
    nominal_current: float | None = None
    device_type: str | None = None
    max_power: float = 0
    capacity: float = 0
    charge: float = 0.5
    power: float = 0
    order: Order | None = None
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield it and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def document(self) -> dict[str, Any]:
        """Return the page's topology object; what has no value is left out."""
        document: dict[str, Any] = {"nodeId": self.node_id, "nodeType": self.node_type}
        if self.nominal_current is not None:
            document["nomCurrent"] = self.nominal_current
        if self.children:
            document["children"] = [child.document() for child in self.children]
        return document


def stock_site(site_id: str, serial: str) -> Node:
    """Return a house with solar panels, two batteries, a charger and a heat pump."""

    def node(name: str, **values: Any) -> Node:
        return Node(f"{serial}_{name}", name.rpartition("_")[0], **values)

    devices = [
        node(
            "solarInverter_0", nominal_current=25, device_type="solar", max_power=8000
        ),
        node(
            "battery_0",
            nominal_current=16,
            device_type="battery",
            max_power=5000,
            capacity=10_000,
        ),
        node(
            "battery_1",
            nominal_current=16,
            device_type="battery",
            max_power=5000,
            capacity=5000,
        ),
        node("evCharger_0", nominal_current=32, device_type="ev", max_power=11_000),
        node("heatPump_0", nominal_current=16, device_type="hvac", max_power=2500),
    ]
    switchboard = node("switchboard_0", nominal_current=40, children=devices)
    children = [node("powerMeter_0"), switchboard]
    return Node(site_id, "smartgridControllerSite", 63, children=children)


class Site:
    """All nodes, and what flows between them."""

    def __init__(self, root: Node) -> None:
        """Look after a topology."""
        self.root = root
        self.nodes = {node.node_id: node for node in root.walk()}
        self._base_load = 0.0

    @property
    def controllable(self) -> dict[str, str]:
        """Return the device type of each node that has one."""
        return {
            node_id: node.device_type
            for node_id, node in self.nodes.items()
            if node.device_type is not None
        }

    def of_type(self, device_type: str) -> list[Node]:
        """Return the nodes of a device type."""
        return [n for n in self.nodes.values() if n.device_type == device_type]

    @property
    def grid_power(self) -> float:
        """Return what the grid gives [W]."""
        return self._base_load + sum(
            -node.power if node.device_type == "solar" else node.power
            for node in self._controlled()
        )

    def step(
        self, now: float, seconds: float, orders: Callable[[Node], Order | None]
    ) -> None:
        """Let every node obey, or do what it likes, for a while."""
        self._base_load = 400 + 200 * math.sin(now / 5400 * 2 * math.pi)
        batteries = [node for node in self._controlled() if node.capacity]
        surplus = -self._base_load
        for node in self._controlled():
            if not node.capacity:
                node.order = orders(node)
                node.power = _obey(node, _natural(node, now))
                surplus += node.power if node.device_type == "solar" else -node.power
        for node in batteries:
            node.order = orders(node)
            # By itself a battery takes its share of what is left over.
            node.power = _obey(node, surplus / len(batteries))
            _charge(node, seconds)

    def feedback(self, device: bool | str, form: Feedback) -> dict[str, Any] | None:
        """Return the site's values, with those of all nodes, or only those of one."""
        if isinstance(device, str):
            node = self.nodes.get(device)
            return None if node is None else self._described(node)
        values = self._described(self.root)
        if device:
            nodes = [
                self._described(n) for n in self.nodes.values() if n is not self.root
            ]
            if form is Feedback.BY_NODE:
                values["devices"] = {node.pop("nodeId"): node for node in nodes}
            else:
                values["devices"] = nodes
        return values

    def _controlled(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.device_type is not None]

    def _described(self, node: Node) -> dict[str, Any]:
        values = self._site_values() if node is self.root else self._node_values(node)
        return {"nodeId": node.node_id, "nodeType": node.node_type, **values}

    def _site_values(self) -> dict[str, Any]:
        power = {
            device_type: round(sum(node.power for node in self.of_type(device_type)), 1)
            for device_type in ("battery", "solar", "ev", "hvac")
        }
        orders = [node.order for node in self._controlled() if node.order is not None]
        values: dict[str, Any] = {
            "actualPowerTot_W": round(self.grid_power, 1),
            "childrenStoragePower_W": power["battery"],
            "childrenProducedPower_W": power["solar"],
            "childrenEVPower_W": power["ev"],
            "childrenConsumedPower_W": round(
                self._base_load + power["ev"] + power["hvac"], 1
            ),
            "signalActive": bool(orders),
            "strategy": "external" if orders else "self_consumption",
        }
        batteries = self.of_type("battery")
        if capacity := sum(node.capacity for node in batteries):
            stored = sum(node.charge * node.capacity for node in batteries)
            values["childrenStorageStateOfCharge_frac"] = round(stored / capacity, 4)
        limits = [
            order.site_import for order in orders if order.site_import is not None
        ]
        if limits:
            values["importLimit_W"] = min(limits)
        limits = [
            order.site_export for order in orders if order.site_export is not None
        ]
        if limits:
            values["exportLimit_W"] = min(limits)
        return values

    def _node_values(self, node: Node) -> dict[str, Any]:
        if node.node_type == "powerMeter":
            return {"actualPowerTot_W": round(self.grid_power, 1), "frequency_Hz": 50.0}
        if node.device_type is None:
            return {}
        values: dict[str, Any] = {
            "actualPowerTot_W": round(node.power, 1),
            "signalActive": node.order is not None,
        }
        if node.capacity:
            values["stateOfCharge_frac"] = round(node.charge, 4)
        if node.order is not None:
            values["policy"] = node.order.policy
            if node.order.power is not None:
                values["powerSetpoint_W"] = round(node.order.power, 1)
        return values


def _natural(node: Node, now: float) -> float:
    """Return what a node that is no battery does by itself [W]."""
    if node.device_type == "solar":
        return node.max_power * max(
            0.0, math.sin((now % DAY / DAY - 0.25) * 2 * math.pi)
        )
    period = 7200 if node.device_type == "ev" else 2700
    return node.max_power * min(max(math.sin(now / period * 2 * math.pi), 0), 0.4)


def _obey(node: Node, natural: float) -> float:
    """Return the power that an order makes of what a node would do by itself [W]."""
    least = -node.max_power if node.capacity else 0.0
    wanted = natural
    if node.order is not None:
        power = node.order.power or 0.0
        match node.order.mode:
            case Mode.OFF:
                wanted = 0.0
            case Mode.SETPOINT:
                wanted = power
            case Mode.REVERSE:
                wanted = -power
            case Mode.LIMIT:
                wanted = min(natural, max(power, 0.0))
            case Mode.FREE:
                pass
    return min(max(wanted, least), node.max_power)


def _charge(node: Node, seconds: float) -> None:
    """Move a battery's state of charge; full or empty it does nothing more."""
    if (node.power > 0 and node.charge >= 1) or (node.power < 0 and node.charge <= 0):
        node.power = 0.0
    charge = node.charge + node.power * seconds / HOUR / node.capacity
    # Sums of small steps miss their ends by a hair.
    node.charge = min(max(round(charge, 12), 0.0), 1.0)
