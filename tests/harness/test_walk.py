"""What `script/walk` notes."""

import json
from pathlib import Path

import pytest

from .walk import Walk


def _helper() -> str:
    return json.dumps(["a", "b"])


def _way() -> str:
    return _helper() + _helper()


def test_walk(capsys: pytest.CaptureFixture[str]) -> None:
    """Each function of ours counts once, and nobody else's."""
    with Walk("There", Path(__file__).parent) as walk:
        _way()
    ours = [step for step in walk.steps if step[0] == Path(__file__).name]
    assert [name for _, name in ours] == ["_way", "_helper"]
    assert "There: " in capsys.readouterr().out
