"""What hassfest asks of texts and icons, and that every text is there.

hassfest itself runs on GitHub only; these are its rules for a custom integration.
"""

from collections.abc import Iterable, Iterator
import re
from typing import Any, Final, NamedTuple

import pytest

from custom_components.wattbus.const import CONF_PATIENCE
from custom_components.wattbus.errors import Issue, Reason, WattbusError
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import (
    CONNECTION_SENSOR,
    Description,
)
from custom_components.wattbus.families.family import (
    FEED_METER,
    GRID_INVERTED,
    Connection,
)
from custom_components.wattbus.families.sink import MAIN
from custom_components.wattbus.forms import BROKER_SCHEMA
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers import service

from .texts import (
    INTEGRATION,
    at,
    calls,
    keys_of,
    literals,
    mentions,
    placeholders,
    read_json,
    read_page,
    read_yaml,
    texts_of,
)

LANGUAGES: Final = {
    path.stem: read_json(path) for path in sorted(INTEGRATION.glob("translations/*"))
}
ENGLISH: Final = LANGUAGES["en"]
ENGLISH_TEXTS: Final = dict(texts_of(ENGLISH))
ICONS: Final = read_json(INTEGRATION / "icons.json")
SERVICES: Final = read_yaml("services.yaml")
# What the page of each family names in the first column of a table, or in bold.
NAMED: Final = {
    family: "\n".join(
        re.findall(r"^\| [^|]*|\*\*[^*]+\*\*", read_page(family), re.MULTILINE)
    )
    for family in FAMILIES
}

# The name of a value that no table knows.
UNKNOWN: Final = "unheard_of"

