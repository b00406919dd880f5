"""RFID cards at an OpenEVSE, as an event: rfid.cpp and input.cpp, 4.1.7 to 2026."""

from typing import Any

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse.cards import CardEvent, Cards
from custom_components.wattbus.families.sink import MAIN_DEVICE
from custom_components.wattbus.protocols.openevse import Config
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import entity_id, set_up, state, until
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import BASE, http_entry, mqtt_entry
from .test_http import SELDOM, listening
from .test_mqtt import running, shows

CARD = "04A1B2C3D4"
OTHER = "0499887766"

type Told = dict[str, Any]


def tell(*messages: Told, cards: Cards | None = None, **how: bool) -> list[Any]:
    """Tell one thing after the other; give what has happened."""
    cards = cards or Cards()
    happened = []
    for message in messages:
        happened += cards.revise(dict(message), None, retained=bool(how))
    return happened


NONE: Told = {"rfid_tag": None}
MINE: Told = {"rfid_tag": CARD}
THEIRS: Told = {"rfid_tag": OTHER}
LEARNED: Told = {"rfid_learned": CARD}
ACCEPTED, ENDED = (CardEvent.ACCEPTED, CARD), (CardEvent.ENDED, CARD)


@pytest.mark.parametrize(
    ("messages", "happened"),
    [
        # What is heard first was so before.
        ([NONE], []),
        ([MINE], []),
        ([MINE, MINE], []),
        ([NONE, MINE], [ACCEPTED]),
        ([NONE, MINE, MINE], [ACCEPTED]),
        ([NONE, {}, MINE, {"power": 5.0}, NONE, NONE], [ACCEPTED, ENDED]),
        ([MINE, NONE, MINE], [ENDED, ACCEPTED]),
        # The end was not heard.
        ([MINE, THEIRS], [(CardEvent.ACCEPTED, OTHER)]),
        # Each time a vehicle leaves, also without RFID.
        ([NONE, NONE, NONE], []),
        ([LEARNED, LEARNED], [(CardEvent.LEARNED, CARD)] * 2),
        ([{"rfid_learned": None}], []),
    ],
)
def test_what_has_happened(messages: list[Told], happened: list[Any]) -> None:
    assert tell(*messages) == happened


def test_what_the_broker_has_kept_has_not_happened() -> None:
    cards = Cards()
    assert tell(NONE, MINE, LEARNED, cards=cards, retained=True) == []
    assert tell(MINE, cards=cards) == []


def test_what_was_missed_is_not_told_later() -> None:
    cards = Cards()
    tell(NONE, MINE, cards=cards)
    cards.forget()
    assert tell(NONE, cards=cards) == []


@pytest.mark.parametrize(
    ("told", "config", "read"),
    [
        (NONE, Config(rfid_enabled=True), True),
        ({"config": None}, Config(rfid_enabled=True), True),
        # With each vehicle that leaves.
        (NONE, Config(rfid_enabled=False), False),
        (MINE, Config(rfid_enabled=False), True),
        # Before 5.0.0 there is no configuration over MQTT.
        (NONE, None, True),
        ({"power": 5.0}, None, False),
    ],
)
def test_whether_cards_are_read(told: Told, config: Config | None, read: bool) -> None:
    message = dict(told)
    Cards().revise(message, config, retained=False)
    assert ("can_read_cards" in message) is read


# --- in Home Assistant ----------------------------------------------------------------


