"""What is set with a topic of its own, openWB's commands, and what it is fed with."""

from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import (
    Generation,
    Kind,
    Version,
    charge_log,
    charge_log_topic,
    command,
    decode,
    decode_charge_log,
    decode_error,
    decode_refusal,
    error_topic,
    feed,
    generation,
    parse_version,
    reboot,
    reboot_charge_point,
    set_output,
    set_smart_home,
    set_value,
    setting_of,
    takes,
)
from custom_components.wattbus.protocols.publication import Publication

P = Kind.CHARGE_POINT
S = Kind.SYSTEM
V217, V218 = Version(2, 1, 7), Version(2, 1, 8)
V219, V222 = Version(2, 1, 9), Version(2, 2, 2)
V230 = Version(2, 3, 0)


@pytest.mark.parametrize(
    ("kind", "name", "number", "value", "topic", "payload"),
    [
        (P, "manual_lock", 3, True, "chargepoint/3/set/manual_lock", "true"),
        (P, "vehicle", 3, 1, "chargepoint/3/config/ev", "1"),
        (P, "rfid", 3, "04A1", "chargepoint/3/get/rfid", '"04A1"'),
        (Kind.VEHICLE, "charge_template", 1, 0, "vehicle/1/charge_template", "0"),
        (
            Kind.VEHICLE,
            "manual_soc",
            1,
            47.5,
            "vehicle/1/soc_module/calculated_soc_state/manual_soc",
            "47.5",
        ),
        (
            S,
            "bat_mode",
            None,
            "ev_mode",
            "general/chargemode_config/pv_charging/bat_mode",
            '"ev_mode"',
        ),
        (S, "control_interval", None, 20.0, "general/control_interval", "20"),
        (S, "price_grid", None, 0.0003, "general/prices/grid", "0.0003"),
        (
            S,
            "manual_mode",
            None,
            "manual_limit",
            "bat/config/manual_mode",
            '"manual_limit"',
        ),
    ],
)
def test_a_value_is_set(
    kind: Kind, name: str, number: int | None, value: Any, topic: str, payload: str
) -> None:
    assert set_value(
        "openWB", kind, name, value, number=number, version=V222
    ) == Publication(f"openWB/set/{topic}", payload)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (P, "manual_lock", "true"),
        (P, "manual_lock", 1),
        (P, "vehicle", "1"),
        (P, "vehicle", -1),
        (P, "vehicle", 1.5),
        (P, "vehicle", True),
        (P, "rfid", ""),
        (P, "rfid", 5),
        (P, "set_current", 16),
        (S, "bat_mode", "car"),
        (S, "control_interval", 30),
        (S, "min_bat_soc", 101),
        (S, "price_grid", float("nan")),
        (S, "price_grid", 1e30),
        (S, "general_pv_phases", 3),
    ],
)
def test_what_openwb_would_not_take_is_refused(
    kind: Kind, name: str, value: Any
) -> None:
    with pytest.raises(ProtocolError):
        set_value("openWB", kind, name, value, number=3, version=V222)


def test_what_a_version_has() -> None:
    def has(name: str) -> list[bool]:
        return [bool(setting_of(S, name, v)) for v in (None, V217, V218, V219, V222)]

    assert has("temporary_charge_templates_active") == [*[False] * 3, True, True]
    assert has("general_pv_phases") == [False, True, False, False, False]
    assert has("general_scheduled_pv_phases") == [False, True, False, False, False]
    assert has("max_bat_soc") == [False, False, False, True, True]
    assert has("feed_in_limit") == [False] * 5
    assert setting_of(S, "feed_in_limit", V230)


MODES = "general/chargemode_config/"


@pytest.mark.parametrize(
    ("version", "place", "least", "most"),
    [
        (Version(2, 1, 4), "pv_charging/", 1, 15),
        (Version(2, 1, 5), "", 1, 15),
        (Version(2, 1, 6), "", 1, 15),
        (V217, "", 5, 20),
        (V218, "", 5, 60),
        (V219, "pv_charging/", 5, 60),
        (Version(2, 2, 0), "pv_charging/", 5, 180),
        (V222, "pv_charging/", 5, 180),
        (V230, "surplus/vehicle/", 5, 180),
    ],
)
def test_the_phase_switch_delay_of_each_version(
    version: Version, place: str, least: int, most: int
) -> None:
    """Its topic and range as in setdata.py of each tag of openWB/core."""

    def sent(value: int) -> str:
        return set_value("o", S, "phase_switch_delay", value, version=version).topic

    assert sent(least) == sent(most) == f"o/set/{MODES}{place}phase_switch_delay"
    for wrong in (least - 1, most + 1):
        with pytest.raises(ProtocolError):
            sent(wrong)


