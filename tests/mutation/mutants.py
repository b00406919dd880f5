"""Makes the mutants of a file, with mutmut's operators: run in an environment of its own.

    python tests/mutation/mutants.py FILE

prints them as JSON: first and last line, what was and is now there, the whole source.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import sys
from typing import Any, Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

# Of what stands in these, nothing is a fault that a test could see: types, what is there
# for a type checker alone, and what is told to the log.
_LOG: Final = "LOGGER"
_SKIPPED: Final = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
_SKIPPED_TOO: Final = (cst.TypeAlias, cst.TypeParameters, cst.Assert)

# As mutmut does: another argument of these makes no sense.
_CALLS: Final = {"cast", "isinstance", "len"}


def _is_skipped(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Call):
        called = node.func
        if isinstance(called, cst.Attribute):
            called = called.value
            return isinstance(called, cst.Name) and called.value == _LOG
        return isinstance(called, cst.Name) and called.value in _CALLS
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING"
    return isinstance(node, (*_SKIPPED, *_SKIPPED_TOO))


def _changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Give what may stand in a node's place."""
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            found = iter(operator(node))
            # A text in capitals or without is no other fault than another text.
            yield from [next(found, None)] if operator is operator_string else found


def _is_the_same(was: str, now: str) -> bool:
    """Whether a mutant is none: False is as false as None, 1e100 is 1e+100."""
    if was.replace("False", "None") == now:
        return True
    try:
        return float(was) == float(now)
    except ValueError:
        return False


def _nodes(
    node: cst.CSTNode, places: Mapping[cst.CSTNode, Any], around: Any = None
) -> Iterator[tuple[cst.CSTNode, Any]]:
    """Give all nodes that may be changed, with their places."""
    if not _is_skipped(node):
        place = places.get(node, around)
        yield node, place
        for child in node.children:
            yield from _nodes(child, places, place)


def mutants(source: str) -> Iterator[dict[str, Any]]:
    """Give the mutants of a module."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    places = wrapper.resolve(PositionProvider)
    module = wrapper.module

    def written(node: cst.CSTNode) -> str:
        return " ".join(module.code_for_node(node).split())

    for node, place in _nodes(module, places):
        was = written(node)
        for other in filter(None, _changed(node)):
            now = written(other)
            if not _is_the_same(was, now):
                yield {
                    "first": place.start.line,
                    "last": place.end.line,
                    "was": was,
                    "now": now,
                    "source": module.deep_replace(node, other).code,
                }


if __name__ == "__main__":
    json.dump(list(mutants(Path(sys.argv[1]).read_text("utf-8"))), sys.stdout)
