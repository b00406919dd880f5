"""What an EMS tells of its site: nodes, values, energies."""

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.wattbus import async_remove_config_entry_device
from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from custom_components.wattbus.families.sofar import site
from custom_components.wattbus.protocols.sofar import Schedule
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from ...harness.broker import Broker
from ...helpers import entity_id, set_up, shows, state, until
from ...simulators.sofar import Fault, Feedback, Options, SofarSimulator
from ...simulators.sofar_bench import NOON
from .conftest import BATTERY, LIVE_OPTIONS, SERIAL, sofar_entry

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol

STORE = DeviceKey("node", f"{SERIAL}_battery_0")
BOARD = DeviceKey("node", f"{SERIAL}_switchboard_0")


def device_of(
    hass: HomeAssistant, entry: MockConfigEntry, key: DeviceKey
) -> dr.DeviceEntry | None:
    """Find a device in the registry."""
    return dr.async_get(hass).async_get_device_by_identifier(
        ("wattbus", f"{entry.entry_id}|{key.identifier}"), entry.entry_id
    )


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_everything(
    hass: HomeAssistant, broker: Broker, snapshot: SnapshotAssertion
) -> None:
    """All devices and entities of a site, at noon."""
    async with SofarSimulator(Options(), clock=lambda: NOON) as simulator:
        await simulator.start(broker.host, broker.port)
        entry = sofar_entry(hass, broker, **LIVE_OPTIONS)
        assert await set_up(hass, entry)
        await shows(hass, entry, BATTERY, "live_control", "off", "switch")
        charge = "feedback.stateOfCharge_frac"
        await until(lambda: state(hass, entry, STORE, charge))
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    for device in sorted(devices, key=lambda item: min(item.identifiers)):
        assert device == snapshot(name=min(device.identifiers)[1])
    items = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    for item in sorted(items, key=lambda item: item.entity_id):
        assert item == snapshot(name=f"{item.entity_id}-entry")
        assert hass.states.get(item.entity_id) == snapshot(name=item.entity_id)


