"""Where things are in the device's own menus, in German as the device has it.

"Profil -> Zugangsschlüssel" and "JSON-Schnittstelle -> Datenendpunkt", as evcc has them:
docs.evcc.io/de/meters/tq-energy-manager-em420.
"""

from typing import Final

import pytest

from ...texts import INTEGRATION, at, read_json, read_page

FORM: Final = at(
    read_json(INTEGRATION / "translations/de.json"), "config", "step", "em420_rest"
)


@pytest.mark.parametrize(
    ("menu", "item", "field"),
    [
        ("Profil", "Zugangsschlüssel", "token"),
        ("JSON-Schnittstelle", "Datenendpunkt", "endpoint"),
    ],
)
def test_fields_are_called_as_on_the_device(menu: str, item: str, field: str) -> None:
    """Whoever has the device's page open finds them by these names."""
    way = f"{menu} → {item}"
    assert way in read_page("em420")
    assert FORM["data"][field] == item
    assert way in FORM["data_description"][field]
