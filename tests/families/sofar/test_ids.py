"""Ids of schedules that are texts, or numbers in quotes.

The vendor's page (docs.eniris.be, Scheduled MQTT control) prints ids without quotes, and
so it prints texts: "schedule_id": <ID>.
"""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sofar.recurrence import Rule
from custom_components.wattbus.protocols.sofar import decode_reply
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ...helpers import shows, state, until
from ...simulators.sofar import Ids, SofarSimulator
from .conftest import BATTERY, HOUR, Act, Calendar, iso, soon
from .test_plan import ALL, slots


@pytest.fixture(params=[Ids.NUMERALS, Ids.TEXTS])
def dialect(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Let ids be texts."""
    return {"ids": request.param}


@pytest.fixture
def options() -> dict[str, Any]:
    """Read nothing beside, and do not wait for long."""
    return {"feedback_interval": 0, "timeout": 0.5}


async def test_a_plan_is_handed_over_and_cleared(
    simulator: SofarSimulator, act: Act
) -> None:
    start = soon(HOUR)
    first = await act("set_schedules", schedules=slots(start, 1, 2, 3), **ALL)
    ids = [item.id for item in simulator.schedules]
    assert [item["id"] for item in first["slots"]] == ids
    again = await act("set_schedules", schedules=slots(start, 1, 5, 3), **ALL)
    assert [item["result"] for item in again["slots"]] == [
        "unchanged",
        "set",
        "unchanged",
    ]
    assert again["deleted_ids"] == [ids[1]]
    foreign = simulator.add("battery", "idle", soon(9 * HOUR), soon(10 * HOUR))
    cleared = await act("clear_schedules", made_by="actions")
    assert len(cleared["removed_ids"]) == 3
    assert all(isinstance(item, str) for item in cleared["removed_ids"])
    assert simulator.schedules == [foreign]


async def test_actions_take_what_forms_and_templates_make_of_an_id(
    simulator: SofarSimulator, act: Act
) -> None:
    """A template that gives "12" gives 12: the EMS gets what it gave."""
    start = iso(soon(HOUR))
    told = await act(
        "set_schedule", device_type="battery", policy="idle", start=start, duration=60
    )
    made = told["schedule"]["id"]
    assert made == simulator.schedules[0].id
    typed = int(made) if made.isdecimal() else made
    found = await act("get_schedule", id=typed)
    assert found["schedule"]["id"] == made
    assert (await act("remove_schedule", id=typed))["removed_ids"] == [made]
    assert simulator.schedules == []
    with pytest.raises(HomeAssistantError, match=r"not found|Invalid id"):
        await act("remove_schedule", id=typed)


@pytest.mark.parametrize("wrong", [True, -1, 1.5, "", "a\nb", None, []])
@pytest.mark.parametrize("action", ["get_schedule", "remove_schedule"])
async def test_what_is_no_id(
    simulator: SofarSimulator, act: Act, action: str, wrong: Any
) -> None:
    with pytest.raises(ServiceValidationError, match="is not the ID of a schedule"):
        await act(action, id=wrong)
    assert not simulator.requests_of(action)


async def test_the_calendar(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    calendar: Calendar,
) -> None:
    """Events are changed and deleted, recurring ones after a restart, too."""
    start = soon(2 * HOUR)
    assert await calendar.create("charge 1 kW", iso(start), iso(start + 60)) is None
    (made,) = simulator.schedules
    error = await calendar.update(
        str(made.id), "charge 2 kW", iso(start), iso(start + 90)
    )
    assert error is None
    (moved,) = simulator.schedules
    assert (moved.power, moved.end) == (2000, start + 90)
    assert await calendar.delete(str(moved.id)) is None
    assert simulator.schedules == []
    rule = {"rrule": "FREQ=DAILY;COUNT=3"}
    assert await calendar.create("idle", iso(start), iso(start + 60), **rule) is None
    await until(lambda: len(simulator.schedules) == 3)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: entry.runtime_data.driver.state.schedules.were_read)
    await entry.runtime_data.driver.rules.top_up()
    assert len(simulator.schedules) == 3
    (found,) = entry.runtime_data.driver.rules.of("battery")
    assert await calendar.delete(found.uid) is None
    assert simulator.schedules == []


async def test_the_active_schedule_shows_its_id(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    made = simulator.add("battery", "idle", soon(0), soon(HOUR))
    await entry.runtime_data.driver.commands.refresh()
    await shows(hass, entry, BATTERY, "active_schedule", "idle")
    shown = state(hass, entry, BATTERY, "active_schedule")
    assert shown
    assert shown.attributes["schedule_id"] == made.id


@pytest.mark.parametrize(
    ("ours", "told", "is_ours"),
    [
        ("SN_site_0", 7, True),
        ("SN_site_0", "SN_site_1", False),
        ("240821", 240821, True),
        ("240821", 240822, False),
        ("240821", None, True),
        ("SN_site_0", True, True),
    ],
)
async def test_the_site_as_a_number(
    entry: MockConfigEntry, ours: str, told: Any, is_ours: bool
) -> None:
    """It is the id where that is a number; else it says nothing of whose it is."""
    link = entry.runtime_data.driver.requests
    link._node = ours
    data = {"message_type": "get_schedule_ack", "responseCode": 0}
    reply = decode_reply(json.dumps({"siteNodeId": told, "data": data}))
    assert link.received(reply) is is_ours


def test_rules_of_earlier_versions_hold_numbers() -> None:
    stored = Rule.of_json(
        {
            "uid": "rule-1",
            "device_type": "battery",
            "title": "idle",
            "start": "2026-11-29T01:00:00",
            "duration": 60,
            "rrule": "FREQ=DAILY",
            "made": {"20261129T010000": 12},
            "skipped": [],
        }
    )
    assert stored.made == {"20261129T010000": "12"}
