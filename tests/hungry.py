"""A family of the tests' own that is fed with Home Assistant's entities."""

import asyncio
from datetime import datetime
from typing import Any, override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus import feeds
from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.errors import CommandError
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.driver import Driver
from custom_components.wattbus.families.family import (
    GRID_INVERTED,
    Connection,
    Family,
    Feed,
)
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .helpers import make_entry, set_up

GRID = "sensor.grid"
WATT = {"unit_of_measurement": "W"}
KILOWATT = {"unit_of_measurement": "kW"}


# Seconds, of which the feeds have 2, 10 and 60.
EVERY = 0.1
RETRY = 0.2
GRACE = 0.3


class HungryDriver(Driver):
    """Notes what it is told to send."""

    told: list[tuple[str, float]]
    times: list[float]
    reported: list[datetime]
    ignores: CommandError | None = None
    """Why it does not use the voltage."""
    error: Exception | None = None
    open: asyncio.Event
    """Cleared, nothing that is sent is ever done."""

    @override
    async def start(self) -> None:
        self.told = []
        self.times = []
        self.reported = []
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
    **more: Any,
) -> Feed:
    async def send(driver: HungryDriver, value: float, reported: datetime) -> None:
        driver.told.append((key, value))
        driver.reported.append(reported)
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
        **more,
    )


def _ignored(driver: HungryDriver) -> CommandError | None:
    return driver.ignores


FEEDS = (
    _feed(
        "grid_power",
        "W",
        SensorDeviceClass.POWER,
        -1e6,
        1e6,
        inverted_by=GRID_INVERTED,
    ),
    _feed("voltage", "V", SensorDeviceClass.VOLTAGE, 50, 500, 1, 0.4, ignored=_ignored),
    _feed("vehicle_soc", "%", SensorDeviceClass.BATTERY, 0, 100, 0, 0.4, keeps=True),
    _feed("vehicle_range", "km", SensorDeviceClass.DISTANCE, 0, 5000),
    _feed("vehicle_time_to_full", "s", SensorDeviceClass.DURATION, 0, 604_800),
    _feed("vehicle_charge_limit", "%", None, 0, 100),
    _feed("solar_power", "W", SensorDeviceClass.POWER, 0, 1e6, refresh=1.0),
    _feed("live_power", "W", SensorDeviceClass.POWER, 0, 1e6, refresh=0.4, lasts=0.6),
)


@pytest.fixture
def hungry_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the family, and feeds that wait a fraction of what they do for users."""
    monkeypatch.setattr(feeds, "_EVERY", EVERY)
    monkeypatch.setattr(feeds, "_RETRY", RETRY)
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
    hass: HomeAssistant,
    entry: MockConfigEntry,
    key: str = "grid_power",
    kind: str = "feed_paused",
) -> ir.IssueEntry | None:
    """Give what the user is told to repair."""
    name = f"{kind}_{entry.entry_id}_{key}"
    return ir.async_get(hass).async_get_issue(DOMAIN, name)
