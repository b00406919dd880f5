"""The retained topics of an openWB 2.2.2, and what the tests take from them."""

from pathlib import Path
from typing import Any

import orjson

_FILE = Path(__file__).parents[2] / "fixtures" / "openwb" / "retained.tsv"

RETAINED = dict(
    line.split("\t", 1)
    for line in _FILE.read_text(encoding="utf-8").splitlines()
    if "\t" in line
)


def template() -> dict[str, Any]:
    """Give the charge template of charge point 3."""
    found: dict[str, Any] = orjson.loads(
        RETAINED["openWB/chargepoint/3/set/charge_template"]
    )
    return found


def old_template() -> dict[str, Any]:
    """Give a template as openWB 2.1.7 has it."""
    found = template()
    mode = found["chargemode"]
    del found["id"], mode["eco_charging"], mode["scheduled_charging"]["plans"]
    del found["time_charging"]["plans"], mode["pv_charging"]["limit"]
    for part in ("instant_charging", "pv_charging"):
        del mode[part]["phases_to_use"]
    mode["pv_charging"]["max_soc"] = 101
    found["et"] = {"active": False, "max_price": 0.0002}
    return found
