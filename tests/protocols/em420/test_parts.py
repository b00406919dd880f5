"""A part of an EM420's message that is no such thing costs that part, and no other.

The document that TQ has published (EM420.TPB.SW.TQ-Systems.v1.3.0, 1.1.2) promises
neither types nor completeness, and a record of TQ's may carry flexible values that are
text (gdr.proto, FlexDefinition). A newer firmware that writes one value otherwise must
not take all sources along (ha-kostal-smartmeter #4 is that fault).
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.em420 import (
    KEYS,
    Configuration,
    Measurements,
    SourceConfiguration,
    decode,
)

from .messages import fixture

WRONG = [None, True, 7, -1.5, "text", "", [], ["a"], [0], {}, {"a": 1}, "x" * 300]
DOCUMENTS = (
    "flat",
    "data",
    "configuration",
    "group_data",
    "group_configuration",
    "smart_meter",
)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every part of a document."""
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def spoilt(document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    """Put something else at a place."""
    document = deepcopy(document)
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return orjson.dumps(document)


def parts_of(source: Any) -> dict[str, Any]:
    """Give what was read of a source, name by name."""
    parts = {name: getattr(source, name) for name in type(source).__slots__}
    for name in ("values", "meta", "units"):
        for key, value in parts.pop(name, {}).items():
            parts[f"{name}.{key}"] = value
    for name in ("scales", "divisors"):
        parts.pop(name, None)
    return parts


def depends(name: str, path: tuple[Any, ...]) -> bool:
    """Whether a part of a source is read from a place in its record."""
    place = ".".join(str(key) for key in path[1:] if key != "configuration")
    place = {
        "class": "source_class",
        "devicetype": "device_type",
        "sources": "members",
    }.get(place.removesuffix(".0").removesuffix(".1").removesuffix(".2"), place)
    if place.startswith("timestamp"):
        return name == "timestamp"
    if place.startswith("meta") and name in ("phase", "serial"):
        return place in ("meta", f"meta.{name}")
    for table in ("values", "units"):
        if name.startswith(f"{table}."):
            key = name.removeprefix(f"{table}.")
            return place in ("values", key) or place.startswith(f"values.{key}")
    return name == place or name.startswith(f"{place}.")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_type_at_every_place(name: str) -> None:
    """Whatever stands there: all else in the message is read as before."""
    document = orjson.loads(fixture(name))
    whole = decode(fixture(name)).sources
    tried = 0
    for path in places(document):
        others = {key: source for key, source in whole.items() if key != path[0]}
        for value in WRONG:
            tried += 1
            try:
                sources = decode(spoilt(document, path, value)).sources
            except ProtocolError:
                # Only where there was nothing else in the message.
                assert not others, (path, value)
                assert path[1:] in ((), ("values",), ("configuration",)), (path, value)
                continue
            assert sources.items() >= others.items(), (path, value)
            if path[0] not in sources:
                assert path[1:] in ((), ("values",), ("configuration",)), (path, value)
                continue
            if len(path) == 1 or path[1:] == ("configuration",):
                continue  # what is there is all another
            read = parts_of(sources[path[0]])
            for part, expected in parts_of(whole[path[0]]).items():
                if not depends(part, path):
                    assert read[part] == expected, (path, value, part)
    assert tried > 100


@pytest.mark.parametrize("value", ["230000", True, {}, [], "x" * 1000])
def test_a_value_that_is_no_number(value: object) -> None:
    """It is not known, its neighbours are, and the reason says where it stands."""
    message = decode(
        orjson.dumps(
            {
                "s0": {"voltage_L1": value, "current_L1": 5000, "status": 1},
                "s1": {"voltage_L2": 231_000},
            }
        )
    )
    assert isinstance(message, Measurements)
    assert message.sources["s0"].values == {"voltage_L1": None, "current_L1": 5.0}
    assert message.sources["s1"].values == {"voltage_L2": 231.0}
    (reason,) = message.unread
    assert reason.startswith("source s0: voltage_L1 is not a number")
    assert len(reason) < 120


def test_a_message_without_faults() -> None:
    """There is nothing to say of it."""
    for name in DOCUMENTS:
        assert decode(fixture(name)).unread == ()


@pytest.mark.parametrize("key", ["a|b", "x" * 100, "a\u0007"])
def test_a_key_that_cannot_be_an_id(key: str) -> None:
    """It is left out."""
    message = decode(orjson.dumps({"s0": {"status": 1, key: 1, "current_L1": 1000}}))
    assert isinstance(message, Measurements)
    assert message.sources["s0"].values == {"current_L1": 1.0}
    assert len(message.unread) == 1


@pytest.mark.parametrize("configuration_id", [1, [], "x" * 1000])
def test_an_id_that_is_none(configuration_id: object) -> None:
    """Whose data it is cannot be told; the usual units are assumed."""
    units = {"current_L1": {"obis_code": None, "unit": "A"}}
    known = decode(
        orjson.dumps({"s0": {"id": "a", "configuration": {"values": units}}})
    )
    assert isinstance(known, Configuration)
    record = {"configuration_id": configuration_id, "values": {"current_L1": 1000}}
    message = decode(orjson.dumps({"s0": record}), known.sources)
    assert isinstance(message, Measurements)
    assert message.sources["s0"].values == {"current_L1": 1.0}
    assert message.sources["s0"].configuration_id is None


@pytest.mark.parametrize(
    ("configuration", "left"),
    [
        ({"label": 1}, {"label": ""}),
        ({"sources": "s0"}, {"members": ()}),
        ({"sources": ["s1", 0, "a|b", "s2"]}, {"members": ("s1", "s2")}),
        ({"meta": []}, {"meta": {}}),
        ({"meta": {"phase": 2, "serial": "9C"}}, {"phase": None, "serial": "9C"}),
        ({"meta": {"a|b": "c", "d": "e"}}, {"meta": {"d": "e"}}),
        (
            {"meta": {str(i): "c" for i in range(65)}},
            {"meta": {str(i): "c" for i in range(64)}},
        ),
        ({"values": []}, {"units": {}}),
        ({"values": {"x" * 200: {}}}, {"units": {}}),
    ],
)
def test_a_configuration_in_part(
    configuration: dict[str, Any], left: dict[str, Any]
) -> None:
    """The label of a source does not go with its serial number."""
    record = {"id": "a", "configuration": {"class": "CLASS_HYBRID", **configuration}}
    message = decode(orjson.dumps({"s0": record}))
    assert isinstance(message, Configuration)
    source: SourceConfiguration = message.sources["s0"]
    assert source.source_class == "hybrid"
    for name, value in left.items():
        assert getattr(source, name) == value
    assert message.unread
    assert message.unread[0].startswith("source s0")
    assert all(len(reason) < 120 for reason in message.unread)


def test_all_of_a_meter_at_once() -> None:
    """Fifty-nine values of which each second is text leave the others."""
    record = dict.fromkeys(KEYS, 1000)
    for key in list(KEYS)[::2]:
        record[key] = "1000"  # type: ignore[assignment]  # that is what is wrong
    message = decode(orjson.dumps({"smart-meter": record}))
    assert isinstance(message, Measurements)
    values = message.sources["smart-meter"].values
    assert [values[key] for key in list(KEYS)[:2]] == [None, 1.0]
    assert len(message.unread) == 30
