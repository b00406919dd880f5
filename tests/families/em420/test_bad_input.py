"""What comes over MQTT instead of an EM420's messages: told once, and no harm done."""

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from ...helpers import set_up, shows, state
from .conftest import S0, S1, TOPIC, detailed

HOSTILE = {
    "not UTF-8": b"\xff\xfe{}",
    "not JSON": b"{'s0': 1}",
    "an array": b"[1, 2]",
    "a number": b"7",
    "the wrong shape": b'{"s0": {"values": [1]}}',
    "nested": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "a megabyte of keys": b"{"
    + b",".join(b'"key%06d": {"status": 1}' % i for i in range(60_000))
    + b"}",
    "a long source id": b'{"' + b"s" * 10_000 + b'": {"status": 1}}',
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
async def test_bad_input(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    caplog: pytest.LogCaptureFixture,
    payload: bytes,
) -> None:
    """One throttled warning with topic and reason; the last good state stays."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    devices = len(entry.runtime_data.devices)
    await device.publish(TOPIC, payload)
    await device.publish(TOPIC, payload + b" ")
    await device.publish(TOPIC, detailed("s1", voltage_L1=231_000))
    await shows(hass, entry, S1, "voltage_L1", "231.0")
    assert state(hass, entry, S0, "voltage_L1").state == "230.0"
    assert len(entry.runtime_data.devices) == devices + 1
    warnings = [
        record.getMessage()
        for record in caplog.records
        if record.levelname == "WARNING" and record.name == "custom_components.wattbus"
    ]
    assert len(warnings) == 1
    assert TOPIC in warnings[0]
    assert len(warnings[0]) < 400


@pytest.mark.parametrize("number", ["NaN", "1e400"])
async def test_a_number_that_is_none(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client, number: str
) -> None:
    """JSON has no such number: it is not known, and its neighbours are."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000, current_L1=1000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    bad = detailed("s0", voltage_L1=777_777, current_L1=2000)
    await device.publish(TOPIC, bad.replace(b"777777", number.encode()))
    await shows(hass, entry, S0, "current_L1", "2.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNKNOWN)


async def test_a_bad_part(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One value that is no number is not known; all others are shown, in all sources."""
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000, current_L1=1000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    bad = detailed("s0", voltage_L1="230000", current_L1=2000)
    await device.publish(TOPIC, bad[:-1] + b", " + detailed("s1", voltage_L1=1000)[1:])
    await shows(hass, entry, S0, "current_L1", "2.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNKNOWN)
    await shows(hass, entry, S1, "voltage_L1", "1.0")
    assert "part of a message on em420/data: source s0: voltage_L1" in caplog.text
