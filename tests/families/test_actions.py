"""What is common to the actions of all families: nothing is dropped without a word."""

from typing import TYPE_CHECKING

import pytest

from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.family import Action

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

ACTIONS = [
    pytest.param(action, id=action.name)
    for family in FAMILIES.values()
    for action in family.actions
]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_fraction_is_not_cut_off(action: Action) -> None:
    """Where whole numbers are wanted: 6.7 A are no 6 A."""
    for marker, rule in action.fields.items():
        schema = vol.Schema(rule)
        for given in (1.7, 6.7, 15.5, 2025.5):
            try:
                taken = schema(given)
            except vol.Invalid:
                continue
            assert type(taken) is not int, f"{marker}: {given} became {taken}"


@pytest.mark.parametrize("action", ACTIONS)
def test_a_field_that_does_not_exist_is_refused(action: Action) -> None:
    with pytest.raises(vol.Invalid, match="extra keys|not a valid"):
        vol.Schema(dict(action.fields))({"no_such_field": 1})
