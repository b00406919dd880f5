"""The EM420 in a real Home Assistant, seen over HTTP and WebSocket as by a user."""

import asyncio

import aiomqtt
import orjson
import pytest

from tests.harness.em420 import Em420Simulator, add_em420

from .conftest import Installation

pytestmark = [
    pytest.mark.e2e,
    # One worker runs them all, so that Home Assistant starts once.
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(240),
]


async def test_devices_hang_below_the_energy_manager(
    installation: Installation,
) -> None:
    devices = {
        device["name"]: device
        for device in await installation.home_assistant.command(
            "config/device_registry/list"
        )
        if device["config_entry_id"] == installation.entry["entry_id"]
    }

    main = devices.pop("EM420")
    assert main["via_device_id"] is None
    assert "Netzanschluss" in devices
    assert len(devices) == 5  # The meter, three sensors, and a group of them.
    assert {device["via_device_id"] for device in devices.values()} == {main["id"]}


async def test_states_have_units_and_classes(installation: Installation) -> None:
    await installation.number("smart-meter", "active_power")
    entry_id = installation.entry["entry_id"]
    entities = await installation.home_assistant.entities("wattbus")
    states = await installation.home_assistant.states()
    by_unique_id = {
        entity["unique_id"]: states.get(entity_id)
        for entity_id, entity in entities.items()
    }

    power = by_unique_id[f"{entry_id}|source|smart-meter|active_power"]
    assert power
    assert power["attributes"]["unit_of_measurement"] == "W"
    assert power["attributes"]["device_class"] == "power"
    energy = by_unique_id[f"{entry_id}|source|smart-meter|active_energy_+"]
    assert energy
    assert energy["attributes"]["unit_of_measurement"] == "kWh"
    assert energy["attributes"]["state_class"] == "total_increasing"
    # What few people look at is there, and off.
    assert by_unique_id[f"{entry_id}|source|smart-meter|reactive_power_+"] is None


async def test_values_change(installation: Installation) -> None:
    entities = await installation.home_assistant.entities("wattbus")
    changed: set[str] = set()

    async with (
        asyncio.timeout(20),
        installation.home_assistant.subscribe(
            "subscribe_events", event_type="state_changed"
        ) as events,
    ):
        async for event in events:
            if (entity_id := event["data"]["entity_id"]) in entities:
                changed.add(entity_id)
            if len(changed) >= 10:
                break

    assert any("power" in entity_id for entity_id in changed)


async def test_broker_goes_and_comes_back(installation: Installation) -> None:
    await installation.number("smart-meter", "active_power")

    installation.broker.stop()
    async with asyncio.timeout(10):
        while await installation.value("smart-meter", "active_power") != "unavailable":
            await asyncio.sleep(0.1)
    installation.broker.start()

    await installation.number("smart-meter", "active_power")
    log = installation.home_assistant.log
    assert log.count("Lost the connection to") == 1
    assert log.count("Connected again to") == 1


async def test_energy_survives_a_restart(installation: Installation) -> None:
    before = await installation.number("smart-meter", "active_energy_+")
    entities = await installation.home_assistant.entities("wattbus")

    await installation.home_assistant.restart()

    assert await installation.number("smart-meter", "active_energy_+") >= before
    assert (await installation.home_assistant.entities("wattbus")).keys() == (
        entities.keys()
    )


async def test_a_real_message(installation: Installation) -> None:
    """The record of evcc's issue 16765, as another EM420's first message."""
    home_assistant, broker = installation.home_assistant, installation.broker
    values = {
        "active_energy_+": 124596300,
        "active_power_+": 6730100,
        "active_power_+_L1": 2248800,
    }
    record = {
        "configuration_id": "84b6174e",
        "status": "STATUS_OK",
        "timestamp": {"seconds": 1729699542, "nanos": 583875718},
        "values": values,
    }
    async with aiomqtt.Client(broker.host, broker.port) as client:
        payload = orjson.dumps({"smart-meter": record})
        await client.publish("evcc/data", payload, qos=1, retain=True)

    result = await add_em420(home_assistant, broker, name="evcc", topic="evcc/data")
    other = Installation(
        broker, installation.simulator, home_assistant, result["result"]
    )
    # Retained for years, it tells which values there are, but none of today.
    async with asyncio.timeout(10):
        while await other.value("smart-meter", "active_power_+") is None:
            await asyncio.sleep(0.1)
    assert await other.value("smart-meter", "active_power_+") == "unavailable"
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish("evcc/data", payload, qos=1)

    assert await other.number("smart-meter", "active_power_+") == 6730.1
    assert await other.number("smart-meter", "active_power_+_L1") == 2248.8
    assert await other.number("smart-meter", "active_energy_+") == 124.5963


async def test_flat_format_and_removal(installation: Installation) -> None:
    home_assistant, broker = installation.home_assistant, installation.broker
    before = await home_assistant.entities("wattbus")
    log = installation.simulator.process.log.with_name("flat.log")

    with Em420Simulator(broker, log, "--format", "flat", topic="flat/data"):
        result = await add_em420(home_assistant, broker, topic="flat/data")
        entry = result["result"]
        flat = Installation(broker, installation.simulator, home_assistant, entry)
        await flat.number("smart-meter", "active_power_+")

    path = f"/api/config/config_entries/entry/{entry['entry_id']}"
    await home_assistant.rest("DELETE", path)
    assert await home_assistant.entities("wattbus") == before


async def test_the_same_device_is_refused(installation: Installation) -> None:
    result = await add_em420(installation.home_assistant, installation.broker)

    assert result["type"] == "abort"
    assert result["reason"] == "already_configured"


async def test_diagnostics_can_be_downloaded(installation: Installation) -> None:
    path = f"/api/diagnostics/config_entry/{installation.entry['entry_id']}"

    diagnostics = await installation.home_assistant.rest("GET", path)

    assert diagnostics["data"]["data"]["family"] == "em420"
    assert "4200815" not in orjson.dumps(diagnostics).decode()


async def test_nothing_else_is_logged(installation: Installation) -> None:
    """Last in this file: no error, no deprecation, nothing that blocks the loop."""
    lines = [
        line
        for line in installation.home_assistant.log.splitlines()
        if "wattbus" in line and " INFO " not in line
    ]
    expected = (
        "We found a custom integration wattbus",
        "Lost the connection to",
    )
    assert [line for line in lines if not any(text in line for text in expected)] == []
