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
    _Walk(feedback, frozenset(known), site).into(state, None, ())
    values = len(feedback.site) + sum(map(len, feedback.nodes.values()))
    if values > _MOST_VALUES:
        raise ProtocolError(f"more than {_MOST_VALUES} values")
    return feedback


class _Walk:
    """Goes through an answer. The depth is bounded where it is decoded."""

    def __init__(self, feedback: Feedback, known: frozenset[str], site: str) -> None:
        self._feedback = feedback
        self._known = known
        self._site = site

    def into(self, value: object, node: str | None, path: tuple[str, ...]) -> None:
        """Take what is in an object or a list, or a single value."""
        if isinstance(value, dict):
            if (told := value.get("nodeId")) is not None:
                told = if_readable(node_id, told, "nodeId")
                if told is None and path:
                    return  # of which node it is cannot be read
                if told is not None and told != node:
                    node, path = self._owner(told), ()
            for key, item in value.items():
                if key == "nodeId":
                    continue
                if key == self._site or key in self._known:
                    self.into(item, self._owner(key), ())
                else:
                    self.into(item, node, (*path, key))
        elif isinstance(value, list):
            for place, item in enumerate(value):
                self.into(item, node, (*path, str(place)))
        elif path and _is_value(value):
            self._keep(value, node, ".".join(path))

    def _owner(self, node: str) -> str | None:
        """Tell the site's own node, which is the main device, from the others."""
        return None if node == self._site else node

    def _keep(self, value: Scalar, node: str | None, name: str) -> None:
        if len(name) > _LONGEST_NAME or ID_SEPARATOR in name or not name.isprintable():
            return
        values = (
            self._feedback.site
            if node is None
            else self._feedback.nodes.setdefault(node, {})
        )
        values[name] = value


def _is_value(value: object) -> TypeGuard[Scalar]:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)
