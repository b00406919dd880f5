"""An answer, or a part of one, that cannot be read takes no others along.

The vendor's page (docs.eniris.be, External Signals/MQTT/eniris-schedules-mqtt) shows what an
answer holds by placeholders alone, `<Unix Timestamp>` or `<Schedule IDs>`, and its generator
has put wrong words into many of them: which types an EMS really sends nobody has published.
So each part is tried with others. What a list lacks counts as deleted.
"""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.protocols.sofar import decode_reply
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import set_up, shows
from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, HOUR, SERIAL, SOLAR, Act, iso, sofar_entry, soon


@pytest.mark.parametrize(
    "answer", [{"id": 1}, 5, "x", [1], {"id": 1, "start_time": []}]
)
async def test_an_active_schedule_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, answer: Any
) -> None:
    """The others are read all the same, and it is what it was: one of yesterday, say."""
    driver = entry.runtime_data.driver
    simulator.add("battery", "idle", soon(0), soon(HOUR))
    await driver.commands.refresh()
    await shows(hass, entry, BATTERY, "active_schedule", "idle")
    handlers = simulator.ems._handlers
    handlers["get_active_schedule"] = lambda _: answer
    handlers["get_schedules"] = lambda _: {"schedules": []}
    simulator.add("solar", "off", soon(HOUR), soon(2 * HOUR))
    await driver.commands.refresh()
    await shows(hass, entry, SOLAR, "next_schedule", "off")
    await shows(hass, entry, BATTERY, "active_schedule", "idle")


async def test_what_began_yesterday(
    hass: HomeAssistant, broker: Broker, simulator: SofarSimulator
) -> None:
    """An EMS may list what starts on a day: a node's own runs since yesterday, say."""
    node = f"{SERIAL}_battery_0"
    made = simulator.add("battery", "idle", soon(0), soon(HOUR), node_id=node)
    there = simulator.ems.schedules._by_id
    yesterday = dt_util.start_of_local_day() - timedelta(hours=1)
    there[made.id] = replace(made, start=int(yesterday.timestamp()))
    entry = sofar_entry(hass, broker)
    assert await set_up(hass, entry)
    await shows(hass, entry, DeviceKey("node", node), "active_schedule", "idle")


@pytest.mark.parametrize("time", ["now", [], {}, True, -1, 1e300])
def test_the_time_of_an_answer_is_beside_what_it_says(time: Any) -> None:
    reply = decode_reply(
        json.dumps({"requestTime": 5, "time": time, "data": {"message_type": "x_ack"}})
    )
    assert (reply.request_time, reply.time, reply.ok) == (5, None, True)


@pytest.mark.parametrize("wrong", [{"policy": 5}, {"power_setpoint_w": "x"}])
async def test_one_schedule_that_cannot_be_read(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    wrong: dict[str, Any],
) -> None:
    """It is as it was; the others are read, and a new one that cannot be is named."""
    commands = entry.runtime_data.driver.commands
    kept = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR)).id
    await commands.refresh()
    before = commands.schedules.by_id[str(kept)]
    handlers = simulator.ems._handlers
    future = handlers["get_future_schedules"]

    def spoilt(fields: Any) -> Any:
        told = future(fields)
        told["schedules"][0] |= wrong
        return told

    handlers["get_future_schedules"] = spoilt
    simulator.add("solar", "off", soon(3 * HOUR), soon(4 * HOUR))
    await commands.refresh()
    await shows(hass, entry, SOLAR, "next_schedule", "off")
    assert commands.schedules.by_id[str(kept)] == before
    answer = await act("get_future_schedules")
    assert answer["unread"] == [kept]
    assert len(answer["schedules"]) == 1


@pytest.mark.parametrize(
    "entry_of_the_list", ["x", 5, {}, {"id": [], "policy": "idle"}]
)
async def test_a_schedule_whose_id_cannot_be_read(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    entry_of_the_list: Any,
) -> None:
    """It may be any that is not told: those are as they were, and the others are read."""
    commands = entry.runtime_data.driver.commands
    kept = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR)).id
    await commands.refresh()
    handlers = simulator.ems._handlers
    future = handlers["get_future_schedules"]

    def spoilt(fields: Any) -> Any:
        told = future(fields)
        return {"schedules": [entry_of_the_list, *told["schedules"][1:]]}

    handlers["get_future_schedules"] = spoilt
    handlers["get_schedules"] = lambda _: {"schedules": []}
    simulator.add("solar", "off", soon(3 * HOUR), soon(4 * HOUR))
    await commands.refresh()
    await shows(hass, entry, SOLAR, "next_schedule", "off")
    await shows(hass, entry, BATTERY, "next_schedule", "idle")
    assert str(kept) in commands.schedules.by_id
    answer = await act("get_future_schedules")
    assert answer["unread"] == [None]


async def test_a_gap_brings_nothing_back(
    entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """What the EMS has deleted for another one is not taken for there."""
    handlers = simulator.ems._handlers
    future = handlers["get_future_schedules"]
    handlers["get_future_schedules"] = lambda fields: {
        "schedules": ["x", *future(fields)["schedules"]]
    }
    start = soon(HOUR)
    plan: dict[str, Any] = {"device_type": "battery", "remove_overlap": True}
    span = {"start": iso(start), "duration": 600}
    for policy in ("idle", "self_consumption", "idle"):
        answer = await act("set_schedules", schedules=[span], policy=policy, **plan)
        assert [item["result"] for item in answer["slots"]] == ["set"]
        assert [item.policy for item in simulator.schedules] == [policy]
    book = entry.runtime_data.driver.state.schedules
    assert [item.policy for item in book] == ["idle"]


async def test_an_answer_without_a_state_deletes_nothing(
    entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    commands = entry.runtime_data.driver.commands
    simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    await commands.refresh()
    assert len(commands.schedules.by_id) == 1
    answer = simulator.ems.answer

    def without(payload: Any) -> Any:
        told = answer(payload)
        if told and told["data"]["message_type"] == "get_future_schedules_ack":
            del told["data"]["state"]
        return told

    simulator.ems.answer = without  # type: ignore[method-assign]  # it forgets a part
    with pytest.raises(CommandError):
        await commands.refresh()
    assert len(commands.schedules.by_id) == 1


@pytest.mark.parametrize("options", [{"feedback_interval": 0}])
async def test_one_node_that_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """The others are as they are told, and none is let go for it."""
    driver = entry.runtime_data.driver
    await driver._read_topology()
    before = set(driver.site.devices)
    told = simulator.ems._handlers["get_topology"]

    def spoilt(request: Any) -> Any:
        state = json.loads(json.dumps(told(request)))
        state["children"][0]["nodeId"] = []
        return state

    simulator.ems._handlers["get_topology"] = spoilt
    await driver._read_topology()
    assert driver.site.devices == before
