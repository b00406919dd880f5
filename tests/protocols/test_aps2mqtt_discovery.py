"""The MQTT discovery of what is published for aps2mqtt."""

from collections.abc import Iterable
import json
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.aps2mqtt import discover_ecu, discover_inverter
from custom_components.wattbus.protocols.publication import Publication

ECU = "216000123456"
DS3 = "703000112233"
QS1 = "801234567890"


def configs(publications: Iterable[Publication]) -> dict[str, dict[str, Any]]:
    """Give the configurations by their topic."""
    return {p.topic: json.loads(p.payload) for p in publications}


def test_topics_and_ids_are_aps2mqtts() -> None:
    """So that entities it made keep their history, and its configs are replaced."""
    found = configs(
        discover_ecu(ECU)
        + discover_inverter(ECU, QS1, panel_powers=4, panel_voltages=1)
    )
    assert list(found) == [
        f"homeassistant/sensor/aps_{ECU}_power/config",
        f"homeassistant/sensor/aps_{ECU}_today_energy/config",
        f"homeassistant/sensor/aps_{ECU}_lifetime_energy/config",
        f"homeassistant/binary_sensor/aps_{QS1}_online/config",
        f"homeassistant/sensor/aps_{QS1}_signal/config",
        f"homeassistant/sensor/aps_{QS1}_temperature/config",
        f"homeassistant/sensor/aps_{QS1}_frequency/config",
        f"homeassistant/sensor/aps_{QS1}_power/config",
        f"homeassistant/sensor/aps_{QS1}_voltage/config",
        f"homeassistant/sensor/aps_{QS1}_panel_1_power/config",
        f"homeassistant/sensor/aps_{QS1}_panel_2_power/config",
        f"homeassistant/sensor/aps_{QS1}_panel_3_power/config",
        f"homeassistant/sensor/aps_{QS1}_panel_4_power/config",
        f"homeassistant/sensor/aps_{QS1}_panel_1_voltage/config",
    ]
    for topic, config in found.items():
        assert f"/{config['unique_id']}/config" in topic
        assert config["availability_topic"] == "aps/status"
        assert config["origin"]["name"] == "Wattbus"


def test_devices() -> None:
    [ecu, *_] = discover_ecu(ECU, model="ECU-R", firmware="ECU_R_1.3.6C")
    assert json.loads(ecu.payload)["device"] == {
        "identifiers": [ECU],
        "name": f"APS ECU {ECU}",
        "manufacturer": "APsystems",
        "model": "ECU-R",
        "sw_version": "ECU_R_1.3.6C",
    }
    # What is not known is not said.
    [inverter, *_] = discover_inverter(ECU, DS3, panel_powers=2, panel_voltages=2)
    assert json.loads(inverter.payload)["device"] == {
        "identifiers": [DS3],
        "name": f"APS Inverter {DS3}",
        "manufacturer": "APsystems",
        "via_device": ECU,
    }


def test_prefixes() -> None:
    for publication in discover_ecu(ECU, "home", "ha"):
        config = json.loads(publication.payload)
        assert publication.topic.startswith("ha/sensor/")
        assert publication.retain
        assert config["state_topic"] == f"home/aps/{ECU}"
        assert config["availability_topic"] == "home/aps/status"


def test_only_ids_get_into_a_topic() -> None:
    with pytest.raises(ProtocolError, match="twelve digits"):
        discover_ecu("+")
    with pytest.raises(ProtocolError, match="twelve digits"):
        discover_inverter(ECU, "#", panel_powers=0, panel_voltages=0)
