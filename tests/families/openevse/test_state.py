"""What the charger's values are made of, without a connection."""

from dataclasses import replace

import pytest

from custom_components.wattbus.families.openevse.http import HttpState
from custom_components.wattbus.families.openevse.rapi import MqttRapi
from custom_components.wattbus.families.openevse.state import State
from custom_components.wattbus.families.sink import Sink
from custom_components.wattbus.protocols.openevse import Config, Gateway
from custom_components.wattbus.protocols.publication import Publication
from custom_components.wattbus.protocols.rapi import Version

ABLE = {
    *("can_wake", "can_press", "can_reset_energy"),
    *("can_restart_gateway", "can_restart_charger"),
}


async def _nowhere(_: Publication) -> None:
    """Publish nothing."""


def charger() -> State:
    """Make a charger that nobody listens to."""
    return State(Sink(), MqttRapi("base", _nowhere), _nowhere, "base")


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


def test_a_key_with_two_meanings() -> None:
    """Watt-seconds of a long session look like the watt-hours of an old charger."""
    told = charger()
    told.take({"wh": 5_200_000.0}, by_gateway=True)
    assert told.values.keys().isdisjoint({"session_energy", "total_energy"})
    told.rapi.gateway = Gateway("2.7.5")
    told.take({"wh": 5_200_000.0}, by_gateway=True)
    assert round(told.values["session_energy"]) == 1444


def test_the_configuration_where_rapi_writes() -> None:
    """The gateway does not notice what RAPI changes: only the controller is believed."""
    told = charger()
    config = Config(version="5.1.5", buildenv="openevse_wifi_v1", diode_check=True)
    told.take({"config": config})
    assert "check_diode" not in told.values
    told.take({"config": replace(config, buildenv="openevse_wifi_tft_v1", service=7)})
    assert told.values["check_diode"] is True
    assert "service_level_setting" not in told.values


def test_service_levels() -> None:
    """The gateways of 2026 take no Auto (firmware PR #1156); one that is so is shown."""
    told = charger()
    told.take({"service_level_setting": "2"})
    assert told.values["service_levels"] == ["1", "2", "auto"]
    told.take({"config": Config(version="v5.1.5")})
    assert told.values["service_levels"] == ["1", "2", "auto"]
    told.take({"config": Config(version="v5.1.5", heartbeat_interval=0)})
    assert told.values["service_levels"] == ["1", "2"]
    told.take({"service_level_setting": "auto"})
    assert told.values["service_levels"] == ["1", "2", "auto"]


def test_what_a_button_needs_is_not_told_too_early() -> None:
    """The retained documents come in any order; only one of them has the version."""
    told = charger()
    told.take({"override": None})
    told.take({"claim": None})
    assert told.values.keys().isdisjoint(ABLE)
    told.take({"config": Config(version="5.1.1")})
    assert {name for name in ABLE if told.values.get(name)} == {
        *("can_restart_gateway", "can_restart_charger")
    }


def test_what_a_button_needs_without_a_configuration() -> None:
    """Gateways before 5.0.0 do not publish one: what the controller says is enough."""
    told = charger()
    told.take({"override": None})
    told.rapi.version = Version("8.2.3", (8, 2, 3), (5, 2, 1))
    told.take({"claim": None})
    assert {name for name in ABLE if told.values.get(name)} == ABLE - {
        "can_restart_gateway"
    }


@pytest.mark.parametrize(
    ("firmware", "trusted"), [((5, 9, 9), True), ((6, 0, 0), False)]
)
def test_which_states_an_old_gateway_reads_right(
    firmware: tuple[int, int, int], trusted: bool
) -> None:
    """From the controller's 6.0.0 on they are hexadecimal, which 2.8 does not know."""
    told = charger()
    told.rapi.version = Version("", firmware, None)
    assert told._trusts({}) is trusted
    over_http = HttpState(Sink(), told.rapi, _nowhere, "base")
    told.rapi.gateway = Gateway("2.8.2", None)
    assert over_http._trusts({}) is trusted
