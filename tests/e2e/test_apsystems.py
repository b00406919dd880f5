"""An ECU in a real Home Assistant, added and asked as by a user."""

import asyncio
from pathlib import Path

import pytest

from tests.harness.api import Json
from tests.harness.apsystems import EcuProcess, add_ecu

from .conftest import Installation

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(240),
]


async def states(installation: Installation, entry: Json) -> dict[str, str]:
    """Give what the entry's entities show, by the keys of their values."""
    prefix = f"{entry['entry_id']}|"
    entities = await installation.home_assistant.entities("wattbus")
    shown = await installation.home_assistant.states()
    return {
        entity["unique_id"].removeprefix(prefix): shown[entity_id]["state"]
        for entity_id, entity in entities.items()
        if entity["unique_id"].startswith(prefix) and entity_id in shown
    }


async def test_an_ecu(installation: Installation, tmp_path: Path) -> None:
    """It is there with its inverters, day or night."""
    with EcuProcess(tmp_path / "ecu.log", "--model", "ecu-r-pro") as ecu:
        result = await add_ecu(installation.home_assistant, name="Roof", port=ecu.port)
        assert result["type"] == "create_entry", result
        entry = result["result"]
        async with asyncio.timeout(40):
            while "main||lifetime_energy" not in (
                shown := await states(installation, entry)
            ):
                await asyncio.sleep(0.3)
        assert float(shown["main||lifetime_energy"]) >= 1995
        assert shown["main||inverters"] == "3"
        assert sum(key.endswith("|online") for key in shown) == 3
    await installation.home_assistant.rest(
        "DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}"
    )
    assert "Traceback" not in installation.home_assistant.log
