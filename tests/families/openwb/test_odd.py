"""What is odd, and met all the same: rubbish, renamed vehicles, a day of 25 hours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.openwb.controls import CONTROLS
from custom_components.wattbus.families.openwb.prices import tariff
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes

from .conftest import POINT, House
from .test_actions import plans, run


async def test_a_template_whose_id_is_none(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """It is shown, and shared with nobody."""
    topic = "chargepoint/3/set/charge_template"
    template = house.simulator.value(topic)
    numbers: list[Any] = [[], {}, "0", None]
    for number, mode in zip(numbers, ["stop", "pv_charging"] * 2, strict=True):
        template["chargemode"]["selected"] = mode
        await house.simulator.put(topic, {**template, "id": number})
        await house.shows(POINT, "charge_mode", mode, "select")
    assert "Traceback" not in caplog.text


async def test_a_part_of_the_wrong_type(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """It is unknown, and mentioned once; what is told beside it is shown."""
    topic = "chargepoint/3/get/connected_vehicle/soc"
    for soc in (51, 52):
        await house.simulator.put(topic, {"soc": soc, "range": "far", "timestamp": 5})
        await house.shows(POINT, "connected_vehicle_soc", f"{soc}.0")
    await house.shows(POINT, "connected_vehicle_range", "unknown")
    lines = [line for line in caplog.messages if "range is not a number" in line]
    assert len(lines) == 1
    assert lines[0].startswith("Ignored a part of a message on openWB/")


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_what_a_dc_charger_measures(house: House) -> None:
    """Get in control/chargepoint/chargepoint_data.py of openWB/core, from 2.1.6 on."""
    for key, value, shown in (
        ("charging_current", 120.5, "120.5"),
        ("charging_voltage", 399.8, "399.8"),
        ("charging_power", 48_176, "48176"),
    ):
        await house.simulator.put(f"chargepoint/3/get/{key}", value)
        await house.shows(POINT, key, shown)


async def test_a_vehicle_that_is_renamed_at_the_moment(house: House) -> None:
    """The name that was chosen is no more: that is an error for the user to read."""
    select = next(
        item
        for item in CONTROLS
        if (item.kind, item.key) == ("charge_point", "vehicle")
    )
    with pytest.raises(CommandError) as caught:
        await select.select(house.entry.runtime_data.driver, POINT, "Tesla2")  # type: ignore[union-attr]  # it is a select
    assert caught.value.translation_key == "not_offered"


async def test_phases_without_quotes(house: House) -> None:
    """In YAML they are numbers."""
    await run(house, "set_schedule_plan", name="Nacht", phases=3, phases_pv=1)
    plan = plans(house, "schedule")[-1]
    assert (plan["phases_to_use"], plan["phases_to_use_pv"]) == (3, 1)


async def test_all_prices_of_two_days(hass: HomeAssistant) -> None:
    """Quarters of an hour, on the longest day, are no more than a state may have."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)
    prices = {
        str(int(begin.timestamp()) + 900 * n): -0.0001234567 for n in range(49 * 4)
    }
    shown = tariff(prices, begin)
    today, tomorrow = shown["raw_today"], shown["raw_tomorrow"]
    assert isinstance(today, list)
    assert isinstance(tomorrow, list)
    assert (len(today), len(tomorrow)) == (100, 96)
    series = {"raw_today": today, "raw_tomorrow": tomorrow}
    assert len(json_bytes(series)) < 16_384 - 250  # what every sensor has beside it
