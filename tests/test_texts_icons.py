"""What hassfest asks of icons, and that no entity lacks one."""

import re
from typing import Final

from .texts import (
    DESCRIBED,
    INTEGRATION,
    SERVICES,
    assert_none,
    at,
    read_json,
    texts_of,
)

ICONS: Final = read_json(INTEGRATION / "icons.json")


def test_entities_without_a_device_class_have_an_icon() -> None:
    faults = set()
    for item in DESCRIBED:
        icon, path = at(ICONS, *item.path), ".".join(item.path)
        if not (item.description.device_class or icon):
            faults.add(f"icons.json has no {path}")
        more = set(at(icon, "state")) - item.options - {"on", "off"}
        faults |= {f"icons.json: {path}.{key} is no state" for key in more}
    assert_none(faults)


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
