"""An EMS that is silent, slow, or talks nonsense, and clients beside ours."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.families.sofar import driver as driver_module
from custom_components.wattbus.families.sofar.schedules import Change
from custom_components.wattbus.protocols.sofar import Order
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr

from ...harness.broker import Broker
from ...helpers import set_up, shows, state, until
from ...simulators.sofar import Fault, Options, SofarSimulator
from .conftest import BATTERY, HOUR, SERIAL, Act, iso, sofar_entry, soon

WANTED = {"device_type": "battery", "policy": "idle", "duration": {"minutes": 5}}


@pytest.fixture
def options() -> dict[str, Any]:
    """Wait not long for answers that do not come."""
    return {"timeout": 0.3, "feedback_interval": 0}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon."""
    monkeypatch.setattr(driver_module, "_RETRY", 0.3)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_REPLY,
        Fault.HALF_JSON,
        Fault.WRONG_REQUEST_TIME,
        Fault.UNREADABLE_REQUEST_TIME,
        Fault.STRAY_REPLY,
        Fault.DUPLICATE,
        Fault.SLOW,
    ],
)
async def test_an_answer_that_is_lost_or_strange(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    fault: Fault,
) -> None:
    """The schedule is there, once, and that is what is said."""
    simulator.trouble.slow_seconds = 0.5
    simulator.trouble.plan(fault, "set_schedule")
    answer = await act("set_schedule", **WANTED, start=iso(soon(HOUR)))
    assert answer["schedule"]["id"] == simulator.schedules[0].id
    simulator.trouble.plan(fault, "remove_schedule")
    await act("remove_schedule", id=answer["schedule"]["id"])
    assert simulator.schedules == []


async def test_an_answer_without_a_time(simulator: SofarSimulator, act: Act) -> None:
    """Its kind says whose it is; the question is not asked twice."""
    before = len(simulator.requests_of("get_topology"))
    simulator.trouble.plan(Fault.UNREADABLE_REQUEST_TIME, "get_topology")
    await act("get_topology")
    assert len(simulator.requests_of("get_topology")) == before + 1


async def test_a_question_is_asked_again(simulator: SofarSimulator, act: Act) -> None:
    before = len(simulator.requests_of("get_topology"))
    simulator.trouble.plan(Fault.LOST_REQUEST, "get_topology")
    await act("get_topology")
    assert len(simulator.requests_of("get_topology")) == before + 2


async def test_an_error_that_does_not_say_of_what(
    simulator: SofarSimulator, act: Act
) -> None:
    simulator.trouble.plan(Fault.GENERAL_ERROR, "set_schedule")
    with pytest.raises(HomeAssistantError, match="The EMS refused: Internal error"):
        await act("set_schedule", **WANTED, start=iso(soon(HOUR)))
    assert simulator.schedules == []


def reply(kind: str, time: Any, **data: Any) -> dict[str, Any]:
    """Make an answer as the EMS does."""
    return {
        "requestTime": time,
        "time": 1_700_000_001,
        "siteNodeId": f"{SERIAL}_site_0",
        "data": {"message_type": kind, "responseCode": 0, **data},
    }


