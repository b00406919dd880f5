"""How long a device may be silent before it counts as gone."""

import pytest

from custom_components.wattbus.freshness import Freshness

PATIENCE = 900.0


def heard(*moments: float) -> Freshness:
    """Hear of a device at these moments."""
    freshness = Freshness(PATIENCE)
    for moment in moments:
        freshness.seen(moment)
    return freshness


def test_a_device_never_heard_of_is_gone() -> None:
    assert Freshness(PATIENCE).deadline == float("-inf")


def test_after_one_message_patience_decides() -> None:
    assert heard(100).deadline == 100 + PATIENCE


@pytest.mark.parametrize(
    ("moments", "timeout"),
    [
        ((0, 60), 180),
        ((0, 60, 120, 180), 180),
        ((0, 1), 10),  # not below ten seconds
        ((0, 3.5, 7), 10.5),
        ((0, 60, 70, 80), 180),  # the longest counts
        ((0, 100, 101, 102, 103, 104, 105), 10),  # of the last five
        ((0, 86400), 3 * 86400),  # a device that speaks once a day
    ],
)
def test_silence_is_measured_by_the_devices_own_interval(
    moments: tuple[float, ...], timeout: float
) -> None:
    freshness = heard(*moments)
    assert freshness.timeout == timeout
    assert freshness.deadline == moments[-1] + timeout


def test_an_outage_is_no_interval() -> None:
    freshness = heard(0, 60, 120)
    freshness.seen(5000)
    assert freshness.timeout == PATIENCE
    freshness.seen(5060)
    assert freshness.timeout == 180


def test_a_device_slower_than_patience_is_learned() -> None:
    """Its first interval looks like an outage; its second must not."""
    freshness = heard(0, 3600)
    assert freshness.timeout == 3 * 3600
    freshness.seen(7200)
    assert freshness.timeout == 3 * 3600


def test_old_news_change_nothing() -> None:
    """A retained message that comes after a fresh one."""
    freshness = heard(100, 160)
    freshness.seen(130)
    freshness.seen(160)
    assert freshness.deadline == 160 + 180


def test_after_a_lost_connection_the_interval_is_still_known() -> None:
    freshness = heard(0, 60)
    freshness.reset()
    assert freshness.deadline == float("-inf")
    assert freshness.timeout == 180
    freshness.seen(10_000)
    assert freshness.deadline == 10_180
    freshness.seen(10_060)
    assert freshness.timeout == 180