MOVED = {
    "bat_mode": ("bat/mode", "ev_mode"),
    "min_bat_soc": ("bat/min_soc", 40),
    "max_bat_soc": ("bat/max_soc", 90),
    "bat_power_reserve": ("bat/power_reserve", 200),
    "bat_power_reserve_active": ("bat/power_reserve_active", True),
    "bat_power_discharge": ("bat/power_discharge", 200),
    "bat_power_discharge_active": ("bat/power_discharge_active", True),
    "feed_in_yield": ("surplus/feed_in_yield", 100),
    "switch_on_threshold": ("surplus/vehicle/switch_on_threshold", 1500),
    "switch_on_delay": ("surplus/vehicle/switch_on_delay", 30),
    "switch_off_threshold": ("surplus/vehicle/switch_off_threshold", -50),
    "switch_off_delay": ("surplus/vehicle/switch_off_delay", 60),
    "phase_switch_delay": ("surplus/vehicle/phase_switch_delay", 7),
}


@pytest.mark.parametrize(
    ("name", "place", "value"), [(k, *v) for k, v in MOVED.items()]
)
def test_what_2_3_has_moved(name: str, place: str, value: Any) -> None:
    """openWB/core #3812, `upgrade_datastore_140`; read and set at the same place."""
    old, new = f"{MODES}pv_charging/{name}", f"{MODES}{place}"
    for topic in (old, new):
        state = decode(f"openWB/{topic}", orjson.dumps(value))
        assert state
        assert state.values == {name: value}

    def topic(version: Version | None, told: str | None = None) -> str:
        publication = set_value("openWB", S, name, value, version=version, told=told)
        return publication.topic.removeprefix("openWB/set/")

    assert topic(V222) == old
    assert topic(V230) == topic(V230, new) == topic(Version(3, 0, 0), old) == new
    # The first alphas of 2.3.0 had it where 2.2 has it.
    assert topic(V230, old) == old
    # A version that is no version: it is where it is told.
    assert (topic(None, old), topic(None, new)) == (old, new)


@pytest.mark.parametrize("version", [V217, V218, V219, V222])
def test_a_tag_is_text_where_the_reader_puts_it(version: Version) -> None:
    """Also one of digits alone: a number is refused (setdata.py, 2.1.7 to 2.2.2)."""
    assert set_value("openWB", P, "rfid", "1234", number=3, version=version) == (
        Publication("openWB/set/chargepoint/3/get/rfid", '"1234"')
    )


def test_outputs_are_set_by_hand() -> None:
    assert set_output("openWB", 5, "DO1", True) == Publication(
        "openWB/set/system/io/5/set/manual/digital_output/DO1", "true"
    )
    assert set_output("openWB", 5, "AO1", 2.5) == Publication(
        "openWB/set/system/io/5/set/manual/analog_output/AO1", "2.5"
    )
    with pytest.raises(ProtocolError):
        set_output("openWB", 5, "a/b", True)


def test_smart_home_devices_are_taken_over() -> None:
    assert set_smart_home("openWB", 2, "mode", True) == Publication(
        "openWB/set/LegacySmartHome/config/set/Devices/2/mode", "1"
    )
    with pytest.raises(ProtocolError):
        set_smart_home("openWB", 2, "Watt", True)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.1.8-Patch.4", V218),
        ("2.2.0-RC.1", Version(2, 2, 0)),
        ("2.3.0-alpha.1", Version(2, 3, 0)),
        ("2.2.2", V222),
        ("2.2", None),
        ("", None),
        (None, None),
        ("2.2.2.2", None),
    ],
)
def test_versions(text: str | None, version: Version | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("has_template", "version", "expected"),
    [
        (True, None, Generation.DOCUMENT),
        (True, V217, Generation.DOCUMENT),
        (False, None, None),
        (False, V217, Generation.FIELDS),
        (False, V218, Generation.DOCUMENT),
    ],
)
def test_the_generation_shows_in_features_first(
    has_template: bool, version: Version | None, expected: Generation | None
) -> None:
    assert generation(has_template=has_template, version=version) is expected