# What the flow's base class aborts with by itself.
IMPLIED_ABORTS: Final = {
    "already_configured",
    "reauth_successful",
    "reconfigure_successful",
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

# --- what the families have ---------------------------------------------------------


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
        """Name it in the list of tests."""
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
CONNECTIONS: Final = {
    f"{family.key}_{connection.key}": connection
    for family in FAMILIES.values()
    for connection in family.connections.values()
}
DEVICES: Final = {
    f"{family.key}_{item.kind}"
    for family in FAMILIES.values()
    for item in family.descriptions
    if item.kind != MAIN
}

every_description = pytest.mark.parametrize("item", DESCRIBED, ids=str)
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_connection = pytest.mark.parametrize(
    ("step", "connection"), CONNECTIONS.items(), ids=CONNECTIONS
)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def _names(fields: Iterable[Any]) -> set[str]:
    """Give the names of a schema's fields."""
    return {str(marker) for marker in fields}


def _assert_labelled(step: dict[str, Any], fields: set[str]) -> None:
    """Every field has a label and a description, and nothing else has."""
    assert set(at(step, "data")) == fields
    assert set(at(step, "data_description")) == fields


# --- the texts themselves -----------------------------------------------------------


@every_language
def test_language_says_all_that_english_says(language: str) -> None:
    texts = dict(texts_of(LANGUAGES[language]))
    assert texts.keys() == ENGLISH_TEXTS.keys()
    wrong = {
        ".".join(path): (text, english)
        for path, english in ENGLISH_TEXTS.items()
        if placeholders(text := texts[path]) != placeholders(english)
    }
    assert not wrong


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


@every_description
def test_entity_has_a_name(item: Described) -> None:
    if item.description.name is None:  # It has its device's.
        return
    name = at(ENGLISH, *item.path).get("name")
    assert name, f"en.json has no {'.'.join(item.path)}.name"
    assert placeholders(name) == set(item.description.placeholders or ())


@every_description
def test_states_that_are_texts_have_one(item: Described) -> None:
    assert set(at(ENGLISH, *item.path, "state")) == item.options


@every_description
def test_page_names_the_entity(item: Described) -> None:
    name = re.sub(r"\s*\{\w+\}", "", at(ENGLISH, *item.path).get("name", ""))
    families = [item.family] if item.family in FAMILIES else list(FAMILIES)
    missing = [family for family in families if not mentions(NAMED[family], name)]
    assert not missing, f"{name} is not in docs/"


def test_no_entity_text_is_left_over() -> None:
    assert {path[:3] for path in ENGLISH_TEXTS if path[0] == "entity"} == {
        item.path for item in DESCRIBED
    }


def test_devices_have_names() -> None:
    names = {key: text["name"] for key, text in ENGLISH["device"].items()}
    assert names.keys() == DEVICES
    assert all(placeholders(name) <= {"id"} for name in names.values())


# --- icons --------------------------------------------------------------------------


@every_description
def test_entity_without_a_device_class_has_an_icon(item: Described) -> None:
    icon = at(ICONS, *item.path)
    assert item.description.device_class or icon, f"icons.json: {'.'.join(item.path)}"
    assert set(at(icon, "state")) <= item.options | {"on", "off"}


def test_no_icon_is_left_over() -> None:
    icons = {path[:3] for path, _ in texts_of(ICONS) if path[0] == "entity"}
    assert icons <= {item.path for item in DESCRIBED}
    assert ICONS.keys() <= {"entity", "services"}
    assert at(ICONS, "services").keys() == SERVICES.keys()


def test_icons_are_of_material_design() -> None:
    assert not [
        icon for _, icon in texts_of(ICONS) if not re.fullmatch(r"mdi:[a-z0-9-]+", icon)
    ]


def test_no_state_has_the_default_icon() -> None:
    wrong = [
        f"{platform}.{key}.{state}"
        for platform, entities in ICONS["entity"].items()
        for key, icons in entities.items()
        for state, icon in at(icons, "state").items()
        if icon == icons["default"]
    ]
    assert not wrong


# --- the flows ----------------------------------------------------------------------


def test_menu_offers_every_family() -> None:
    user = ENGLISH["config"]["step"]["user"]
    assert set(user["menu_options"]) == set(FAMILIES)
    assert set(user["menu_option_descriptions"]) == set(FAMILIES)


@every_family
def test_family_with_several_connections_has_a_menu(family: Any) -> None:
    menu = at(ENGLISH, "config", "step", family.key)
    ways = {f"{family.key}_{way}" for way in family.connections}
    if len(ways) == 1:
        assert not menu, "its only connection is not asked for"
    else:
        assert menu["title"]
        assert menu["description"]
        assert set(menu["menu_options"]) == ways
        assert set(menu["menu_option_descriptions"]) == ways


@every_connection
def test_connection_form_is_labelled(step: str, connection: Connection) -> None:
    texts = at(ENGLISH, "config", "step", step)
    assert texts, f"en.json has no config.step.{step}"
    assert texts["title"]
    _assert_labelled(texts, _names(connection.fields))


@every_connection
def test_settings_can_be_changed_from_the_silent_step(
    step: str, connection: Connection
) -> None:
    assert step in ENGLISH["config"]["step"]["silent"]["menu_options"]


def test_broker_form_is_labelled() -> None:
    texts = ENGLISH["config"]["step"]["broker"]
    sections = {
        str(marker): value.schema.schema
        for marker, value in BROKER_SCHEMA.schema.items()
        if isinstance(value, section)
    }
    _assert_labelled(texts, _names(BROKER_SCHEMA.schema) - sections.keys())
    assert texts["sections"].keys() == sections.keys()
    for name, fields in sections.items():
        assert texts["sections"][name]["name"]
        _assert_labelled(texts["sections"][name], _names(fields))


def test_reauthentication_form_is_labelled() -> None:
    secrets = {name for item in CONNECTIONS.values() for name in item.secrets}
    _assert_labelled(
        ENGLISH["config"]["step"]["reauth_confirm"],
        {CONF_USERNAME, CONF_PASSWORD} | secrets,
    )


def test_other_steps_have_their_texts() -> None:
    steps = ENGLISH["config"]["step"]
    assert set(steps["client"]["menu_options"]) == {"home_assistant", "broker"}
    assert set(steps["silent"]["menu_options"]) == {"probe", "found", *CONNECTIONS}
    _assert_labelled(steps["found"], {CONF_NAME})
    assert all(step.get("title") for step in steps.values())
    menus = {family.key for family in FAMILIES.values() if len(family.connections) > 1}
    assert steps.keys() == menus | CONNECTIONS.keys() | {
        *("user", "client", "broker", "probe", "silent", "found", "reauth_confirm")
    }


def test_options_are_labelled() -> None:
    options = {item.key for family in FAMILIES.values() for item in family.options}
    assert CONF_PATIENCE in options
    _assert_labelled(ENGLISH["options"]["step"]["init"], options)


def test_feeds_are_labelled() -> None:
    feeds = {feed.name for family in FAMILIES.values() for feed in family.feeds}
    texts = ENGLISH["options"]["step"]["init"]["sections"]
    assert texts.keys() == {"feeds"}
    assert texts["feeds"]["name"]
    _assert_labelled(texts["feeds"], feeds | {GRID_INVERTED, FEED_METER})


def test_select_options_have_texts() -> None:
    """A selector with a translation key has a text for each of its options."""
    configs = [
        value.config
        for item in CONNECTIONS.values()
        for value in item.fields.values()
        if hasattr(value, "config")
    ]
    configs += [
        option.selector.config for item in FAMILIES.values() for option in item.options
    ]
    configs += [
        config
        for action in SERVICES.values()
        for field in action["fields"].values()
        for config in field["selector"].values()
        if config
    ]
    wanted = {
        config["translation_key"]: {
            option if isinstance(option, str) else option["value"]
            for option in config["options"]
        }
        for config in configs
        if config.get("translation_key")
    }
    assert wanted == {
        key: set(text["options"]) for key, text in at(ENGLISH, "selector").items()
    }


def test_flow_errors_have_texts() -> None:
    errors = ENGLISH["config"]["error"]
    assert {reason.value for reason in Reason} <= errors.keys()
    known = literals("config_flow.py", "forms.py", "flow.py") | set(Reason)
    assert errors.keys() <= known, "some text belongs to no error"
    # These are what every form is given.
    wrong = [
        e for e, text in errors.items() if not placeholders(text) <= {"host", "detail"}
    ]
    assert not wrong


def test_flow_steps_aborts_and_progress_have_texts() -> None:
    config = ENGLISH["config"]
    steps = config["step"].keys() | ENGLISH["options"]["step"].keys()
    aborts = set(IMPLIED_ABORTS)
    progress = set()
    for call in calls():
        if step := call.text("step_id"):
            assert step in steps, call.where
        if call.name == "async_abort":
            aborts |= {call.text("reason") or f"? at {call.where}"}
        if action := call.text("progress_action"):
            progress.add(action)
    assert config["abort"].keys() == aborts
    assert config["progress"].keys() == progress


# --- errors and issues --------------------------------------------------------------


def _errors() -> set[str]:
    """Give the names of our errors."""
    found, new = set[type](), {WattbusError}
    while new:
        found |= new
        new = {sub for item in new for sub in item.__subclasses__()} - found
    return {item.__name__ for item in found}


RAISED: Final = [
    call
    for call in calls()
    if call.name in _errors() - {"ConnectError"} and call.node.args
]


def test_reasons_have_texts() -> None:
    """A ConnectError has a reason and a host, and its text is that of the reason."""
    messages = {key: text["message"] for key, text in ENGLISH["exceptions"].items()}
    for reason in Reason:
        assert placeholders(messages[reason]) <= {"host"}


def test_errors_have_texts() -> None:
    """Only a literal key can be checked, and has to be there, with its placeholders."""
    wrong = []
    for call in RAISED:
        message = at(ENGLISH, "exceptions", call.first or "").get("message")
        if message is None or not placeholders(message) <= call.keywords.keys():
            wrong.append(f"{call.where}: {call.first}: {message}")
    assert not wrong


def test_exceptions_and_issues_have_texts() -> None:
    """There is a text for each, and none for what is never raised."""
    exceptions = at(ENGLISH, "exceptions").keys()
    assert exceptions >= set(Reason) | {call.first for call in RAISED}
    assert exceptions <= set(Reason) | literals()
    assert at(ENGLISH, "issues").keys() == set(Issue)


# --- actions ------------------------------------------------------------------------


def test_actions_are_described() -> None:
    service._SERVICES_SCHEMA(SERVICES)
    texts = at(ENGLISH, "services")
    assert texts.keys() == SERVICES.keys()
    for name, action in SERVICES.items():
        fields = at(action or {}, "fields")
        assert {"name", "description"} <= texts[name].keys(), name
        assert at(texts[name], "fields").keys() == fields.keys(), name
        for field, text in at(texts[name], "fields").items():
            assert {"name", "description"} <= text.keys(), f"{name}.{field}"
