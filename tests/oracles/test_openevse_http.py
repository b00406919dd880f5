"""python-openevse-http 1.9.1 (PyPI), the client of Home Assistant's own integration.

All that it reads and asks for works at the simulated gateways as its authors found it to
work at real ones. Where it does not, that is how the firmware is: the reason is told.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from ..harness.openevse import OpenEvseProcess
from ..harness.ports import accepts
from ..helpers import until
from .conftest import Oracle

pytestmark = pytest.mark.oracle

GENERATIONS = ("esp32-4.1", "esp32-5.1")


@dataclass(frozen=True)
class Call:
    """A call of the client, and what has to come of it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    result: Any = ...
    """What it gives; by default that is not looked at."""
    seen: dict[str, Any] = field(default_factory=dict)
    """What status and configuration have afterwards."""
    fails: dict[str, str] = field(default_factory=dict)
    """What it fails with, by the generation of the gateway."""


def _failing(reason: str, *generations: str) -> dict[str, str]:
    return dict.fromkeys(generations or GENERATIONS, reason)


OLDER = _failing("UnsupportedFeature", "esp32-4.1")
NO_PAGE = "EndpointNotFound"
EVENT = {"id": 1, "state": "active", "time": "22:00:00", "days": ["monday"]}

CALLS = (
    # overrides
    Call("toggle_override", seen={"manual_override": 1}),
    Call(
        "set_override",
        {"state": "active", "charge_current": 12},
        {"msg": "Created"},
        {"manual_override": 1, "pilot": 12},
    ),
    Call("get_override_state", result="active"),
    Call("set_current", {"amps": 10}, seen={"pilot": 10}),
    Call("get_charge_current", result=10),
    Call("clear_override", seen={"manual_override": 0}),
    # Up to 4.x no override is 404, which the client takes for a broken answer.
    Call(
        "set_current",
        {"amps": 16},
        seen={"pilot": 16},
        fails=_failing("Invalid override state", "esp32-4.1"),
    ),
    Call(
        "enable_override",
        seen={"manual_override": 1},
        fails=_failing("Invalid override state", "esp32-4.1"),
    ),
    # Without an override the firmware answers 500.
    Call(
        "disable_override",
        seen={"manual_override": 0},
        fails=_failing("Failed to release", "esp32-4.1"),
    ),
    Call("clear_override", fails=_failing("Failed to release")),
    # claims
    Call("make_claim", {"state": "disabled"}, {"msg": "done"}),
    Call("list_claims", {"target": True}),
    Call("release_claim", result={"msg": "done"}),
    Call("list_claims", result=[]),
    # settings
    Call("set_charge_mode", {"mode": "eco"}, seen={"charge_mode": "eco"}),
    Call("set_charge_mode", {"mode": "fast"}, seen={"charge_mode": "fast"}),
    Call("divert_mode", seen={"divert_enabled": False}),
    Call("divert_mode", seen={"divert_enabled": True}),
    Call("set_divert_mode", {"mode": "eco"}, seen={"divertmode": 2}),
    Call("set_divert_mode", {"mode": "fast"}, seen={"divertmode": 1}),
    Call("set_service_level", {"level": 2}, seen={"service": 2}),
    Call("set_led_brightness", {"level": 50}, seen={"led_brightness": 50}),
    Call("set_rfid_enabled", {"enable": True}, seen={"rfid_enabled": True}),
    Call(
        "set_mqtt_vehicle_range_miles",
        {"enable": True},
        seen={"mqtt_vehicle_range_miles": True},
    ),
    Call("set_shaper", {"enable": True}, seen={"shaper": 1}),
    Call("toggle_shaper", seen={"shaper": 0}),
    # feeds
    Call("set_shaper_live_pwr", {"power": 1000}, seen={"shaper_live_pwr": 1000}),
    Call("grid_voltage", {"voltage": 231}, seen={"voltage": 231}),
    Call("self_production", {"grid": -1500}),
    Call("self_production", {"solar": 1500}),
    Call(
        "soc",
        {"battery_level": 55, "battery_range": 200, "time_to_full": 3600},
        seen={"battery_level": 55, "battery_range": 200, "time_to_full_charge": 3600},
    ),
    Call("home_battery", {"soc": 50, "power": 100}),
    # limits
    Call(
        "set_limit",
        {"limit_type": "energy", "value": 5000, "release": True},
        seen={"has_limit": True},
        fails=OLDER,
    ),
    Call(
        "get_limit",
        result={"type": "energy", "value": 5000, "auto_release": True},
        fails=OLDER,
    ),
    Call("clear_limit", seen={"has_limit": False}, fails=OLDER),
    # schedule and time
    Call("set_schedule", {"event": EVENT}),
    Call("get_schedule", result=[EVENT]),
    Call("get_schedule", {"event_id": 1}, EVENT),
    Call("delete_schedule", {"event_id": 1}),
    Call("get_schedule", result=[]),
    Call("get_time", fails=_failing(NO_PAGE, "esp32-4.1")),
    Call(
        "set_time",
        {"sntp": True},
        fails=_failing(NO_PAGE, "esp32-4.1"),
    ),
    # No release knows `sync_now` yet: it is a post without a time.
    Call(
        "sync_time",
        fails={"esp32-4.1": NO_PAGE, "esp32-5.1": "Could not parse time"},
    ),
    # RFID: up to 5.1 the gateway says nothing at all, and has no list of users.
    Call("add_rfid_tag", fails=_failing("CommandFailedError")),
    Call("get_rfid_users", fails=OLDER | _failing(NO_PAGE, "esp32-5.1")),
    # The controller's firmware is too old for these.
    Call("get_cable_temp", fails=_failing("UnsupportedFeature")),
    Call("reset_relay_health", fails=_failing("UnsupportedFeature")),
    Call("run_stuck_relay_recovery", fails=_failing("UnsupportedFeature")),
    # RAPI, and what ends the rest
    Call("send_command", {"command": "$GE"}),
    Call("restart_evse"),
    # Up to 4.x the answer is a bare 1.
    Call("restart_wifi", fails=_failing("ParseJSONError", "esp32-4.1")),
)

