"""What openWB publishes, topic by topic."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import Kind, Place, decode

from .samples import RETAINED

P = Kind.CHARGE_POINT
S = Kind.SYSTEM

TOPICS: list[tuple[str, str, Kind, int | None, dict[str, Any]]] = [
    ("chargepoint/3/get/power", "3460.0", P, 3, {"power": 3460.0}),
    (
        "chargepoint/3/get/currents",
        "[15.0, 0, 0.5]",
        P,
        3,
        {"current_L1": 15.0, "current_L2": 0, "current_L3": 0.5},
    ),
    (
        "chargepoint/3/get/voltages",
        "[231.3]",
        P,
        3,
        {"voltage_L1": 231.3, "voltage_L2": None, "voltage_L3": None},
    ),
    (
        "chargepoint/3/get/powers",
        "null",
        P,
        3,
        {"power_L1": None, "power_L2": None, "power_L3": None},
    ),
    ("chargepoint/3/get/plug_state", "true", P, 3, {"plug_state": True}),
    ("chargepoint/3/get/plug_state", "0", P, 3, {"plug_state": False}),
    ("chargepoint/3/get/state_str", '"l\\u00e4dt"', P, 3, {"state_str": "lädt"}),
    ("chargepoint/3/get/rfid", "null", P, 3, {"rfid": None}),
    (
        "chargepoint/3/get/connected_vehicle/info",
        '{"id": 1, "name": "Tesla3"}',
        P,
        3,
        {"connected_vehicle_id": 1, "connected_vehicle_name": "Tesla3"},
    ),
    (
        "chargepoint/3/get/connected_vehicle/soc",
        '{"soc": 47.5, "range": 198.4, "range_unit": "km", "timestamp": 1767084950}',
        P,
        3,
        {
            "connected_vehicle_soc": 47.5,
            "connected_vehicle_range": 198.4,
            "connected_vehicle_soc_timestamp": datetime(
                2025, 12, 30, 8, 55, 50, tzinfo=UTC
            ),
        },
    ),
    # Up to 2.1.x the time is a text; miles become km.
    (
        "chargepoint/3/get/connected_vehicle/soc",
        '{"range": 100, "range_unit": "mi", "timestamp": "12/30/2025, 09:55:50"}',
        P,
        3,
        {
            "connected_vehicle_range": 160.9344,
            "connected_vehicle_soc_timestamp": datetime(2025, 12, 30, 9, 55, 50),
        },
    ),
    (
        "chargepoint/3/get/connected_vehicle/soc",
        '{"timestamp": null}',
        P,
        3,
        {"connected_vehicle_soc_timestamp": None},
    ),
    # The stale key beside the one that counts.
    (
        "chargepoint/3/config",
        '{"name": "Box", "_ev": 7, "ev": 1, "template": 0}',
        P,
        3,
        {"name": "Box", "vehicle": 1, "template": 0},
    ),
    ("chargepoint/3/set/manual_lock", "false", P, 3, {"manual_lock": False}),
    ("chargepoint/3/set/rfid", "1234.0", P, 3, {"set_rfid": "1234"}),
    (
        "chargepoint/3/set/log",
        '{"chargemode_log_entry": "_", "time_charged": "1:44", "costs": 0.36,'
        ' "charged_energy_by_source": {"bat": 1, "cp": 0, "grid": 2, "pv": 3},'
        ' "timestamp_start_charging": null, "new": 1}',
        P,
        3,
        {
            "session_chargemode": None,
            "session_time_charged": 6240,
            "session_costs": 0.36,
            "session_start": None,
            "session_energy_bat": 1,
            "session_energy_cp": 0,
            "session_energy_grid": 2,
            "session_energy_pv": 3,
        },
    ),
    # From 2.1.9 on (openWB/core: Log in control/chargepoint/chargepoint_data.py).
    (
        "chargepoint/3/set/log",
        '{"time_charged": 2643.713}',
        P,
        3,
        {"session_time_charged": 2644},
    ),
    ("chargepoint/get/power", "3460", S, None, {"chargepoint_power": 3460}),
    ("counter/0/get/power", "-310.0", Kind.COUNTER, 0, {"power": -310.0}),
    (
        "counter/0/config/max_currents",
        "[35, 35, 32]",
        Kind.COUNTER,
        0,
        {"max_current_L1": 35, "max_current_L2": 35, "max_current_L3": 32},
    ),
    ("counter/set/home_consumption", "650", S, None, {"home_consumption": 650}),
    ("pv/1/get/power", "-4420.0", Kind.INVERTER, 1, {"power": -4420.0}),
    ("pv/get/yearly_exported", "7890", S, None, {"pv_yearly_exported": 7890}),
    ("bat/2/get/soc", "55", Kind.BATTERY, 2, {"soc": 55}),
    ("bat/2/set/power_limit", "null", Kind.BATTERY, 2, {"power_limit": None}),
    ("bat/config/price_limit$", "0.3", S, None, {"price_limit": 0.3}),
    ("vehicle/1/name", '"Tesla3"', Kind.VEHICLE, 1, {"name": "Tesla3"}),
    ("vehicle/1/tag_id", '["04A1"]', Kind.VEHICLE, 1, {"tag_id": ("04A1",)}),
    (
        "vehicle/1/soc_module/config",
        '{"type": "mqtt", "configuration": {}}',
        Kind.VEHICLE,
        1,
        {"soc_module": "mqtt"},
    ),
    (
        "general/chargemode_config/pv_charging/bat_mode",
        '"ev_mode"',
        S,
        None,
        {"bat_mode": "ev_mode"},
    ),
    ("general/prices/grid", "0.0003", S, None, {"price_grid": 0.0003}),
    # Up to 2.1.8 and after; in the order of time, not of text.
    (
        "optional/et/get/prices",
        '{"1767087000": 0.0003, "999999999": 0.0002}',
        S,
        None,
        {"prices": {"999999999": 0.0002, "1767087000": 0.0003}},
    ),
    (
        "optional/ep/get/prices",
        '{"1767083400": 0.00025}',
        S,
        None,
        {"prices": {"1767083400": 0.00025}},
    ),
    ("system/version", '"2.1.8-Patch.4"', S, None, {"version": "2.1.8-Patch.4"}),
    ("system/datastore_version", "96", S, None, {"datastore_version": 96}),
    ("system/datastore_version", "[1, 2]", S, None, {"datastore_version": 2}),
    (
        "system/time",
        "1767085070.5",
        S,
        None,
        {"time": datetime(2025, 12, 30, 8, 57, 50, 500000, tzinfo=UTC)},
    ),
    (
        "system/device/4/component/6/config",
        '{"name": "Haus", "type": "counter", "id": 6}',
        Kind.COMPONENT,
        6,
        {"name": "Haus", "component": Kind.COUNTER, "hardware": 4},
    ),
    (
        "io/states/5/get/digital_input",
        '{"DI1": true, "DI2": false}',
        Kind.IO,
        5,
        {"digital_input_DI1": True, "digital_input_DI2": False},
    ),
    *(
        # Some hardware tells it in 0.01 A; with direct current it may be 500 A.
        ("chargepoint/3/get/evse_current", told, P, 3, {"evse_current": amps})
        for told, amps in (
            *(("16", 16), ("1600", 16), ("600", 6), ("3200", 32), ("612.5", 6.125)),
            *(("0", 0), ("500", 500), ("null", None)),
        )
    ),
    *(
        # 300 is no sensor.
        (
            "LegacySmartHome/Devices/2/TemperatureSensor0",
            told,
            Kind.SMART_HOME,
            2,
            {"TemperatureSensor0": degrees},
        )
        for told, degrees in (
            *(("52.5", 52.5), ("-8", -8), ("300", None), ("300.0", None)),
            *(("none", None), ("200", 200)),
        )
    ),
    ("LegacySmartHome/Devices/2/Watt", "120", Kind.SMART_HOME, 2, {"Watt": 120}),
    # openWB 1.9 wrote text without quotes.
    ("LegacySmartHome/Devices/2/Watt", "none", Kind.SMART_HOME, 2, {"Watt": None}),
    (
        "LegacySmartHome/config/get/Devices/2/device_name",
        "Heizstab",
        Kind.SMART_HOME,
        2,
        {"name": "Heizstab"},
    ),
    (
        "vehicle/template/charge_template/4/time_charging/plans/7",
        '{"name": "x"}',
        Kind.CHARGE_TEMPLATE,
        4,
        {"time_plan": {"name": "x"}, "plan": 7},
    ),
]


@pytest.mark.parametrize(("topic", "payload", "kind", "number", "values"), TOPICS)
def test_a_topic_is_read(
    topic: str, payload: str, kind: Kind, number: int | None, values: dict[str, Any]
) -> None:
    state = decode(f"openWB/{topic}", payload)
    assert state is not None
    assert (state.kind, state.id) == (kind, number)
    assert state.values == values
    assert not state.deleted


def test_every_topic_of_an_installation_is_read() -> None:
    unknown = {
        topic for topic, payload in RETAINED.items() if not decode(topic, payload)
    }
    # What is left is for openWB's own pages.
    assert {topic.split("/")[1] for topic in unknown} <= {
        *("system", "optional", "general", "chargepoint", "command"),
        *("counter", "graph", "mqtt"),
    }
    assert len(RETAINED) == 331
    assert len(unknown) < 70


def test_the_hierarchy_begins_at_the_grid() -> None:
    topic = "openWB/counter/get/hierarchy"
    state = decode(topic, RETAINED[topic])
    assert state is not None
    grid = (Kind.COUNTER, 0)
    assert state.values["hierarchy"] == (
        Place(Kind.COUNTER, 0, None),
        Place(Kind.CHARGE_POINT, 3, grid),
        Place(Kind.CHARGE_POINT, 4, grid),
        Place(Kind.INVERTER, 1, grid),
        Place(Kind.BATTERY, 2, grid),
        Place(Kind.COUNTER, 6, grid),
    )


def test_a_consumer_has_a_place() -> None:
    """From 2.3 (openWB/core #3940)."""
    state = decode(
        "openWB/counter/get/hierarchy",
        '[{"id": 0, "type": "counter", "children": [{"id": 9, "type": "consumer"}]}]',
    )
    assert state is not None
    assert state.values["hierarchy"] == (
        Place(Kind.COUNTER, 0, None),
        Place(Kind.CONSUMER, 9, (Kind.COUNTER, 0)),
    )


def test_what_hangs_below_something_unknown_hangs_below_its_parent() -> None:
    state = decode(
        "openWB/counter/get/hierarchy",
        '[{"id": 0, "type": "counter", "children":'
        ' [{"id": 9, "type": "robot", "children": [{"id": 3, "type": "cp"}]}]}]',
    )
    assert state is not None
    assert state.values["hierarchy"] == (
        Place(Kind.COUNTER, 0, None),
        Place(Kind.CHARGE_POINT, 3, (Kind.COUNTER, 0)),
    )


def test_a_deleted_topic_has_no_values() -> None:
    state = decode("openWB/chargepoint/3/get/power", b"")
    assert state is not None
    assert state.deleted
    assert state.values == {"power": None}


@pytest.mark.parametrize(
    "topic",
    ["openWB/vehicle/x/name", "openWB", "other/chargepoint/3/get/power", "openWB/²/a"],
)
def test_other_topics_say_nothing(topic: str) -> None:
    assert decode(topic, b"1") is None


def test_the_root_can_be_another() -> None:
    state = decode("bridge/openWB/chargepoint/3/get/power", b"1", root="bridge/openWB")
    assert state is not None
    assert state.values == {"power": 1}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("chargepoint/3/get/power", "on"),
        ("chargepoint/3/get/power", '"3"'),
        ("chargepoint/3/get/power", "1e300"),
        ("chargepoint/3/get/phases_in_use", "1.5"),
        ("chargepoint/3/get/plug_state", '"true"'),
        ("chargepoint/3/get/plug_state", "2"),
        ("chargepoint/3/get/state_str", "5"),
        ("chargepoint/3/get/currents", "5"),
        ("chargepoint/3/get/soc_timestamp", "-5"),
        ("chargepoint/3/get/connected_vehicle/info", "[]"),
        ("chargepoint/3/set/charge_template", "[1]"),
        ("counter/get/hierarchy", "{}"),
        ("optional/ep/get/prices", "[]"),
        ("system/device/0/component/6/config", "[]"),
    ],
)
def test_what_is_not_what_a_topic_has_is_refused(topic: str, payload: str) -> None:
    with pytest.raises(ProtocolError):
        decode(f"openWB/{topic}", payload)
