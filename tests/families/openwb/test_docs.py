"""What the page says of versions is what the protocol's tables have."""

from collections.abc import Iterator, Sequence
import re
from typing import Any, Final

from custom_components.wattbus.families.descriptions import Description
from custom_components.wattbus.families.openwb.controls import CONTROLS
from custom_components.wattbus.families.openwb.units import ROWS
from custom_components.wattbus.protocols.openwb import CHARGE_POINT_REBOOT, Kind
from custom_components.wattbus.protocols.openwb.rules import Versioned
from custom_components.wattbus.protocols.openwb.version import (
    BATTERY_CONTROL,
    SURPLUS,
    WHOLE_TEMPLATES,
    Version,
)

from ...texts import INTEGRATION, assert_none, read_json, read_page

ENTITIES: Final = read_json(INTEGRATION / "translations/en.json")["entity"]

# Before each of them is the newest version without it.
BEFORE: Final = {
    WHOLE_TEMPLATES: "2.1.7",
    BATTERY_CONTROL: "2.1.9",
    SURPLUS: "2.2",
}

# What no table needs to say, for a control is there once openWB tells its value: the
# versions whose templates and settings have it (control/ev/charge_template.py, general.py
# and update_config.py of openWB/core).
TOLD: Final = {
    "instant_dc_current": "2.1.6",
    "pv_dc_min_current": "2.1.6",
    "pv_dc_min_soc_current": "2.1.6",
    "pv_feed_in_limit": "up to 2.2",
    "price_charging_max_price": "2.1.3 to 2.1.7",
    "general_scheduled_pv_phases": "2.1.5 to 2.1.7",
    # The words of one version are not those of another.
    "charge_mode": "Eco from 2.1.8, Standby up to 2.1.7",
}


def _number(version: Version) -> str:
    return ".".join(map(str, version[: 3 if version.patch else 2]))


def works_with(rows: Sequence[Versioned]) -> str:
    """Say which versions have one of some rows, as the page says it."""
    begins = [row.since for row in rows]
    ends = [row.until for row in rows]
    since = "" if None in begins else _number(min(filter(None, begins)))
    until = "" if None in ends else BEFORE[max(filter(None, ends))]
    if since and until:
        return f"{since} to {until}"
    return f"up to {until}" if until else since or "all"


def of_a_version() -> Iterator[tuple[str, str]]:
    """Give the names of controls, and the versions that have them."""
    for control in CONTROLS:
        kind = Kind.SYSTEM if control.kind == "main" else Kind(control.kind)
        if control.key == "priority_rank":
            said = _number(SURPLUS)
        elif (control.kind, control.key) == ("charge_point", "reboot"):
            said = _number(CHARGE_POINT_REBOOT)
        elif rows := ROWS.get((kind, control.key)):
            said = TOLD.get(control.key) or works_with(rows)
        else:
            continue
        yield _name(control), said


def _name(control: Description) -> str:
    platform = type(control).__name__.removesuffix("Description").lower()
    text: dict[str, Any] = ENTITIES[platform][control.translation_key or control.key]
    return str(text["name"])


def _said() -> dict[str, str]:
    """Give the last column of all tables of controls, by the first."""
    found = {}
    for line in read_page("openwb").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4:
            found.setdefault(cells[0], cells[-1])
    return found


def test_works_with() -> None:
    """Beside the versions it may say what else a control needs."""
    said = _said()
    assert_none(
        f"{name} works with {versions}, not {said.get(name)}"
        for name, versions in of_a_version()
        if not re.fullmatch(rf"{re.escape(versions)}([,;] .+)?", said.get(name, ""))
    )


def test_what_is_said_of_no_control_is_wrong() -> None:
    """Every exception above is one of a control that there is."""
    assert TOLD.keys() <= {control.key for control in CONTROLS}
