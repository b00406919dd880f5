"""What the hub makes of what a driver reports, with a family of the tests' own."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.wattbus import entities, freshness, hub as hub_module
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.descriptions import (
    BinarySensorDescription,
    ButtonDescription,
    SensorDescription,
)
from custom_components.wattbus.families.driver import Driver
from custom_components.wattbus.families.family import PATIENCE, Connection, Family
from custom_components.wattbus.families.sink import (
    CONNECTED,
    MAIN_DEVICE,
    DeviceKey,
    Facts,
)
from custom_components.wattbus.hub import Hub
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
    EVENT_STATE_CHANGED,
)
from homeassistant.core import CoreState, Event, HomeAssistant, State
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component

from .helpers import entity_id, make_entry, set_up, state, until

PART = "part"
ONE = DeviceKey(PART, "1")
TWO = DeviceKey(PART, "2")


# --- a family -----------------------------------------------------------------------


class ToyDriver(Driver):
    """Says what the tests tell it to say."""

    refusal: ConnectError | None = None
    stopped = 0
    presses: list[str]

    @override
    async def start(self) -> None:
        if reason := self.data.get("refusal"):
            raise ConnectError(Reason(reason), "toy")
        self.presses = []
        self.sink.connected(True)

    @override
    async def stop(self) -> None:
        self.stopped += 1

    async def press(self, _: DeviceKey) -> None:
        """Take a moment, so that two at once would be seen."""
        self.presses.append("begin")
        await asyncio.sleep(0.02)
        self.presses.append("end")


def _toy(key: str, *options: Any) -> Family:
    return Family(
        key=key,
        name="Toy",
        manufacturer="Toys",
        model="Toy 1",
        connections={
            "own": Connection(
                key="own", driver=ToyDriver, fields={}, identity=lambda _: "toy"
            )
        },
        descriptions=(
            SensorDescription(
                kind=PART,
                key="power",
                device_class=SensorDeviceClass.POWER,
                state_class=SensorStateClass.MEASUREMENT,
                native_unit_of_measurement="W",
                resolution=0.1,
            ),
            SensorDescription(
                kind=PART,
                key="energy",
                device_class=SensorDeviceClass.ENERGY,
                state_class=SensorStateClass.TOTAL_INCREASING,
                native_unit_of_measurement="Wh",
                resolution=0.1,
                lifetime=True,
            ),
            SensorDescription(
                kind=PART,
                key="mode",
                device_class=SensorDeviceClass.ENUM,
                options=["eco", "fast"],
            ),
            SensorDescription(
                kind=PART, key="hidden", entity_registry_enabled_default=False
            ),
            BinarySensorDescription(kind=PART, key="on"),
            ButtonDescription(key="press", needs="can_press", press=ToyDriver.press),
        ),
        options=options,
        unknown=lambda kind, name: (
            SensorDescription(kind=kind, key=name) if name.startswith("x_") else None
        ),
    )


@pytest.fixture(autouse=True)
def _families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "toy", _toy("toy"))
    monkeypatch.setitem(FAMILIES, "patient_toy", _toy("patient_toy", PATIENCE))


def toy(hass: HomeAssistant, family: str = "toy", **more: Any) -> MockConfigEntry:
    """Make an installation, not set up yet."""
    refusal = more.pop("refusal", None)
    data = {"family": family, "connection": "own", "refusal": refusal}
    return make_entry(hass, data, **more)


async def running(
    hass: HomeAssistant, family: str = "toy", **more: Any
) -> MockConfigEntry:
    """Set an installation up."""
    entry = toy(hass, family, **more)
    assert await set_up(hass, entry)
    await settle(hass)
    return entry


async def says(entry: MockConfigEntry, device: DeviceKey = ONE, **values: Any) -> None:
    """Let a device speak, and Home Assistant take it in."""
    hub: Hub = entry.runtime_data
    hub.seen(device)
    hub.report(device, values)
    await settle(hub.hass)


async def settle(hass: HomeAssistant) -> None:
    """Wait until what was reported is written, and new entities are there."""
    await asyncio.sleep(hub_module._WRITE_EVERY + 0.01)
    await hass.async_block_till_done()


@pytest.fixture
def writes(hass: HomeAssistant) -> Iterator[list[str]]:
    """Note each state of any entity that is written."""
    states: list[str] = []

    def note(event: Event[Any]) -> None:
        if new := event.data["new_state"]:
            states.append(new.state)

    stop = hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    yield states
    stop()


def shown(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, device: DeviceKey = ONE
) -> str | None:
    """Give the state of a sensor, None while there is none."""
    found = state(hass, entry, device, name)
    return found and found.state


# --- set-up -------------------------------------------------------------------------


async def test_at_first_there_is_the_main_device_and_its_connection(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass, title="My toy")
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert [(item.name, item.manufacturer, item.model) for item in devices] == [
        ("My toy", "Toys", "Toy 1")
    ]
    connection = state(hass, entry, MAIN_DEVICE, CONNECTED, "binary_sensor")
    assert connection is not None
    assert connection.state == "on"


@pytest.mark.parametrize(
    ("refusal", "result"),
    [
        ("refused", ConfigEntryState.SETUP_RETRY),
        ("invalid_auth", ConfigEntryState.SETUP_ERROR),
    ],
)
async def test_a_set_up_that_fails_leaves_nothing_running(
    hass: HomeAssistant, refusal: str, result: ConfigEntryState
) -> None:
    entry = toy(hass, refusal=refusal)
    assert not await set_up(hass, entry)
    assert entry.state is result
    assert entry.runtime_data.driver.stopped == 1
    flows = hass.config_entries.flow.async_progress()
    assert len(flows) == (refusal == "invalid_auth")


async def test_credentials_refused_later_are_asked_for_once(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    entry.runtime_data.refused()
    entry.runtime_data.refused()
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


# --- entities -----------------------------------------------------------------------


async def test_an_entity_exists_from_its_first_value(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=None, on=None)
    assert shown(hass, entry, "power") is None, "null is not a value"
    await says(entry, power=1.25, on=True)
    assert shown(hass, entry, "power") == "1.2"
    on = state(hass, entry, ONE, "on", "binary_sensor")
    assert on is not None
    assert on.state == "on"
    assert shown(hass, entry, "energy") is None
    await says(entry, energy=100.0)
    assert shown(hass, entry, "energy") == "100.0"
    await says(entry, TWO, power=2)
    assert shown(hass, entry, "power", TWO) == "2.0"
    await says(entry, power=None, on=None)
    assert shown(hass, entry, "power") == "unknown"


async def test_a_value_that_no_table_knows(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, x_new=5, forgotten=6)
    assert shown(hass, entry, "x_new") == "5"
    assert shown(hass, entry, "forgotten") is None


async def test_a_button_exists_when_what_it_needs_is_there(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    assert state(hass, entry, MAIN_DEVICE, "press", "button") is None
    await says(entry, MAIN_DEVICE, can_press=True)
    button = entity_id(hass, entry, MAIN_DEVICE, "press", "button")
    assert button
    press = [
        hass.services.async_call(
            "button", "press", {"entity_id": button}, blocking=True
        )
        for _ in range(2)
    ]
    await asyncio.gather(*press)
    # One command at a time.
    assert entry.runtime_data.driver.presses == ["begin", "end"] * 2


async def test_an_option_that_is_newer_than_our_table(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, mode="turbo")
    assert shown(hass, entry, "mode") == "unknown"
    await says(entry, mode="eco")
    assert shown(hass, entry, "mode") == "eco"


async def test_all_new_entities_of_a_message_come_together(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    calls: list[int] = []
    for platform, (factory, adder) in list(hub.entities._platforms.items()):

        def counting(entities: Any, adder: Any = adder) -> None:
            entities = list(entities)
            calls.append(len(entities))
            adder(entities)

        hub.entities._platforms[platform] = (factory, counting)
    for number in range(10):
        hub.report(DeviceKey(PART, str(number)), {"power": 1, "energy": 1, "on": True})
    await settle(hass)
    assert sorted(calls) == [10, 20]
    assert shown(hass, entry, "power", DeviceKey(PART, "9")) is not None


async def test_a_disabled_entity_costs_nothing(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    await says(entry, hidden=1)
    assert entity_id(hass, entry, ONE, "hidden")
    assert shown(hass, entry, "hidden") is None
    writes.clear()
    await says(entry, hidden=2)
    assert writes == []


async def test_a_value_that_home_assistant_refuses_does_not_stop_the_others(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    await says(entry, power="a lot", energy=2, x_new=3)
    assert shown(hass, entry, "energy") == "2.0"
    assert shown(hass, entry, "x_new") == "3"
    assert "a lot" in caplog.text
    caplog.clear()


# --- after a restart ----------------------------------------------------------------


async def test_known_entities_are_there_before_the_device_speaks(
    hass: HomeAssistant,
) -> None:
    entry = await running(hass)
    await says(entry, power=1, on=False)
    await says(entry, MAIN_DEVICE, can_press=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") == "unavailable"
    on = state(hass, entry, ONE, "on", "binary_sensor")
    assert on is not None
    assert on.state == "unavailable"
    assert not on.attributes.get("restored"), "an entity is behind it"
    button = state(hass, entry, MAIN_DEVICE, "press", "button")
    assert button is not None
    assert button.state == "unknown"
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0"


async def test_an_energy_is_guarded_from_the_value_before_the_restart(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """A meter that starts with zero would count its whole life again."""
    entry = toy(hass)
    found = entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.entry_id}|part|1|energy",
        config_entry=entry,
        suggested_object_id="energy",
    )
    stored = {"native_value": 1234.5, "native_unit_of_measurement": "Wh"}
    mock_restore_cache_with_extra_data(
        hass, ((State(found.entity_id, "1.2345"), stored),)
    )
    assert await set_up(hass, entry)
    await says(entry, energy=0)
    assert shown(hass, entry, "energy") == "1234.5"
    await says(entry, energy=1234.8)
    assert shown(hass, entry, "energy") == "1234.8"


async def test_what_a_driver_remembers_survives(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    assert hub.recall("configuration") is None
    hub.remember("configuration", {"1": "Kitchen"})
    hub.remember("configuration", {"1": "Kitchen"})
    assert hub.recall("configuration") == {"1": "Kitchen"}
    key = f"{DOMAIN}.{entry.entry_id}"
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert hass_storage[key]["data"] == {"configuration": {"1": "Kitchen"}}
    assert entry.runtime_data.recall("configuration") == {"1": "Kitchen"}
    await hass.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage


# --- availability -------------------------------------------------------------------


async def test_a_device_is_available_when_it_was_seen(hass: HomeAssistant) -> None:
    entry = await running(hass)
    entry.runtime_data.report(ONE, {"power": 1})
    await settle(hass)
    assert shown(hass, entry, "power") == "unavailable"
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"


@pytest.mark.parametrize("family", ["toy", "patient_toy"])
async def test_the_connection_goes_and_comes(hass: HomeAssistant, family: str) -> None:
    entry = await running(hass, family)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    await says(entry, MAIN_DEVICE, x_main=1)

    def connection() -> str | None:
        found = state(hass, entry, MAIN_DEVICE, CONNECTED, "binary_sensor")
        return found and found.state

    hub.connected(False)
    hub.connected(False)
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    assert shown(hass, entry, "x_main", MAIN_DEVICE) == "unavailable"
    assert connection() == "off"
    hub.connected(True)
    await until(lambda: connection() == "on")
    assert shown(hass, entry, "x_main", MAIN_DEVICE) == "1"
    assert shown(hass, entry, "power") == "unavailable", "not seen yet"
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"


async def test_silence_means_nothing_to_a_family_that_does_not_say_so(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "_SHORTEST", 0.01)
    entry = await running(hass, options={"patience": 0.0001})
    await says(entry, power=1)
    await says(entry)
    await asyncio.sleep(0.2)
    assert shown(hass, entry, "power") == "1.0"


async def test_a_device_that_falls_silent(hass: HomeAssistant) -> None:
    """Of which only one word was heard: the option decides."""
    entry = await running(hass, "patient_toy", options={"patience": 0.3 / 60})
    await says(entry, power=1)
    await says(entry, TWO, power=1)
    assert shown(hass, entry, "power") == "1.0"
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    await until(lambda: shown(hass, entry, "power", TWO) == "unavailable")
    await says(entry)
    assert shown(hass, entry, "power") == "1.0"
    assert shown(hass, entry, "power", TWO) == "unavailable"


async def test_a_device_that_speaks_on_stays(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, writes: list[str]
) -> None:
    monkeypatch.setattr(freshness, "_SHORTEST", 0.3)
    entry = await running(hass, "patient_toy")
    await says(entry, power=1)
    for _ in range(10):
        await says(entry)
    assert "unavailable" not in writes
    await until(lambda: shown(hass, entry, "power") == "unavailable", timeout=1)


async def test_old_news_make_no_device_available(hass: HomeAssistant) -> None:
    entry = await running(hass, "patient_toy", options={"patience": 1})
    hub: Hub = entry.runtime_data
    hub.report(ONE, {"power": 1})
    hub.seen(ONE, age=61)
    await settle(hass)
    assert shown(hass, entry, "power") == "unavailable"
    hub.seen(ONE, age=30)
    await until(lambda: shown(hass, entry, "power") == "1.0")


# --- writing only what changed ------------------------------------------------------


async def test_a_burst_is_written_as_its_first_and_its_last(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=0)
    await settle(hass)
    writes.clear()
    for number in range(1, 21):
        hub.report(ONE, {"power": number})
        await asyncio.sleep(0)
    await until(lambda: shown(hass, entry, "power") == "20.0")
    assert writes == ["1.0", "20.0"]


async def test_what_comes_at_once_is_written_once(
    hass: HomeAssistant, writes: list[str]
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=0)
    await settle(hass)
    writes.clear()
    for number in range(1, 21):
        hub.report(ONE, {"power": number})
    await settle(hass)
    assert writes == ["20.0"]


async def test_what_did_not_change_is_not_written(
    hass: HomeAssistant, writes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await running(hass)
    await says(entry, power=5.0, energy=1.0)
    writes.clear()
    calls: list[str] = []
    for name in ("power", "energy"):
        (listener,) = entry.runtime_data.devices[ONE].listeners({name})
        entity = listener.__self__
        monkeypatch.setattr(
            type(entity), "_async_write_ha_state", lambda self: calls.append(self.name)
        )
    await says(entry, power=5.01, energy=1.0)
    await says(entry, power=None, energy=0.0)
    assert len(calls) == 1, "only the power, and only once"


# --- limits -------------------------------------------------------------------------


async def test_more_entities_than_home_assistant_can_take(
    hass: HomeAssistant,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entities, "MOST_ENTITIES", 3)
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    assert issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}") is None
    await says(entry, TWO, power=1, energy=1)
    assert shown(hass, entry, "power", TWO) is None
    assert issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}")
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0", "those that are there go on"


async def test_more_devices_than_home_assistant_can_take(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "MOST_DEVICES", 2)
    entry = await running(hass)
    await says(entry, ONE, power=1)
    await says(entry, TWO, power=1)
    entry.runtime_data.describe(TWO, Facts(name="Two"))
    devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert len(devices) == 2
    assert issue_registry.async_get_issue(DOMAIN, f"too_many_{entry.entry_id}")


# --- devices ------------------------------------------------------------------------


def registered(
    registry: dr.DeviceRegistry, entry: MockConfigEntry, device: DeviceKey = ONE
) -> Any:
    """Give a device's entry in the registry."""
    identifier = (DOMAIN, f"{entry.entry_id}|{device.identifier}")
    return next(
        (
            item
            for item in dr.async_entries_for_config_entry(registry, entry.entry_id)
            if identifier in item.identifiers
        ),
        None,
    )


