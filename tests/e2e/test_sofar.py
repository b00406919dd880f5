"""A Sofar EMS in a real Home Assistant: the vendor's own example, and live control."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.harness.api import Json
from tests.harness.sofar import SofarProcess, add_sofar

from .conftest import Installation

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(240),
]


class Ems:
    """An EMS in Home Assistant, by the keys of its values."""

    def __init__(self, installation: Installation, entry: Json) -> None:
        """Look at an entry."""
        self.home_assistant = installation.home_assistant
        self.entry_id = entry["entry_id"]

    async def entity(self, group: str, key: str) -> str:
        """Wait for the entity of a group that shows a value."""
        unique_id = f"{self.entry_id}|group|{group}|{key}"
        async with asyncio.timeout(40):
            while True:
                entities = await self.home_assistant.entities("wattbus")
                for entity_id, entity in entities.items():
                    if entity["unique_id"] == unique_id:
                        return entity_id
                await asyncio.sleep(0.3)

    async def shows(self, group: str, key: str, holds: Callable[[str], bool]) -> None:
        """Wait until an entity shows what it should."""
        entity_id = await self.entity(group, key)
        async with asyncio.timeout(40):
            while True:
                state = (await self.home_assistant.states()).get(entity_id)
                if state is not None and holds(state["state"]):
                    return
                await asyncio.sleep(0.2)

    async def call(self, action: str, **data: Any) -> Json:
        """Run an action."""
        domain, _, service = action.partition(".")
        result = await self.home_assistant.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            return_response=domain == "wattbus",
        )
        return dict(result.get("response") or {})

    async def device_id(self) -> str:
        """Give the site's device."""
        devices = await self.home_assistant.command("config/device_registry/list")
        return next(
            str(device["id"])
            for device in devices
            if device["config_entry_id"] == self.entry_id
            and device["via_device_id"] is None
        )


def later(**span: float) -> str:
    """Give a time from now."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="seconds")


async def test_the_vendors_example(installation: Installation, tmp_path: Path) -> None:
    """By action and by calendar; seen there, started, ended; and live control."""
    with SofarProcess(
        installation.broker, tmp_path / "sofar.log", serial="M1S250101SIMULATED2"
    ) as simulator:
        result = await add_sofar(
            installation.home_assistant, installation.broker, serial=simulator.serial
        )
        assert result["type"] == "create_entry", result
        ems = Ems(installation, result["result"])
        await ems.shows("battery", "next_schedule", lambda shown: shown == "none")

        answer = await ems.call(
            "wattbus.sofar_set_schedule",
            device_id=await ems.device_id(),
            device_type="battery",
            policy="charge",
            power=5000,
            start=later(minutes=10),
            duration={"minutes": 15},
        )
        assert answer["schedule"]["power"] == 5000
        await ems.shows("battery", "next_schedule", lambda shown: shown == "charge")
        solar = await ems.entity("solar", "schedules")
        await ems.call(
            "calendar.create_event",
            entity_id=solar,
            summary="limit 0 W",
            start_date_time=later(minutes=30),
            end_date_time=later(minutes=90),
        )
        await ems.shows("solar", "next_schedule", lambda shown: shown == "limit")

        await ems.call(
            "calendar.create_event",
            entity_id=await ems.entity("battery", "schedules"),
            summary="discharge 2 kW",
            start_date_time=later(seconds=2),
            end_date_time=later(seconds=6),
        )
        await ems.shows("battery", "schedules", lambda shown: shown == "on")
        await ems.shows(
            "battery", "active_schedule", lambda shown: shown == "discharge"
        )
        await ems.shows("battery", "setpoint", lambda shown: float(shown) == 2000)
        await ems.shows("battery", "active_schedule", lambda shown: shown == "none")

        policy = await ems.entity("ev", "live_policy")
        switch = await ems.entity("ev", "live_control")
        await ems.call("select.select_option", entity_id=policy, option="charge")
        await ems.call("switch.turn_on", entity_id=switch)
        await ems.shows("ev", "live_control", lambda shown: shown == "on")
        await ems.call("switch.turn_off", entity_id=switch)
        await ems.shows("ev", "live_control", lambda shown: shown == "off")
    await installation.home_assistant.rest(
        "DELETE", f"/api/config/config_entries/entry/{ems.entry_id}"
    )
    assert "Traceback" not in installation.home_assistant.log
