"""Which devices are there: how long their silence may last, and who waits for its end."""

import pytest

from custom_components.wattbus.device import Device
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.presence import Presence
from homeassistant.core import HomeAssistant

PATIENCE = 900.0


@pytest.fixture
def device() -> Device:
    """Give a device of which nothing is known."""
    return Device(DeviceKey("source", "meter"), lambda *_: ())


@pytest.fixture
def presence(hass: HomeAssistant, device: Device) -> Presence:
    """Watch it; nothing is waited for before the start, or a timer would be left."""
    return Presence(hass, {device.key: device}, PATIENCE, lambda _: None)


@pytest.mark.parametrize("age", [0.0, 600.0])
def test_silence_begins_when_the_device_spoke(
    hass: HomeAssistant, presence: Presence, device: Device, age: float
) -> None:
    """Not when the broker brought what it had kept."""
    presence.seen(device, age, True)
    assert device.available
    assert device.freshness
    due = hass.loop.time() + PATIENCE - age
    assert device.freshness.deadline == pytest.approx(due, abs=60)


def test_a_message_from_too_long_ago_is_no_sign_of_life(
    presence: Presence, device: Device
) -> None:
    presence.seen(device, PATIENCE + 1, True)
    assert not device.available
    assert device.freshness
    assert device.freshness.deadline == float("-inf")


def test_without_patience_a_device_is_there_with_the_connection(
    hass: HomeAssistant, device: Device
) -> None:
    changed: list[Device] = []
    presence = Presence(hass, {device.key: device}, None, changed.append)
    presence.seen(device, 0, True)
    presence.seen(device, 0, True)
    assert device.available
    assert changed == [device]
    presence.connection_lost()
    assert device.available is False
    assert changed == [device, device]
