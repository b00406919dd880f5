"""Live control: a command is sent again and again while it is on, and ends in time."""

import asyncio
import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from custom_components.wattbus.protocols.sofar import decode_reply
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...harness.broker import Broker
from ...helpers import entity_id, set_up, shows, state, until, use
from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, LIVE_OPTIONS, SOLAR, Act, sofar_entry


@pytest.fixture
def options() -> dict[str, Any]:
    """Name the fields, and what the last command says."""
    return LIVE_OPTIONS | {"live_stop_policy": "idle"}


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Charge with 3 kW."""
    await shows(hass, entry, BATTERY, "live_control", "off", "switch")
    await use(
        hass, entry, "select.select_option", "live_policy", BATTERY, option="charge"
    )
    await use(hass, entry, "number.set_value", "live_power", BATTERY, value=3000)
    await use(hass, entry, "switch.turn_on", "live_control", BATTERY)
    await shows(hass, entry, BATTERY, "live_control", "on", "switch")


def sent(simulator: SofarSimulator) -> list[tuple[str, str, float | None]]:
    """List what the EMS was told."""
    return [(item.device_type, item.policy, item.power) for item in simulator.live]


async def test_a_command_is_sent_again_until_it_ends(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await begin(hass, entry)
    await until(lambda: len(sent(simulator)) > 2)
    assert set(sent(simulator)) == {("battery", "charge", 3000)}
    times = [item.document["time"] for item in simulator.requests if item.message_type]
    assert len(times) == len(set(times)), "each question has a time of its own"
    assert not any(item.retained for item in simulator.requests)
    await use(hass, entry, "switch.turn_off", "live_control", BATTERY)
    await until(lambda: sent(simulator)[-1] == ("battery", "idle", 0))
    count = len(sent(simulator))
    await asyncio.sleep(0.5)
    assert len(sent(simulator)) == count


@pytest.mark.parametrize(
    "options", [LIVE_OPTIONS | {"live_interval": 0.02, "feedback_interval": 0}]
)
async def test_more_commands_than_seconds(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """Their times do not run away from the clock."""
    await begin(hass, entry)
    await until(lambda: len(sent(simulator)) > 60)
    ahead = [
        item.document["time"] - item.received
        for item in simulator.requests
        if item.document and not item.message_type
    ]
    assert max(ahead) <= 5


async def test_a_change_is_sent_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await begin(hass, entry)
    await use(hass, entry, "number.set_value", "live_power", BATTERY, value=-500)
    await until(lambda: ("battery", "charge", -500) in sent(simulator))
    await use(
        hass, entry, "select.select_option", "live_policy", BATTERY, option="discharge"
    )
    await until(lambda: sent(simulator)[-1] == ("battery", "discharge", -500))


@pytest.mark.parametrize("options", [LIVE_OPTIONS | {"invert": True}])
async def test_without_a_last_command_the_ems_falls_back(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await begin(hass, entry)
    await until(lambda: sent(simulator))
    await use(hass, entry, "switch.turn_off", "live_control", BATTERY)
    await asyncio.sleep(0.3)
    assert set(sent(simulator)) == {("battery", "charge", -3000)}, "turned round"


async def test_unloading_ends_it_and_it_starts_off(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """Policy and set point are restored; live control is not."""
    await begin(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: sent(simulator)[-1] == ("battery", "idle", 0))
    count = len(sent(simulator))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await shows(hass, entry, BATTERY, "live_policy", "charge", "select")
    await shows(hass, entry, BATTERY, "live_power", "3000", "number")
    await shows(hass, entry, BATTERY, "live_control", "off", "switch")
    assert len(sent(simulator)) == count


async def test_the_stop_event_ends_it_before_the_connection_closes(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await begin(hass, entry)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    await until(lambda: sent(simulator)[-1] == ("battery", "idle", 0))


async def test_home_assistants_own_client_still_sends_the_end(
    hass: HomeAssistant,
    broker: Broker,
    simulator: SofarSimulator,
    mqtt_integration: MockConfigEntry,
    options: dict[str, Any],
) -> None:
    """It leaves with the stop event, so that the end goes out before."""
    entry = sofar_entry(hass, broker, **options)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "broker": None})
    assert await set_up(hass, entry)
    await begin(hass, entry)
    for job in list(hass._shutdown_jobs):
        await hass.async_run_hass_job(job.job, *job.args)  # type: ignore[misc]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await until(lambda: sent(simulator)[-1] == ("battery", "idle", 0))
    await hass.async_block_till_done()


async def test_a_lost_connection_is_made_up_for(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    broker: Broker,
) -> None:
    await begin(hass, entry)
    count = len(sent(simulator))
    broker.restart()
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    await until(lambda: len(sent(simulator)) > count, 20)
    await shows(hass, entry, BATTERY, "live_control", "on", "switch")


async def test_it_can_be_switched_off_without_a_connection(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    broker: Broker,
) -> None:
    """Off is off; the EMS falls back by itself."""
    await begin(hass, entry)
    broker.stop()
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    driver = entry.runtime_data.driver
    with pytest.raises(HomeAssistantError, match="connection to 127.0.0.1 was lost"):
        await driver.live.turn("battery", False)
    assert driver.live._task is None
    # And so it is when there is no time left.
    await driver.live.stop()


async def test_a_command_that_fails_now_and_then(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await begin(hass, entry)
    live = entry.runtime_data.driver.live
    publish, tries = live._publish, []

    async def fails(*_: Any) -> None:
        tries.append(1)
        raise ConnectError(Reason.CONNECTION_LOST, "broker")

    monkeypatch.setattr(live, "_publish", fails)
    await until(lambda: len(tries) > 1)
    monkeypatch.setattr(live, "_publish", publish)
    count = len(sent(simulator))
    await until(lambda: len(sent(simulator)) > count)
    monkeypatch.setattr(live, "_publish", fails)
    await live.stop()
    assert live._task is None


@pytest.mark.parametrize("options", [LIVE_OPTIONS | {"live_topic": "live/#"}])
async def test_a_topic_that_is_none(act: Act) -> None:
    with pytest.raises(HomeAssistantError, match="published to the topic live/#"):
        await act("send_live", device_type="battery", policy="charge", power=1)


async def test_it_cannot_begin_without_a_policy(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await shows(hass, entry, BATTERY, "live_policy", "unknown", "select")
    with pytest.raises(HomeAssistantError, match="Select a live policy first"):
        await use(hass, entry, "switch.turn_on", "live_control", BATTERY)
    await use(hass, entry, "switch.turn_off", "live_control", BATTERY)
    assert sent(simulator) == []


@pytest.mark.parametrize(
    ("dialect", "options"),
    [({"live_acks": True}, LIVE_OPTIONS | {"policies": ["charge", "fly"]})],
)
async def test_what_the_ems_says_of_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await begin(hass, entry)
    assert "Ignored a message" not in caplog.text
    await use(hass, entry, "select.select_option", "live_policy", BATTERY, option="fly")
    await until(lambda: state(hass, entry, MAIN_DEVICE, "last_error"))
    await shows(
        hass,
        entry,
        MAIN_DEVICE,
        "last_error",
        "The EMS refused: Invalid policy fly for device type battery",
    )
    event = await until(lambda: state(hass, entry, BATTERY, "schedule_event", "event"))
    assert event.attributes["event_type"] == "refused"


@pytest.mark.parametrize(
    "options", [{"policies": ["charge"]}, {"live_policy_field": "p"}]
)
async def test_without_the_names_of_the_fields_there_is_none(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    for key, platform in (
        ("live_policy", "select"),
        ("live_power", "number"),
        ("live_control", "switch"),
    ):
        assert entity_id(hass, entry, BATTERY, key, platform) is None


async def test_a_single_command(simulator: SofarSimulator, act: Act) -> None:
    answer = await act("send_live", device_type="solar", policy="limit", power=100)
    assert answer == {"device_type": "solar", "policy": "limit", "power": 100}
    await until(lambda: sent(simulator) == [("solar", "limit", 100)])


@pytest.mark.parametrize("options", [LIVE_OPTIONS | {"milliseconds": True}])
async def test_what_is_refused_is_found_by_its_millisecond(
    entry: MockConfigEntry,
) -> None:
    """Steps of 0.001 s do not add up to thousandths of a number."""
    live = entry.runtime_data.driver.live
    for moment in range(1_700_000_000_000, 1_700_000_000_100):
        live._sent["battery"] = moment * 0.001
        told = {"message_type": "general_error", "error": "no", "responseCode": 1}
        reply = decode_reply(json.dumps({"requestTime": moment, "data": told}))
        assert live.sent_at(reply) == "battery"


async def test_a_single_command_for_a_type_that_is_none(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator, act: Act
) -> None:
    """It is said, not sent, and makes no device."""
    with pytest.raises(HomeAssistantError, match="accu is none of the device types"):
        await act("send_live", device_type="accu", policy="charge", power=1)
    assert sent(simulator) == []
    assert DeviceKey("group", "accu") not in entry.runtime_data.devices


@pytest.mark.parametrize("options", [LIVE_OPTIONS | {"power_policies": ["charge"]}])
async def test_a_single_command_that_lacks_its_power(act: Act) -> None:
    with pytest.raises(HomeAssistantError, match="The policy charge needs a power"):
        await act("send_live", device_type="battery", policy="charge")


async def test_every_group_has_its_own(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await begin(hass, entry)
    await shows(hass, entry, SOLAR, "live_control", "off", "switch")
    await shows(hass, entry, SOLAR, "live_policy", "unknown", "select")
