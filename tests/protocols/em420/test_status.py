"""A source's status and time, in every form in which they may come."""

import pytest

from custom_components.wattbus.protocols.em420 import Status

from .messages import measurements


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (0, Status.UNKNOWN),
        (1, Status.OK),
        (2, Status.WARNING),
        (3, Status.ERROR),
        (4, Status.UNKNOWN),
        (-1, Status.UNKNOWN),
        ("STATUS_UNKNOWN", Status.UNKNOWN),
        ("STATUS_OK", Status.OK),
        ("STATUS_WARNING", Status.WARNING),
        ("STATUS_ERROR", Status.ERROR),
        ("STATUS_NEW", Status.UNKNOWN),
        ("ok", Status.UNKNOWN),
        (True, Status.UNKNOWN),
        (1.0, Status.UNKNOWN),
        ([], Status.UNKNOWN),
        ({}, Status.UNKNOWN),
        (None, None),
    ],
)
def test_status(raw: object, status: Status | None) -> None:
    """Numbers, names, and what a newer firmware may send."""
    assert measurements({"s0": {"status": raw}})["s0"].status is status


@pytest.mark.parametrize(
    ("raw", "timestamp"),
    [
        (1729699542, 1729699542),
        (1729699542583, 1729699542.583),
        ({"seconds": 1729699542, "nanos": 500_000_000}, 1729699542.5),
        ({"seconds": 1729699542}, 1729699542),
        ({"seconds": 1729699542, "nanos": None}, 1729699542),
        ({"seconds": 1729699542, "nanos": -1}, 1729699542),
        ({"seconds": 1729699542, "nanos": 10**18}, 1729699542),
        ({"seconds": 1729699542, "nanos": "1"}, 1729699542),
        ({"seconds": "1729699542"}, None),
        ({"nanos": 1}, None),
        ({}, None),
        (None, None),
        (0, None),
        (-1, None),
        (True, None),
        (1.5, None),
        (2**63, None),
        ("2024-10-23T16:05:42Z", None),
        ([1729699542], None),
    ],
)
def test_timestamp(raw: object, timestamp: float | None) -> None:
    """Integer or seconds and nanos; what is no time is None, not an error."""
    assert measurements({"s0": {"timestamp": raw}})["s0"].timestamp == timestamp
