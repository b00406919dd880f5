"""An old and a new OpenEVSE in a real Home Assistant, controlled as by a user."""

from pathlib import Path

import pytest

from tests.harness.openevse import GENERATIONS, OpenEvseProcess, add_openevse

from .conftest import Controlled, Installation

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(240),
]


# The two that are controlled in different ways; the others are in the family's tests.
@pytest.mark.parametrize("generation", [GENERATIONS[0], GENERATIONS[-1]])
async def test_a_charging_session(
    installation: Installation, tmp_path: Path, generation: str
) -> None:
    """Off and on, 16 A, and a limit of 5 kWh that ends the session."""
    base = f"charger-{generation.replace('.', '-')}"
    number = GENERATIONS.index(generation)
    simulator = OpenEvseProcess(
        tmp_path / "openevse.log",
        generation,
        *("--id", f"c44f330dbb{number:02x}", "--speed", "400"),
        broker=installation.broker,
        base=base,
    )
    with simulator:
        result = await add_openevse(
            installation.home_assistant, installation.broker, name=base, base=base
        )
        assert result["type"] == "create_entry", result
        charger = Controlled(installation, result["result"])
        await charger.call("switch.turn_off", "enabled")
        await charger.shows("enabled", lambda shown: shown == "off")
        await charger.call("switch.turn_on", "enabled")
        await charger.shows("enabled", lambda shown: shown == "on")
        await charger.call("number.set_value", "charge_current", value=16)
        await charger.shows("charge_current", lambda shown: float(shown) == 16)

        if generation == GENERATIONS[-1]:  # old ones are asked each 30 s: too slow here
            await charger.shows("state", lambda shown: shown == "charging")
            await charger.call("number.set_value", "energy_limit", value=5)
            await charger.shows("energy_limit", lambda shown: float(shown) == 5)
            await charger.shows("enabled", lambda shown: shown == "off")
    await installation.home_assistant.rest(
        "DELETE", f"/api/config/config_entries/entry/{charger.entry['entry_id']}"
    )
    assert "Traceback" not in installation.home_assistant.log
