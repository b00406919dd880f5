"""What a site consists of: a tree of nodes."""

from collections.abc import Iterator
from dataclasses import dataclass

from .. import ProtocolError
from ..payload import identifier, number, quote

MOST_NODES = 500
_LONGEST_TYPE = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class TopologyNode:
    """A part of the site, such as a switchboard, a meter, an inverter or a battery."""

    node_id: str
    node_type: str | None = None
    nominal_current: float | None = None
    """[A]"""
    children: tuple[TopologyNode, ...] = ()

    def walk(
        self, parent: TopologyNode | None = None
    ) -> Iterator[tuple[TopologyNode, TopologyNode | None]]:
        """Give this node and all below it, each with the one above it, parents first."""
        yield self, parent
        for child in self.children:
            yield from child.walk(self)


def read_topology(state: object) -> TopologyNode:
    """Read the state of `get_topology_ack`.

    Raises:
        ProtocolError: If a node has no id, or an id is there twice.
    """
    root = _node(state)
    ids = [node.node_id for node, _ in root.walk()]
    if len(ids) > MOST_NODES:
        raise ProtocolError(f"more than {MOST_NODES} nodes")
    if len(ids) != len(set(ids)):
        raise ProtocolError("a node is in the topology twice")
    return root


def _node(value: object) -> TopologyNode:
    # The depth is bounded where the answer is decoded.
    if not isinstance(value, dict):
        raise ProtocolError(f"not a node: {quote(value)}")
    node_type = value.get("nodeType")
    children = value.get("children") or []
    if not isinstance(children, list):
        raise ProtocolError(f"not a list of nodes: {quote(children)}")
    return TopologyNode(
        node_id=identifier(value.get("nodeId"), "nodeId"),
        node_type=node_type[:_LONGEST_TYPE]
        if isinstance(node_type, str) and node_type
        else None,
        nominal_current=number(value.get("nomCurrent"), "nomCurrent"),
        children=tuple(_node(child) for child in children),
    )
