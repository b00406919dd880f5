"""What the EMS tells of its site: the tree of its nodes, and measured values."""

from typing import Any

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.sofar import (
    Feedback,
    TopologyNode,
    read_feedback,
    read_topology,
)

SITE = "SN_site_0"


def test_topology() -> None:
    told = {
        "nodeId": SITE,
        "nodeType": "smartgridControllerSite",
        "nomCurrent": 25,
        "children": [
            {"nodeId": "INV1", "nodeType": "hybridInverter", "nomCurrent": 16},
            {
                "nodeId": "BOARD",
                "nodeType": "",
                "children": [{"nodeId": "EV1", "children": None}],
            },
        ],
    }
    root = read_topology(told)
    assert [
        (node.node_id, node.node_type, node.nominal_current, up and up.node_id)
        for node, up in root.walk()
    ] == [
        (SITE, "smartgridControllerSite", 25, None),
        ("INV1", "hybridInverter", 16, SITE),
        ("BOARD", None, None, SITE),
        ("EV1", None, None, "BOARD"),
    ]
    assert root.children[1].children == (TopologyNode(node_id="EV1"),)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (None, "not a node"),
        ([], "not a node"),
        ({}, "nodeId is not text"),
        ({"nodeId": ""}, "nodeId is empty"),
        ({"nodeId": "a|b"}, "nodeId has characters"),
        (
            {"nodeId": "a", "children": [{"nodeId": str(n)} for n in range(500)]},
            "more than 500",
        ),
    ],
)
def test_what_is_no_topology(state: object, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        read_topology(state)


def test_a_node_by_a_number() -> None:
    """The page prints ids in quotes; a number is the same node's."""
    root = read_topology({"nodeId": SITE, "children": [{"nodeId": 240821}]})
    assert root.children == (TopologyNode(node_id="240821"),)
    told = {"devices": [{"nodeId": 240821, "actualPowerTot_W": 5}]}
    assert read_feedback(told).nodes == {"240821": {"actualPowerTot_W": 5}}


BAD = ["b", 5, None, [], {}, {"nodeId": ""}, {"nodeId": True}, {"nodeId": SITE}]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_node_costs_itself(bad: object, place: int) -> None:
    """No public page shows more of a topology than its form: each place is tried."""
    children: list[object] = [{"nodeId": "INV1"}, {"nodeId": "EV1"}]
    children.insert(place, bad)
    root = read_topology({"nodeId": SITE, "children": children})
    assert [node.node_id for node, _ in root.walk()] == [SITE, "INV1", "EV1"]
    assert not root.whole
    above = read_topology(
        {"nodeId": "top", "children": [{"nodeId": SITE, "children": children}]}
    )
    assert not above.whole


def test_a_bad_value_of_a_node_costs_itself() -> None:
    root = read_topology({"nodeId": SITE, "nomCurrent": "16", "nodeType": 5})
    assert root == TopologyNode(node_id=SITE)
    assert not read_topology({"nodeId": SITE, "children": {"nodeId": "b"}}).whole


@pytest.mark.parametrize(
    ("state", "feedback"),
    [
        ({}, Feedback()),
        (
            {"actualPowerTot_W": -500, "policy": "auto", "signalActive": True},
            Feedback(
                {"actualPowerTot_W": -500, "policy": "auto", "signalActive": True}
            ),
        ),
        (
            {"grid": {"power_W": 5.5, "phases": [1, None, 3]}, "empty": None},
            Feedback({"grid.power_W": 5.5, "grid.phases.0": 1, "grid.phases.2": 3}),
        ),
        # By the id in the object, in a list or not.
        (
            {"nodes": [{"nodeId": "BAT1", "soc": {"stateOfCharge_frac": 0.5}}]},
            Feedback({}, {"BAT1": {"soc.stateOfCharge_frac": 0.5}}),
        ),
        # An id that is a number; of one that cannot be read it is not known whose it is.
        (
            {"nodes": [{"nodeId": 7, "a": 1}, {"nodeId": [7], "a": 2}], "b": 3},
            Feedback({"b": 3}, {"7": {"a": 1}}),
        ),
        # By the key.
        (
            {"devices": {"BAT1": {"power_W": 1}, "other": {"power_W": 2}}},
            Feedback({"devices.other.power_W": 2}, {"BAT1": {"power_W": 1}}),
        ),
        # The site's own node is the site.
        (
            {"nodeId": SITE, "power_W": 1, "children": [{"nodeId": "X", "a": False}]},
            Feedback({"power_W": 1}, {"X": {"a": False}}),
        ),
        ({SITE: {"power_W": 1}}, Feedback({"power_W": 1})),
        # What cannot be a node's id is a value; what cannot be a name is nothing.
        ({"nodeId": "a|b", "x": 1, "a|b": 2, "y" * 101: 3}, Feedback({"x": 1})),
    ],
)
def test_feedback(state: dict[str, Any], feedback: Feedback) -> None:
    assert read_feedback(state, {"BAT1"}, SITE) == feedback


@pytest.mark.parametrize("state", [None, "x", 5, {str(n): n for n in range(2001)}])
def test_what_is_no_feedback(state: object) -> None:
    with pytest.raises(ProtocolError):
        read_feedback(state)
