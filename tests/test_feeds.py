"""What devices are told of Home Assistant's own entities, with a family of the tests' own."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import feeds
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.driver import Driver
from custom_components.wattbus.families.family import Connection, Family, Feed
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols import ProtocolError
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, EntityCategory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from .helpers import entity_id, make_entry, set_up, shows, state, until

GRID = "sensor.grid"
WATT = {"unit_of_measurement": "W"}
KILOWATT = {"unit_of_measurement": "kW"}

# Seconds, of which the feeds have 2 and 60.
EVERY = 0.1
GRACE = 0.3


# --- a family -----------------------------------------------------------------------


class HungryDriver(Driver):
    """Notes what it is told to send."""

    told: list[tuple[str, float]]
    times: list[float]
    error: Exception | None = None
    open: asyncio.Event
    """Cleared, nothing that is sent is ever done."""

    @override
    async def start(self) -> None:
        self.told = []
        self.times = []
        self.open = asyncio.Event()
        self.open.set()
        self.sink.connected(True)

    @override
    async def stop(self) -> None:
        self.told.append(("stopped", 0))


def _feed(
    key: str,
    unit: str,
    device_class: SensorDeviceClass | None,
    minimum: float,
    maximum: float,
    decimals: int = 0,
    refresh: float = 600,
) -> Feed:
    async def send(driver: HungryDriver, value: float) -> None:
        driver.told.append((key, value))
        driver.times.append(driver.hass.loop.time())
        await driver.open.wait()
        if driver.error:
            raise driver.error

    return Feed(
        key=key,
        unit=unit,
        device_class=device_class,
        refresh=refresh,
        send=send,
        minimum=minimum,
        maximum=maximum,
        decimals=decimals,
    )


FEEDS = (
    _feed("grid_power", "W", SensorDeviceClass.POWER, -1e6, 1e6),
    _feed("voltage", "V", SensorDeviceClass.VOLTAGE, 50, 500, 1),
    _feed("vehicle_soc", "%", SensorDeviceClass.BATTERY, 0, 100),
    _feed("vehicle_range", "km", SensorDeviceClass.DISTANCE, 0, 5000),
    _feed("vehicle_time_to_full", "s", SensorDeviceClass.DURATION, 0, 604_800),
    _feed("vehicle_charge_limit", "%", None, 0, 100),
    _feed("solar_power", "W", SensorDeviceClass.POWER, 0, 1e6, refresh=1.0),
)


@pytest.fixture(autouse=True)
def _family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_EVERY", EVERY)
    monkeypatch.setattr(feeds, "_GRACE", GRACE)
    own = Connection(
        key="own", driver=HungryDriver, fields={}, identity=lambda _: "toy"
    )
    family = Family(
        key="hungry",
        name="Hungry",
        manufacturer="Toys",
        model="Hungry 1",
        connections={"own": own},
        descriptions=(),
        feeds=FEEDS,
    )
    monkeypatch.setitem(FAMILIES, "hungry", family)


def hungry(hass: HomeAssistant, **options: Any) -> MockConfigEntry:
    """Make an installation, not set up yet."""
    data = {"family": "hungry", "connection": "own"}
    return make_entry(hass, data, options, title="Charger")


async def fed(hass: HomeAssistant, **options: Any) -> MockConfigEntry:
    """Set an installation up whose feeds have these entities."""
    entry = hungry(hass, **options)
    assert await set_up(hass, entry)
    await asyncio.sleep(0)
    return entry


def told(entry: MockConfigEntry, key: str = "grid_power") -> list[float]:
    """Give what the device was told, oldest first."""
    driver: HungryDriver = entry.runtime_data.driver
    return [value for name, value in driver.told if name == key]


def issue(
    hass: HomeAssistant, entry: MockConfigEntry, key: str = "grid_power"
) -> ir.IssueEntry | None:
    """Give what the user is told to repair."""
    name = f"feed_paused_{entry.entry_id}_{key}"
    return ir.async_get(hass).async_get_issue(DOMAIN, name)


# --- values and units ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "unit", "expected"),
    [
        ("grid_power", "-1077.6", "W", -1078),
        ("grid_power", "1.2345", "kW", 1234),
        ("grid_power", "0", "W", 0),
        ("grid_power", "-0.2", "W", 0),
        ("voltage", "231.26", "V", 231.3),
        ("voltage", "231260", "mV", 231.3),
        ("vehicle_soc", "79.6", "%", 80),
        ("vehicle_soc", "100.2", "%", 100),
        ("vehicle_range", "250", "km", 250),
        ("vehicle_range", "100", "mi", 161),
        ("vehicle_time_to_full", "90", "min", 5400),
        ("vehicle_time_to_full", "1.5", "h", 5400),
        ("vehicle_time_to_full", "90", "s", 90),
        ("vehicle_charge_limit", "80", "%", 80),
    ],
)
async def test_value_is_converted(
    hass: HomeAssistant, key: str, value: str, unit: str, expected: float
) -> None:
    """A device expects one unit, whatever the entity has."""
    hass.states.async_set("sensor.source", value, {"unit_of_measurement": unit})
    entry = await fed(hass, **{f"feed_{key}": "sensor.source"})
    assert told(entry, key) == [expected]
    assert str(told(entry, key)[0]) == str(expected), "with the decimals it reads"


async def test_time_at_which_the_car_is_full(hass: HomeAssistant) -> None:
    """Cars tell it as a time of the day, chargers want the seconds until then."""
    full = datetime.now(UTC) + timedelta(hours=2)
    attributes = {"device_class": "timestamp"}
    hass.states.async_set("sensor.full", full.isoformat(), attributes)
    entry = await fed(hass, feed_vehicle_time_to_full="sensor.full")
    await asyncio.sleep(2.2)
    values = told(entry, "vehicle_time_to_full")
    assert 7190 < values[0] <= 7200
    # Not each second, but once more as the connection's state is written.
    assert len(values) <= 2


@pytest.mark.parametrize(
    ("key", "value", "attributes"),
    [
        ("grid_power", "unavailable", WATT),
        ("grid_power", "unknown", WATT),
        ("grid_power", "", WATT),
        ("grid_power", "on", WATT),
        ("grid_power", "nan", WATT),
        ("grid_power", "-inf", WATT),
        ("grid_power", "1200", {}),
        ("grid_power", "1200", {"unit_of_measurement": "Wh"}),
        ("grid_power", "1200", {"unit_of_measurement": ["W"]}),
        ("grid_power", "2", {"unit_of_measurement": "MW"}),
        ("voltage", "0", {"unit_of_measurement": "V"}),
        ("vehicle_soc", "101", {"unit_of_measurement": "%"}),
        ("vehicle_soc", "0.5", {}),
        ("vehicle_soc", "5", {"unit_of_measurement": "‰"}),
        ("vehicle_time_to_full", "soon", {"device_class": "timestamp"}),
        (
            "vehicle_time_to_full",
            "2020-01-01T00:00:00+00:00",
            {"device_class": "timestamp"},
        ),
        ("grid_power", "2030-01-01T00:00:00+00:00", {"device_class": "timestamp"}),
    ],
)
async def test_what_cannot_be_right_is_not_sent(
    hass: HomeAssistant, key: str, value: str, attributes: dict[str, Any]
) -> None:
    """Least of all as a zero, which the device would act on."""
    hass.states.async_set("sensor.source", value, attributes)
    entry = await fed(hass, **{f"feed_{key}": "sensor.source"})
    await until(lambda: issue(hass, entry, key))
    assert told(entry, key) == []
    assert state(hass, entry, MAIN_DEVICE, f"feed_{key}") is None


async def test_meter_that_counts_the_other_way(hass: HomeAssistant) -> None:
    """The option is for the grid alone."""
    hass.states.async_set(GRID, "1.5", KILOWATT)
    entry = await fed(
        hass, feed_grid_power=GRID, feed_solar_power=GRID, feed_grid_inverted=True
    )
    assert told(entry) == [-1500]
    assert told(entry, "solar_power")[0] == 1500


# --- when it is sent ----------------------------------------------------------------


async def test_newest_value_wins(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A meter speaks many times a second; the device hears the first and the last."""
    monkeypatch.setattr(feeds, "_EVERY", 1.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 21):
        hass.states.async_set(GRID, str(watts), WATT)
        await asyncio.sleep(0)
    assert told(entry) == [0]
    await until(lambda: len(told(entry)) > 1)
    assert told(entry) == [0, 20]


