"""What the README and the pages of the families have in common."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
import re
from typing import Any, Final

import pytest

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.family import FEED_METER, Family

from .harness.derived import PLACES, Place
from .texts import (
    DOCS,
    INTEGRATION,
    ROOT,
    assert_none,
    at,
    mentions,
    read_json,
    read_page,
)

# Every page has those of these headings that its family has something for.
HEADINGS: Final = [
    "Supported devices",
    "Use cases",
    "Prepare the device",
    "Set up in Home Assistant",
    "Options",
    "Entities",
    "Controls",
    "Actions",
    "Feeds",
    "Coming from another integration",
    "How data is updated",
    "Energy dashboard",
    "Example automation",
    "Known limitations",
    "Troubleshooting",
    "Removal",
]
ALWAYS: Final = {
    "Supported devices",
    "Use cases",
    "Prepare the device",
    "Set up in Home Assistant",
    "Options",
    "Entities",
    "How data is updated",
    "Energy dashboard",
    "Known limitations",
    "Troubleshooting",
}

# The columns of a table, by the first of them.
COLUMNS: Final = {
    "Option": ["Option", "Default", "What it does"],
    "Entity": ["Entity", "Kind or unit", "Shows", "Enabled"],
    "Control": ["Control", "Kind", "What it does", "Works with"],
    "Action": ["Action", "Fields", "What it does"],
    "Feed": ["Feed", "Unit", "What it is for"],
}

FILES: Final = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
]
OPTIONS: Final = at(
    read_json(INTEGRATION / "translations/en.json"), "options", "step", "init"
)

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def _prose(text: str) -> str:
    """Give what is not code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _headings(text: str) -> list[tuple[int, str]]:
    """Give level and text of each heading."""
    return [
        (len(marks), title)
        for marks, title in re.findall(r"^(#+) (.+)$", _prose(text), re.MULTILINE)
    ]


def _anchors(file: Path) -> set[str]:
    """Give the anchors that GitHub makes of a file's headings."""
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for _, title in _headings(file.read_text("utf-8"))
    }


def _links(file: Path) -> Iterator[str]:
    """Give the links that do not leave the repository."""
    for link in re.findall(r"\]\(([^)\s]+)\)", _prose(file.read_text("utf-8"))):
        if "://" not in link:
            yield link


def _section(family: str, heading: str) -> str:
    """Give what is below a heading of a family's page."""
    for part in re.split(r"^## ", read_page(family), flags=re.MULTILINE):
        title, _, text = part.partition("\n")
        if title == heading:
            return text
    return ""


def test_every_family_has_a_page() -> None:
    pages = {page.stem for page in DOCS.iterdir()} - {"architecture"}
    assert_none(f"docs/ has no {key}.md" for key in FAMILIES.keys() - pages)
    assert_none(f"docs/{page}.md is of no family" for page in pages - set(FAMILIES))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_every_family_is_listed(place: Place) -> None:
    assert place.is_current(), "script/lint --fix writes it"


@every_family
def test_page_has_the_common_headings(family: Family) -> None:
    headings = _headings(read_page(family.key)) or [(0, "")]
    assert headings[0] == (1, family.name)
    second = [title for level, title in headings if level == 2]
    assert second == [title for title in HEADINGS if title in second]
    due = ALWAYS | ({"Actions"} if family.actions else set())
    due |= {"Feeds"} if family.feeds else set()
    assert_none(f"docs/{family.key}.md has no ## {item}" for item in due - set(second))


@every_file
def test_headings_are_told_apart(file: Path) -> None:
    headings = _headings(file.read_text("utf-8"))
    titles = [title for _, title in headings]
    assert len(titles) == len(set(titles)), "an anchor would be ambiguous"
    levels = [level for level, _ in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(levels) <= 3
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_family
def test_tables_of_a_kind_have_the_same_columns(family: Family) -> None:
    heads = re.findall(
        r"^ *\|(.+)\|\n *\|(?:-+\|)+$", read_page(family.key), re.MULTILINE
    )
    tables = [[cell.strip() for cell in head.split("|")] for head in heads]
    assert not [table for table in tables if COLUMNS.get(table[0], table) != table]


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{key}.md" for key in FAMILIES)])
def test_troubleshooting_has_symptom_cause_and_steps(page: str) -> None:
    path = ROOT / page
    text = path.read_text("utf-8") if path.exists() else ""
    text = text.partition("\n## Troubleshooting\n")[2]
    entries = re.findall(r"^\*\*.*(?:\n.+)*", text.partition("\n## ")[0], re.MULTILINE)
    assert entries, f"{page} has no troubleshooting"
    for entry in entries:
        assert re.fullmatch(r"\*\*.+\*\*\n- Cause: .+\n- Steps: .+", entry), entry


@every_file
def test_links_lead_somewhere(file: Path) -> None:
    lost = []
    for link in _links(file):
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        exists = target.is_relative_to(ROOT) and target.is_file()
        if not exists or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert not lost


def test_architecture_names_what_is_there() -> None:
    text = read_page("architecture")
    templates = ROOT / "tests/harness/templates"
    sources = [*INTEGRATION.rglob("*.py"), *templates.rglob("*.py.template")]
    code = "\n".join(file.read_text("utf-8") for file in sources)
    names = {file.name.removesuffix(".template") for file in sources}
    files = re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", text)
    assert_none(f"no {name}" for name in files if name not in names)
    words = re.findall(r"`([A-Z]\w+)(?:\.(\w+))?`", text)
    assert_none(f"no class {name}" for name, _ in words if f"class {name}" not in code)
    assert_none(
        f"no {name}" for _, name in words if name and f"def {name}(" not in code
    )


def _lacks(family: Family, heading: str, names: Iterable[str]) -> Iterator[str]:
    """Name what a page does not mention under a heading."""
    text = _section(family.key, heading)
    for name in names:
        if not mentions(text, name):
            yield f"docs/{family.key}.md, {heading}: no {name}"


def _labels(texts: dict[str, Any], keys: Iterable[str]) -> list[str]:
    """Give the names that the user sees; the key itself where there is none yet."""
    return [at(texts, "data").get(key, key) for key in keys]


@every_family
def test_page_has_every_action(family: Family) -> None:
    names = [f"| `wattbus.{action.name}` |" for action in family.actions]
    text = _section(family.key, "Actions")
    assert_none(
        f"docs/{family.key}.md, Actions: no {name}"
        for name in names
        if name not in text
    )


@every_family
def test_page_has_every_option(family: Family) -> None:
    names = _labels(OPTIONS, (option.key for option in family.options))
    assert_none(_lacks(family, "Options", names))


@every_family
def test_page_has_every_feed(family: Family) -> None:
    keys = [feed.name for feed in family.feeds]
    keys += {feed.inverted_by for feed in family.feeds if feed.inverted_by}
    if any(feed.meter_key for feed in family.feeds):
        keys.append(FEED_METER)
    names = _labels(at(OPTIONS, "sections", "feeds"), keys)
    assert_none(_lacks(family, "Feeds", names))
