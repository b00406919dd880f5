"""What follows from the families and stands in the repository for those who read it.

`python -m tests.harness.derived` names each place that is out of date; `--fix` writes it.
`script/lint` runs it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import re
import sys
from typing import Any, Final

from custom_components.wattbus.families import FAMILIES

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """A part of a file that is made of the families."""

    path: str
    pattern: str
    """Finds it in the file, once."""
    make: Callable[[], str]

    def wanted(self, root: Path = ROOT) -> str:
        """Give the file as it should be."""
        text = (root / self.path).read_text("utf-8")
        (found,) = re.finditer(self.pattern, text, re.MULTILINE)
        return f"{text[: found.start()]}{self.make()}{text[found.end() :]}"

    def is_current(self, root: Path = ROOT) -> bool:
        """Whether there is nothing to write."""
        return self.wanted(root) == (root / self.path).read_text("utf-8")


def _contract() -> str:
    """List the families for import-linter, which lets none of them import another."""
    return f'  "{" | ".join(f"({key})" for key in sorted(FAMILIES))}",\n  "(driver)",'


def _table() -> str:
    """List the families as the set-up offers them, with their pages."""
    texts: dict[str, Any] = json.loads(
        (ROOT / "custom_components/wattbus/translations/en.json").read_text("utf-8")
    )
    offered = texts["config"]["step"]["user"]["menu_option_descriptions"]
    rows = [
        f"| [{family.name}](docs/{key}.md) | {offered.get(key, '')} |\n"
        for key, family in FAMILIES.items()
    ]
    return "".join(("| Page | Device |\n|---|---|\n", *rows))


def _choices() -> str:
    """List the families for whoever reports a bug."""
    names = sorted((family.name for family in FAMILIES.values()), key=str.lower)
    rows = [f"        - {name}\n" for name in (*names, "None of them")]
    return "".join(("      options:\n", *rows))


PLACES: Final = (
    Place("pyproject.toml", r'^  "\(.+\)",\n  "\(driver\)",', _contract),
    Place("README.md", r"^\| Page \| Device .*\n(?:\|.*\n)+", _table),
    Place(
        ".github/ISSUE_TEMPLATE/bug.yml",
        r"^      options:\n(?:        - .+\n)+",
        _choices,
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Check every place, or write it."""
    old = [place for place in PLACES if not place.is_current()]
    for place in old:
        if "--fix" in arguments:
            (ROOT / place.path).write_text(place.wanted(), "utf-8")
        else:
            print(f"{place.path} lacks a family: script/lint --fix writes it")
    return int(bool(old) and "--fix" not in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
