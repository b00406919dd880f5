"""The probe, which looks at a device before there is an entry."""

import asyncio
import time

import pytest

from custom_components.wattbus import probe
from custom_components.wattbus.families import FAMILIES
from custom_components.wattbus.families.sink import MAIN_DEVICE, Facts
from homeassistant.core import HomeAssistant

from .families.em420.conftest import mqtt_entry
from .harness.broker import Broker
from .helpers import broker_data, set_up, until

pytestmark = pytest.mark.usefixtures("impatient_flow")


async def test_the_probe_remembers_what_it_is_told() -> None:
    """The probe's sink answers a driver as the hub would."""
    look = probe._Look()  # no driver does all of this yet
    look.describe(MAIN_DEVICE, Facts(model="X"))
    look.describe(MAIN_DEVICE, Facts(sw_version="1"))
    look.remember("key", [1])
    look.seen(MAIN_DEVICE)
    look.connected(True)
    look.refused()
    assert look.recall("key") == [1]
    assert look.found.facts == Facts(model="X", sw_version="1")


async def test_a_busy_home_assistant_hears_all() -> None:
    """What waits to be read while the loop is held up belongs to the burst."""
    look = probe._Look()
    loop = asyncio.get_running_loop()

    def read_one(left: int) -> None:
        look.report(MAIN_DEVICE, {str(left): left})
        if left:
            loop.call_soon(read_one, left - 1)

    def hold_up() -> None:
        time.sleep(2 * probe._QUIET)  # longer than it waits
        loop.call_soon(loop.call_soon, read_one, 20)

    loop.call_soon(hold_up)
    await look.quiet()
    assert look.found.values == 21


async def test_a_probe_leaves_a_connection_with_a_fixed_client_id_alone(
    hass: HomeAssistant, broker: Broker
) -> None:
    """A broker ends a connection when another comes with its client id."""
    entry = mqtt_entry(hass, broker)
    data = {**entry.data, "broker": broker_data(broker, client_id="house")}
    hass.config_entries.async_update_entry(entry, data=data)
    assert await set_up(hass, entry)
    hub = entry.runtime_data
    await until(lambda: hub.up)
    # Other settings, so that it is a connection of its own.
    other = {**data, "broker": {**data["broker"], "protocol": "5"}}
    connection = FAMILIES["em420"].connections["mqtt"]
    assert await probe.probe(hass, connection, other, 0.1) is None
    assert (hub.up, hub.connections) == (True, 1)
