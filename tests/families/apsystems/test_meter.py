"""The current transformers' graph: what is made of it over a restart."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from custom_components.wattbus.families.apsystems.meter import Meter, Point

from ..test_integration import Memory

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
GRAPH = [Point(NOON + n * timedelta(minutes=5), 600.0, 0.0) for n in range(4)]


def test_a_graph_goes_on_where_it_was_before_a_restart() -> None:
    """The last point that was counted begins the next interval; none counts twice."""
    memory = Memory()
    Meter(memory.sink, Mock()).read(GRAPH[:2], GRAPH[1].moment)
    assert memory.kept["integral|production_energy"] == pytest.approx(50)
    Meter(memory.sink, Mock()).read(GRAPH, GRAPH[-1].moment)
    assert memory.kept["integral|production_energy"] == pytest.approx(150)
