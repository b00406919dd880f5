"""aps2mqtt 2.0.2 (PyPI, bgbraga/aps2mqtt) at a simulated ECU and a real broker.

What it publishes is read as it meant it, and what Wattbus publishes in its place is the
same, topic by topic and byte by byte.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE, DeviceKey
from custom_components.wattbus.protocols import aps2mqtt
from custom_components.wattbus.protocols.aps2mqtt import EcuState, InverterState
from homeassistant.core import HomeAssistant

from ..harness.apsystems import EcuProcess
from ..harness.broker import Broker
from ..harness.ports import accepts
from ..helpers import broker_data, make_entry, set_up, until
from .conftest import Oracle

pytestmark = pytest.mark.oracle

ECU = "216053089840"
AT_NIGHT = "--night"

# What differs between ECUs and inverters in what aps2mqtt 2.0.2 reads. It takes 1,024
# bytes of an answer, no type of inverter beyond 05, and no ECU that has counted nothing.
HOUSES = {
    "ECU-R with all kinds": (
        *("--model", "ecu-r", "--inverters", "6"),
        *("--kind", "yc600", "--kind", "ds3", "--kind", "yc1000"),
        *("--kind", "qt2", "--kind", "qs1", "--kind", "ds3d"),
    ),
    "ECU-B": ("--model", "ecu-b", "--inverters", "2", "--kind", "ds3-l"),
    "ECU-C with one of twenty": (
        *("--model", "ecu-c", "--inverters", "20"),
        *("--kind", "qs1a", "--kind", "ds3"),
    ),
    "one never seen": ("--inverters", "2", "--kind", "ds3", "--kind", "unpaired"),
    "at night": (AT_NIGHT, "--inverters", "3"),
}


def place(hour: int) -> tuple[str, int]:
    """Give a time zone where it is that hour now, and its hours before UTC."""
    hours = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-hours:+d}", hours


@pytest.fixture
def house(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Give what the ECU is like."""
    options: tuple[str, ...] = request.param
    return options


@pytest.fixture
async def ecu(
    hass: HomeAssistant, house: tuple[str, ...], tmp_path: Path
) -> AsyncGenerator[EcuProcess]:
    """Run an ECU where it is noon, or night; Home Assistant is there, too."""
    night = AT_NIGHT in house
    zone, hours = place(0 if night else 12)
    await hass.config.async_set_time_zone(zone)
    hass.config.latitude, hass.config.longitude = 0.0, 15.0 * hours
    options = ("--zone", zone, "--http-port", "0", "--id", ECU, *house[night:])
    with EcuProcess(tmp_path / "ecu.log", *options) as running:
        await until(lambda: accepts(running.port))
        yield running


class Heard:
    """The last message of each topic below a prefix."""

    def __init__(self, client: aiomqtt.Client) -> None:
        """Hear nothing yet."""
        self.messages: dict[str, bytes] = {}
        self.status: dict[str, list[bytes]] = {}
        self._client = client

    async def listen(self) -> None:
        """Note what comes."""
        async for message in self._client.messages:
            payload = message.payload
            assert isinstance(payload, bytes)
            topic = message.topic.value
            if topic.endswith("/status"):
                self.status.setdefault(topic, []).append(payload)
            else:
                self.messages[topic] = payload

    def below(self, prefix: str) -> dict[str, bytes]:
        """Give what came below a prefix, without that."""
        start = f"{prefix}/aps/"
        return {
            topic.removeprefix(start): payload
            for topic, payload in self.messages.items()
            if topic.startswith(start)
        }


@pytest.fixture
async def heard(device: aiomqtt.Client) -> AsyncGenerator[Heard]:
    """Read all topics."""
    found = Heard(device)
    await device.subscribe("#")
    task = asyncio.create_task(found.listen())
    yield found
    task.cancel()


def wattbus(
    hass: HomeAssistant, ecu: EcuProcess, broker: Broker, prefix: str
) -> MockConfigEntry:
    """Make an entry that asks the ECU and publishes it."""
    return make_entry(
        hass,
        {
            "family": "apsystems",
            "connection": "tcp",
            "host": "127.0.0.1",
            "port": ecu.port,
        },
        {
            "publish": True,
            "publish_host": broker.host,
            "publish_port": broker.port,
            "publish_prefix": prefix,
            "publish_retain": True,
        },
        unique_id=ECU,
    )