def test_commands() -> None:
    def parts(publication: Publication) -> tuple[str, Any]:
        return publication.topic, orjson.loads(publication.payload)

    assert parts(reboot("openWB", "ha")) == (
        "openWB/set/command/ha/todo/systemReboot",
        {"command": "systemReboot", "data": {}},
    )
    assert parts(reboot_charge_point("openWB", "ha", 3)) == (
        "openWB/set/command/ha/todo/chargepointReboot",
        {"command": "chargepointReboot", "data": {"chargepoint": 3}},
    )
    topic, document = parts(charge_log("openWB", "ha", 2026, 1))
    assert topic == "openWB/set/command/ha/todo/getChargeLog"
    # openWB's file of that month is 202601.json.
    assert (document["data"]["year"], document["data"]["month"]) == ("2026", "01")
    assert charge_log_topic("openWB", "ha") == "openWB/log/ha/data"
    assert error_topic("openWB", "ha") == "openWB/command/ha/error"
    with pytest.raises(ProtocolError):
        command("openWB", "a/b", "systemReboot")
    with pytest.raises(ProtocolError):
        charge_log("openWB", "ha", 2026, 13)


def test_a_charge_log_is_read() -> None:
    assert decode_charge_log(b'{"entries": [{"a": 1}], "totals": {"b": 2}}') == {
        "entries": [{"a": 1}],
        "totals": {"b": 2},
    }
    assert decode_charge_log(b"{}") == {"entries": [], "totals": {}}
    assert decode_error(b'{"command": "x", "error": "no"}') == "no"
    for payload in (b"[]", b'{"entries": 1}'):
        with pytest.raises(ProtocolError):
            decode_charge_log(payload)
    with pytest.raises(ProtocolError):
        decode_error(b"{}")


def test_a_message_tells_of_a_failure() -> None:
    message = {"source": "command", "type": "danger", "message": "x" * 300}
    assert decode_refusal(orjson.dumps(message)) == "x" * 200
    for kind in ("success", "info", "warning"):
        assert decode_refusal(orjson.dumps({**message, "type": kind})) is None
    for payload in (b"", b"[]", b'{"type": "danger"}'):
        with pytest.raises(ProtocolError):
            decode_refusal(payload)


@pytest.mark.parametrize(
    ("kind", "name", "value", "version", "topic", "payload"),
    [
        (Kind.COUNTER, "power", -310.5, V222, "mqtt/counter/7/get/power", "-310.5"),
        (
            Kind.COUNTER,
            "currents",
            [1.2, 2.3, -2.1],
            V222,
            "mqtt/counter/7/get/currents",
            "[1.2,2.3,-2.1]",
        ),
        (Kind.COUNTER, "power", 5, V217, "counter/7/get/power", "5"),
        (Kind.INVERTER, "power", -500, V217, "pv/7/get/power", "-500"),
        (Kind.INVERTER, "exported", 500, V217, "pv/7/get/exported", "500"),
        (Kind.BATTERY, "soc", 55, V217, "bat/7/get/soc", "55"),
        (Kind.VEHICLE, "soc", 55, V217, "vehicle/7/get/soc", "55"),
        (Kind.VEHICLE, "range", 200, V217, "vehicle/7/get/range", "200"),
        (Kind.INVERTER, "power", -500, V218, "mqtt/pv/7/get/power", "-500"),
        (Kind.BATTERY, "soc", 55, V218, "mqtt/bat/7/get/soc", "55"),
        (Kind.VEHICLE, "odometer", 14611, V222, "mqtt/vehicle/7/get/odometer", "14611"),
    ],
)
def test_what_an_mqtt_device_is_fed(
    kind: Kind, name: str, value: Any, version: Version, topic: str, payload: str
) -> None:
    assert feed("openWB", kind, 7, name, value, version) == Publication(
        f"openWB/set/{topic}", payload, retain=True
    )


@pytest.mark.parametrize(
    ("kind", "name", "value", "version"),
    [
        (Kind.BATTERY, "currents", [1, 2, 3], V217),
        (Kind.VEHICLE, "odometer", 1, V217),
        (Kind.VEHICLE, "odometer", 1, V219),
        (Kind.VEHICLE, "soc", 101, V222),
        (Kind.COUNTER, "currents", [1, 2], V222),
        (Kind.COUNTER, "currents", 1, V222),
        (Kind.COUNTER, "currents", [1, 2, float("nan")], V222),
        (Kind.COUNTER, "power", [1, 2, 3], V222),
        (Kind.COUNTER, "dc_power", 1, V222),
    ],
)
def test_what_would_be_wrong_is_not_fed(
    kind: Kind, name: str, value: Any, version: Version
) -> None:
    with pytest.raises(ProtocolError):
        feed("openWB", kind, 7, name, value, version)


def test_without_a_version_nothing_is_fed() -> None:
    assert not takes(Kind.COUNTER, "power", None)