def _last(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[str, Any, Any]:
    """Give when something happened, what, and with which card."""
    found = state(hass, entry, MAIN_DEVICE, "rfid", "event")
    assert found
    return found.state, found.attributes["event_type"], found.attributes.get("tag")


async def _happens(
    hass: HomeAssistant, entry: MockConfigEntry, before: str, what: str, card: str
) -> str:
    """Wait until something else has happened; give when."""
    await until(lambda: _last(hass, entry)[0] != before)
    when, *happened = _last(hass, entry)
    assert happened == [what, card]
    return when


def _with_reader(simulator: OpenEvseSimulator, **more: Any) -> None:
    stored = f"{CARD}, {OTHER}"
    settings = {"rfid_enabled": True, "rfid_storage": stored} | more
    simulator.gateway.set_config(settings)


async def _ready(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the charger up, which sleeps until a card is accepted; hear of no card yet."""
    assert await set_up(hass, entry)
    await until(lambda: state(hass, entry, MAIN_DEVICE, "rfid", "event"))
    await until(lambda: entry.runtime_data.driver.state.cards._heard)


async def _a_day(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: OpenEvseSimulator
) -> None:
    """A card is accepted, and ends that; another one goes with the vehicle."""
    assert _last(hass, entry)[0] == STATE_UNKNOWN
    rfid, charger = simulator.gateway.rfid, simulator.charger
    charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    rfid.scan("unknown")
    rfid.scan(CARD)
    when = await _happens(hass, entry, STATE_UNKNOWN, "accepted", CARD)
    await shows(hass, entry, "state", "charging")
    rfid.scan(OTHER)  # it is told nobody
    rfid.scan(CARD)
    when = await _happens(hass, entry, when, "ended", CARD)
    rfid.scan(OTHER)
    when = await _happens(hass, entry, when, "accepted", OTHER)
    charger.unplug()
    when = await _happens(hass, entry, when, "ended", OTHER)
    for _ in range(2):
        rfid.learn()
        rfid.scan(CARD)
        when = await _happens(hass, entry, when, "learned", CARD)


@pytest.mark.parametrize("generation", [Generation.ESP32_4_1, Generation.ESP32_5_1])
async def test_cards_over_mqtt(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    _with_reader(simulator)
    entry = mqtt_entry(hass, broker, poll=SELDOM)
    await _ready(hass, entry)
    await _a_day(hass, entry, simulator)


async def test_cards_over_http(hass: HomeAssistant, served: OpenEvseSimulator) -> None:
    _with_reader(served)
    entry = http_entry(hass, served, poll=SELDOM)
    await _ready(hass, entry)
    await listening(entry)
    await _a_day(hass, entry, served)


async def test_what_the_broker_keeps(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    """With `mqtt_retained` the broker has old events, also of a learned card."""
    await simulator.disconnect()
    _with_reader(simulator, mqtt_retained=True)
    await simulator.connect(broker.host, broker.port)
    await device.publish(f"{BASE}/rfid_input", CARD, qos=1, retain=True)
    await device.publish(f"{BASE}/rfid_auth", CARD, qos=1, retain=True)
    entry = mqtt_entry(hass, broker, poll=SELDOM)
    await _ready(hass, entry)
    assert _last(hass, entry)[0] == STATE_UNKNOWN
    # Nor has what changed while the charger was away.
    await simulator.disconnect(crash=True)
    await shows(hass, entry, "connected", "off", "binary_sensor")
    simulator.charger.plug()
    simulator.gateway.rfid.scan(CARD)
    await simulator.connect(broker.host, broker.port)
    await shows(hass, entry, "connected", "on", "binary_sensor")
    await until(lambda: entry.runtime_data.driver.state.cards._accepted == CARD)
    assert _last(hass, entry)[0] == STATE_UNKNOWN


async def test_a_charger_without_a_reader(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """It tells that no card is accepted when the vehicle leaves, all the same."""
    entry = await running(hass, broker, poll=SELDOM)
    simulator.charger.plug()
    await shows(hass, entry, "vehicle_connected", "on", "binary_sensor")
    told = entry.runtime_data.driver.state.cards
    simulator.charger.unplug()
    await until(lambda: told._heard)
    assert not entity_id(hass, entry, MAIN_DEVICE, "rfid", "event")


async def test_a_card_that_cannot_be_is_not_in_the_log(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever knows a card's number may charge."""
    _with_reader(simulator)
    entry = mqtt_entry(hass, broker, poll=SELDOM)
    await _ready(hass, entry)
    await device.publish(f"{BASE}/rfid_input", f"{CARD}\x07")
    await until(lambda: "rfid_input is not text" in caplog.text)
    assert CARD not in caplog.text
    assert _last(hass, entry)[0] == STATE_UNKNOWN
