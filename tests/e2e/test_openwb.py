"""An openWB in a real Home Assistant, controlled as by a user."""

from pathlib import Path

import pytest

from tests.harness.openwb import OpenWbProcess, add_openwb

from .conftest import Controlled, Installation

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(240),
]


# The two generations of charge templates.
@pytest.mark.parametrize("version", ["2.1.7", "2.2.2"])
async def test_charge_mode_and_current(
    installation: Installation, tmp_path: Path, version: str
) -> None:
    """Charge at once with 10 A, then not at all; then openWB dies."""
    simulator = OpenWbProcess(
        tmp_path / "openwb.log",
        version,
        *("--interval", "1", "--speed", "10", "--no-driver"),
        broker=installation.broker,
        root=f"house/{version}",
    )
    with simulator:
        result = await add_openwb(
            installation.home_assistant,
            installation.broker,
            name="openWB",
            root=simulator.root,
        )
        assert result["type"] == "create_entry", result
        point = Controlled(installation, result["result"], "charge_point|3")
        await point.call("number.set_value", "instant_current", value=10)
        await point.call(
            "select.select_option", "charge_mode", option="instant_charging"
        )
        await point.shows("charge_mode", lambda shown: shown == "instant_charging")
        await point.shows("set_current", lambda shown: float(shown) == 10)
        await point.shows("charge_state", lambda shown: shown == "on")
        await point.call("select.select_option", "charge_mode", option="stop")
        await point.shows("charge_state", lambda shown: shown == "off")
    await installation.home_assistant.rest(
        "DELETE", f"/api/config/config_entries/entry/{point.entry['entry_id']}"
    )
    assert "Traceback" not in installation.home_assistant.log
