"""The gateway's JSON documents: claims, limits, schedule, announce, configuration."""

from datetime import time
from pathlib import Path

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openevse import (
    Announce,
    ChargeMode,
    Claim,
    Config,
    DivertType,
    GatewayError,
    Limit,
    LimitType,
    ScheduleEvent,
    ServiceState,
    Weekday,
    decode,
    decode_announce,
    decode_claim,
    decode_config,
    decode_limit,
    decode_rapi,
    decode_schedule,
    decode_will,
)
from custom_components.wattbus.protocols.rapi import Reply

FIXTURES = Path(__file__).parents[2] / "fixtures" / "openevse"
ACTIVE, DISABLED = ServiceState.ACTIVE, ServiceState.DISABLED


@pytest.mark.parametrize(
    ("payload", "claim"),
    [
        ('{"state":"null"}', None),
        ("{}", None),
        ('{"state":null}', None),
        ('{"msg":"no manual override"}', None),
        ('{"state":"active","auto_release":false}', Claim(ACTIVE, auto_release=False)),
        ('{"state":"disabled"}', Claim(DISABLED)),
        (
            '{"charge_current":16,"max_current":32,"auto_release":true}',
            Claim(None, 16, 32, True),
        ),
        (
            '{"priority":500,"state":"active","charge_current":10,"auto_release":true}',
            Claim(ACTIVE, 10, None, True, 500),
        ),
    ],
)
def test_claims_and_overrides(payload: str, claim: Claim | None) -> None:
    """What is missing is left to others; "null" is text."""
    assert decode_claim(payload) == claim
    assert decode("claim", payload) == {"claim": claim}
    assert decode("override", payload.encode()) == {"override": claim}


@pytest.mark.parametrize(
    ("payload", "limit"),
    [
        ('{"type":"none","value":0,"auto_release":true}', None),
        ("{}", None),
        (
            '{"type":"time","value":90,"auto_release":true}',
            Limit(LimitType.TIME, 90, True),
        ),
        ('{"type":"energy","value":5000}', Limit(LimitType.ENERGY, 5000)),
        (
            '{"type":"soc","value":80,"auto_release":false}',
            Limit(LimitType.SOC, 80, False),
        ),
        ('{"type":"range","value":300}', Limit(LimitType.RANGE, 300)),
    ],
)
def test_limits(payload: str, limit: Limit | None) -> None:
    """The document says whether there is one, as the event on the same topic does."""
    assert decode_limit(payload) == limit
    expected = {"limit": limit, "has_limit": limit is not None}
    assert decode("limit", payload) == decode("limit", payload.encode()) == expected


def test_schedule() -> None:
    """In the gateway's order and local time."""
    payload = (FIXTURES / "schedule.json").read_bytes()
    days = tuple(Weekday)
    events = (
        ScheduleEvent(2, DISABLED, time(12), days),
        ScheduleEvent(1, ACTIVE, time(19), (Weekday.SATURDAY, Weekday.SUNDAY)),
    )
    assert decode_schedule(payload) == events
    assert decode("schedule", payload) == {"schedule": events}
    assert decode_schedule("[]") == ()


def test_schedule_with_missing_and_new_members() -> None:
    """An older or a newer firmware."""
    assert decode_schedule('[{"time":"07:00:00"}]') == (
        ScheduleEvent(None, None, time(7), ()),
    )
    payload = (
        '[{"id":3,"state":"active","days":["monday"],"feature":"divert",'
        '"feature_value":1,"limit":"energy","limit_value":5000,"more":[]}]'
    )
    assert decode_schedule(payload) == (
        ScheduleEvent(3, ACTIVE, None, (Weekday.MONDAY,), "divert", 1, "energy", 5000),
    )


