"""Net power: import minus export, in total and of each phase."""

import pytest

from custom_components.wattbus.protocols.em420 import net_power

from .messages import fixture, measurements


@pytest.mark.parametrize(
    ("values", "net"),
    [
        ({"active_power_+": 6730.1, "active_power_-": 0.0}, {"active_power": 6730.1}),
        ({"active_power_+": 0.0, "active_power_-": 12.3}, {"active_power": -12.3}),
        ({"active_power_+": 0.3, "active_power_-": 0.1}, {"active_power": 0.2}),
        ({"active_power_+_L2": 5.5}, {"active_power_L2": 5.5}),
        ({"active_power_-_L2": 5.5}, {"active_power_L2": -5.5}),
        ({"active_power_+": None, "active_power_-": 1.0}, {"active_power": None}),
        ({"active_power_+": 1.0, "active_power_-": None}, {"active_power": None}),
        ({"active_power_+": None}, {"active_power": None}),
        ({"voltage_L1": 230.0}, {}),
        ({}, {}),
    ],
)
def test_net_power(
    values: dict[str, float | None], net: dict[str, float | None]
) -> None:
    """Import minus export; import alone where there is no export; null is not zero."""
    assert net_power(values) == net


def test_net_power_of_all_phases() -> None:
    """Total and three phases, none of them a negative zero."""
    source = measurements(fixture("smart_meter"))["smart-meter"]
    net = net_power(source.values)
    assert net == {
        "active_power": 6730.1,
        "active_power_L1": 2248.8,
        "active_power_L2": 2264.5,
        "active_power_L3": 2216.8,
    }
    assert str(net_power({"active_power_-": 0.0})["active_power"]) == "0.0"
