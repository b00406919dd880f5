"""What hassfest asks of texts, and that entities and devices have theirs.

hassfest itself runs on GitHub only; these are its rules for a custom integration.
"""

from collections.abc import Iterator
import re
from typing import Any, Final

import pytest

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.sink import MAIN

from .texts import (
    DESCRIBED,
    ENGLISH,
    LANGUAGES,
    assert_none,
    at,
    keys_of,
    mentions,
    placeholders,
    read_page,
    texts_of,
)

ENGLISH_TEXTS: Final = dict(texts_of(ENGLISH))
# What the page of each family names in the first column of a table, or in bold.
NAMED: Final = {
    family: "\n".join(
        re.findall(r"^\| [^|]*|\*\*[^*]+\*\*", read_page(family), re.MULTILINE)
    )
    for family in FAMILIES
}
DEVICES: Final = {
    f"{family.key}_{item.kind}"
    for family in FAMILIES.values()
    for item in family.descriptions
    if item.kind != MAIN
}

NOT_ALLOWED: Final = {
    "HTML": r"</?[a-zA-Z!][^>]*>",
    "a URL, which should be a placeholder": r"(?i)\b[a-z]+://|\bwww\.",
    "space at an end": r"\A\s|\s\Z",
    "a placeholder in single quotes, which is not filled": r"'\{[^}]*\}'",
    "a reference, which only core's own texts may have": r"\[%key",
    "a placeholder that is no name": r"\{(?![a-z_][a-z0-9_]*\})",
    "nothing": r"\A\Z",
}

every_language = pytest.mark.parametrize("language", LANGUAGES)


# --- the texts themselves -----------------------------------------------------------


@every_language
def test_language_says_all_that_english_says(language: str) -> None:
    """One may lag behind with a new family: Home Assistant shows the English texts.

    When it offers the family in the menu, it has to have all the rest, too.
    """
    missing = ENGLISH_TEXTS.keys() - dict(texts_of(LANGUAGES[language])).keys()
    offered = at(LANGUAGES[language], "config", "step", "user", "menu_options")
    if behind := FAMILIES.keys() - offered.keys():
        pytest.skip(f"{language}.json lacks {len(missing)} texts: {', '.join(behind)}")
    assert_none(f"{language}.json has no {'.'.join(path)}" for path in missing)


@every_language
def test_language_says_what_english_says(language: str) -> None:
    texts = dict(texts_of(LANGUAGES[language]))
    assert_none(
        f"en.json has no {'.'.join(path)}, which {language}.json has"
        for path in texts.keys() - ENGLISH_TEXTS.keys()
    )
    assert_none(
        f"{'.'.join(path)} has other placeholders in {language}.json"
        for path, text in texts.items()
        if placeholders(text) != placeholders(ENGLISH_TEXTS[path])
    )


@every_language
def test_keys_are_allowed(language: str) -> None:
    pattern = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
    assert {
        key for key in keys_of(LANGUAGES[language]) if not pattern.fullmatch(key)
    } == (set())


@pytest.mark.parametrize("rule", NOT_ALLOWED)
@every_language
def test_no_text_has(language: str, rule: str) -> None:
    wrong = [
        f"{'.'.join(path)}: {text!r}"
        for path, text in texts_of(LANGUAGES[language])
        if re.search(NOT_ALLOWED[rule], text)
    ]
    assert not wrong, rule


@every_language
def test_every_described_field_has_a_label(language: str) -> None:
    def check(tree: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
        if extra := set(at(tree, "data_description")) - set(at(tree, "data")):
            yield f"{'.'.join(path)}: {extra}"
        if extra := set(at(tree, "menu_option_descriptions")) - set(
            at(tree, "menu_options")
        ):
            yield f"{'.'.join(path)}: {extra}"
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from check(value, (*path, key))

    assert not list(check(LANGUAGES[language], ()))


# --- entities and devices -----------------------------------------------------------


def test_entities_have_names() -> None:
    faults = set()
    for item in DESCRIBED:
        if item.description.name is None:  # It has its device's.
            continue
        name = at(ENGLISH, *item.path).get("name")
        if not name:
            faults.add(f"en.json has no {'.'.join(item.path)}.name")
        elif placeholders(name) != set(item.description.placeholders or ()):
            faults.add(f"{item} has other placeholders than {name!r}")
    assert_none(faults)


def test_states_that_are_texts_have_one() -> None:
    faults = set()
    for item in DESCRIBED:
        states = at(ENGLISH, *item.path, "state").keys()
        path = ".".join(item.path)
        faults |= {
            f"en.json has no {path}.state.{key}" for key in item.options - states
        }
        faults |= {f"{path}.state.{key} is no state" for key in states - item.options}
    assert_none(faults)


def test_pages_name_the_entities() -> None:
    named = set()
    for item in DESCRIBED:
        name = re.sub(r"\s*\{\w+\}", "", at(ENGLISH, *item.path).get("name", ""))
        families = [item.family] if item.family in FAMILIES else list(FAMILIES)
        named |= {(family, name) for family in families}
    assert_none(
        f"{name} is not in docs/{family}.md"
        for family, name in named
        if not mentions(NAMED[family], name)
    )


def test_no_entity_text_is_left_over() -> None:
    assert {path[:3] for path in ENGLISH_TEXTS if path[0] == "entity"} == {
        item.path for item in DESCRIBED
    }


def test_devices_have_names() -> None:
    names = {key: text["name"] for key, text in ENGLISH["device"].items()}
    assert_none(f"en.json has no device.{key}.name" for key in DEVICES - names.keys())
    assert_none(f"device.{key} is left over" for key in names.keys() - DEVICES)
    assert all(placeholders(name) <= {"id"} for name in names.values())
