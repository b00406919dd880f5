"""What the charger's values are made of, without a connection."""

from custom_components.wattbus.families.openevse.charger import Charger
from custom_components.wattbus.families.openevse.rapi import MqttRapi
from custom_components.wattbus.probe import _Look
from custom_components.wattbus.protocols.openevse import Config
from custom_components.wattbus.protocols.publication import Publication


async def _nowhere(_: Publication) -> None:
    """Publish nothing."""


def charger() -> Charger:
    """Make a charger that nobody listens to."""
    return Charger(_Look(), MqttRapi("base", _nowhere), _nowhere, "base")


def test_miles() -> None:
    """A gateway that is set to miles speaks and hears of miles, the user of km."""
    told = charger()
    told.take({"vehicle_range": 100.0})
    assert told.values["vehicle_range"] == 100.0
    assert told.in_its_units("vehicle_range", 160) == 160
    told.take({"config": Config(mqtt_vehicle_range_miles=True)})
    told.take({"vehicle_range": 100.0})
    assert told.values["vehicle_range"] == 160.9344
    assert told.in_its_units("vehicle_range", 161) == 100
    assert told.in_its_units("grid_power", -1500) == -1500
