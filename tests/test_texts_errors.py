"""Every error, issue and action has its texts."""

from typing import Final

from custom_components.wattbus.errors import Issue, Reason, WattbusError
from custom_components.wattbus.protocols import InputError
from homeassistant.helpers import service

from .texts import ENGLISH, SERVICES, assert_none, at, calls, literals, placeholders

# --- errors and issues --------------------------------------------------------------


def _errors() -> set[str]:
    """Give the names of our errors."""
    found, new = set[type](), {WattbusError, InputError}
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
    raised = {str(reason) for reason in Reason} | {str(call.first) for call in RAISED}
    assert_none(f"en.json has no exceptions.{key}" for key in raised - exceptions)
    unused = exceptions - raised - literals()
    assert_none(f"exceptions.{key} is never raised" for key in unused)
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
