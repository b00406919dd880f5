"""The EM420's configuration messages, and keeping the last one."""

from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.em420 import (
    Class,
    Configuration,
    DeviceType,
    SourceConfiguration,
    ValueConfiguration,
    decode,
    dump,
    load,
)

from .messages import FIXTURES


def configuration(payload: bytes | dict[str, Any]) -> Configuration:
    """Decode a configuration message."""
    if isinstance(payload, dict):
        payload = orjson.dumps(payload)
    message = decode(payload)
    assert isinstance(message, Configuration)
    return message


def source(**content: Any) -> SourceConfiguration:
    """Decode one source's configuration."""
    message = {"s0": {"id": "abc", "configuration": content}}
    return configuration(message).sources["s0"]


def test_documented_example() -> None:
    """TQ document 1.1.2.2."""
    message = configuration((FIXTURES / "configuration.json").read_bytes())
    assert list(message.sources) == ["s0", "s1"]
    sensor = message.sources["s0"]
    assert sensor.id == "5f7009bafa21ab95f0db7d6f01ecfad9499b376a"
    assert sensor.source_class is Class.CONSUMER
    assert sensor.device_type is DeviceType.UNKNOWN
    assert sensor.label == "Sensor s023432"
    assert sensor.phase == "L2"
    assert sensor.serial == "9C.B7.0D.59.6F.55.00"
    assert sensor.members == ()
    assert sensor.meta == {"phase": "L2", "serial": "9C.B7.0D.59.6F.55.00"}
    assert len(sensor.units) == 7
    assert sensor.units["power_factor_L2"] == ValueConfiguration(
        "1-0:53.4.0*255", "cos φ"
    )


def test_group() -> None:
    """`sources` of a group are the sources that it sums."""
    message = configuration((FIXTURES / "group_configuration.json").read_bytes())
    group = message.sources["g0"]
    assert group.members == ("s0", "s1")
    assert group.device_type is DeviceType.BUILDING_OFFICE
    assert group.label == "Büro"
    assert group.phase is None
    assert group.serial is None


def test_what_is_missing_is_empty() -> None:
    """Go leaves out or writes null for what is empty."""
    empty = source()
    assert empty == source(
        **dict.fromkeys(("class", "devicetype", "label", "sources", "meta", "values"))
    )
    assert empty.source_class is Class.UNKNOWN
    assert empty.device_type is DeviceType.UNKNOWN
    assert (empty.label, empty.members, empty.meta, empty.units) == ("", (), {}, {})


def test_null_configurations_are_not_there() -> None:
    """One source without does not stop the others."""
    message = {
        "s0": {"id": "abc", "configuration": None},
        "s1": {"id": "abc", "configuration": {}},
        "s2": None,
    }
    assert list(configuration(message).sources) == ["s1"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("CLASS_PRODUCER", Class.PRODUCER),
        ("CLASS_HYBRID", Class.HYBRID),
        (1, Class.CONSUMER),
        ("CLASS_NEW", Class.UNKNOWN),
        (99, Class.UNKNOWN),
        (True, Class.UNKNOWN),
        ([], Class.UNKNOWN),
    ],
)
def test_classes(raw: object, expected: Class) -> None:
    """Names, numbers, and what a newer firmware may send."""
    assert source(**{"class": raw}).source_class is expected


@pytest.mark.parametrize(
    ("raw", "expected", "value"),
    [
        ("DEVICE_TYPE_HEAT_PUMP", DeviceType.HEAT_PUMP, "heat_pump"),
        (13, DeviceType.HEAT_PUMP, "heat_pump"),
        (0, DeviceType.UNKNOWN, "unknown"),
        (35, DeviceType.CONTROLLABLE_LOAD, "controllable_load"),
        (56, DeviceType.GRID_CONNECTION_POINT, "grid_connection_point"),
        (60, DeviceType.DEVICE_SELF, "device_self"),
        (61, DeviceType.UNKNOWN, "unknown"),
        ("DEVICE_TYPE_INVERTER_PV", DeviceType.UNKNOWN, "unknown"),
        ({}, DeviceType.UNKNOWN, "unknown"),
    ],
)
def test_device_types(raw: object, expected: DeviceType, value: str) -> None:
    """The 61 types of gdr.proto v2.6.0."""
    assert len(DeviceType) == 61
    assert source(devicetype=raw).device_type is expected
    assert expected.value == value


def test_texts_are_made_fit_to_show() -> None:
    """A name is free text; its length and its control characters are not."""
    assert source(label=" Wärme\x00pumpe\n").label == "Wärmepumpe"
    assert len(source(label="x" * 100_000).label) == 255
    assert source(meta={"interval": "", "serial": None}).meta == {}


def test_members_are_there_once() -> None:
    """A doubled member is one member."""
    assert source(sources=["s1", "s0", "s1"]).members == ("s1", "s0")


@pytest.mark.parametrize("name", ["configuration", "group_configuration"])
def test_dump_is_what_the_device_sent(name: str) -> None:
    """The stored form is the device's own, so old stores stay readable."""
    payload = (FIXTURES / f"{name}.json").read_bytes()
    message = configuration(payload)
    assert dump(message) == orjson.loads(payload)
    assert load(orjson.loads(orjson.dumps(dump(message)))) == message


def test_an_empty_store() -> None:
    """Nothing known is nothing stored."""
    assert load(dump(Configuration({}))) == Configuration({})


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "text",
    ],
)
def test_a_damaged_store(stored: Any) -> None:
    """It is refused like a damaged message."""
    with pytest.raises(ProtocolError):
        load(stored)


def test_a_store_that_is_damaged_in_part() -> None:
    """What can be read of it is taken up."""
    stored = {"": {}, "s0": [], "s1": {"id": "a", "configuration": {"label": "Oven"}}}
    message = load(stored)
    assert list(message.sources) == ["s1"]
    assert message.sources["s1"].label == "Oven"
    assert len(message.unread) == 2