async def test_messages_keep_their_distance(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 60):
        hass.states.async_set(GRID, str(watts), WATT)
        await asyncio.sleep(0.01)
    times = entry.runtime_data.driver.times
    assert len(times) >= 3
    assert min(b - a for a, b in pairwise(times)) > 0.9 * EVERY
    assert told(entry) == sorted(set(told(entry)))


async def test_same_value_is_not_sent_again(hass: HomeAssistant) -> None:
    """Not when only what the device does not read has changed."""
    hass.states.async_set(GRID, "100", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for _ in range(3):
        await asyncio.sleep(EVERY)
        hass.states.async_set(GRID, "100.3", WATT)
        await asyncio.sleep(EVERY)
        hass.states.async_set(GRID, "0.1", KILOWATT)
    assert told(entry) == [100]


async def test_value_is_repeated_before_it_is_stale(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    await until(lambda: len(told(entry, "solar_power")) >= 3)
    assert set(told(entry, "solar_power")) == {100}
    first, second = pairwise(entry.runtime_data.driver.times[:3])
    for a, b in (first, second):
        assert 0.4 < b - a < 1.0


async def test_slow_device_is_told_one_after_the_other(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.driver.open.clear()
    hass.states.async_set(GRID, "1", WATT)
    await until(lambda: told(entry) == [0, 1])
    hass.states.async_set(GRID, "2", WATT)
    await asyncio.sleep(2 * EVERY)
    assert told(entry) == [0, 1]
    hass.states.async_set(GRID, "3", WATT)
    entry.runtime_data.driver.open.set()
    await until(lambda: told(entry) == [0, 1, 3])


@pytest.mark.parametrize(
    "error", [CommandError("toy"), ProtocolError("toy"), RuntimeError("toy")]
)
async def test_what_fails_is_tried_again(
    hass: HomeAssistant, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """With the next value, or when it is time to repeat this one."""
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    await shows(hass, entry, MAIN_DEVICE, "feed_solar_power", "100")
    entry.runtime_data.driver.error = error
    hass.states.async_set("sensor.sun", "200", WATT)
    await until(lambda: told(entry, "solar_power")[-2:] == [200, 200])
    shown = state(hass, entry, MAIN_DEVICE, "feed_solar_power")
    assert shown
    assert shown.state == "100"
    entry.runtime_data.driver.error = None
    await shows(hass, entry, MAIN_DEVICE, "feed_solar_power", "200")
    assert issue(hass, entry, "solar_power") is None
    levels = {item.levelname for item in caplog.records if "sent" in item.message}
    assert levels == {"ERROR" if isinstance(error, RuntimeError) else "DEBUG"}
    caplog.clear()


async def test_nothing_is_sent_while_the_connection_is_down(
    hass: HomeAssistant,
) -> None:
    """Where it would wait in a queue; what is true then is told when it is back."""
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.connected(False)
    for watts in ("2", "3", "1"):
        hass.states.async_set(GRID, watts, WATT)
        await asyncio.sleep(1.5 * EVERY)
    assert told(entry) == [1]
    entry.runtime_data.connected(True)
    await until(lambda: told(entry) == [1, 1])


# --- pausing ------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["unavailable", "unknown", "rubbish", None])
async def test_feed_pauses_and_comes_back(
    hass: HomeAssistant, gone: str | None
) -> None:
    """At once; the user is told when it lasts."""
    hass.states.async_set("sensor.sun", "100", WATT)
    entry = await fed(hass, feed_solar_power="sensor.sun")
    if gone is None:
        hass.states.async_remove("sensor.sun")
    else:
        hass.states.async_set("sensor.sun", gone, WATT)
    before = list(told(entry, "solar_power"))
    begin = hass.loop.time()
    found = await until(lambda: issue(hass, entry, "solar_power"))
    assert hass.loop.time() - begin > 0.9 * GRACE
    assert found.translation_key == "feed_paused"
    assert found.translation_placeholders == {
        "name": "Charger",
        "entity": "sensor.sun",
        "feed": "Solar power",
    }
    await asyncio.sleep(0.6)
    assert told(entry, "solar_power") == before, "nothing is repeated meanwhile"

    hass.states.async_set("sensor.sun", "50", WATT)
    await until(lambda: told(entry, "solar_power")[-1] == 50)
    assert issue(hass, entry, "solar_power") is None


async def test_short_absence_is_not_mentioned(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do several short ones make a long one."""
    monkeypatch.setattr(feeds, "_GRACE", 1.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    for watts in range(1, 5):
        hass.states.async_set(GRID, "unavailable", WATT)
        await asyncio.sleep(0.35)
        assert issue(hass, entry) is None
        hass.states.async_set(GRID, str(watts), WATT)
        await until(lambda watts=watts: told(entry)[-1] == watts)
    assert told(entry) == [0, 1, 2, 3, 4]


async def test_one_kind_of_absence_after_another(hass: HomeAssistant) -> None:
    """The time counts from the first."""
    entry = await fed(hass, feed_grid_power=GRID)
    for number in range(200):
        hass.states.async_set(GRID, "unknown" if number % 2 else "unavailable")
        await asyncio.sleep(0.02)
        if issue(hass, entry):
            break
    assert issue(hass, entry)
    assert told(entry) == []


async def test_value_that_waited_is_not_sent_when_the_entity_goes(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest wins, also when it is none."""
    monkeypatch.setattr(feeds, "_EVERY", 1.0)
    hass.states.async_set(GRID, "0", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    hass.states.async_set(GRID, "1", WATT)
    await asyncio.sleep(0.01)
    hass.states.async_set(GRID, "unavailable", WATT)
    await until(lambda: issue(hass, entry))
    assert told(entry) == [0]


async def test_each_feed_pauses_by_itself(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(
        hass, feed_grid_power=GRID, feed_vehicle_soc="sensor.car", feed_voltage="a.b"
    )
    await until(lambda: issue(hass, entry, "voltage"))
    assert issue(hass, entry, "vehicle_soc")
    assert issue(hass, entry) is None
    assert told(entry) == [1]
    hass.states.async_set("sensor.car", "50", {"unit_of_measurement": "%"})
    await until(lambda: told(entry, "vehicle_soc") == [50])
    assert issue(hass, entry, "vehicle_soc") is None
    assert issue(hass, entry, "voltage")


# --- the sensors --------------------------------------------------------------------


async def test_sensor_shows_what_was_sent(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    hass.states.async_set(GRID, "1.2", KILOWATT)
    entry = await fed(hass, feed_grid_power=GRID)
    shown = await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1200")
    assert shown.attributes["unit_of_measurement"] == "W"
    assert shown.attributes["device_class"] == "power"
    assert shown.name == "Charger Grid power feed"
    found = entity_registry.async_get(shown.entity_id)
    assert found
    assert found.entity_category is EntityCategory.DIAGNOSTIC
    assert entity_id(hass, entry, MAIN_DEVICE, "feed_voltage") is None


async def test_sensor_goes_with_its_feed(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await shows(hass, entry, MAIN_DEVICE, "feed_grid_power", "1")
    hass.config_entries.async_update_entry(entry, options={})
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entity_id(hass, entry, MAIN_DEVICE, "feed_grid_power") is None


# --- the end ------------------------------------------------------------------------


async def test_unload_ends_feeds_and_issues(hass: HomeAssistant) -> None:
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID, feed_voltage="sensor.none")
    driver = entry.runtime_data.driver
    await until(lambda: issue(hass, entry, "voltage"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issue(hass, entry, "voltage") is None
    hass.states.async_set(GRID, "2", WATT)
    await asyncio.sleep(2 * EVERY)
    assert driver.told == [("grid_power", 1), ("stopped", 0)]


async def test_feeds_end_before_the_driver_when_home_assistant_stops(
    hass: HomeAssistant,
) -> None:
    """Also one that is being sent."""
    hass.states.async_set(GRID, "1", WATT)
    entry = await fed(hass, feed_grid_power=GRID)
    entry.runtime_data.driver.open.clear()
    hass.states.async_set(GRID, "2", WATT)
    await until(lambda: told(entry) == [1, 2])
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert entry.runtime_data.driver.told[-1] == ("stopped", 0)


# --- the options --------------------------------------------------------------------


async def test_options_form(hass: HomeAssistant) -> None:
    """The feeds are a section of the form, and one level in the options."""
    entry = await fed(hass, feed_grid_power="sensor.old", feed_voltage="sensor.volt")
    result = await hass.config_entries.options.async_init(entry.entry_id)
    (section,) = result["data_schema"].schema.values()
    assert section.options == {"collapsed": True}
    fields = {str(key): key for key in section.schema.schema}
    assert fields.keys() == {"feed_grid_inverted", *(feed.name for feed in FEEDS)}
    suggested = {
        name: key.description["suggested_value"]
        for name, key in fields.items()
        if key.description
    }
    assert suggested == {"feed_grid_power": "sensor.old", "feed_voltage": "sensor.volt"}

    hass.states.async_set(GRID, "1", WATT)
    given = {"feed_grid_power": GRID, "feed_grid_inverted": True}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"feeds": given}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == given, "what was emptied is gone"
    await until(lambda: told(entry) == [-1])


async def test_options_form_offers_entities_that_fit(hass: HomeAssistant) -> None:
    entry = hungry(hass)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    (section,) = result["data_schema"].schema.values()
    offered = {
        str(key): selector.config["filter"]
        for key, selector in section.schema.schema.items()
        if hasattr(selector, "config") and "filter" in selector.config
    }
    domains, helpers = ["sensor", "number"], {"domain": ["input_number"]}
    assert offered["feed_grid_power"] == [
        {"domain": domains, "device_class": ["power"]},
        helpers,
    ]
    assert offered["feed_vehicle_time_to_full"] == [
        {"domain": domains, "device_class": ["duration", "timestamp"]},
        helpers,
    ]
    assert offered["feed_vehicle_charge_limit"] == [
        {"domain": domains, "unit_of_measurement": ["%"]},
        helpers,
    ]


async def test_options_form_refuses_what_is_no_entity(hass: HomeAssistant) -> None:
    entry = hungry(hass)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    given = {"feeds": {"feed_grid_power": "the meter"}}
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(result["flow_id"], given)