async def test_answers_to_questions_that_nobody_asked(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """They change nothing but that all is read again."""
    count = len(simulator.requests_of("get_future_schedules"))
    state_of = {"schedule_id": 99, "deleted_ids": [1], "tag": "x"}
    await simulator.publish(reply("set_schedule_ack", 5, state=state_of))
    await until(lambda: len(simulator.requests_of("get_future_schedules")) > count)
    assert entry.runtime_data.driver.state.schedules.by_id == {}


async def test_another_site_on_the_same_topic(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    link = entry.runtime_data.driver.requests
    changes = []
    link._changed = lambda: changes.append(1)
    told = reply("set_schedule_ack", 5, state={}) | {"siteNodeId": "other_site_0"}
    await simulator.publish(told)
    await simulator.publish(reply("remove_schedule_ack", 5, state="x"))
    await until(lambda: changes)
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("kind", "state_of"), [("get_topology", []), ("get_schedule", {"id": 1})]
)
async def test_an_answer_that_cannot_be_read(
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    state_of: Any,
) -> None:
    monkeypatch.setitem(simulator.ems._handlers, kind, lambda _: state_of)
    more = {"id": 1} if kind == "get_schedule" else {}
    name = kind.replace("_", " ")
    with pytest.raises(
        HomeAssistantError, match=f"cannot be understood: Sofar EMS: {name}"
    ):
        await act(kind, **more)


async def test_an_ems_that_does_not_repeat_tags(
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then all is read to see what was made, and of what was in the way."""
    answer = simulator.ems._handlers["set_schedule"]
    monkeypatch.setitem(
        simulator.ems._handlers,
        "set_schedule",
        lambda fields: answer(fields) | {"tag": None},
    )
    old = simulator.add("battery", "charge", soon(HOUR), soon(2 * HOUR), power=1)
    told = await act(
        "set_schedule", **WANTED, start=iso(soon(HOUR)), remove_overlap=True, tag="me"
    )
    (made,) = simulator.schedules
    assert told["schedule"]["id"] == made.id
    assert told["schedule"]["tag"] == "me"
    assert told["deleted_ids"] == [old.id]
    assert list(entry.runtime_data.driver.state.schedules.by_id) == [str(made.id)]


async def test_an_acceptance_for_somebody_else(
    simulator: SofarSimulator, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another client asked in the same second: its tag is not ours."""
    state_of = {"schedule_id": 5, "deleted_ids": [], "tag": "theirs"}
    monkeypatch.setitem(simulator.ems._handlers, "set_schedule", lambda _: state_of)
    with pytest.raises(HomeAssistantError, match="did not answer in time"):
        await act("set_schedule", **WANTED, start=iso(soon(HOUR)))


async def test_the_asking_goes_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever happens to one reading, the next one comes."""
    driver = entry.runtime_data.driver

    async def fails() -> None:
        raise ZeroDivisionError

    job = driver._jobs["schedules"]
    driver._jobs["schedules"] = (fails, 60.0)
    driver._hurry("schedules")
    await until(lambda: "Reading schedules failed" in caplog.text)
    driver._jobs["schedules"] = job
    simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    await shows(hass, entry, BATTERY, "next_schedule", "idle")


async def test_nothing_is_written_when_nothing_changed(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    driver = entry.runtime_data.driver
    before = driver.state._revision
    await driver.commands.refresh()
    assert driver.state._revision == before


@pytest.mark.parametrize("answer", [{"schedule_id": "x"}, {"schedule_id": 5}, "ok"])
async def test_an_acceptance_that_is_none(
    simulator: SofarSimulator,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
) -> None:
    """The EMS says that it did it, and did not."""
    monkeypatch.setitem(simulator.ems._handlers, "set_schedule", lambda _: answer)
    with pytest.raises(HomeAssistantError, match="accepted the change, but does not"):
        await act("set_schedule", **WANTED, start=iso(soon(HOUR)))


async def test_a_removal_that_is_none(
    simulator: SofarSimulator, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    monkeypatch.setitem(simulator.ems._handlers, "remove_schedule", lambda _: "done")
    with pytest.raises(HomeAssistantError, match="accepted the change, but does not"):
        await act("remove_schedule", id=made.id)
    answer = await act("clear_schedules")
    assert answer == {"removed_ids": [], "kept_ids": [made.id]}


async def test_a_look_at_the_new_schedule_is_lost(
    simulator: SofarSimulator, act: Act
) -> None:
    """What was made is found with all the others."""
    simulator.trouble.plan(Fault.LOST_REPLY, "get_schedule", times=2)
    answer = await act("set_schedule", **WANTED, start=iso(soon(HOUR)))
    assert answer["schedule"]["id"] == simulator.schedules[0].id


async def test_an_ems_that_goes_and_comes_back(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    broker: Broker,
    simulator: SofarSimulator,
) -> None:
    """It is not connected while it does not answer, however well its broker is."""
    await simulator.stop()
    entry.runtime_data.driver._hurry("schedules")
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    await shows(hass, entry, BATTERY, "next_schedule", "unavailable")
    made = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    await simulator.start(broker.host, broker.port)
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    await shows(hass, entry, BATTERY, "next_schedule", "idle")
    assert list(entry.runtime_data.driver.state.schedules.by_id) == [str(made.id)]


async def test_what_is_missing_once_is_read_later(
    hass: HomeAssistant, broker: Broker
) -> None:
    """An EMS that refuses to tell its topology or its schedules at first."""
    async with SofarSimulator(Options()) as simulator:
        await simulator.start(broker.host, broker.port)
        for kind in ("get_topology", "get_future_schedules"):
            simulator.trouble.plan(Fault.GENERAL_ERROR, kind)
        entry = sofar_entry(hass, broker, timeout=0.5)
        assert await set_up(hass, entry)
        shown = await until(lambda: state(hass, entry, MAIN_DEVICE, "last_error"))
        assert "Internal error" in shown.state
        await shows(hass, entry, BATTERY, "next_schedule", "none")


async def test_a_change_before_the_first_reading(
    hass: HomeAssistant, broker: Broker
) -> None:
    """What has been there all along is not reported as new."""
    async with SofarSimulator(Options()) as simulator:
        await simulator.start(broker.host, broker.port)
        simulator.add("battery", "idle", soon(3 * HOUR), soon(4 * HOUR))
        simulator.trouble.plan(Fault.LOST_REQUEST, "get_topology", times=9)
        entry = sofar_entry(hass, broker, timeout=0.5, feedback_interval=0)
        assert await set_up(hass, entry)
        commands = entry.runtime_data.driver.commands
        assert not commands.schedules.were_read
        changes: list[Change] = []
        entry.runtime_data.driver.state.report = changes.extend
        order = Order(
            device_type="battery", start=soon(HOUR), end=soon(2 * HOUR), policy="idle"
        )
        made, _ = await commands.add(order)
        await commands.refresh()
        assert changes == [("added", made)]


async def test_a_change_while_the_schedules_are_read(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """What was read before it is not taken for the present."""
    commands = entry.runtime_data.driver.commands
    simulator.trouble.slow_seconds = 0.3
    simulator.trouble.plan(Fault.SLOW, "get_future_schedules")
    reading = asyncio.create_task(commands.refresh())
    await until(lambda: entry.runtime_data.driver.requests._pending)
    made = simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    commands.touched()
    await reading
    assert list(commands.schedules.by_id) == [str(made.id)]


async def test_diagnostics_tell_no_serial_number(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """It is a part of the nodes' ids."""
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["driver"]["answers"] is True
    assert "node **REDACTED**_battery_0" in told["devices"]
    assert SERIAL not in str(told)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    for device in devices:
        part = await async_get_device_diagnostics(hass, entry, device)
        assert part
        assert SERIAL not in str(part)


async def test_a_schedule_that_is_over_stays_for_the_calendar(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    book = entry.runtime_data.driver.state.schedules
    made = simulator.add("battery", "idle", soon(0), soon(2))
    await entry.runtime_data.driver.commands.refresh()
    await asyncio.sleep(2.1)
    assert book.drop([made.id], soon(0)) == []
    assert list(book.by_id) == [str(made.id)]
    await entry.runtime_data.driver.commands.refresh()
    # As on the next day, when it does not tell it any more.
    simulator.ems.schedules._by_id.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    commands = entry.runtime_data.driver.commands
    assert list(commands.schedules.by_id) == [str(made.id)]
    await commands.refresh()
    assert list(commands.schedules.by_id) == [str(made.id)]
