"""A document with a part of the wrong type: that part is lost, its neighbours are not.

openWB checks no document that it is given (`_validate_value(msg, "json")`), and its own
older versions have had other types (`pv/get/fault_str` is 0 in the defaults of 2.1.7).
"""

from collections.abc import Iterator
import copy
from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import Kind, decode, decode_charge_log

from .samples import RETAINED

type Path = tuple[str | int, ...]

WRONG: tuple[Any, ...] = ({"x": []}, [{}], "x", 5.5, True)
# More topics than those of one installation have parts.
MORE = {
    "openWB/optional/et/get/prices": '{"1767085200": 0.0002, "1767088800": 0.0003}',
    "openWB/io/states/0/get/digital_input": '{"DI1": true, "DI2": false}',
    "openWB/io/states/0/get/analog_input": '{"AI1": 3.3, "AI2": 1}',
    "openWB/system/io/0/config": '{"name": "Keller", "type": "dimm_kit", "id": 0}',
}
MORE |= {
    "openWB/consumer/8/module": (
        '{"name": "Heizstab", "type": "mypv", "id": 8,'
        ' "info": {"manufacturer": "AC-Thor", "model": "9s"}}'
    ),
    "openWB/consumer/8/config": '{"max_power": 3000, "min_current": 0.5}',
    "openWB/consumer/8/usage": '{"chargemode": "stop", "type": "meter_only"}',
    "openWB/consumer/8/get/powers": "[1, 2, 3]",
    "openWB/consumer/8/get/temperatures": "[1, null]",
    "openWB/counter/get/loadmanagement_prios": '[{"type": "vehicle", "id": 0}]',
}
DOCUMENTS = {
    topic: payload
    for topic, payload in (RETAINED | MORE).items()
    # Of the list of all data versions, the last entry is the one value.
    if payload[0] in "[{" and decode(topic, payload) and "datastore" not in topic
}


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Give the place of every part."""
    inner: Any = ()
    if isinstance(document, dict):
        inner = document.items()
    elif isinstance(document, list):
        inner = enumerate(document)
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def spoilt(document: Any, path: Path, wrong: Any) -> Any:
    """Give a document with another thing at a place."""
    result = copy.deepcopy(document)
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    return result


def part(document: Any, path: Path) -> Any:
    """Give what is at a place."""
    for key in path:
        document = document[key]
    return document


@pytest.mark.parametrize("topic", DOCUMENTS)
def test_a_wrong_type_at_each_place(topic: str) -> None:
    """Every other value of the document is read as before."""
    document = orjson.loads(DOCUMENTS[topic])
    good = decode(topic, DOCUMENTS[topic])
    assert good
    for path in places(document):
        inside = len(list(places(part(document, path)))) or 1
        for wrong in WRONG:
            read = decode(topic, orjson.dumps(spoilt(document, path, wrong)))
            assert read
            assert read.values.keys() <= good.values.keys(), path
            lost = [k for k, v in good.values.items() if read.values.get(k) != v]
            assert len(lost) <= inside, (path, wrong, lost)


@pytest.mark.parametrize("topic", DOCUMENTS)
def test_what_is_no_document_at_all(topic: str) -> None:
    with pytest.raises(ProtocolError):
        decode(topic, b'"x"')


@pytest.mark.parametrize(
    ("topic", "payload", "values"),
    [
        ("chargepoint/3/get/currents", '["a", 2]', [None, 2, None]),
        (
            "chargepoint/3/get/connected_vehicle/soc",
            '{"soc": 50, "timestamp": "yesterday", "range": true}',
            [50, None, None],
        ),
        (
            "chargepoint/3/get/connected_vehicle/info",
            '{"id": "1", "name": "Zoe"}',
            [None, "Zoe"],
        ),
        (
            "chargepoint/3/set/log",
            '{"time_charged": "long", "costs": 3, "charged_energy_by_source": 5}',
            [None, 3, None, None, None, None],
        ),
        (
            "optional/ep/get/prices",
            '{"now": 1, "7": 0.1, "8": "x"}',
            [{"7": 0.1}],
        ),
        ("vehicle/1/tag_id", '[1, "ab"]', [("ab",)]),
    ],
)
def test_what_is_lost_is_said(topic: str, payload: str, values: list[Any]) -> None:
    state = decode(f"openWB/{topic}", payload)
    assert state
    assert list(state.values.values()) == values
    assert state.unread


def test_a_wrong_place_in_the_hierarchy() -> None:
    """What hangs beside it, and below it, is known all the same."""
    state = decode(
        "openWB/counter/get/hierarchy",
        '[7, {"type": "counter", "id": 0, "children": [{"type": "cp", "id": "3",'
        ' "children": [{"type": "bat", "id": 2, "children": 5}]}, null,'
        ' {"type": "cp", "id": 4}]}]',
    )
    assert state
    found = state.values["hierarchy"]
    assert isinstance(found, tuple)
    assert [(place.kind, place.id) for place in found] == [
        *((Kind.COUNTER, 0), (Kind.BATTERY, 2), (Kind.CHARGE_POINT, 4))
    ]
    assert found[1].parent == (Kind.COUNTER, 0)
    assert state.unread


def test_a_wrong_entry_of_a_charge_log() -> None:
    payload = b'{"entries": [1, {"a": 1}, null], "totals": 5}'
    assert decode_charge_log(payload) == {"entries": [{"a": 1}], "totals": {}}


def test_words_that_are_a_number_are_none() -> None:
    """OpenWB 2.1.7 publishes 0 where others have a text (update_config.py)."""
    state = decode("openWB/pv/get/fault_str", b"0")
    assert state
    assert state.values == {"pv_fault_str": None}
    assert not state.unread


@pytest.mark.parametrize(
    "topic", [*(key.replace("3", "+") for key in RETAINED if "3" in key), "openWB/#"]
)
def test_a_filter_is_no_topic(topic: str) -> None:
    with pytest.raises(ProtocolError, match="filter"):
        decode(topic, b"{}")