# Beside helpers: what asks the internet, uploads, or has no page at our gateways.
NOT_CALLED = {
    *("firmware_check", "update_firmware"),
    *("get_certificates", "get_root_ca", "add_certificate", "delete_certificate"),
    *("get_logs", "get_notifications", "acknowledge_notification"),
    *("get_schedule_plan", "reset_energy_meter", "set_cable_temp"),
    *("set_cable_temp_enabled", "set_rfid_user", "delete_rfid_user"),
    # They are made of the others, or what the program itself does.
    *("get_override", "set_manual_override", "test_and_get", "update"),
    *("ws_start", "ws_disconnect", "process_request", "repeat"),
}


@pytest.fixture(params=GENERATIONS)
async def gateway(
    request: pytest.FixtureRequest, socket_enabled: None, tmp_path: Path
) -> AsyncGenerator[OpenEvseProcess]:
    """Run a gateway whose charger has no car."""
    process = OpenEvseProcess(
        tmp_path / "gateway.log", request.param, "--no-driver", http=True
    )
    with process as running:
        assert running.http_port
        port = running.http_port
        await until(lambda: accepts(port))
        yield running


def document(gateway: OpenEvseProcess, name: str) -> dict[str, Any]:
    """Read a document of the gateway."""
    with urlopen(f"{gateway.url}/{name}") as answer:  # on loopback
        found: dict[str, Any] = json.load(answer)
    return found


async def test_all_of_the_client(oracle: Oracle, gateway: OpenEvseProcess) -> None:
    """Each property, call and message is what the gateway has."""
    status, config = document(gateway, "status"), document(gateway, "config")
    told = await oracle(
        "openevse_client",
        f"127.0.0.1:{gateway.http_port}",
        told=[(call.name, call.arguments) for call in CALLS],
    )
    _check_properties(told["before"], status, config)
    assert told["identity"]["result"]["serial"] == config["wifi_serial"]
    for call, done in zip(CALLS, told["calls"], strict=True):
        reason = call.fails.get(gateway.generation)
        if reason is not None:
            assert reason in done.get("error", ""), call
            continue
        assert "error" not in done, (call, done)
        assert call.result is ... or done["result"] == call.result, (call, done)
        seen = {name: done["seen"].get(name) for name in call.seen}
        assert seen == call.seen, call
    assert told["listened"]
    called = {call.name for call in CALLS}
    assert set(told["methods"]) == called | NOT_CALLED


def _check_properties(
    read: dict[str, Any], status: dict[str, Any], config: dict[str, Any]
) -> None:
    """Look that none fails, and that those say what the documents do."""
    failed = [name for name, value in read.items() if "error" in str(value)]
    assert not failed
    assert read["wifi_firmware"] == config["version"]
    assert read["openevse_firmware"] == config["firmware"]
    assert read["hostname"] == config["hostname"]
    assert read["wifi_serial"] == config["wifi_serial"]
    assert read["state_raw"] == status["state"]
    assert read["state"] == "not connected"
    assert read["status"] == status["status"]
    assert read["ambient_temperature"] == status["temp"] / 10
    assert read["current_capacity"] == status["pilot"]
    assert read["charging_voltage"] == status["voltage"]
    assert read["charging_current"] == status["amp"]
    assert read["wifi_signal"] == status["srssi"]
    assert read["gfi_trip_count"] == status["gfcicount"]
    assert read["max_current_soft"] == config["max_current_soft"]
    assert read["led_brightness"] == config["led_brightness"]
    assert read["timezone"] == config["time_zone"]
    assert (read["divertmode"], read["mode"]) == ("fast", status["mode"])
    assert read["vehicle"] is False
    assert read["manual_override"] is False
