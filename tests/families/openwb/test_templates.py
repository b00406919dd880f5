"""Charge templates: changed one at a time, on the newest, or not at all."""

import asyncio
from typing import Any

import pytest

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families.openwb import commands
from custom_components.wattbus.families.openwb.told import place_of
from custom_components.wattbus.protocols import InputError
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir

from ...helpers import until
from ...simulators.openwb_versions import Version
from .conftest import CARPORT, MAIN, POINT, House

_TOPIC = "chargepoint/3/set/charge_template"
_WRITERS = [Version.V2_1_9, Version.V2_2_2]


def _mode(house: House) -> Any:
    return house.simulator.value(_TOPIC)["chargemode"]["selected"]


def _current(house: House) -> Any:
    template = house.simulator.value(_TOPIC)
    return template["chargemode"]["instant_charging"]["current"]


@pytest.mark.parametrize("version", [Version.V2_1_7, *_WRITERS])
async def test_two_automations_at_once(house: House, version: Version) -> None:
    """One sets the mode, one the current, 60 times: both always arrive."""
    old = version is Version.V2_1_7
    topic = "vehicle/template/charge_template/0" if old else _TOPIC
    for turn in range(60):
        if not turn % 10:  # on a slow machine openWB would seem to stand still
            await house.simulator.tell_time(10)
        mode = ("instant_charging", "pv_charging", "stop")[turn % 3]
        current = 6 + turn % 27
        await asyncio.gather(
            house.act(POINT, "select", "charge_mode", mode),
            house.act(POINT, "number", "instant_current", current),
        )
        modes = house.simulator.value(topic)["chargemode"]
        assert modes["selected"] == mode
        assert modes["instant_charging"]["current"] == current
    assert not house.simulator.refused


