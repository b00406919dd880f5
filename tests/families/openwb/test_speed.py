"""How long it takes until all of an openWB is shown."""

import asyncio
import logging
import time
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openwb import driver
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ...harness.broker import Broker
from .conftest import beat, openwb_entry, play


async def test_all_states_are_there_soon(
    hass: HomeAssistant,
    broker: Broker,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within 300 ms of the connection the first time, 150 ms after a reload."""
    await play(device)
    entry = openwb_entry(hass, broker)
    # As Home Assistant is without debugging: the log would take its share.
    monkeypatch.setattr(logging.root.manager, "disable", logging.INFO)
    hass.loop.set_debug(False)
    first = await _seconds(hass, entry, device, hass.config_entries.async_setup)
    reload = hass.config_entries.async_reload
    again = min([await _seconds(hass, entry, device, reload) for _ in range(3)])
    logging.getLogger(__name__).warning("First %.3f s, reload %.3f s", first, again)
    assert first < 0.3
    assert again < 0.15


async def _seconds(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client, start: Any
) -> float:
    """Measure from the connection until no state is missing.

    In the processor's time, so that what else the machine does matters little.
    """
    connected = 0.0
    inner = driver.OpenWbMqtt.linked

    def linked(self: driver.OpenWbMqtt, up: bool) -> None:
        nonlocal connected
        if up:
            connected = time.process_time()
            beats.append(asyncio.ensure_future(_beat_on(device)))
        inner(self, up)

    beats: list[asyncio.Future[None]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver.OpenWbMqtt, "linked", linked)
        assert await start(entry.entry_id)
        while not _complete(hass, entry):
            await asyncio.sleep(0.002)
        took = time.process_time() - connected
    for one in beats:
        one.cancel()
    await hass.async_block_till_done()
    return took


async def _beat_on(device: aiomqtt.Client) -> None:
    moment = time.time()
    while True:
        moment += 1
        await beat(device, moment)
        await asyncio.sleep(0.01)


def _complete(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    registry = er.async_get(hass)
    items = [
        item
        for item in er.async_entries_for_config_entry(registry, entry.entry_id)
        if not item.disabled_by
    ]
    states = [hass.states.get(item.entity_id) for item in items]
    return len(items) > 150 and all(
        found is not None and found.state != STATE_UNAVAILABLE for found in states
    )
