"""What a site consists of: a tree of nodes."""

from collections.abc import Iterator
from dataclasses import dataclass

from .. import ProtocolError
from ..payload import if_readable, number, quote
from .replies import node_id

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
    whole: bool = True
    """Whether all that is below it could be read."""

    def walk(
        self, parent: TopologyNode | None = None
    ) -> Iterator[tuple[TopologyNode, TopologyNode | None]]:
        """Give this node and all below it, each with the one above it, parents first."""
        yield self, parent
        for child in self.children:
            yield from child.walk(self)


def read_topology(state: object) -> TopologyNode:
    """Read the state of `get_topology_ack`.

    A node that cannot be read, or is there twice, costs itself and what is below it; the
    first node is then not `whole`.

    Raises:
        ProtocolError: If the first node cannot be read, or there are too many.
    """
    root = _node(state, set())
    if sum(1 for _ in root.walk()) > MOST_NODES:
        raise ProtocolError(f"more than {MOST_NODES} nodes")
    return root


def _node(value: object, known: set[str]) -> TopologyNode:
    # The depth is bounded where the answer is decoded.
    if not isinstance(value, dict):
        raise ProtocolError(f"not a node: {quote(value)}")
    name = node_id(value.get("nodeId"), "nodeId")
    if name in known:
        raise ProtocolError("a node is in the topology twice")
    known.add(name)
    told = value.get("children") or []
    children, whole = [], isinstance(told, list)
    for child in told if isinstance(told, list) else ():
        try:
            children.append(_node(child, known))
        except ProtocolError:
            whole = False
    node_type = value.get("nodeType")
    return TopologyNode(
        node_id=name,
        node_type=node_type[:_LONGEST_TYPE]
        if isinstance(node_type, str) and node_type
        else None,
        nominal_current=if_readable(number, value.get("nomCurrent"), "nomCurrent"),
        children=tuple(children),
        whole=whole and all(child.whole for child in children),
    )