@pytest.mark.parametrize(
    ("payload", "announce"),
    [
        (
            '{"state":"connected","id":"c44f330d0ad0","name":"openevse-0ad0",'
            '"mqtt":"emon/openevse-0ad0","http":"http://192.0.2.43/"}',
            Announce(
                True,
                "c44f330d0ad0",
                "openevse-0ad0",
                "emon/openevse-0ad0",
                "http://192.0.2.43/",
            ),
        ),
        (
            '{"state":"disconnected","id":"c44f330d0ad0","name":"openevse-0ad0"}',
            Announce(False, "c44f330d0ad0", "openevse-0ad0"),
        ),
        ('{"state":"connected"}', Announce(True, None, None)),
        # An address that nobody should open.
        (
            '{"state":"connected","http":"javascript:alert(1)"}',
            Announce(True, None, None),
        ),
    ],
)
def test_announce(payload: str, announce: Announce) -> None:
    """Birth and last will; the will has no topic and no address."""
    assert decode_announce(payload) == announce


@pytest.mark.parametrize("payload", ["connected", b"connected"])
def test_will_of_esp8266(payload: str | bytes) -> None:
    """On the base topic itself."""
    assert decode_will(payload) is True
    assert decode_will("disconnected") is False
    with pytest.raises(ProtocolError):
        decode_will(b"\xff")


