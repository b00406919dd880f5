"""The simulated OpenEVSE's RFID reader says what rfid.cpp does, and is silent as it is."""

from typing import Any

import pytest

from .openevse_simulator import OpenEvseSimulator, Options

CARD, OTHER = "04A1B2C3D4", "0499887766"


@pytest.fixture
async def simulator() -> OpenEvseSimulator:
    """Give a charger whose time stands still, with two cards stored."""
    made = OpenEvseSimulator(Options())
    made.gateway.config.values |= {
        "rfid_enabled": True,
        "rfid_storage": f"{CARD}, {OTHER}",
    }
    return made


@pytest.fixture
def told(simulator: OpenEvseSimulator) -> list[Any]:
    """Collect what is told of cards by itself."""
    heard: list[Any] = []

    def listen(changes: dict[str, Any]) -> None:
        found = {k: v for k, v in changes.items() if k.startswith("rfid_")}
        if found and "amp" not in changes:  # the full set has it, too
            heard.append(found)

    simulator.gateway.on_event.append(listen)
    return heard


async def test_a_card_without_a_vehicle(
    simulator: OpenEvseSimulator, told: list[Any]
) -> None:
    """It counts for 30 seconds."""
    simulator.step(1)
    assert simulator.gateway.claims.target().state == "disabled"
    simulator.gateway.rfid.scan(CARD)
    simulator.step(20)
    assert simulator.gateway.claims.target().state == "active"
    simulator.step(15)
    assert simulator.gateway.claims.target().state == "disabled"
    assert told == [{"rfid_auth": CARD}, {"rfid_auth": ""}]


async def test_what_is_told_nobody(
    simulator: OpenEvseSimulator, told: list[Any]
) -> None:
    rfid = simulator.gateway.rfid
    rfid.scan("unknown")
    rfid.scan(CARD)
    rfid.scan(OTHER)
    assert told == [{"rfid_auth": CARD}]


async def test_learning(simulator: OpenEvseSimulator, told: list[Any]) -> None:
    """The next card within a minute, whichever it is."""
    rfid = simulator.gateway.rfid
    rfid.learn()
    rfid.scan("unknown")
    rfid.learn()
    simulator.step(61)
    assert told == [
        {"rfid_waiting": 60},
        {"rfid_input": "unknown", "rfid_waiting": 0},
        {"rfid_waiting": 60},
        {"rfid_waiting": 0},
    ]


async def test_switched_off(simulator: OpenEvseSimulator, told: list[Any]) -> None:
    """A vehicle that leaves ends what there is not."""
    simulator.gateway.config.values["rfid_enabled"] = False
    simulator.gateway.rfid.scan(CARD)
    simulator.gateway.rfid.learn()
    simulator.charger.plug()
    simulator.step(2)
    simulator.charger.unplug()
    simulator.step(2)
    assert told == [{"rfid_auth": ""}]