@pytest.mark.parametrize("house", HOUSES.values(), ids=HOUSES, indirect=True)
async def test_published_alike(
    hass: HomeAssistant,
    oracle: Oracle,
    ecu: EcuProcess,
    house: tuple[str, ...],
    broker: Broker,
    heard: Heard,
) -> None:
    """Both publish the same bytes to the same topics of the same ECU."""
    ask = ("aps2mqtt_once", str(ecu.port), str(broker.port))
    read = await oracle(*ask, "before")
    entry = wattbus(hass, ecu, broker, "ours")
    assert await set_up(hass, entry)
    await until(lambda: heard.status.get("ours/aps/status") == [b"online"])
    await entry.runtime_data.driver.refresh()
    await until(lambda: len(heard.below("ours")) == len(read["inverters"]) + 1)
    # The ECU may have begun a new cycle of five minutes meanwhile.
    await oracle(*ask, "after")
    ours = heard.below("ours")
    assert ours in (heard.below("before"), heard.below("after"))
    online = [json.loads(payload).get("online") for payload in ours.values()]
    assert any(online) or AT_NIGHT in house
    await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: len(heard.status["ours/aps/status"]) == 2)
    assert heard.status["ours/aps/status"] == [b"online", b"offline"]
    for whose in ("before", "after"):  # it says so, and the broker once more
        await until(lambda: heard.status[f"{whose}/aps/status"][-1] == b"offline")  # noqa: B023 # waited for at once
        first, *others = heard.status[f"{whose}/aps/status"]
        assert (first, set(others)) == (b"online", {b"offline"})


@pytest.mark.parametrize("house", HOUSES.values(), ids=HOUSES, indirect=True)
async def test_read_as_meant(
    hass: HomeAssistant,
    oracle: Oracle,
    ecu: EcuProcess,
    broker: Broker,
    heard: Heard,
) -> None:
    """What aps2mqtt read of the ECU is what is decoded, and what is shown."""
    data = {"family": "apsystems", "connection": "mqtt", "prefix": "roof"}
    entry = make_entry(
        hass, {**data, "ecu_id": ECU, "broker": broker_data(broker)}, unique_id=ECU
    )
    assert await set_up(hass, entry)
    read = await oracle("aps2mqtt_once", str(ecu.port), str(broker.port), "roof")
    await until(lambda: len(heard.below("roof")) == len(read["inverters"]) + 1)
    states = [
        aps2mqtt.decode(f"roof/aps/{topic}", payload, "roof")
        for topic, payload in heard.below("roof").items()
    ]
    assert set(states) == {
        EcuState(
            ECU, read["current_power"], read["today_energy"], read["lifetime_energy"]
        ),
        *(meant(inverter) for inverter in read["inverters"]),
    }
    devices = entry.runtime_data.devices
    await until(lambda: len(devices) == len(states))
    main = devices[MAIN_DEVICE].values
    assert main["power"] == read["current_power"]
    for inverter in read["inverters"]:
        values = devices[DeviceKey("inverter", inverter["uid"])].values
        assert dict(shown(inverter)).items() <= values.items()


def meant(inverter: dict[str, Any]) -> InverterState:
    """Give what aps2mqtt has to say of an inverter, by what it has read."""
    if not inverter["online"]:
        return InverterState(ECU, inverter["uid"], online=False)
    # Where it knows nothing, it has a number: no signal is 0, no temperature -100.
    voltages = [voltage or None for voltage in inverter["voltage"]]
    return InverterState.measured(
        ECU,
        inverter["uid"],
        signal=inverter["signal"] or None,
        temperature=(inverter["temperature"] + 100 or None) and inverter["temperature"],
        frequency=inverter["frequency"] or None,
        panel_powers=inverter["power"],
        panel_voltages=voltages,
    )


def shown(inverter: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what is to be shown of an inverter."""
    yield "online", inverter["online"]
    if inverter["online"]:
        yield "power", sum(inverter["power"])
        yield "temperature", inverter["temperature"]
        yield "frequency", inverter["frequency"]
        for panel, power in enumerate(inverter["power"], 1):
            yield f"channel_{panel}_power", power