@pytest.mark.parametrize(
    ("decoder", "payload"),
    [
        (decode_claim, "[]"),
        (decode_claim, "null"),
        (decode_claim, '{"state":"sleeping"}'),
        (decode_claim, '{"state":5}'),
        (decode_claim, '{"charge_current":"much"}'),
        (decode_claim, '{"charge_current":true}'),
        (decode_claim, '{"auto_release":"yes"}'),
        (decode_claim, '{"auto_release":[]}'),
        (decode_claim, '{"client":1.5}'),
        (decode_claim, "x" * 70_000),
        (decode_limit, "true"),
        (decode_limit, '{"type":"volume","value":1}'),
        (decode_limit, '{"type":"time"}'),
        (decode_limit, '{"type":{},"value":1}'),
        (decode_schedule, "{}"),
        (decode_schedule, "["),
        (decode_schedule, "[" * 100_000),
        (decode_schedule, "[" * 50_000),
        (decode_schedule, "[[]]"),
        (decode_schedule, "[" + "{}," * 300 + "{}]"),
        (decode_schedule, '[{"days":"monday"}]'),
        (decode_schedule, '[{"days":["Mon"]}]'),
        (decode_schedule, '[{"days":[{}]}]'),
        (decode_schedule, '[{"time":"25:00:00"}]'),
        (decode_schedule, '[{"time":7}]'),
        (decode_announce, '{"id":"c44f330d0ad0"}'),
        (decode_announce, '{"state":"lost"}'),
        (decode_announce, '{"state":["connected"]}'),
        (decode_announce, '{"state":"connected","id":"a|b"}'),
        (decode_announce, '{"state":"connected","id":5}'),
        (decode_announce, '{"state":"connected","mqtt":"a/#"}'),
        (decode_announce, '{"state":"connected","name":{}}'),
        (decode_announce, "connected"),
        (decode_config, "{}"),
        (decode_config, '{"ssid":"example"}'),
        (decode_config, "[]"),
        (decode_rapi, "{}"),
        (decode_rapi, '{"cmd":"$GS"}'),
        (decode_rapi, '{"ret":5}'),
        (decode_rapi, '{"ret":"$OK 1^30"}'),
        (decode_rapi, '{"ret":"$AT 01 01 32 0200"}'),
        (decode_rapi, '{"error":"<html>"}'),
        (decode_rapi, '{"error":"' + "x" * 100 + '"}'),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else value.__name__,
)
def test_what_is_refused(decoder: object, payload: str) -> None:
    """With a reason that fits into a log line."""
    assert callable(decoder)
    with pytest.raises(ProtocolError) as caught:
        decoder(payload)
    assert len(str(caught.value)) < 100


# --- configuration


def test_config_of_esp32() -> None:
    """What is needed for control and for feeds, and nothing secret."""
    payload = (FIXTURES / "config_esp32_5.1.json").read_bytes()
    config = decode_config(payload)
    nowhere = ("mqtt_solar", "mqtt_vrms")
    nowhere += ("mqtt_vehicle_soc", "mqtt_vehicle_range", "mqtt_vehicle_eta")
    assert config == Config(
        version="v5.1.2",
        firmware="7.1.3",
        protocol="-",
        buildenv="openevse_wifi_v1",
        wifi_serial="AABBCC112233",
        hostname="openevse-2233",
        time_zone="Europe/Berlin|CET-1CEST,M3.5.0,M10.5.0/3",
        service=2,
        scale=220,
        offset=0,
        min_current_hard=6,
        max_current_hard=48,
        max_current_soft=32,
        diode_check=True,
        gfci_check=True,
        ground_check=True,
        relay_check=True,
        vent_check=True,
        temp_check=True,
        mqtt_topic="openevse",
        mqtt_announce_topic="openevse/announce/2233",
        mqtt_retained=False,
        **dict.fromkeys(nowhere, ""),
        mqtt_grid_ie="house/grid/power",
        mqtt_live_pwr="house/live/power",
        mqtt_vehicle_range_miles=False,
        vehicle_data_src=0,
        divert_enabled=True,
        divert_type=DivertType.GRID,
        charge_mode=ChargeMode.ECO,
        current_shaper_enabled=True,
        current_shaper_max_pwr=9000,
        current_shaper_data_maxinterval=120,
        current_shaper_min_pause_time=300,
        current_shaper_smoothing_time=60,
        divert_PV_ratio=1.1,
        divert_attack_smoothing_time=20,
        divert_decay_smoothing_time=600,
        divert_min_charge_time=600,
        ocpp_enabled=False,
        led_brightness=125,
        pause_uses_disabled=False,
        default_state=True,
        is_threephase=False,
        rfid_enabled=False,
        limit_default_type="none",
        limit_default_value=0,
        scheduler_start_window=600,
    )
    assert "_DUMMY_PASSWORD" not in repr(config)
    assert decode("config", payload) == {"config": config}
    assert decode_config(orjson.loads(payload)) == config


def test_config_of_esp8266() -> None:
    """It says much less."""
    config = decode_config((FIXTURES / "config_esp8266_2.9.json").read_bytes())
    assert config.version == "2.9.1"
    assert config.firmware == "5.0.1"
    assert config.mqtt_grid_ie == "emon/emonpi/power1"
    assert config.mqtt_solar == ""
    assert config.buildenv is None
    assert config.max_current_hard is None
    assert config.charge_mode is ChargeMode.FAST


def test_what_nobody_has_chosen() -> None:
    """app_config.cpp, 5.1.5: the defaults are -1 and an empty text."""
    config = decode_config({"divert_type": -1, "limit_default_type": ""})
    assert config == Config(divert_type=DivertType.NONE, limit_default_type="none")


def test_odd_settings_are_none() -> None:
    """One of them must not hide the others."""
    config = decode_config(
        {
            "version": 5,
            "firmware": "8.2.3",
            "service": "two",
            "divert_type": 7,
            "charge_mode": "turbo",
            "mqtt_grid_ie": "house/+/power",
            "mqtt_retained": "often",
            "max_current_soft": None,
        }
    )
    assert config == Config(firmware="8.2.3")


# --- RAPI over HTTP


@pytest.mark.parametrize(
    ("payload", "reply"),
    [
        (
            '{"cmd":"$GS","ret":"$OK 01 1234 01 0200^26"}',
            Reply(True, ("01", "1234", "01", "0200")),
        ),
        ('{"cmd":"$FE","ret":"$OK^20"}', Reply(True)),
        ('{"cmd":"$SC 16 V","ret":"$NK 13^03"}', Reply(False, ("13",))),
        # Faked by the gateway for controllers without it.
        ('{"cmd":"$GD","ret":"$OK 0 0 0 0"}', Reply(True, ("0", "0", "0", "0"))),
    ],
)
def test_rapi(payload: str, reply: Reply) -> None:
    """The answer is in the document."""
    assert decode_rapi(payload) == reply


@pytest.mark.parametrize(
    "reason", ["TIMEOUT", "NK", "QUEUE_FULL", "BAD_CHECKSUM", "BLOCKED"]
)
def test_errors_of_the_gateway(reason: str) -> None:
    """Its own word is kept."""
    payload = orjson.dumps({"cmd": "$FE", "error": f"RAPI_RESPONSE_{reason}"})
    with pytest.raises(GatewayError, match=reason) as caught:
        decode_rapi(payload)
    assert caught.value.reason == reason
