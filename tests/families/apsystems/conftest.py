"""A simulated ECU whose time is Home Assistant's, and Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.wattbus.families.apsystems import client, commands, driver
from homeassistant.core import HomeAssistant

from ...helpers import make_entry, set_up
from ...simulators.ecu_report import EcuModel
from ...simulators.ecu_simulator import EcuSimulator, Options
from ...simulators.ecu_sun import Sun

ZONE = "Europe/Berlin"
NOON = datetime(2026, 6, 15, 10, 0, 40, tzinfo=UTC)
CYCLE = timedelta(minutes=5)

type Advance = Callable[..., Awaitable[None]]


@pytest.fixture
def ticking() -> None:
    """Let the clock run, in tests with a broker or a dialog."""


@pytest.fixture(autouse=True)
async def _place(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Be in Berlin at noon, and wait less long for an ECU that says nothing."""
    await hass.config.async_set_time_zone(ZONE)
    hass.config.latitude, hass.config.longitude = 52.5, 13.4
    if "ticking" in request.fixturenames:
        monkeypatch.setattr(driver, "at_maintenance", lambda _: False)
    else:
        request.getfixturevalue("freezer").move_to(NOON)
    monkeypatch.setattr(client, "RETRY_DELAY", 0.0)
    # In the time of a clock that stands still there is no moment.
    monkeypatch.setattr(commands, "MOMENT", 0.0)


@pytest.fixture
def options() -> dict[str, Any]:
    """Give what the simulated ECU is like; tests change it."""
    return {}


@pytest.fixture
async def ecu(
    socket_enabled: None,
    options: dict[str, Any],
    _place: None,
    request: pytest.FixtureRequest,
) -> AsyncGenerator[EcuSimulator]:
    """Run an ECU."""
    made = {"model": EcuModel.ECU_R, "sun": Sun(clouds=False), **options}
    ticking = "ticking" in request.fixturenames
    async with EcuSimulator(
        Options(zone=ZoneInfo(ZONE), **made),
        now=None if ticking else lambda: datetime.now(UTC),
    ) as running:
        yield running


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Let time pass, in steps of a cycle, so that each poll happens."""

    async def run(span: timedelta = CYCLE, step: timedelta = CYCLE) -> None:
        end = datetime.now(UTC) + span
        while datetime.now(UTC) < end:
            freezer.tick(step)
            async_fire_time_changed(hass)
            await hass.async_block_till_done(wait_background_tasks=True)
        await settle(hass, freezer)

    return run


async def settle(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the states of the last burst be written: the loop's time is frozen, too."""
    freezer.tick(0.1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def patiently(freezer: FrozenDateTimeFactory, *commands: Awaitable[Any]) -> None:
    """Give orders at once, and let the seconds pass until all have been taken."""
    given = asyncio.gather(*commands, return_exceptions=True)
    while not given.done():
        freezer.tick(1)
        # Long enough for an answer, in between.
        for _ in range(100):
            await asyncio.sleep(0)
    for result in await given:
        if isinstance(result, BaseException):
            raise result


def tcp_data(ecu: EcuSimulator, **changes: Any) -> dict[str, Any]:
    """Give the data of an entry that asks an ECU."""
    return {
        "family": "apsystems",
        "connection": "tcp",
        "host": ecu.host,
        "port": ecu.port,
        **changes,
    }


@pytest.fixture
def entry_options() -> dict[str, Any]:
    """Give the options of the entry; tests change them."""
    return {}


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry_options: dict[str, Any],
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Set the ECU up."""
    page = {"web_port": ecu.http_port} if ecu.http_port else {}
    made = make_entry(hass, tcp_data(ecu), page | entry_options, unique_id=ecu.ecu_id)
    assert await set_up(hass, made)
    await settle(hass, freezer)
    return made