@pytest.mark.parametrize(
    "dialect", [{"feedback": Feedback.BY_NODE}, {"feedback": Feedback.LIST}]
)
async def test_nodes_hang_below_each_other(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """In whatever form the feedback comes, each value is at its node."""
    await until(lambda: state(hass, entry, STORE, "feedback.stateOfCharge_frac"))
    main = device_of(hass, entry, MAIN_DEVICE)
    board = device_of(hass, entry, BOARD)
    store = device_of(hass, entry, STORE)
    assert main
    assert board
    assert store
    assert (main.serial_number, board.model, store.model) == (
        f"{SERIAL}_site_0",
        "switchboard",
        "battery",
    )
    assert (board.via_device_id, store.via_device_id) == (main.id, board.id)
    await shows(hass, entry, STORE, "feedback.stateOfCharge_frac", "50.0")
    await shows(hass, entry, STORE, "nominal_current", "16")
    assert state(hass, entry, MAIN_DEVICE, "feedback.childrenProducedPower_W")


async def test_what_is_known_is_enabled_and_all_else_is_not(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await until(lambda: state(hass, entry, STORE, "feedback.stateOfCharge_frac"))
    registry = er.async_get(hass)
    meter = DeviceKey("node", f"{SERIAL}_powerMeter_0")
    found = entity_id(hass, entry, meter, "feedback.frequency_Hz")
    assert found
    item = registry.async_get(found)
    assert item
    assert item.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert item.entity_category == "diagnostic"
    assert item.original_device_class == "frequency"


@pytest.mark.parametrize("options", [{"feedback_interval": 0}])
async def test_feedback_can_be_left_out(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    assert not simulator.requests_of("get_feedback")
    assert state(hass, entry, MAIN_DEVICE, "feedback.childrenProducedPower_W") is None


@pytest.mark.parametrize("options", [{"feedback_level": "false"}])
async def test_feedback_of_the_site_alone(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await until(lambda: simulator.requests_of("get_feedback"))
    assert simulator.requests_of("get_feedback")[0].fields == {"device": False}
    await until(
        lambda: state(hass, entry, MAIN_DEVICE, "feedback.childrenProducedPower_W")
    )
    assert state(hass, entry, STORE, "feedback.stateOfCharge_frac") is None


async def test_powers_become_energies(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each direction on its own; an entity is there once there is some."""
    moment = dt_util.utcnow()
    monkeypatch.setattr(site, "dt_util", SimpleNamespace(utcnow=lambda: moment))
    positive = "energy.childrenStoragePower_W.positive"
    negative = "energy.childrenStoragePower_W.negative"
    measured = entry.runtime_data.driver.site._measured
    for power in (3600, 3600, -1800, -1800):
        assert state(hass, entry, STORE, negative) is None
        measured(STORE, {"childrenStoragePower_W": power})
        moment += timedelta(seconds=60)
    await shows(hass, entry, STORE, negative, "0.045")
    await shows(hass, entry, STORE, positive, "0.09")
    assert await hass.config_entries.async_reload(entry.entry_id)
    entry.runtime_data.driver.site._measured(STORE, {"childrenStoragePower_W": 0})
    await shows(hass, entry, STORE, positive, "0.09")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"grid_W": "n/a"}, None),
        ({"grid_W": True}, None),
        ({"soc_frac": 0.25}, 25.0),
        ({"mode": "a"}, "a"),
        ({"signalActive": False}, False),
        ({"actualPowerTot_W": "x"}, None),
    ],
)
async def test_a_value_that_does_not_fit_its_name(
    hass: HomeAssistant, entry: MockConfigEntry, told: dict[str, Any], shown: Any
) -> None:
    """A text where a number belongs is not known; a sensor would fail at it."""
    entry.runtime_data.driver.site._measured(BOARD, told)
    device = entry.runtime_data.devices[BOARD]
    assert device.values.get(f"feedback.{next(iter(told))}") == shown


async def test_what_is_not_told_any_more_is_not_known(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """A battery that has left, or feedback that fails for longer than for a moment."""
    charge = "feedback.stateOfCharge_frac"
    produced = "feedback.childrenProducedPower_W"
    await until(lambda: state(hass, entry, STORE, charge))
    driver = entry.runtime_data.driver
    values = entry.runtime_data.devices[STORE].values
    assert values[charge] is not None
    store = simulator.ems.site.nodes.pop(STORE.id)
    await driver.site.read_feedback()
    assert values[charge] is None
    await shows(hass, entry, STORE, charge, "unknown")
    simulator.ems.site.nodes[STORE.id] = store
    await driver.site.read_feedback()
    assert values[charge] is not None
    simulator.trouble.plan(Fault.GENERAL_ERROR, "get_feedback", times=3)
    for expected in (True, True, False):
        with pytest.raises(CommandError):
            await driver.site.read_feedback()
        assert (values[charge] is not None) is expected
    await shows(hass, entry, MAIN_DEVICE, produced, "unknown")


async def test_a_node_that_leaves_the_site(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """It can be deleted, whatever schedules it had, and comes back when it is told."""
    driver, there = entry.runtime_data.driver, simulator.ems.site
    await until(lambda: state(hass, entry, STORE, "feedback.stateOfCharge_frac"))
    now = dt_util.utcnow().timestamp()

    def schedule(number: int, end: float) -> None:
        made = Schedule(
            id=number,
            device_type="battery",
            node_id=STORE.id,
            start=end - 60,
            end=end,
            policy="idle",
        )
        driver.state.report(driver.state.schedules.put(made, now))

    schedule(1, now + 600)
    children = there.nodes[BOARD.id].children
    store = there.nodes.pop(STORE.id)
    children.remove(store)
    await driver._read_topology()
    assert entry.runtime_data.devices[STORE].available, "its feedback was told"
    await driver.site.read_feedback()
    await driver._read_topology()
    assert entry.runtime_data.devices[STORE].available, "it has a schedule"
    driver.state.report(driver.state.schedules.drop([1], now))
    schedule(2, now - 600)
    driver._hurry("topology")
    await shows(hass, entry, STORE, "node_type", "unavailable")
    await driver.commands.refresh()
    assert driver.state.schedules.past_nodes(now) == {STORE.id}
    driver._set_present(False)
    driver._set_present(True)
    await shows(hass, entry, BOARD, "node_type", "switchboard")
    device = device_of(hass, entry, STORE)
    assert device
    assert await async_remove_config_entry_device(hass, entry, device)
    dr.async_get(hass).async_remove_device(device.id)
    await driver.commands.refresh()
    assert STORE not in entry.runtime_data.devices
    children.append(store)
    there.nodes[STORE.id] = store
    driver._hurry("topology")
    await shows(hass, entry, STORE, "node_type", "battery")
    await driver.commands.refresh()
    await shows(hass, entry, STORE, "active_schedule", "none")


@pytest.mark.parametrize(
    "dialect", [{"feedback": Feedback.BY_NODE}, {"feedback": Feedback.LIST}]
)
async def test_a_node_that_feedback_tells_again(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    """It is about the node, also before the topology is read next."""
    charge = "feedback.stateOfCharge_frac"
    driver, there = entry.runtime_data.driver, simulator.ems.site
    await until(lambda: state(hass, entry, STORE, charge))
    store = there.nodes.pop(STORE.id)
    there.nodes[BOARD.id].children.remove(store)
    await driver.site.read_feedback()
    await driver._read_topology()
    await shows(hass, entry, STORE, charge, "unavailable")
    there.nodes[STORE.id] = store
    await driver.site.read_feedback()
    await shows(hass, entry, STORE, charge, "50.0")


async def test_a_node_of_two_device_types(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A hybrid inverter charges its battery now, and its panels are limited later."""
    driver = entry.runtime_data.driver
    now = dt_util.utcnow().timestamp()
    for number, kind, start in ((1, "battery", now - 60), (2, "solar", now + 600)):
        made = Schedule(
            id=number,
            device_type=kind,
            node_id=STORE.id,
            start=start,
            end=start + 300,
            policy=f"{kind} policy",
        )
        driver.state.report(driver.state.schedules.put(made, now))
    await shows(hass, entry, STORE, "active_schedule", "battery policy")
    await shows(hass, entry, STORE, "next_schedule", "solar policy")


async def test_a_device_type_taken_out_loses_its_device(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    assert device_of(hass, entry, BATTERY)
    simulator.add("battery", "idle", NOON, NOON + 10**9)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    fields = result["data_schema"].schema
    form = {str(key): key.default() for key in fields if isinstance(key, vol.Required)}
    assert not {key for key, value in form.items() if value == ""}, "none would do"
    form |= {"device_types": [" solar "], "spacing": 0, "live_topic": "live/#"}
    result = await hass.config_entries.options.async_configure(result["flow_id"], form)
    assert result["errors"] == {"live_topic": "base_topic_invalid"}
    del form["live_topic"]
    result = await hass.config_entries.options.async_configure(result["flow_id"], form)
    assert result["type"] == "create_entry"
    await hass.async_block_till_done()
    assert device_of(hass, entry, BATTERY) is None
    solar = DeviceKey("group", "solar")
    await shows(hass, entry, solar, "next_schedule", "none")
    assert device_of(hass, entry, solar)
    assert entity_id(hass, entry, BATTERY, "schedules", "calendar") is None


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_percent_are_percent_and_fractions_become_them(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`mean_soc_perc` of the vendor's MQTT driver pages (docs.eniris.be, Taylor)."""
    told = {
        "storage": {"mean_soc_perc": 57.5, "soc_frac": 0.25, "bad_perc": "full"},
        "grid": {"active_power_W": -1200},
    }
    monkeypatch.setitem(simulator.ems._handlers, "get_feedback", lambda _: told)
    await entry.runtime_data.driver.site.read_feedback()
    for name, value in (("mean_soc_perc", "57.5"), ("soc_frac", "25.0")):
        key = f"feedback.storage.{name}"
        await until(lambda key=key: state(hass, entry, MAIN_DEVICE, key))  # type: ignore[misc]
        found = state(hass, entry, MAIN_DEVICE, key)
        assert found
        assert found.state == value
        assert found.attributes["unit_of_measurement"] == "%"
    assert state(hass, entry, MAIN_DEVICE, "feedback.storage.bad_perc") is None
