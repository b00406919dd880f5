"""An answer, or a part of one, that cannot be read takes no others along."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.protocols.sofar import decode_reply
from homeassistant.core import HomeAssistant

from ...helpers import shows
from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, HOUR, SOLAR, soon


@pytest.mark.parametrize(
    "answer", [{"id": 1}, 5, "x", [1], {"id": 1, "start_time": []}]
)
async def test_an_active_schedule_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, answer: Any
) -> None:
    """The others are read all the same, and it is what it was: one of yesterday, say."""
    driver = entry.runtime_data.driver
    simulator.add("battery", "idle", soon(0), soon(HOUR))
    await driver.schedules.refresh()
    await shows(hass, entry, BATTERY, "active_schedule", "idle")
    handlers = simulator.ems._handlers
    handlers["get_active_schedule"] = lambda _: answer
    handlers["get_schedules"] = lambda _: {"schedules": []}
    simulator.add("solar", "off", soon(HOUR), soon(2 * HOUR))
    await driver.schedules.refresh()
    await shows(hass, entry, SOLAR, "next_schedule", "off")
    await shows(hass, entry, BATTERY, "active_schedule", "idle")


@pytest.mark.parametrize("time", ["now", [], {}, True, -1, 1e300])
def test_the_time_of_an_answer_is_beside_what_it_says(time: Any) -> None:
    reply = decode_reply(
        json.dumps({"requestTime": 5, "time": time, "data": {"message_type": "x_ack"}})
    )
    assert (reply.request_time, reply.time, reply.ok) == (5, None, True)