async def test_devices_hang_below_the_main_device(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    main = registered(device_registry, entry, MAIN_DEVICE)
    assert registered(device_registry, entry).via_device_id == main.id
    assert main.via_device_id is None


async def test_a_name_that_comes_late(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    before = entity_id(hass, entry, ONE, "power")
    facts = Facts(name="Kitchen", model="Plug", serial_number="42", sw_version="1.0")
    hub.describe(ONE, facts)
    found = registered(device_registry, entry)
    assert (found.name, found.model, found.serial_number, found.sw_version) == (
        "Kitchen",
        "Plug",
        "42",
        "1.0",
    )
    assert entity_id(hass, entry, ONE, "power") == before
    hub.describe(ONE, Facts(sw_version="1.1"))
    assert registered(device_registry, entry).name == "Kitchen"

    # The next start knows no name until the device tells it again.
    assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, power=1)
    found = registered(device_registry, entry)
    assert (found.name, found.sw_version) == ("Kitchen", "1.1")


async def test_the_users_own_name_stays(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    found = registered(device_registry, entry)
    device_registry.async_update_device(found.id, name_by_user="Mine")
    entry.runtime_data.describe(ONE, Facts(name="Kitchen"))
    found = registered(device_registry, entry)
    assert (found.name, found.name_by_user) == ("Kitchen", "Mine")


async def _delete(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    entry: MockConfigEntry,
    device: Any,
) -> bool:
    """Delete a device as a user does; gives whether that was allowed."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            # Newer releases have a shorter command, and this one still.
            "type": "config/device_registry/remove_config_entry",
            "config_entry_id": entry.entry_id,
            "device_id": device.id,
        }
    )
    response = await client.receive_json()
    await hass.async_block_till_done()
    return bool(response["success"])


async def test_a_device_that_is_gone_can_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass, "patient_toy", options={"patience": 0.1 / 60})
    await says(entry, power=1, hidden=1)
    await says(entry, TWO, power=1)
    await until(lambda: shown(hass, entry, "power") == "unavailable")
    found = registered(device_registry, entry)
    assert await _delete(hass, hass_ws_client, entry, found)
    assert registered(device_registry, entry) is None
    assert shown(hass, entry, "power") is None
    assert registered(device_registry, entry, TWO)

    # It was only away for long: all of it is back with its next word.
    await says(entry, power=1)
    assert registered(device_registry, entry)
    assert shown(hass, entry, "power") == "1.0"


async def test_a_device_of_before_the_restart_can_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    entry.runtime_data.describe(TWO, Facts(name="Without any value"))
    assert await hass.config_entries.async_reload(entry.entry_id)
    for device in (ONE, TWO):
        found = registered(device_registry, entry, device)
        assert await _delete(hass, hass_ws_client, entry, found)
        assert registered(device_registry, entry, device) is None


async def test_a_device_that_speaks_cannot_be_deleted(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    device_registry: dr.DeviceRegistry,
) -> None:
    entry = await running(hass)
    await says(entry, power=1)
    for device in (ONE, MAIN_DEVICE):
        found = registered(device_registry, entry, device)
        assert not await _delete(hass, hass_ws_client, entry, found)
        assert registered(device_registry, entry, device)


async def test_a_deleted_entity_comes_back_with_its_value(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entry = await running(hass)
    await says(entry, power=1, energy=1)
    found = entity_id(hass, entry, ONE, "power")
    assert found
    entity_registry.async_remove(found)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") is None
    await says(entry, power=2, energy=2)
    assert shown(hass, entry, "power") == "2.0"
    assert shown(hass, entry, "energy") == "2.0"


async def test_an_entity_deleted_while_others_are_born(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """None of them is made twice."""
    entry = await running(hass)
    await says(entry, power=1)
    found = entity_id(hass, entry, ONE, "power")
    assert found
    hub: Hub = entry.runtime_data
    for number in range(3, 10):
        hub.report(DeviceKey(PART, str(number)), {"power": 1})
    await asyncio.sleep(0)  # they are on their way
    entity_registry.async_remove(found)
    for number in range(3, 10):
        hub.report(DeviceKey(PART, str(number)), {"power": 2})
    await settle(hass)
    assert "unique ID" not in caplog.text
    assert shown(hass, entry, "power", DeviceKey(PART, "9")) is not None


# --- the end ------------------------------------------------------------------------


async def test_the_driver_stops_when_home_assistant_does(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The callbacks of an unload do not run then."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    hub.remember("key", 1)
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"] == {"key": 1}
    await hub.stop()
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]


async def test_an_unload_leaves_no_timer(hass: HomeAssistant) -> None:
    """Nor does a word that comes while it is under way; the plugin looks for timers."""
    entry = await running(hass, "patient_toy")
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    hub.report(ONE, {"power": 2})
    await asyncio.sleep(0)
    hub.report(ONE, {"power": 3})
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert hub.driver.stopped == 1  # type: ignore[attr-defined]
    hub.seen(ONE)
    hub.report(ONE, {"power": 4})
    hub.connected(False)
    await hass.async_block_till_done()
    assert shown(hass, entry, "power") == "unavailable"


async def test_a_word_after_the_unload_leaves_no_timer(hass: HomeAssistant) -> None:
    """When nothing was waiting to be written as it ended."""
    entry = await running(hass)
    hub: Hub = entry.runtime_data
    await says(entry, power=1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    for number in range(3):
        hub.report(ONE, {"power": 10 + number})
        await asyncio.sleep(0)


async def test_many_set_ups_pile_nothing_up(hass: HomeAssistant) -> None:
    entry = await running(hass)
    for _ in range(3):
        await says(entry, power=1)
        assert await hass.config_entries.async_reload(entry.entry_id)
    await says(entry, power=2)
    assert shown(hass, entry, "power") == "2.0"
    assert len(entry.runtime_data.devices[ONE].listeners({"power"})) == 1


async def test_a_time_is_a_state(hass: HomeAssistant) -> None:
    entry = await running(hass)
    await says(entry, x_time=datetime(2026, 11, 1).isoformat())
    assert shown(hass, entry, "x_time") == "2026-11-01T00:00:00"
