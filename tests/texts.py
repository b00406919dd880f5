"""Reads the files that people and Home Assistant read: texts, icons, pages.

And lists what they have to describe.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any, Final, NamedTuple

import pytest
import yaml

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import (
    CONNECTION_SENSOR,
    Description,
)

ROOT = Path(__file__).parents[1]
INTEGRATION = ROOT / "custom_components/wattbus"
DOCS = ROOT / "docs"

type Keys = tuple[str, ...]


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file; a key that stands twice is an error."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"{path.name}: twice in {keys}"
        return dict(pairs)

    content = json.loads(path.read_text("utf-8"), object_pairs_hook=unique)
    assert isinstance(content, dict)
    return content


def read_yaml(name: str) -> dict[str, Any]:
    """Read a YAML file of the integration; one that is not there is empty."""
    path = INTEGRATION / name
    if not path.exists():
        return {}
    return dict(yaml.safe_load(path.read_text("utf-8")) or {})


def read_page(family: str) -> str:
    """Read a family's page; one that is not there is empty."""
    path = DOCS / f"{family}.md"
    return path.read_text("utf-8") if path.exists() else ""


def mentions(text: str, name: str) -> bool:
    """Whether a text has a name as words of its own."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def assert_none(faults: Iterable[str]) -> None:
    """Fail with one line for each fault."""
    if lines := sorted(faults):
        pytest.fail("\n".join(lines), pytrace=False)


def texts_of(tree: Mapping[str, Any], path: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Give every text with the keys that lead to it."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from texts_of(value, (*path, key))
        else:
            yield (*path, key), value


def keys_of(tree: Mapping[str, Any]) -> set[str]:
    """Give every key, at any depth."""
    return {
        key
        for name, value in tree.items()
        for key in (name, *(keys_of(value) if isinstance(value, Mapping) else ()))
    }


def at(tree: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """Give what is at a path; empty where there is nothing."""
    for key in path:
        tree = tree.get(key, {})
    return dict(tree)


def placeholders(text: str) -> set[str]:
    """Give the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


class Call:
    """A call somewhere in the code."""

    def __init__(self, file: Path, node: ast.Call) -> None:
        """Take a call of a function, a method or a class."""
        function = node.func
        self.node = node
        self.where = f"{file.relative_to(INTEGRATION)}:{node.lineno}"
        self.name = (
            function.attr
            if isinstance(function, ast.Attribute)
            else getattr(function, "id", "")
        )
        self.keywords = {item.arg: item.value for item in node.keywords if item.arg}

    def text(self, keyword: str) -> str | None:
        """Give the text that a keyword is, None if it is none."""
        value = self.keywords.get(keyword)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        return None

    @property
    def first(self) -> str | None:
        """The text that the first argument is, None if it is none."""
        match self.node.args:
            case [ast.Constant(value=str(text)), *_]:
                return text
        return None

    def keys(self, keyword: str) -> set[str]:
        """Give the keys of a dictionary that stands in the call."""
        value = self.keywords.get(keyword)
        keys = value.keys if isinstance(value, ast.Dict) else []
        return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Give every module of the integration."""
    return tuple(
        (file, ast.parse(file.read_text("utf-8")))
        for file in sorted(INTEGRATION.rglob("*.py"))
    )


def calls() -> Iterator[Call]:
    """Give every call in the integration's code."""
    for file, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                yield Call(file, node)


def literals(*names: str) -> set[str]:
    """Give every text that stands in modules of these names; in all, if none."""
    return {
        node.value
        for file, module in modules()
        if not names or file.name in names
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


LANGUAGES: Final = {
    path.stem: read_json(path) for path in sorted(INTEGRATION.glob("translations/*"))
}
ENGLISH: Final = LANGUAGES["en"]
SERVICES: Final = read_yaml("services.yaml")

# The name of a value that no table knows.
UNKNOWN: Final = "unheard_of"


class Described(NamedTuple):
    """An entity description, and where its texts and icons are."""

    family: str
    description: Description

    @property
    def path(self) -> tuple[str, str, str]:
        """Where its texts and icons are."""
        item = self.description
        return "entity", item.platform, item.translation_key or item.key

    @property
    def options(self) -> set[str]:
        """The states that it can have, if they are texts."""
        return set(getattr(self.description, "options", None) or ())

    def __str__(self) -> str:
        """Name it in a message."""
        return f"{self.family}-{self.description.platform}-{self.description.key}"


def _described() -> Iterator[Described]:
    yield Described("core", CONNECTION_SENSOR)
    for family in FAMILIES.values():
        for description in family.all_descriptions:
            yield Described(family.key, description)
        for kind in {item.kind for item in family.descriptions}:
            if (other := family.unknown(kind, UNKNOWN)) is not None:
                yield Described(family.key, other)


DESCRIBED: Final = tuple(_described())
