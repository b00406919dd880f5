"""What inverters were told to do, until the ECU says that they do it."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wattbus.families.apsystems.commands import (
    _FOLLOWED_WITHIN,
    _REPEATS,
    _Orders,
)

SOON = timedelta(seconds=1)


@pytest.fixture
def orders() -> _Orders[int]:
    """Expect nothing."""
    return _Orders("maximum power")


def test_an_order_that_is_followed_is_done(orders: _Orders[int]) -> None:
    orders.given(["1", "2"], 300)
    assert not orders.lost({"1": 300, "2": 500})
    assert list(orders.open) == ["2"]


def test_one_that_may_still_be_followed_holds_none_up(
    orders: _Orders[int], freezer: FrozenDateTimeFactory
) -> None:
    orders.given(["1", "2"], 300)
    freezer.tick(_FOLLOWED_WITHIN - SOON)
    orders.given(["1"], 400)
    assert not orders.lost({"1": 500, "2": 500})
    freezer.tick(SOON)
    assert orders.lost({"1": 500, "2": 500}) == {"2": 300}
    # It has its time again.
    freezer.tick(SOON)
    assert not orders.lost({"1": 500, "2": 500})
    assert set(orders.open) == {"1", "2"}


def test_one_that_is_not_followed_is_given_up(
    orders: _Orders[int],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    orders.given(["1"], 300)
    for _ in range(_REPEATS):
        freezer.tick(_FOLLOWED_WITHIN)
        assert orders.lost({"1": 500}) == {"1": 300}
    assert not caplog.messages
    freezer.tick(_FOLLOWED_WITHIN)
    assert not orders.lost({"1": 500})
    assert not orders.open
    assert caplog.messages == ["Inverter 1 did not follow: maximum power 300"]


def test_one_that_the_ecu_does_not_know_is_not_repeated(
    orders: _Orders[int], freezer: FrozenDateTimeFactory
) -> None:
    orders.given(["1"], 300)
    freezer.tick(_FOLLOWED_WITHIN)
    assert not orders.lost({})
    assert not orders.open
