"""Every step, field and choice of the flows and the options has its texts."""

from collections.abc import Iterable
from typing import Any, Final

import pytest

from custom_components.wattbus.const import CONF_PATIENCE
from custom_components.wattbus.errors import Reason
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.family import (
    FEED_METER,
    GRID_INVERTED,
    Connection,
)
from custom_components.wattbus.forms import BROKER_SCHEMA
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.data_entry_flow import section

from .texts import ENGLISH, SERVICES, assert_none, at, calls, literals, placeholders

# What the flow's base class aborts with by itself.
IMPLIED_ABORTS: Final = {
    "already_configured",
    "reauth_successful",
    "reconfigure_successful",
}

CONNECTIONS: Final = {
    f"{family.key}_{connection.key}": connection
    for family in FAMILIES.values()
    for connection in family.connections.values()
}

every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
every_connection = pytest.mark.parametrize(
    ("step", "connection"), CONNECTIONS.items(), ids=CONNECTIONS
)


def _names(fields: Iterable[Any]) -> set[str]:
    """Give the names of a schema's fields."""
    return {str(marker) for marker in fields}


def _assert_texts(step: dict[str, Any], part: str, keys: set[str]) -> None:
    """Each of these keys has a text, and nothing else has."""
    have = at(step, part).keys()
    title = step.get("title", "the step")
    assert_none(f"en.json, {title}: no {part}.{key}" for key in keys - have)
    assert_none(f"en.json, {title}: {part}.{key} is left over" for key in have - keys)


def _assert_labelled(step: dict[str, Any], fields: set[str]) -> None:
    """Every field has a label and a description, and nothing else has."""
    _assert_texts(step, "data", fields)
    _assert_texts(step, "data_description", fields)


def _assert_menu(step: dict[str, Any], choices: set[str]) -> None:
    """Every choice has a name and a description, and nothing else has."""
    _assert_texts(step, "menu_options", choices)
    _assert_texts(step, "menu_option_descriptions", choices)


def test_menu_offers_every_family() -> None:
    _assert_menu(ENGLISH["config"]["step"]["user"], set(FAMILIES))


@every_family
def test_family_with_several_connections_has_a_menu(family: Any) -> None:
    menu = at(ENGLISH, "config", "step", family.key)
    ways = {f"{family.key}_{way}" for way in family.connections}
    if len(ways) == 1:
        assert not menu, "its only connection is not asked for"
    else:
        assert menu, f"en.json has no config.step.{family.key}"
        assert menu["title"]
        assert menu["description"]
        _assert_menu(menu, ways)


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
    silent = ENGLISH["config"]["step"]["silent"]["menu_options"]
    assert_none([] if step in silent else [f"en.json, silent: no menu_options.{step}"])


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
    _assert_texts(
        steps["silent"], "menu_options", {"probe", "broker", "found", *CONNECTIONS}
    )
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
        field.config
        for item in BROKER_SCHEMA.schema.values()
        if isinstance(item, section)
        for field in item.schema.schema.values()
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
