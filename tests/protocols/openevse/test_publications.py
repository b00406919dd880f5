"""The commands of the gateway: what is published, what is refused."""

from collections.abc import Callable
from datetime import time
import math

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openevse import (
    CLEAR,
    FEEDS,
    SETTINGS,
    DivertMode,
    LimitType,
    Restart,
    ScheduleEvent,
    ServiceState,
    Weekday,
    check_settings,
    clear_limit,
    clear_override,
    clear_schedule,
    decode_config,
    decode_schedule,
    feed_value,
    release_claim,
    restart,
    send_rapi,
    set_claim,
    set_config,
    set_divert_mode,
    set_limit,
    set_override,
    set_schedule,
    set_shaper,
)
from custom_components.wattbus.protocols.openevse.configuration import Config
from custom_components.wattbus.protocols.publication import Publication

BASE = "emon/openevse-2233"
EVENT = ScheduleEvent(1, ServiceState.ACTIVE, time(7), (Weekday.MONDAY, Weekday.FRIDAY))


@pytest.mark.parametrize(
    ("publication", "topic", "payload"),
    [
        (set_divert_mode(BASE, DivertMode.ECO), "divertmode/set", "2"),
        (set_divert_mode(BASE, DivertMode.NORMAL), "divertmode/set", "1"),
        (set_shaper(BASE, True), "shaper/set", "1"),
        (set_shaper(BASE, False), "shaper/set", "0"),
        (
            set_override(
                BASE,
                state=ServiceState.ACTIVE,
                charge_current=16,
                max_current=32,
                auto_release=False,
            ),
            "override/set",
            '{"state":"active","charge_current":16,"max_current":32,'
            '"auto_release":false}',
        ),
        (
            set_override(BASE, state=ServiceState.DISABLED),
            "override/set",
            '{"state":"disabled"}',
        ),
        (
            set_override(BASE, charge_current=CLEAR),
            "override/set",
            '{"charge_current":"clear"}',
        ),
        (clear_override(BASE), "override/set", "clear"),
        (
            set_claim(BASE, charge_current=6, max_current=CLEAR),
            "claim/set",
            '{"charge_current":6,"max_current":"clear"}',
        ),
        (release_claim(BASE), "claim/set", "release"),
        (
            set_schedule(BASE, [EVENT]),
            "schedule/set",
            '[{"id":1,"state":"active","time":"07:00:00","days":["monday","friday"]}]',
        ),
        (clear_schedule(BASE, 1), "schedule/clear", "1"),
        (
            set_limit(BASE, LimitType.ENERGY, 5000),
            "limit/set",
            '{"type":"energy","value":5000,"auto_release":true}',
        ),
        (
            set_limit(BASE, LimitType.TIME, 90, auto_release=False),
            "limit/set",
            '{"type":"time","value":90,"auto_release":false}',
        ),
        (clear_limit(BASE), "limit/set", "clear"),
        (
            set_config(BASE, {"led_brightness": 50, "mqtt_solar": ""}),
            "config/set",
            '{"led_brightness":50,"mqtt_solar":""}',
        ),
        (restart(BASE, Restart.GATEWAY), "restart", '{"device":"gateway"}'),
        (restart(BASE, Restart.CONTROLLER), "restart", '{"device":"evse"}'),
        (send_rapi(BASE, "GU", sequence=0x12), "rapi/in/$GU", ":12"),
        (send_rapi(BASE, "SC", 13, "V", sequence=0x12), "rapi/in/$SC", "13 V :12"),
        (send_rapi(BASE, "FE"), "rapi/in/$FE", ""),
    ],
)
def test_publications(publication: Publication, topic: str, payload: str) -> None:
    """Topic below the base topic, and the text."""
    assert publication == Publication(f"{BASE}/{topic}", payload)


