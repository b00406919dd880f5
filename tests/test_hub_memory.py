"""What a driver has the hub remember, over restarts."""

from collections.abc import Awaitable, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.hub import Hub
from homeassistant.core import HomeAssistant

from .helpers import set_up
from .toy import running, toy

type Stored = Callable[..., Awaitable[dict[str, Any] | None]]

pytestmark = pytest.mark.usefixtures("toy_families")


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


# --- when it is on disk -------------------------------------------------------------


@pytest.fixture
async def entry(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Set an installation up whose time stands still."""
    entry = toy(hass)
    assert await set_up(hass, entry)
    return entry


@pytest.fixture
def stored(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> Stored:
    """Give what is on disk some seconds later."""

    async def look(seconds: float = 0) -> dict[str, Any] | None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        found = hass_storage.get(f"{DOMAIN}.{entry.entry_id}")
        return found and found["data"]

    return look


async def test_it_is_saved_within_the_time_given(
    entry: MockConfigEntry, stored: Stored
) -> None:
    hub: Hub = entry.runtime_data
    hub.remember("patient", 1, within=60)
    assert await stored(58) is None
    assert await stored(2) == {"patient": 1}
    hub.remember("usual", 2)
    assert await stored(8) == {"patient": 1}
    assert await stored(2) == {"patient": 1, "usual": 2}


async def test_a_save_that_is_due_is_not_put_off(
    entry: MockConfigEntry, stored: Stored
) -> None:
    """Not by a value that changes all the time; the newest is saved."""
    hub: Hub = entry.runtime_data
    for second in range(9):
        hub.remember("counter", second, within=10)
        assert await stored(1) is None
    hub.remember("counter", 9, within=10)
    assert await stored(1) == {"counter": 9}

    # And again: the next save has its own time.
    for second in range(10, 19):
        hub.remember("counter", second, within=10)
        assert await stored(1) == {"counter": 9}
    hub.remember("counter", 19, within=10)
    assert await stored(1) == {"counter": 19}


async def test_a_save_that_is_due_is_not_put_off_by_one_with_more_time(
    entry: MockConfigEntry, stored: Stored
) -> None:
    hub: Hub = entry.runtime_data
    hub.remember("soon", 1, within=5)
    hub.remember("late", 2, within=600)
    assert await stored(3) is None
    assert await stored(2) == {"soon": 1, "late": 2}


async def test_a_save_comes_sooner_for_what_has_less_time(
    entry: MockConfigEntry, stored: Stored
) -> None:
    hub: Hub = entry.runtime_data
    hub.remember("late", 1, within=600)
    hub.remember("soon", 2, within=5)
    assert await stored(3) is None
    assert await stored(2) == {"late": 1, "soon": 2}


async def test_what_is_known_is_not_saved_again(
    entry: MockConfigEntry, stored: Stored, hass_storage: dict[str, Any]
) -> None:
    hub: Hub = entry.runtime_data
    hub.remember("key", [1])
    assert await stored(10) == {"key": [1]}
    del hass_storage[f"{DOMAIN}.{entry.entry_id}"]
    hub.remember("key", [1])
    assert await stored(60) is None
