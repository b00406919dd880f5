"""The gateway's keys over MQTT and HTTP: names, units, what is absent."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openevse import (
    KEYS,
    UNITS,
    Claim,
    DivertMode,
    Limit,
    LimitType,
    ServiceState,
    decode,
    decode_status,
    resolve_wh,
)
from custom_components.wattbus.protocols.rapi import EcFlag, LcdColour, State

FIXTURES = Path(__file__).parents[2] / "fixtures" / "openevse"


def messages(name: str, base: str) -> dict[str, Any]:
    """Decode a recorded sequence of messages."""
    values: dict[str, Any] = {}
    for line in (FIXTURES / f"{name}.txt").read_text().splitlines():
        topic, _, payload = line.partition(" ")
        key = topic.removeprefix(base).removeprefix("/")
        values |= decode(key, payload.encode())
    return values


# --- whole gateways


def test_esp8266_2_7() -> None:
    """Raw fields of RAPI: millivolts, -2560 for a missing sensor, `wh` of two kinds."""
    assert messages("mqtt_esp8266_2.7", "openevse") == {
        "gateway_connected": True,
        "current": 15.9,
        "voltage": 231.0,
        "wh": 40724987,
        "temperature_ds3231": None,
        "temperature_mcp9808": 24.7,
        "temperature_tmp007": 0.0,
        "pilot_current": 16,
        "state": State.CHARGING,
        "free_memory": 18840,
        "divert_mode": DivertMode.NORMAL,
        "grid_power": -1077,
        "divert_update": 0,
    }


def test_esp32_4_1() -> None:
    """Like ESP8266#275: 30.58 A, a sensor on the gateway."""
    assert messages("mqtt_esp32_4.1", "openevse-unit") == {
        "current": 30.58,
        "voltage": 240,
        "pilot_current": 32,
        "wh": 20127228,
        "temperature": 50.75,
        "temperature_ds3231": None,
        "temperature_mcp9808": None,
        "temperature_tmp007": None,
        "temperature_gateway": 50.75,
        "state": State.CHARGING,
        "vehicle_connected": True,
        "lcd_colour": LcdColour.TEAL,
        "manual_override": False,
        "free_memory": 160184,
        "divert_mode": DivertMode.NORMAL,
        "wifi_signal": -64,
    }


def test_esp32_5_1() -> None:
    """Energies in Wh from three units; a limit as boolean and as document."""
    values = messages("mqtt_esp32_5.1", "openevse")
    pacific = timezone(timedelta(hours=-8))
    assert values == {
        "current": 15.98,
        "voltage": 229.5,
        "power": 3667.41,
        "pilot_current": 16,
        "max_current": 32,
        "session_elapsed": 1234,
        "session_energy": 1180.5,
        "total_energy": 20127228.17,
        "energy_today": 1180.0,
        "temperature": 24.7,
        "temperature_max": 54.25,
        "temperature_ds3231": 24.7,
        "temperature_mcp9808": None,
        "state": State.CHARGING,
        "service_state": ServiceState.ACTIVE,
        "flags": EcFlag(0x540),
        "controller_connected": True,
        "manual_override": True,
        "rfid_tag": "04A1B2C3",
        "time": datetime(2024, 11, 14, 20, 53, 35, tzinfo=UTC),
        "local_time": datetime(2024, 11, 14, 12, 53, 35, tzinfo=pacific),
        "utc_offset": "-0800",
        "uptime": 86400,
        "divert_active": True,
        "divert_min_charge_remaining": 480,
        "has_limit": True,
        "limit_version": 2,
        "limit": Limit(LimitType.ENERGY, 5000, True),
        "override": Claim(ServiceState.ACTIVE, 16, auto_release=True),
        "claim": None,
        "mqtt_connected": True,
        "mqtt_status": "connected",
    }


def test_status_of_esp8266() -> None:
    """`GET /status` has the faults, too."""
    values = decode_status((FIXTURES / "status_esp8266_2.9.json").read_bytes())
    assert values["voltage"] == 240
    assert values["session_energy"] == pytest.approx(7003.410833)
    assert values["total_energy"] == 1585443
    assert values["session_elapsed"] == 8751
    assert values["temperature_ds3231"] == 34.0
    assert values["temperature_mcp9808"] is None
    assert values["fault_count_gfci"] == 0
    assert values["rapi_connected"] is True
    assert values["ip_address"] == "192.0.2.67"
    assert values["free_memory"] == 12448
    assert "service_state" not in values


def test_status_of_esp32_4_1() -> None:
    """The vehicle's values had other names."""
    values = decode_status((FIXTURES / "status_esp32_4.1.json").read_bytes())
    assert values["vehicle_soc"] == 75
    assert values["vehicle_range"] == 468
    assert values["vehicle_time_to_full"] == 18000
    assert values["divert_mode"] is None
    assert values["shaper_active"] is True
    assert values["wh"] == 64582
    assert values["time"] == datetime(2021, 8, 10, 23, 0, 11, tzinfo=UTC)


