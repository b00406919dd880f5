"""What an EMS refuses, and what is seen to be wrong before it is sent."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr

from ...harness.broker import Broker
from ...helpers import ask, set_up, state, until
from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, HOUR, Act, iso, sofar_entry, soon

GOOD = {"device_type": "battery", "policy": "charge", "power": 1000}
REFUSED = [
    # The page's common errors, in the words of the EMS.
    ({"policy": "fly"}, "Invalid policy fly for device type battery"),
    ({"node_id": "nobody"}, "Node nobody of type battery not found"),
    # What is seen before it is sent.
    ({"device_type": "toaster"}, "none of the device types in the options: solar,"),
    ({"duration": {"minutes": 0}}, "ends before it starts"),
    ({"start": "2020-01-01T00:00:00"}, "would be over already"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
async def test_a_schedule_is_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    changes: dict[str, Any],
    reason: str,
) -> None:
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}, **changes}
    with pytest.raises(HomeAssistantError, match=reason):
        await act("set_schedule", **wanted)
    assert simulator.schedules == []


@pytest.mark.parametrize(
    "options", [{"device_types": ["battery", "toaster"], "power_policies": ["charge"]}]
)
async def test_a_type_that_the_ems_does_not_know(
    hass: HomeAssistant, entry: MockConfigEntry, act: Act
) -> None:
    """The user has listed it: the words are those of the EMS, in all places."""
    more = {"policy": "charge", "duration": {"minutes": 5}}
    with pytest.raises(HomeAssistantError, match="Device type toaster not found"):
        await act("set_schedule", device_type="toaster", power=1, **more)
    shown = await until(lambda: state(hass, entry, MAIN_DEVICE, "last_error"))
    assert "Device type toaster not found" in shown.state
    toaster = DeviceKey("group", "toaster")
    event = state(hass, entry, toaster, "schedule_event", "event")
    assert event
    assert event.attributes["event_type"] == "refused"
    assert "not found" in event.attributes["reason"]
    with pytest.raises(HomeAssistantError, match="policy charge needs a power"):
        await act("set_schedule", device_type="battery", **more)


@pytest.mark.parametrize("name", ["get_active_schedule", "get_next_schedule"])
async def test_reading_of_an_unknown_type(act: Act, name: str) -> None:
    """There is none; why, the EMS says."""
    answer = await act(name, device_type="toaster")
    assert answer == {
        "schedule": None,
        "reason": "The EMS refused: Device type toaster not found",
    }


async def test_overlap_is_seen_before_it_is_sent(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """Looking again first: another client may have made way."""
    old = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}}
    await entry.runtime_data.driver.commands.refresh()
    with pytest.raises(
        HomeAssistantError, match=rf"a schedule already: {old.id} \(bat"
    ):
        await act("set_schedule", **wanted)
    assert not simulator.requests_of("set_schedule")
    simulator.remove(old.id)
    await act("set_schedule", **wanted)
    assert len(simulator.schedules) == 1


async def test_overlap_that_the_ems_sees(simulator: SofarSimulator, act: Act) -> None:
    simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    wanted = {**GOOD, "start": iso(soon(HOUR)), "duration": {"minutes": 5}}
    with pytest.raises(HomeAssistantError, match="Schedule overlap with existing"):
        await act("set_schedule", **wanted)
    slots = [{"start": iso(soon(HOUR)), "duration": {"minutes": 5}}]
    with pytest.raises(HomeAssistantError, match="Slot 1: .* a schedule already"):
        await act("set_schedules", schedules=slots, **GOOD)


async def test_removal_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    active = simulator.add("ev", "pause", soon(-1), soon(HOUR))
    with pytest.raises(HomeAssistantError, match=f"Schedule {active.id} is active"):
        await act("remove_schedule", id=active.id)
    with pytest.raises(
        HomeAssistantError, match=r"The schedule 1 \(ev, .* has started"
    ):
        await act("remove_schedule", id=active.id)
    with pytest.raises(HomeAssistantError, match="Schedule ID 77 not found"):
        await act("remove_schedule", id=77)


async def test_some_of_several_are_set(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    simulator.dialect.partial_sets = True
    slots = [
        {"start": iso(soon(HOUR)), "duration": {"minutes": 5}},
        {"start": iso(soon(2 * HOUR)), "duration": {"minutes": 5}, "policy": "fly"},
    ]
    with pytest.raises(
        HomeAssistantError, match="Only 1 of the 2 .* slot 2: Inv.* fly"
    ):
        await act("set_schedules", schedules=slots, **GOOD)
    assert len(entry.runtime_data.driver.state.schedules.by_id) == 1


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("set_schedule", {**GOOD}, "An end or a duration is missing"),
        (
            "set_schedules",
            {"schedules": [{"start": iso(soon(86_400))}]},
            "Slot 1 needs an end or a duration",
        ),
        (
            "set_schedules",
            {"schedules": [{"start": iso(soon(86_400)), "duration": 60}]},
            "Slot 1 has no Policy",
        ),
        (
            "send_live",
            {**GOOD},
            "not set in the options: Live control: field for the pol",
        ),
    ],
)
async def test_what_is_missing(
    entry: MockConfigEntry, act: Act, name: str, data: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HomeAssistantError, match=reason):
        await act(name, **data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("set_schedules", {"schedules": []}),
        ("set_schedule", {**GOOD, "power": "lots"}),
        ("set_schedule", {**GOOD, "end": "2026-01-01", "duration": 5}),
        ("set_schedule", {"policy": "x"}),
        ("get_schedule", {"id": -1}),
    ],
)
async def test_what_cannot_be_read(
    entry: MockConfigEntry, act: Act, name: str, data: dict[str, Any]
) -> None:
    with pytest.raises((vol.Invalid, ServiceValidationError)):
        await act(name, **data)


async def test_before_anything_is_known(hass: HomeAssistant, broker: Broker) -> None:
    """An EMS that does not answer: nothing is made up, and the error says so."""
    entry = sofar_entry(hass, broker, timeout=0.1)
    assert await set_up(hass, entry)
    with pytest.raises(
        HomeAssistantError, match="did not answer in time: Sofar EMS: get top"
    ):
        await ask(hass, entry, "get_topology")
    assert state(hass, entry, BATTERY, "next_schedule") is None


async def test_a_field_that_there_is_none_of(act: Act) -> None:
    """Nothing that an automation says is dropped without a word."""
    with pytest.raises(vol.Invalid, match="extra keys|not a valid"):
        await act("send_live", device_type="battery", policy="charge", watts=5)


async def test_two_devices_of_one_site_are_asked_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """As when all devices of an area are picked; the answer is that of one."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert len(devices) > 1
    answer = await act(
        "set_schedule",
        **GOOD,
        start=iso(soon(86_400)),
        duration=60,
        device_id=[device.id for device in devices],
    )
    assert len(simulator.schedules) == 1
    assert answer["schedule"]["id"] == simulator.schedules[0].id