@pytest.mark.parametrize("version", _WRITERS)
async def test_stop_does_not_wait_for_another_charge_point(
    house: House, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose template openWB does not take; theirs are two documents.

    (`set/charge_template` of each: helpermodules/setdata.py of openWB/core, from 2.1.8 on)
    """
    monkeypatch.setattr(commands, "CONFIRM_TIMEOUT", 1.0)
    house.simulator.drop_writes()
    task = asyncio.create_task(house.act(POINT, "number", "instant_current", 11))
    await until(lambda: not house.simulator.model.sets.dropped_writes)
    await house.act(CARPORT, "select", "charge_mode", "stop")
    assert not task.done()
    with pytest.raises(HomeAssistantError):
        await task


async def test_a_template_that_two_have_is_one_document(house: House) -> None:
    """A change at one of them, and one at the other, at once: both last."""
    await house.act(CARPORT, "select", "vehicle", "Tesla3")
    await house.shows(CARPORT, "charge_mode", "pv_charging", "select")
    for turn in range(20):
        mode = ("instant_charging", "pv_charging", "stop")[turn % 3]
        await asyncio.gather(
            house.act(CARPORT, "select", "charge_mode", mode),
            house.act(POINT, "number", "instant_current", 6 + turn),
        )
        assert (_mode(house), _current(house)) == (mode, 6 + turn)


@pytest.mark.parametrize("version", _WRITERS)
@pytest.mark.parametrize("when", ["before", "instead"])
async def test_another_client_writes_in_between(
    house: House, version: Version, when: Any
) -> None:
    """Our change is made once more, on what the other has written, and only then done.

    The echo of what we wrote first, without the other's change, is no confirmation.
    """

    def change(template: dict[str, Any]) -> None:
        template["chargemode"]["selected"] = "stop"

    house.simulator.rival(3, change, when)
    await house.act(POINT, "number", "instant_current", 11)
    assert (_mode(house), _current(house)) == ("stop", 11)


async def test_a_second_overwriting_is_told(house: House) -> None:
    """It is made once more, not for ever: somebody else controls the charger."""

    def again(template: dict[str, Any]) -> None:
        template["chargemode"]["selected"] = "pv_charging"
        template["prio"] = True

    def change(template: dict[str, Any]) -> None:
        template["chargemode"]["selected"] = "stop"
        house.simulator.rival(3, again, "instead")

    house.simulator.rival(3, change, "instead")
    with pytest.raises(HomeAssistantError) as caught:
        await house.act(POINT, "number", "instant_current", 11)
    assert caught.value.translation_key == "openwb_not_accepted"
    assert _current(house) == 16


@pytest.mark.parametrize("version", _WRITERS)
async def test_what_it_is_already_is_not_written(
    house: House, version: Version
) -> None:
    await house.act(POINT, "select", "charge_mode", "pv_charging")
    assert not house.simulator.accepted


async def test_openwb_that_does_not_take_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named as the user sees it."""
    monkeypatch.setattr(commands, "CONFIRM_TIMEOUT", 0.3)
    for device, key, value, name in (
        (POINT, "instant_current", 11, "Charge template"),
        (MAIN, "switch_on_delay", 77, "Switch-on delay"),
        (POINT, "manual_lock", True, "Charging lock"),
    ):
        house.simulator.drop_writes()
        platform = "lock" if value is True else "number"
        with pytest.raises(HomeAssistantError, match=f"did not accept it: {name}"):
            await house.act(device, platform, key, value)


async def test_a_template_that_lost_a_key_is_never_written(house: House) -> None:
    """Written back, it would break the charge point's control."""
    template = house.simulator.value(_TOPIC)
    broken = {**template, "chargemode": {**template["chargemode"]}}
    del broken["chargemode"]["pv_charging"]
    await house.simulator.put(_TOPIC, broken)
    driver = house.entry.runtime_data.driver
    await until(lambda: driver.state.templates.own.get(3) == broken)
    with pytest.raises(ServiceValidationError, match="has lost"):
        await house.act(POINT, "number", "instant_current", 11)
    assert not house.simulator.accepted


async def test_a_value_out_of_range_is_refused_before(house: House) -> None:
    with pytest.raises(ServiceValidationError):
        await house.act(POINT, "select", "pv_min_current", "3")
    driver = house.entry.runtime_data.driver
    with pytest.raises(InputError, match="not_a_choice"):
        await driver.commands.set(place_of(POINT), "pv_min_current", 3)
    assert not house.simulator.accepted


async def test_shared_templates_are_a_matter_for_the_user(
    hass: HomeAssistant, house: House
) -> None:
    """With lasting changes, a change at one charge point is one at the other."""

    def issue() -> ir.IssueEntry | None:
        return ir.async_get(hass).async_get_issue(DOMAIN, "shared_template_entry")

    assert issue() is None
    await house.act(CARPORT, "select", "vehicle", "Tesla3")
    found = await until(issue)
    assert found
    assert found.translation_placeholders == {
        "name": "openWB",
        "points": "Interne openWB, Carport",
    }
    await house.act(POINT, "select", "charge_mode", "stop")
    await house.shows(CARPORT, "charge_mode", "stop", "select")
    await house.act(MAIN, "switch", "temporary_charge_templates_active", True)
    await until(lambda: issue() is None)


async def test_another_vehicle_brings_its_template(house: House) -> None:
    await house.act(POINT, "select", "vehicle", "Standard-Fahrzeug")
    await house.shows(POINT, "charge_mode", "instant_charging", "select")


async def test_new_names_are_choices(house: House) -> None:
    await house.simulator.put("vehicle/5/name", "Zoe")
    await house.simulator.put("vehicle/6/name", "Zoe")

    def offered() -> list[str]:
        found = house.state(POINT, "vehicle", "select")
        assert found
        return list(found.attributes["options"])

    await until(lambda: offered() == ["Standard-Fahrzeug", "Tesla3", "Zoe", "Zoe (6)"])
    await house.act(POINT, "select", "vehicle", "Zoe (6)")
    assert house.simulator.value("chargepoint/3/config")["ev"] == 6


@pytest.mark.parametrize("version", [Version.V2_1_7])
async def test_a_vehicle_that_is_given_another_template(house: House) -> None:
    """The charge point still names the old one until openWB's next cycle."""
    await house.simulator.put("vehicle/1/charge_template", 1)
    await house.shows(POINT, "charge_mode", "instant_charging", "select")
    connected = house.simulator.value("chargepoint/3/get/connected_vehicle/config")
    assert connected["charge_template"] == 0
    await house.act(POINT, "number", "instant_current", 11)
    assert [write.topic for write in house.simulator.accepted] == [
        "vehicle/template/charge_template/1/chargemode/instant_charging/current"
    ]
