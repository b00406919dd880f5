"""The night, and polling that the user has switched off."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.apsystems.night import sun_is_up
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from ...helpers import use
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance
from .test_tcp import value

# Sunset in Berlin is 19:30 UTC in June; the simulated sun sets at 20:30 local time.
NIGHT = datetime(2026, 6, 15, 21, 0, tzinfo=UTC)
LONDON = {"latitude": 51.5, "longitude": 0.0, "radius": 100}


async def test_sun(hass: HomeAssistant) -> None:
    """At home, or at the place of the inverters."""
    evening = datetime(2026, 6, 15, 20, 0, tzinfo=UTC)
    assert not sun_is_up(hass, None, evening)
    assert sun_is_up(hass, LONDON, evening)


@pytest.mark.parametrize("entry_options", [{"stop_at_night": True}])
async def test_night(
    hass: HomeAssistant,
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once no inverter is online, and the sun is down, the ECU has its rest."""
    freezer.move_to(NIGHT)
    await advance(2 * CYCLE)
    asked = len(ecu.requests)
    energy = value(hass, entry, "energy_today")
    await advance(timedelta(hours=2))
    assert len(ecu.requests) == asked
    assert value(hass, entry, "energy_today") == energy
    assert value(hass, entry, "power") == "0"
    freezer.move_to(NIGHT + timedelta(hours=10))
    await advance(2 * CYCLE)
    assert len(ecu.requests) > asked
    assert int(value(hass, entry, "power")) > 0


async def test_night_is_polled_without_the_option(
    ecu: EcuSimulator,
    entry: MockConfigEntry,
    advance: Advance,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(NIGHT)
    await advance(2 * CYCLE)
    asked = len(ecu.requests)
    await advance(4 * CYCLE)
    assert len(ecu.requests) > asked


async def test_polling_can_be_paused(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    """The values grow old, the switch stays; a restart does not ask the ECU either."""
    await use(hass, entry, "switch.turn_off", "polling")
    asked = len(ecu.requests)
    await advance(2 * CYCLE)
    assert int(value(hass, entry, "power")) > 0
    await advance(4 * CYCLE)
    assert len(ecu.requests) == asked
    assert value(hass, entry, "power") == STATE_UNAVAILABLE
    assert value(hass, entry, "polling", platform="switch") == "off"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await advance(CYCLE)
    assert len(ecu.requests) == asked
    assert value(hass, entry, "power") == STATE_UNAVAILABLE
    assert value(hass, entry, "polling", platform="switch") == "off"
    await use(hass, entry, "switch.turn_on", "polling")
    await advance(CYCLE)
    assert int(value(hass, entry, "power")) > 0
    assert len(ecu.requests) > asked + 3
