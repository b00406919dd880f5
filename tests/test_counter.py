"""Lifetime counters: an energy that steps back is a glitch, or another meter."""

from custom_components.wattbus.counter import LifetimeCounter


def shown(counter: LifetimeCounter, *values: tuple[float, float]) -> list[float]:
    """Give what is shown for values that come at moments: `(moment, value)`."""
    return [counter.accept(value, moment) for moment, value in values]


def test_it_counts_up() -> None:
    assert shown(LifetimeCounter(), (0, 5.0), (1, 5.0), (2, 6.5)) == [5.0, 5.0, 6.5]


def test_a_glitch_is_not_shown() -> None:
    counter = LifetimeCounter()
    assert shown(counter, (0, 100.0), (1, 0.0), (2, 101.0)) == [100.0, 100.0, 101.0]


def test_glitches_now_and_then_are_never_believed() -> None:
    counter = LifetimeCounter()
    counter.accept(100.0, 0)
    for number in range(1, 200):
        moment = number * 60.0
        assert counter.accept(0.0, moment) == 99.0 + number
        assert counter.accept(100.0 + number, moment + 1) == 100.0 + number


def test_zero_while_the_meter_starts_is_not_shown() -> None:
    counter = LifetimeCounter()
    counter.restore(1234.5)
    values = ((0, 0.0), (1, 0.0), (60, 0.0), (61, 1234.6))
    assert shown(counter, *values) == [1234.5, 1234.5, 1234.5, 1234.6]


def test_a_new_meter_is_believed_after_two_minutes() -> None:
    counter = LifetimeCounter()
    counter.accept(5000.0, 0)
    values = [(moment, moment / 100) for moment in range(10, 300, 10)]
    result = shown(counter, *values)
    believed = [moment for moment, value in values if value in result]
    assert believed[0] == 130, "two minutes after the first lower value"
    assert result[-1] == 2.9
    assert counter.accept(0.0, 301) == 2.9, "and it is guarded in turn"


def test_a_new_meter_that_speaks_rarely_is_believed_at_its_third_word() -> None:
    values = ((0, 5000.0), (900, 1.0), (1800, 1.0), (2700, 1.1), (3600, 1.2))
    assert shown(LifetimeCounter(), *values) == [5000.0, 5000.0, 5000.0, 1.1, 1.2]


def test_a_falling_value_is_no_meter() -> None:
    counter = LifetimeCounter()
    counter.accept(5000.0, 0)
    for number in range(100):
        assert counter.accept(4000.0 - number, 10.0 * number) == 5000.0


def test_the_value_from_before_a_restart_does_not_undo_a_newer_one() -> None:
    counter = LifetimeCounter()
    counter.accept(100.0, 0)
    counter.restore(90.0)
    assert counter.accept(95.0, 1) == 100.0
    counter.restore(110.0)
    assert counter.accept(105.0, 2) == 110.0
