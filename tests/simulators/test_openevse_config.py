"""The simulated OpenEVSE's configuration takes what app_config.cpp and ConfigJson do."""

from typing import Any

import pytest

from .openevse_simulator import OpenEvseSimulator, Options


async def _gateway(**options: Any) -> Any:
    return OpenEvseSimulator(Options(**options)).gateway


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("led_brightness", 300, 0),
        ("led_brightness", "12", 12),
        ("led_brightness", 6.7, 6),
        ("divert_type", -1, -1),
        ("divert_type", 200, 0),
        ("divert_type", "solar", 0),
        ("current_shaper_max_pwr", -5, 0),
        ("current_shaper_max_pwr", None, 0),
        ("rfid_enabled", 1, True),
        ("rfid_enabled", "false", True),
        ("default_state", None, False),
        ("charge_mode", "turbo", "fast"),
        ("mqtt_solar", 5, "5"),
        ("divert_PV_ratio", 0.55, 0.55),
        ("divert_PV_ratio", "much", 0),
        ("divert_min_charge_time", 60.5, 60),
    ],
)
async def test_a_value_of_another_type(name: str, given: object, kept: object) -> None:
    """ArduinoJson's as<T>(): what does not fit is 0, a word is true."""
    gateway = await _gateway()
    gateway.set_config({name: given})
    assert gateway.config.values[name] == kept


async def test_the_same_again_and_what_is_no_setting() -> None:
    """Neither raises the version, so nothing is published."""
    gateway = await _gateway()
    version = gateway.config.version
    assert not gateway.set_config({"led_brightness": 125, "no_such_setting": 1})
    assert not gateway.set_config({"scale": 200})
    assert gateway.config.version == version


@pytest.mark.parametrize(("version", "level"), [("v5.1.5", 0), ("v6.0.0", 2)])
async def test_the_level_auto(version: str, level: int) -> None:
    """In 2026 it is passed over (PR #1156)."""
    gateway = await _gateway(version=version)
    gateway.set_config({"service": 2})
    gateway.set_config({"service": 0})
    assert gateway.config.document()["service"] == level


async def test_eco_needs_both() -> None:
    """config_changed(): divert_enabled and charge_mode together."""
    gateway = await _gateway()
    for changes, mode in (
        ({"divert_enabled": False}, 1),
        ({"charge_mode": "eco"}, 1),
        ({"divert_enabled": True}, 2),
        ({"charge_mode": "fast"}, 1),
    ):
        gateway.set_config(changes)
        assert gateway.divert.mode == mode, changes


async def test_the_default_limit() -> None:
    """setDefaultLimit() of limit.cpp: at once, and not for the session only."""
    gateway = await _gateway()
    gateway.set_config({"limit_default_type": "energy"})
    assert not gateway.limit.active
    gateway.set_config({"limit_default_value": 5000})
    assert gateway.limit.document == {
        "type": "energy",
        "value": 5000,
        "auto_release": False,
    }
    gateway.set_config({"limit_default_type": "none"})
    assert not gateway.limit.active


async def test_what_counts_at_the_next_start() -> None:
    gateway = await _gateway()
    gateway.set_config({"pause_uses_disabled": True})
    assert not gateway.claims.pause_uses_disabled
    gateway.restart("gateway")
    assert gateway.claims.pause_uses_disabled
