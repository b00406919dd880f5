"""The answer to `get_feedback`, whose form no public page tells: it is taken as it comes.

Values are numbers, texts and booleans at any depth. An object with a `nodeId`, or one
under a node's id, is about that node; all else is about the site. A value's name is its
way from there, joined by dots.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
import math
from typing import Final, TypeGuard

from .. import ProtocolError
from ..payload import ID_SEPARATOR, if_readable, quote
from .replies import node_id

_MOST_VALUES: Final = 2_000
_LONGEST_NAME: Final = 100

type Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """The values of the site, and of its nodes by their ids."""

    site: dict[str, Scalar] = field(default_factory=dict)
    nodes: dict[str, dict[str, Scalar]] = field(default_factory=dict)


def read_feedback(
    state: object, known: Collection[str] = (), site: str = ""
) -> Feedback:
    """Read the state of `get_feedback_ack`.

    `known` are the ids of nodes; `site` is that of the site itself.

    Raises:
        ProtocolError: If it is no object or list, or has too many values.
    """
    if not isinstance(state, dict | list):
        raise ProtocolError(f"not feedback: {quote(state)}")
    feedback = Feedback()
    # The next one is at its end; the node None is the site's own. The depth is bounded
    # where the answer is decoded.
    stack: list[tuple[object, str | None, tuple[str, ...]]] = [(state, None, ())]
    while stack:
        value, node, path = stack.pop()
        if isinstance(value, dict):
            if (told := value.get("nodeId")) is not None:
                told = if_readable(node_id, told, "nodeId")
                if told is None and path:
                    continue  # of which node it is cannot be read
                if told is not None and told != node:
                    node, path = None if told == site else told, ()
            for key, item in reversed(value.items()):
                if key == site or key in known:
                    stack.append((item, None if key == site else key, ()))
                elif key != "nodeId":
                    stack.append((item, node, (*path, key)))
        elif isinstance(value, list):
            for place, item in reversed(list(enumerate(value))):
                stack.append((item, node, (*path, str(place))))
        elif path and _is_value(value) and _is_name(name := ".".join(path)):
            nodes = feedback.nodes
            values = feedback.site if node is None else nodes.setdefault(node, {})
            values[name] = value
    if len(feedback.site) + sum(map(len, feedback.nodes.values())) > _MOST_VALUES:
        raise ProtocolError(f"more than {_MOST_VALUES} values")
    return feedback


def _is_name(name: str) -> bool:
    return (
        len(name) <= _LONGEST_NAME and ID_SEPARATOR not in name and name.isprintable()
    )


def _is_value(value: object) -> TypeGuard[Scalar]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)
