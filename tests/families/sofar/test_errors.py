"""What people read who want an EMS to do what cannot be: in their language, whole."""

import json
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.texts import reason
from custom_components.wattbus.transports.mqtt import Message
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_load_integrations

from ...helpers import fixture, shows, state, until
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import HOUR, Act, Calendar, iso, soon

ALL: Final = {"device_type": "battery", "policy": "charge"}
WRONG: Final[dict[str, Any]] = json.loads(fixture("sofar/errors_de.json"))


@pytest.fixture(autouse=True)
async def german(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Have Home Assistant speak German."""
    hass.config.language = "de"
    await async_load_integrations(hass, {DOMAIN})


@pytest.mark.parametrize("name", ["get_active_schedule", "get_next_schedule"])
async def test_why_there_is_none(act: Act, name: str) -> None:
    """The EMS's words stay its own, the sentence around them does not."""
    answer = await act(name, device_type="toaster")
    assert answer["reason"] == ("Das EMS hat abgelehnt: Device type toaster not found")


@pytest.mark.parametrize("options", [{"timeout": 0.2}])
async def test_what_came_of_a_change_is_not_known(
    hass: HomeAssistant, simulator: SofarSimulator, act: Act
) -> None:
    """A gateway that is silent from then on (the vendor's page has no request ids)."""
    simulator.trouble.plan(Fault.LOST_REPLY, "set_schedule")
    for kind in ("get_schedule", "get_schedules", "get_future_schedules"):
        for _ in range(8):
            simulator.trouble.plan(Fault.LOST_REPLY, kind)
    with pytest.raises(HomeAssistantError) as error:
        await act("set_schedule", start=iso(soon(HOUR)), duration=60, **ALL)
    said = reason(hass, "sofar", error.value)
    assert said.startswith("Was aus der Änderung geworden ist, ist nicht bekannt")
    assert "Der Grund: Das EMS hat nicht rechtzeitig geantwortet" in said


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
async def test_what_is_wrong(
    hass: HomeAssistant, simulator: SofarSimulator, act: Act, case: Any
) -> None:
    """It is named, in a list of slots with the place of the slot, and nothing is sent."""
    start, action = soon(HOUR), case["action"]
    everything = {} if action == "get_schedule" else ALL
    data: dict[str, Any] = {**everything, **case.get("data", {})}
    if action == "set_schedules":
        slots = [{"start": iso(start + at * 300), "duration": 300} for at in range(5)]
        slots[2] |= case.get("slot", {})
        data["schedules"] = slots
    elif action == "set_schedule":
        data |= {"start": iso(start), "duration": 300}
    with pytest.raises(HomeAssistantError) as error:
        await act(action, **data)
    assert reason(hass, "sofar", error.value).rstrip(".") == case["said"]
    assert not simulator.requests_of(action)
    assert not simulator.live


async def test_a_schedule_that_is_lost(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """What was tried and what became of the old one are one sentence each."""
    start = soon(HOUR)
    await calendar.create("idle", iso(start), iso(start + HOUR))
    (made,) = simulator.schedules
    simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule", times=2)
    await calendar.update(str(made.id), "charge 2 kW", iso(start), iso(start + HOUR))
    said = await until(lambda: state(hass, entry, MAIN_DEVICE, "last_error"))
    assert re.fullmatch(
        r"Der alte Fahrplan konnte nicht wieder gesetzt werden: 1 \(battery, .*\)\. "
        r"Der neue ist gescheitert: Das EMS hat abgelehnt: Internal error",
        said.state,
    )


@pytest.mark.parametrize("dialect", [{"wordless": True}])
async def test_a_refusal_without_words(
    hass: HomeAssistant, entry: MockConfigEntry, act: Act
) -> None:
    """The vendor's page does not say what an error is; the code is always there."""
    said = "Das EMS hat abgelehnt, ohne Begründung und nur mit dem Code 1"
    with pytest.raises(HomeAssistantError) as error:
        await act("get_schedule", id=5)
    assert reason(hass, "sofar", error.value) == f"{said}."
    driver = entry.runtime_data.driver
    driver.live._sent["battery"] = 5.0
    answer = {"message_type": "general_error", "responseCode": 1}
    driver._received(
        Message("t", json.dumps({"requestTime": 5, "data": answer}).encode(), False)
    )
    await shows(hass, entry, MAIN_DEVICE, "last_error", said)


@pytest.mark.parametrize("options", [{"timeout": 0.2, "feedback_interval": 0}])
async def test_questions_have_names(
    hass: HomeAssistant, simulator: SofarSimulator, act: Act
) -> None:
    """They are called what the actions are, and not by the protocol's words."""
    simulator.trouble.plan(Fault.LOST_REPLY, "get_topology", times=2)
    with pytest.raises(HomeAssistantError) as error:
        await act("get_topology")
    assert reason(hass, "sofar", error.value) == (
        "Das EMS hat nicht rechtzeitig geantwortet: Sofar EMS: Aufbau abfragen."
    )