@pytest.mark.parametrize("setter", [set_override, set_claim])
@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, "nothing to set"),
        (
            {"charge_current": 5},
            "out_of_range: field charge_current, minimum 6, maximum 80",
        ),
        (
            {"charge_current": 0},
            "out_of_range: field charge_current, minimum 6, maximum 80",
        ),
        ({"max_current": 81}, "out_of_range: field max_current, minimum 6, maximum 80"),
        ({"charge_current": 16.5}, "not_whole: field charge_current"),
        ({"charge_current": True}, "not_a_number: field charge_current"),
        ({"max_current": "all"}, "not_a_number: field max_current"),
    ],
)
def test_properties_that_are_refused(
    setter: Callable[..., Publication], properties: dict[str, object], reason: str
) -> None:
    """The gateway would take them for something else."""
    with pytest.raises(ProtocolError, match=reason):
        setter(BASE, **properties)


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (LimitType.TIME, 0),
        (LimitType.TIME, 10_081),
        (LimitType.ENERGY, -1),
        (LimitType.ENERGY, 1_000_001),
        (LimitType.SOC, 101),
        (LimitType.RANGE, 5001),
        (LimitType.ENERGY, 1.5),
        (LimitType.ENERGY, True),
    ],
)
def test_limits_that_are_refused(limit: LimitType, value: int) -> None:
    """A limit of 0 is none for the gateway."""
    with pytest.raises(ProtocolError, match="field value"):
        set_limit(BASE, limit, value)


def test_schedules() -> None:
    """What is published is what the gateway publishes; an id is not needed."""
    events = (
        EVENT,
        ScheduleEvent(
            None,
            ServiceState.DISABLED,
            time(22, 30, 15),
            tuple(Weekday),
            "divert",
            1.0,
            "energy",
            5000,
        ),
    )
    publication = set_schedule(BASE, events)
    assert decode_schedule(publication.payload) == events
    assert "id" not in orjson.loads(publication.payload)[1]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [EVENT] * 5,
        [ScheduleEvent(1, None, time(7), (Weekday.MONDAY,))],
        [ScheduleEvent(1, ServiceState.ACTIVE, None, (Weekday.MONDAY,))],
        [ScheduleEvent(1, ServiceState.ACTIVE, time(7), ())],
        [ScheduleEvent(0, ServiceState.ACTIVE, time(7), (Weekday.MONDAY,))],
        [
            ScheduleEvent(
                1, ServiceState.ACTIVE, time(7), (Weekday.MONDAY,), None, math.nan
            )
        ],
    ],
)
def test_schedules_that_are_refused(events: list[ScheduleEvent]) -> None:
    """The gateway would drop the message without a word."""
    with pytest.raises(ProtocolError):
        set_schedule(BASE, events)


@pytest.mark.parametrize("event_id", [0, -1, 2**31, 1.5, True])
def test_entries_that_cannot_be(event_id: int) -> None:
    """An id is a positive number."""
    with pytest.raises(ProtocolError, match="field id"):
        clear_schedule(BASE, event_id)


@pytest.mark.parametrize("base", ["", "a/#", "+/b", "$SYS", "a\x00b", "a\nb"])
def test_base_topics_that_cannot_be(base: str) -> None:
    """Nothing can be published there."""
    with pytest.raises(ProtocolError, match="not a base topic"):
        clear_override(base)


def test_rapi_that_cannot_be_sent() -> None:
    """As everywhere."""
    with pytest.raises(ProtocolError, match="never sent"):
        send_rapi(BASE, "SC", 48, "M")