def test_status_of_esp32_5_1() -> None:
    """New and superseded keys side by side: the new ones count."""
    values = decode_status((FIXTURES / "status_esp32_5.1.json").read_bytes())
    assert values["session_energy"] == 7950.783333
    assert values["total_energy"] == 7875444.0
    assert values["energy_year"] == 1999125.0
    assert values["state"] is State.SLEEPING
    assert values["service_state"] is ServiceState.DISABLED
    assert values["flags"] == EcFlag.GFCI_SELF_TEST_DISABLED
    assert values["fault_count_gfci"] == 1
    assert values["service_level"] == 2
    assert values["has_limit"] is False
    assert values["divert_active"] is False
    assert values["relay_switches"] == 412
    assert values.keys() <= UNITS.keys()


# --- single keys


@pytest.mark.parametrize(
    ("key", "payload", "name", "value"),
    [
        ("amp", "30580", "current", 30.58),
        ("amp", "0", "current", 0.0),
        ("amp", "16.5", "current", 0.0165),
        ("volt", "231123", "voltage", 231.123),
        ("voltage", "240.0", "voltage", 240.0),
        ("frequency", "5002", "frequency", 50.02),
        ("frequency", "0", "frequency", None),
        ("temp", "247", "temperature", 24.7),
        ("temp", "-55", "temperature", -5.5),
        ("temp", "false", "temperature", None),
        ("temp3", "-2560", "temperature_tmp007", None),
        ("temp4", "542.5", "temperature_gateway", 54.25),
        ("watthour", "2.012722817e7", "total_energy", 20127228.17),
        ("wattsec", "2.862282e7", "session_energy", 7950.783333),
        ("total_energy", "7875.444", "total_energy", 7875444.0),
        ("total_month", "101.25", "energy_month", 101250.0),
        ("state", "3", "state", State.CHARGING),
        ("state", "14", "state", State.RELAY_CLOSURE_FAULT),
        ("state", "99", "state", State.UNKNOWN),
        ("state", "", "state", None),
        ("status", "disabled", "service_state", ServiceState.DISABLED),
        ("status", "none", "service_state", None),
        ("flags", "512", "flags", EcFlag.GFCI_SELF_TEST_DISABLED),
        ("flags", "null", "flags", None),
        ("vehicle", "1", "vehicle_connected", True),
        ("vehicle", "false", "vehicle_connected", False),
        ("vehicle", "null", "vehicle_connected", None),
        ("colour", "3", "lcd_colour", LcdColour.YELLOW),
        ("colour", "9", "lcd_colour", None),
        ("colour", "", "lcd_colour", None),
        ("divertmode", "2", "divert_mode", DivertMode.ECO),
        ("divertmode", "0", "divert_mode", None),
        ("divertmode", "", "divert_mode", None),
        ("total_switches", "3.0", "relay_switches", 3),
        ("claims_version", "24", "claims_version", 24),
        ("rfid_auth", "1e5", "rfid_tag", "1e5"),
        ("rfid_auth", "", "rfid_tag", None),
        ("limit", "true", "has_limit", True),
        ("limit", "false", "has_limit", False),
        ("mqtt_close_code", "-1", "mqtt_close_code", -1),
        (
            *("mqtt_connected_since", "1793000000", "mqtt_connected_since"),
            datetime(2026, 10, 26, 7, 33, 20, tzinfo=UTC),
        ),
        ("mqtt_connected_since", "9", "mqtt_connected_since", None),
        ("mqtt_connected_since", "", "mqtt_connected_since", None),
        ("mqtt_error", "", "mqtt_error", None),
        ("time", "1970-01-01T00:00:09Z", "time", None),
        ("time", "", "time", None),
        ("", "connected", "gateway_connected", True),
        ("", "disconnected", "gateway_connected", False),
    ],
)
def test_values(key: str, payload: str, name: str, value: object) -> None:
    """As text and as bytes."""
    assert decode(key, payload) == {name: value}
    assert decode(key, payload.encode()) == {name: value}


@pytest.mark.parametrize(
    "key",
    [
        "rapi/out",
        "rapi/in/$GV",
        "override/set",
        "divertmode/set",
        "boost",
        "restart",
        "something_new",
        "has/limit",
    ],
)
def test_what_is_no_value(key: str) -> None:
    """Commands of others, replies, and what a later version may have."""
    assert decode(key, b"\xff") == {}


