"""Words: the choices that openWB does not check, and the names that users see."""

import pytest

from custom_components.wattbus.families.openwb.commands import SEEN_AS
from custom_components.wattbus.families.openwb.told import place_of
from custom_components.wattbus.protocols.openwb import FIELDS, SETTINGS
from custom_components.wattbus.texts import label
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er

from ...helpers import until
from ...simulators.openwb_versions import Version
from .conftest import MAIN, House

# Their choices are what the user has given names at openWB.
NAMED = ("vehicle", "charge_template")


@pytest.mark.parametrize("version", list(Version))
async def test_every_choice_is_one_that_the_version_works_with(
    hass: HomeAssistant, house: House, version: Version
) -> None:
    """OpenWB keeps any word; control/bat_all.py and others of each tag of openWB/core.

    2.1.8's and 2.1.9's battery control fails in each cycle with one of 2.2.0 (#3051).
    """
    chosen = 0
    for item in er.async_entries_for_config_entry(er.async_get(hass), "entry"):
        key = item.unique_id.rpartition("|")[2]
        if item.domain != "select" or key in NAMED:
            continue
        shown = hass.states.get(item.entity_id)
        assert shown
        for option in shown.attributes["options"]:
            await hass.services.async_call(
                "select",
                "select_option",
                {"entity_id": item.entity_id, "option": option},
                blocking=True,
            )
            assert not house.simulator.misunderstood
            chosen += 1
        await until(lambda at=item.entity_id: hass.states.get(at).state == option)  # noqa: B023 # the last one
    assert chosen > 20
    assert not house.simulator.refused
    assert not house.simulator.broken


@pytest.mark.parametrize(
    ("version", "word"),
    [
        (Version.V2_1_7, "mode_no_discharge"),
        (Version.V2_1_9, "mode_no_discharge"),
        (Version.V2_2_2, "limit_stop"),
    ],
)
async def test_a_word_of_another_version_is_not_sent(
    house: House, version: Version, word: str
) -> None:
    with pytest.raises(ServiceValidationError):
        await house.act(MAIN, "select", "power_limit_mode", word)
    driver = house.entry.runtime_data.driver
    with pytest.raises(ValueError, match="not_a_choice"):
        await driver.commands.set(place_of(MAIN), "power_limit_mode", word)
    assert not house.simulator.accepted


@pytest.mark.usefixtures("house")
async def test_every_value_that_can_be_set_has_its_name_in_errors(
    hass: HomeAssistant,
) -> None:
    names = {name for _, name in SETTINGS} | set(FIELDS)
    fields = {SEEN_AS.get(name, name) for name in names}
    assert {
        field for field in fields if label(hass, "openwb", field)[:1].islower()
    } == set()


@pytest.mark.parametrize("version", [Version.V2_1_9])
async def test_a_word_that_the_version_does_not_know_is_shown_as_none(
    house: House, version: Version
) -> None:
    """Another client may have set it; the right ones can be chosen."""
    await house.simulator.put("bat/config/power_limit_mode", "mode_no_discharge")
    await house.shows(MAIN, "power_limit_mode", "unknown", "select")
    assert house.simulator.misunderstood
    await house.act(MAIN, "select", "power_limit_mode", "no_limit")
    assert not house.simulator.misunderstood
