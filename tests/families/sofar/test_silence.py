"""An EMS that does not answer, while its broker is there."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...helpers import shows, until, use
from ...simulators.sofar import Fault, SofarSimulator
from .conftest import BATTERY, HOUR, LIVE_OPTIONS, Act, Calendar, iso, soon


@pytest.fixture
def options() -> dict[str, Any]:
    """Wait less long for answers."""
    return LIVE_OPTIONS | {"timeout": 0.3, "feedback_interval": 0}


async def turn(hass: HomeAssistant, entry: MockConfigEntry, to: str) -> None:
    """Switch the live control of the battery, as a user does."""
    await use(hass, entry, f"switch.turn_{to}", "live_control", BATTERY)


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Charge."""
    await shows(hass, entry, BATTERY, "live_control", "off", "switch")
    await entry.runtime_data.driver.live.change("battery", policy="charge")
    await turn(hass, entry, "on")


async def test_live_control_can_be_ended(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """It may well listen: what goes on being sent is shown, and can be stopped."""
    await begin(hass, entry)
    simulator.trouble.shares = {Fault.LOST_REPLY: 1}
    entry.runtime_data.driver._hurry("schedules")
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    await shows(hass, entry, BATTERY, "live_control", "on", "switch")
    await turn(hass, entry, "off")
    await shows(hass, entry, BATTERY, "live_control", "off", "switch")
    await asyncio.sleep(0)
    count = len(simulator.live)
    await asyncio.sleep(0.5)
    assert len(simulator.live) <= count + 1


async def test_live_control_does_not_wait_for_answers(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    act: Act,
    calendar: Calendar,
) -> None:
    """Neither for those to an action nor to the calendar of the same devices."""
    await begin(hass, entry)
    simulator.trouble.shares = {Fault.LOST_REPLY: 1}
    slow = asyncio.create_task(act("remove_schedule", id=99))
    await until(lambda: simulator.requests_of("remove_schedule"))
    start = soon(HOUR)
    event = asyncio.create_task(calendar.create("idle", iso(start), iso(start + 60)))
    await asyncio.sleep(0.05)
    await act("send_live", device_type="solar", policy="idle")
    await turn(hass, entry, "off")
    await shows(hass, entry, BATTERY, "live_control", "off", "switch")
    assert not slow.done()
    assert not event.done()
    with pytest.raises(HomeAssistantError, match="did not answer"):
        await slow
    assert await event


async def test_live_control_goes_on_whatever_one_sending_ran_into(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Else the battery falls back while the switch is on."""
    await begin(hass, entry)
    live = entry.runtime_data.driver.live
    publish = live._publish
    failed = []

    async def fails(*_: Any) -> None:
        failed.append(1)
        raise RuntimeError("who would have thought")

    monkeypatch.setattr(live, "_publish", fails)
    await until(lambda: failed)
    monkeypatch.setattr(live, "_publish", publish)
    count = len(simulator.live)
    await until(lambda: len(simulator.live) > count)
    assert caplog.text.count("battery was not sent") == len(failed)


@pytest.mark.parametrize("options", [{"timeout": 0.2, "feedback_interval": 1}])
@pytest.mark.parametrize("kind", ["get_feedback", "get_topology"])
async def test_what_is_never_answered_makes_no_ems_unavailable(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, kind: str
) -> None:
    """It answers all that schedules need."""
    shown: list[Any] = []
    hass.bus.async_listen(
        "state_changed", lambda event: shown.append(event.data["new_state"].state)
    )
    simulator.trouble.plan(Fault.LOST_REQUEST, kind, times=100)
    driver, name = entry.runtime_data.driver, kind.removeprefix("get_")

    async def ask() -> None:
        count = len(simulator.requests_of(kind)) + 2
        driver._hurry(name)
        await until(lambda: len(simulator.requests_of(kind)) >= count)

    await ask()
    await ask()
    await until(lambda: driver._due[name] > hass.loop.time())
    await asyncio.sleep(0.3)
    assert "unavailable" not in shown
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")


@pytest.mark.parametrize("options", [{"timeout": 0.2, "feedback_interval": 1}])
async def test_feedback_that_fails_has_the_schedules_looked_at(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """An EMS that has left is seen to be away long before those are read again."""
    await simulator.stop()
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")


async def test_clearing_ends_at_the_first_that_are_not_heard(
    entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """Each of the others would take as long, and hold everything else up."""
    for hours in range(1, 25):
        simulator.add("battery", "idle", soon(hours * HOUR), soon(hours * HOUR + 60))
    simulator.trouble.plan(Fault.LOST_REQUEST, "remove_schedule", times=24)
    with pytest.raises(HomeAssistantError, match="did not answer"):
        await act("clear_schedules")
    assert len(simulator.requests_of("remove_schedule")) == 10


async def test_a_command_outlives_the_entry(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """It ends in an error that says why, and leaves nothing behind."""
    simulator.add("battery", "idle", soon(HOUR), soon(2 * HOUR))
    simulator.trouble.plan(Fault.LOST_REPLY, "remove_schedule")
    driver = entry.runtime_data.driver
    asking = asyncio.create_task(act("remove_schedule", id=99))
    await until(lambda: simulator.requests_of("remove_schedule"))
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError, match="was lost"):
        await asking
    assert driver.state._boundary is None
