"""Values shown as attributes of another: for who looks now, without a history."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.wattbus.families.sink import Value
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util

from .helpers import state
from .toy import ONE, running, says, shown

pytestmark = pytest.mark.usefixtures("toy_families")

TODAY = [{"start": "2026-11-01T00:00:00+01:00", "price": 0.31}]
TOMORROW = [{"start": "2026-11-02T00:00:00+01:00", "price": -0.02}]


def price(hass: HomeAssistant, entry: MockConfigEntry) -> State:
    """Give the state of the sensor that has attributes."""
    found = state(hass, entry, ONE, "price")
    assert found
    return found


def attributes(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Give those attributes of it that a device told."""
    found = price(hass, entry).attributes
    return {name: found[name] for name in ("prices", "zone")}


@pytest.mark.parametrize(
    "value", [TODAY, {"today": TODAY, "tomorrow": None}, [], "none", 7, None]
)
async def test_a_value_is_shown_as_an_attribute(
    hass: HomeAssistant, value: Value
) -> None:
    """Any that JSON has; of its own it brings no entity."""
    entry = await running(hass)
    await says(entry, prices=value)
    assert shown(hass, entry, "prices") is None
    assert shown(hass, entry, "price") is None, "an attribute alone brings none"
    await says(entry, price=0.31)
    assert price(hass, entry).state == "0.31"
    assert attributes(hass, entry) == {"prices": value, "zone": None}


async def test_an_attribute_that_changes_alone_is_written(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    await says(entry, price=0.31, prices=TODAY, zone="DE")
    writes.clear()
    await says(entry, prices=[*TODAY, *TOMORROW])
    assert writes == ["0.31"]
    assert attributes(hass, entry) == {"prices": [*TODAY, *TOMORROW], "zone": "DE"}
    await says(entry, zone=None)
    assert writes == ["0.31", "0.31"]
    assert attributes(hass, entry) == {"prices": [*TODAY, *TOMORROW], "zone": None}


async def test_an_equal_attribute_is_not_written(
    hass: HomeAssistant, writes: list[str]
) -> None:
    """A message with the same series is news of nothing."""
    entry = await running(hass)
    await says(entry, price=0.31, prices=TODAY)
    writes.clear()
    reported = price(hass, entry).last_reported
    await says(entry, price=0.31, prices=[dict(item) for item in TODAY])
    assert writes == []
    assert price(hass, entry).last_reported == reported


async def test_all_that_changes_at_once_is_written_once(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    await says(entry, price=0.31, prices=TODAY, zone="DE")
    writes.clear()
    await says(entry, price=-0.02, prices=TOMORROW, zone="AT")
    assert writes == ["-0.02"]


async def test_a_sensor_without_attributes_has_none(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, power=1, prices=TODAY)
    found = state(hass, entry, ONE, "power")
    assert found
    assert not {"prices", "zone"} & found.attributes.keys()


@pytest.mark.usefixtures("recorder_mock")
async def test_attributes_are_not_recorded(hass: HomeAssistant) -> None:
    """A series of prices with each state would fill a database."""
    entry = await running(hass)
    begin = dt_util.utcnow() - timedelta(seconds=1)
    await says(entry, price=0.31, prices=TODAY, zone="DE")
    await async_wait_recording_done(hass)
    found = price(hass, entry).entity_id
    history = await get_instance(hass).async_add_executor_job(
        get_significant_states, hass, begin, None, [found]
    )
    (recorded,) = history[found]
    assert recorded.state == "0.31"
    assert "friendly_name" in recorded.attributes
    assert not {"prices", "zone"} & recorded.attributes.keys()
