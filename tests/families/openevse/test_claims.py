"""What is believed of an OpenEVSE's override and claim, told in any order."""

from typing import Any

import pytest

from custom_components.wattbus.families.openevse.claims import Claims
from custom_components.wattbus.protocols.openevse import Claim, ServiceState

SESSION = Claim(ServiceState.ACTIVE, 10, auto_release=True)
LASTING = Claim(ServiceState.ACTIVE, 10, auto_release=False)
PLUGGED = {"vehicle_connected": True}
LEFT = {"vehicle_connected": False}


def told(*messages: dict[str, Any], retained: bool = False) -> Claims:
    """Tell one thing after the other."""
    claims = Claims()
    for message in messages:
        claims.revise(dict(message), retained=retained)
    return claims


@pytest.mark.parametrize(
    ("messages", "override"),
    [
        ([{"override": SESSION}], SESSION),
        ([{"override": SESSION}, {"override": None}], None),
        # evse_man.cpp: nothing but this number tells that it has ended.
        ([{"override": SESSION}, {"manual_override": False}], None),
        ([{"override": SESSION}, {"manual_override": True}], SESSION),
        ([{"override": SESSION}, PLUGGED, LEFT], None),
        ([{"override": LASTING}, PLUGGED, LEFT], LASTING),
        # No vehicle was seen to leave.
        ([{"override": SESSION}, LEFT], SESSION),
        ([{"override": SESSION}, {"vehicle_connected": None}, LEFT], SESSION),
        # The state's event has the number from just before the end.
        ([{"override": SESSION}, PLUGGED, LEFT, {"manual_override": True}], None),
        ([PLUGGED, {"override": SESSION}, LEFT | {"manual_override": True}], None),
        ([PLUGGED, {"override": SESSION}, LEFT, {"override": LASTING}], LASTING),
    ],
)
def test_override(messages: list[dict[str, Any]], override: Claim | None) -> None:
    assert told(*messages).override == override


def test_a_claim_ends_with_the_session() -> None:
    """If it has auto_release: `releaseAutoReleaseClaims()`, evse_man.cpp (5.1.5)."""
    assert told({"claim": SESSION}, PLUGGED, LEFT).claim is None
    assert told({"claim": LASTING}, PLUGGED, LEFT).claim == LASTING


def test_the_number_of_an_override_that_is_not_known() -> None:
    """It is shown but for the one that comes with the news of its end."""
    claims = told({"override": SESSION}, PLUGGED, LEFT)
    for number in ({}, {"manual_override": True}):
        message: dict[str, Any] = {"manual_override": True}
        claims.revise(message, retained=False)
        assert message == number


def test_what_the_broker_has_kept() -> None:
    """A document from before the end; but what is not known may have changed."""
    claims = told({"manual_override": False})
    message: dict[str, Any] = {"override": SESSION}
    claims.revise(message, retained=True)
    assert message == {"override": None}
    assert claims.override is None
    claims.forget()
    claims.revise({"override": SESSION}, retained=True)
    assert claims.override == SESSION


def test_every_document_counts() -> None:
    """Also one that says the same again."""
    claims = told({"override": SESSION}, {"override": SESSION}, {"claim": None})
    assert claims.heard == {"override": 2, "claim": 1}