@pytest.mark.parametrize(
    ("key", "payload", "reason"),
    [
        ("amp", "true", "amp is not a number"),
        ("amp", "abc", "amp is not a number"),
        ("amp", "0x10", "amp is not a number"),
        ("amp", " 5", "amp is not a number"),
        ("amp", "٣", "amp is not a number"),
        ("amp", "inf", "amp is not a number"),
        ("amp", "1e400", "amp is out of range"),
        ("amp", "1e300", "amp is out of range"),
        ("amp", "9" * 21, "amp is not a number"),
        ("amp", "{}", "amp is not a number"),
        ("amp", "1" * 2000, "amp is longer than 1024 bytes"),
        ("state", "3.5", "state is not a whole number"),
        ("flags", "65536", "flags is out of range"),
        ("flags", "-1", "flags is out of range"),
        ("vehicle", "2", "vehicle is not a boolean"),
        ("status", "sleeping", "status is no state"),
        ("divertmode", "3", "divertmode is no mode"),
        ("rfid_auth", "a\x00b", "rfid_auth is not text"),
        ("rfid_auth", "x" * 300, "rfid_auth is not text"),
        ("time", "yesterday", "time is not a time"),
        ("time", "2024-11-14T20:53:35", "time is not a time"),
        ("limit", "maybe", "limit|has_limit"),
        ("limit", "{", "not JSON"),
        ("", "online", "neither connected nor disconnected"),
        ("override", "active", "not JSON"),
    ],
)
def test_what_is_refused(key: str, payload: str, reason: str) -> None:
    """The reason names the key."""
    with pytest.raises(ProtocolError, match=reason) as caught:
        decode(key, payload)
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("key", ["amp", "vehicle", "", "override", "schedule"])
def test_not_utf_8(key: str) -> None:
    """Bytes that are no text."""
    with pytest.raises(ProtocolError):
        decode(key, b"\xff\xfe")


@pytest.mark.parametrize(
    ("firmware", "value"),
    [(None, 0.0), ((4, 10, 0), 0.0), ((4, 8, 0), None)],
)
def test_zero_degrees(
    firmware: tuple[int, int, int] | None, value: float | None
) -> None:
    """Before firmware 4.10.0 of the controller it is a missing sensor."""
    assert decode("temp1", "0", firmware=firmware) == {"temperature_ds3231": value}
    status = decode_status({"temp1": 0}, firmware=firmware)
    assert status == {"temperature_ds3231": value}


# --- status


def test_one_odd_member_does_not_spoil_the_others() -> None:
    """It is None, so that nobody shows an old value."""
    values = decode_status({"amp": "x", "pilot": 16, "vehicle": [], "time": 5})
    assert values == {
        "current": None,
        "pilot_current": 16,
        "vehicle_connected": None,
        "time": None,
    }


def test_a_limit_in_an_event() -> None:
    """The WebSocket has the boolean under its short name."""
    assert decode_status('{"limit": true, "limit_version": 2}') == {
        "has_limit": True,
        "limit_version": 2,
    }
    assert decode_status({"limit": "x"}) == {}


def test_divert_values_of_2026() -> None:
    """They have new names in `/status`."""
    values = decode_status(
        {
            "divert_solar_w": 3500,
            "divert_grid_ie_w": -1200,
            "divert_charge_current": 10,
            "divert_trigger_current": 6,
            "divert_available_current": 11.5,
            "divert_smoothed_available_current": 11.25,
            "divert_min_charge_time_rem_s": 120,
        }
    )
    assert values == {
        "solar_power": 3500,
        "grid_power": -1200,
        "divert_charge_rate": 10,
        "divert_trigger_current": 6,
        "divert_available_current": 11.5,
        "divert_smoothed_current": 11.25,
        "divert_min_charge_remaining": 120,
    }


def test_what_status_leaves_out() -> None:
    """No error is none, not the last one (web_server.cpp, the development of 2026)."""
    whole = {"mode": "STA", "mqtt_status": "connected"}
    assert decode_status(whole)["mqtt_error"] is None
    assert decode_status(whole)["mqtt_connected_since"] is None
    failed = whole | {"mqtt_error": "auth", "mqtt_error_detail": "refused"}
    assert decode_status(failed)["mqtt_error"] == "auth"
    # An event, and a gateway that has no such errors.
    assert "mqtt_error" not in decode_status({"mqtt_status": "connected"})
    assert "mqtt_error" not in decode_status({"mode": "STA"})


@pytest.mark.parametrize("raw", [1e19, 10**15, "soon", True])
def test_no_time_since(raw: object) -> None:
    """It costs that value."""
    values = decode_status({"mqtt_connected_since": raw, "mqtt_error": "auth"})
    assert values == {"mqtt_connected_since": None, "mqtt_error": "auth"}


@pytest.mark.parametrize("document", ["[]", "null", "", b"\xff", "{"])
def test_no_status(document: str | bytes) -> None:
    """Not an object."""
    with pytest.raises(ProtocolError):
        decode_status(document)


def test_a_name_has_one_unit() -> None:
    """Whichever key brings the value."""
    for key in KEYS.values():
        assert UNITS[key.name] == key.unit
    assert UNITS["total_energy"] == UNITS["session_energy"] == "Wh"


# --- wh


@pytest.mark.parametrize(
    ("value", "version", "meaning"),
    [
        (40_724_987, (2, 7, 5), {"session_energy": 40_724_987 / 3600}),
        (45_613, (2, 6, 0), {"session_energy": 45_613 / 3600}),
        (45_613, (2, 7, 6), {"total_energy": 45_613}),
        (45_613, (4, 1, 7), {"total_energy": 45_613}),
        (45_613, None, {}),
        (None, (4, 1, 7), {}),
    ],
)
def test_wh(
    value: float | None,
    version: tuple[int, int, int] | None,
    meaning: dict[str, float],
) -> None:
    """Watt-seconds of the session or watt-hours of a life; never a guess."""
    assert resolve_wh(value, version=version) == pytest.approx(meaning)
