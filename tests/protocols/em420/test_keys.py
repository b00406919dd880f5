"""The 59 keys of a real meter: what they are, and in which units they come."""

import pytest

from custom_components.wattbus.protocols.em420 import KEYS, unit
from custom_components.wattbus.protocols.obis import parse

from .messages import flat


def test_there_are_59_keys() -> None:
    """As many as a real meter has, with the device's own spelling."""
    assert len(KEYS) == 59
    assert "active_power_-_L3" in KEYS
    assert "supply_frequency" in KEYS
    assert {"frequency", "voltage", "current", "voltage L1"}.isdisjoint(KEYS)


@pytest.mark.parametrize(
    ("key", "stem", "direction", "phase", "base_unit", "obis"),
    [
        ("active_power_+", "active_power", "import", None, "W", "1-0:1.4.0*255"),
        ("active_power_-_L3", "active_power", "export", "L3", "W", "1-0:62.4.0*255"),
        ("active_energy_+_L2", "active_energy", "import", "L2", "Wh", "1-0:41.8.0*255"),
        ("reactive_power_-", "reactive_power", "export", None, "var", "1-0:4.4.0*255"),
        (
            "reactive_energy_+_L1",
            "reactive_energy",
            "import",
            "L1",
            "varh",
            "1-0:23.8.0*255",
        ),
        (
            "apparent_power_+_L2",
            "apparent_power",
            "import",
            "L2",
            "VA",
            "1-0:49.4.0*255",
        ),
        (
            "apparent_energy_-_L3",
            "apparent_energy",
            "export",
            "L3",
            "VAh",
            "1-0:70.8.0*255",
        ),
        ("current_L2", "current", None, "L2", "A", "1-0:51.4.0*255"),
        ("voltage_L2", "voltage", None, "L2", "V", "1-0:52.4.0*255"),
        ("power_factor", "power_factor", None, None, "1", "1-0:13.4.0*255"),
        ("power_factor_L2", "power_factor", None, "L2", "1", "1-0:53.4.0*255"),
        ("supply_frequency", "supply_frequency", None, None, "Hz", "1-0:14.4.0*255"),
    ],
)
def test_key(
    key: str,
    stem: str,
    direction: str | None,
    phase: str | None,
    base_unit: str,
    obis: str,
) -> None:
    """One of each kind."""
    entry = KEYS[key]
    assert (entry.stem, entry.direction, entry.phase) == (stem, direction, phase)
    assert (entry.unit, unit(key)) == (base_unit, base_unit)
    assert entry.obis == parse(obis)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_in_thousandths(key: str) -> None:
    """Milli-units, and the power factor by 1000; in decimals as exact as the device's."""
    assert flat({key: 6_730_100}) == {key: 6730.1}
    assert flat({key: 117}) == {key: 0.117}
    assert flat({key: None}) == {key: None}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (0.95, 0.95),
        (-0.5, -0.5),
        (1.0, 1.0),
        (1, 0.001),
        (1000, 1.0),
        (-982, -0.982),
        (982.5, 0.9825),
    ],
)
def test_power_factor(raw: float, value: float) -> None:
    """An integer is in thousandths; a fraction up to 1 is the cosine itself."""
    assert flat({"power_factor_L1": raw}) == {"power_factor_L1": value}


def test_means_may_have_decimals() -> None:
    """Mittelwertbildung may send fractions of a milliwatt."""
    assert flat({"current_L1": 1500.5}) == {"current_L1": 1.5005}