# --- settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mqtt_grid_ie", "house/grid/power"),
        ("mqtt_grid_ie", ""),
        ("divert_type", 1),
        ("charge_mode", "eco"),
        ("led_brightness", 255),
        ("current_shaper_max_pwr", 9000),
        ("limit_default_type", "none"),
        ("limit_default_type", "energy"),
        ("default_state", False),
        ("max_current_soft", 16),
        ("divert_PV_ratio", 0.55),
        ("divert_PV_ratio", 2),
    ],
)
def test_settings(name: str, value: object) -> None:
    """As the gateway has them."""
    assert check_settings({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "nothing to set"),
        # The controller takes it once and for ever.
        ({"max_current_hard": 32}, "not a setting to change"),
        ({"www_password": "x"}, "not a setting to change"),
        ({"mqtt_server": "x"}, "not a setting to change"),
        ({"led_brightness": 50, "flags": 1}, "flags is not a setting"),
        ({"led_brightness": 256}, "out_of_range: field led_brightness, minimum 0"),
        ({"led_brightness": 5.5}, "not_whole: field led_brightness"),
        ({"led_brightness": True}, "not_a_number: field led_brightness"),
        ({"led_brightness": "5"}, "not_a_number: field led_brightness"),
        ({"default_state": 1}, "not_true_or_false: field default_state"),
        ({"charge_mode": "turbo"}, "not_a_choice: field charge_mode, choices fast"),
        ({"mqtt_solar": "a/#"}, "not_a_topic: field mqtt_solar"),
        ({"mqtt_solar": "a\x00"}, "text_unusable: field mqtt_solar"),
        ({"mqtt_solar": "x" * 256}, "text_unusable: field mqtt_solar"),
        ({"mqtt_solar": 5}, "text_unusable: field mqtt_solar"),
        # By the names that the user reads.
        ({"service": 3}, "out_of_range: field service_level_setting"),
        ({"divert_PV_ratio": 10.5}, "out_of_range: field divert_pv_ratio, minimum 0"),
        ({"divert_PV_ratio": float("nan")}, "not_a_number: field divert_pv_ratio"),
        ({"temp_throttle_setpoint": 90}, "field temp_throttle_setpoint, minimum 40"),
        ({"max_current_soft": 5}, "out_of_range: field stored_capacity"),
    ],
)
def test_settings_that_are_refused(changes: dict[str, object], reason: str) -> None:
    """What cuts the connection, what is for ever, what is out of range."""
    with pytest.raises(ProtocolError, match=reason):
        check_settings(changes)


def test_a_negative_setting() -> None:
    """The gateway passes it on to a parser that knows no sign, and tells it either way.

    setAmmeterSettings() of OpenEVSE_Lib: `$SA %ld %ld`.
    """
    changes = {"scale": 220, "offset": -5}
    assert check_settings(changes) == {"scale": 220, "offset": 65531}
    assert decode_config({"offset": 65531}).offset == -5
    assert decode_config({"offset": -5}).offset == -5
    assert decode_config({"offset": 32767}).offset == 32767
    for name, rule in SETTINGS.items():
        assert rule.minimum >= 0 or rule.bits or not rule.name, name


def test_expert_settings() -> None:
    """Safety checks, calibration, what the controller stores, what acts on heat."""
    expert = {name for name, rule in SETTINGS.items() if rule.expert}
    assert expert == {
        "diode_check",
        "gfci_check",
        "ground_check",
        "relay_check",
        "temp_check",
        "vent_check",
        "max_current_soft",
        "offset",
        "scale",
        *("boot_lock", "front_button", "pp_auto", "zero_cross"),
        *("relay_ac", "relay_dc1", "relay_dc2"),
        *("heartbeat_current", "heartbeat_interval"),
        *("over_temp_shutdown", "temp_throttle_enabled", "temp_throttle_setpoint"),
    }


# --- feeds


@pytest.mark.parametrize("name", FEEDS)
def test_feeds(name: str) -> None:
    """Each has a topic in the configuration, which can be set."""
    feed = FEEDS[name]
    assert feed.config_key in Config.__dataclass_fields__
    assert feed.config_key in SETTINGS


@pytest.mark.parametrize(
    ("name", "value", "fed"),
    [
        # toInt() would make -1077 of it.
        ("grid_power", -1077.6, "-1078"),
        ("grid_power", 0, "0"),
        ("grid_power", -0.2, "0"),
        ("solar_power", 3500.4, "3500"),
        ("voltage", 231.26, "231.3"),
        ("vehicle_soc", 79.6, "80"),
        ("home_battery_power", -2500, "-2500"),
    ],
)
def test_fed_values(name: str, value: float, fed: str) -> None:
    """Whole numbers, but for the voltage."""
    assert str(feed_value(name, value)) == fed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grid_power", math.nan),
        ("grid_power", math.inf),
        ("grid_power", 2e6),
        ("solar_power", -5),
        ("voltage", 0),
        ("vehicle_soc", 101),
        ("moon_phase", 1),
    ],
)
def test_fed_values_that_are_refused(name: str, value: float) -> None:
    """Nothing is better than a wrong number."""
    with pytest.raises(ProtocolError):
        feed_value(name, value)
