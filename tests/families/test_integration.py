"""Energy made of power."""

from datetime import UTC, datetime, timedelta
import math
from typing import Any
from unittest.mock import Mock

import pytest

from custom_components.wattbus.families.integration import Integral

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CYCLE = timedelta(minutes=5)


class Memory:
    """What a sink remembers."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.kept: dict[str, Any] = {}
        self.sink = Mock()
        self.sink.recall = self.kept.get
        self.sink.remember = lambda key, value, within: self.kept.update({key: value})


def integral(memory: Memory) -> Integral:
    return Integral(
        memory.sink, "inverter|power", longest=timedelta(minutes=15), most=10_000
    )


@pytest.mark.parametrize(
    ("powers", "energy"),
    [
        pytest.param([(0, 600.0)], 0.0, id="one power is no energy"),
        pytest.param([(0, 600.0), (1, 600.0)], 50.0, id="600 W for 5 min"),
        pytest.param([(0, 0.0), (1, 600.0)], 25.0, id="rising: the trapezoid"),
        pytest.param([(0, 600.0), (0, 900.0), (1, 600.0)], 50.0, id="same time stamp"),
        pytest.param([(1, 600.0), (0, 900.0), (2, 600.0)], 50.0, id="an older stamp"),
        pytest.param([(0, 600.0), (4, 600.0)], 0.0, id="a gap of 20 min"),
        pytest.param([(0, 600.0), (1, None), (2, 600.0)], 0.0, id="unknown between"),
        pytest.param([(0, -600.0), (1, -600.0)], 0.0, id="never falls"),
        pytest.param(
            [(0, 600.0), (1, 600.0), (2, 1e9), (3, math.nan), (4, 0.0), (5, 600.0)],
            75.0,
            id="what no device makes",
        ),
        pytest.param(
            [(12, 600.0), (0, 600.0), (1, 600.0)], 50.0, id="the clock was set back"
        ),
    ],
)
def test_the_energy_of_powers(
    powers: list[tuple[int, float | None]], energy: float
) -> None:
    made = integral(Memory())
    for cycle, power in powers:
        made.add(power, NOON + cycle * CYCLE)
    assert made.energy == pytest.approx(energy)


def test_it_goes_on_after_a_restart_without_the_time_between() -> None:
    memory = Memory()
    before = integral(memory)
    before.add(600.0, NOON)
    assert before.add(600.0, NOON + CYCLE) == pytest.approx(50.0)
    after = integral(memory)
    assert after.energy == pytest.approx(50.0)
    assert after.add(600.0, NOON + 2 * CYCLE) == pytest.approx(50.0)
    assert after.add(600.0, NOON + 3 * CYCLE) == pytest.approx(100.0)
