"""What people read who want an EMS to do what cannot be: in their language, whole."""

from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.texts import reason
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_load_integrations

from ...simulators.sofar import Fault, SofarSimulator
from .conftest import HOUR, Act, iso, soon

ALL: Final = {"device_type": "battery", "policy": "charge"}


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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"power": "viel"}, "Abschnitt 3: viel ist nicht"),
        ({"duration": 0}, "Abschnitt 3 endet, bevor er anfängt."),
        ({"device_type": "accu"}, "Abschnitt 3: accu ist keine der Gerätearten"),
    ],
)
async def test_one_wrong_slot_in_the_middle(
    hass: HomeAssistant, simulator: SofarSimulator, act: Act, wrong: Any, said: str
) -> None:
    """It is named, and nothing is sent."""
    start = soon(HOUR)
    slots: list[dict[str, Any]] = [
        {"start": iso(start + place * 300), "duration": 300} for place in range(5)
    ]
    slots[2] |= wrong
    with pytest.raises(HomeAssistantError) as error:
        await act("set_schedules", schedules=slots, **ALL)
    assert reason(hass, "sofar", error.value).startswith(said)
    assert not simulator.requests_of("set_schedules")
