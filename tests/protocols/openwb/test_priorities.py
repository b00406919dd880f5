"""Who is charged first, from 2.3 (openWB/core, feature_loadmanagement_prio_list)."""

import random
from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.openwb import (
    Kind,
    ranked,
    ranks,
    set_priorities,
)
from custom_components.wattbus.protocols.publication import Publication

A: dict[str, Any] = {"type": "vehicle", "id": 0}
B: dict[str, Any] = {"type": "vehicle", "id": 1}
ROD: dict[str, Any] = {"type": "consumer", "id": 0}
ODD: list[Any] = [
    *(None, 5, "x", [], {}, {"type": "group"}, {"type": "group", "children": 5}),
    *({"type": "group", "children": [5, None, {}]}, {"type": "vehicle", "id": "0"}),
    *({"type": "vehicle", "id": True}, {"type": 5, "id": 1}, {"id": 0}),
]


def group(*children: Any) -> dict[str, Any]:
    """Give those that share a place."""
    return {"type": "group", "children": list(children)}


def test_each_has_a_place() -> None:
    assert ranks([A, group(ROD, B)]) == {
        (Kind.VEHICLE, 0): 1,
        (Kind.CONSUMER, 0): 2,
        (Kind.VEHICLE, 1): 2,
    }


@pytest.mark.parametrize(
    ("before", "place", "after"),
    [
        ([A, B, ROD], 1, [B, A, ROD]),
        ([A, B, ROD], 2, [A, B, ROD]),
        ([A, B, ROD], 3, [A, ROD, B]),
        ([A, group(ROD, B)], 1, [B, A, group(ROD)]),
        ([group(B), A], 2, [A, B]),
    ],
)
def test_one_is_moved(before: list[Any], place: int, after: list[Any]) -> None:
    """A group that nobody is left in goes, as openWB itself lets it go."""
    assert ranked(before, Kind.VEHICLE, 1, place) == after


@pytest.mark.parametrize("place", [0, -1, 4])
def test_there_is_no_such_place(place: int) -> None:
    with pytest.raises(ProtocolError):
        ranked([A, B, ROD], Kind.VEHICLE, 1, place)


def test_who_is_not_in_the_list_has_no_place() -> None:
    with pytest.raises(ProtocolError):
        ranked([A, ROD], Kind.VEHICLE, 1, 1)


def test_what_is_odd_stays_where_it_is() -> None:
    rng = random.Random(3)
    for _ in range(200):
        before = rng.sample([*ODD, A, B, ROD], 15)
        after = ranked(before, Kind.VEHICLE, 1, rng.randint(1, 15))
        assert [one for one in after if one != B] == [one for one in before if one != B]
        assert ranks(before).keys() == ranks(after).keys()


def test_the_list_is_set_as_a_whole() -> None:
    assert set_priorities("openWB", (A,)) == Publication(
        "openWB/set/counter/get/loadmanagement_prios", '[{"type":"vehicle","id":0}]'
    )
