"""Keys that no table has, and the units that a configuration gives."""

import pytest

from custom_components.wattbus.protocols.em420 import unit

from .messages import CONFIGURATION_ID, configured, flat, measurements


def test_unknown_keys_are_kept() -> None:
    """Without a configuration the raw number is all there is."""
    values = flat({"temperature": 215, "ratio": 0.5, "nothing": None})
    assert values == {"temperature": 215, "ratio": 0.5, "nothing": None}
    assert unit("temperature") is None


def test_unknown_keys_that_are_no_measurements_are_left_out() -> None:
    """TQ's records may carry text; that is no reason to lose the rest."""
    values = flat(
        {"voltage_L1": 230_000, "firmware": "1.3", "flag": True, "more": [1], "x": {}}
    )
    assert values == {"voltage_L1": 230.0}


@pytest.mark.parametrize(
    ("unit_text", "raw", "value", "base_unit"),
    [
        ("mW", 6_730_100, 6730.1, "W"),
        ("W", 6730, 6730.0, "W"),
        ("kW", 6.7301, 6730.1, "W"),
        ("kW", 7, 7000.0, "W"),
        ("mWh", 500, 0.5, "Wh"),
        ("kWh", 12.3456, 12345.6, "Wh"),
        ("mVA", 500, 0.5, "VA"),
        ("mVAh", 500, 0.5, "VAh"),
        ("mvar", 500, 0.5, "var"),
        ("mVAr", 500, 0.5, "var"),
        ("mvarh", 500, 0.5, "varh"),
        ("kvarh", 2, 2000.0, "varh"),
        ("mA", 500, 0.5, "A"),
        ("A", 5, 5.0, "A"),
        ("mV", 230_000, 230.0, "V"),
        ("MV", 230_000, 230.0, "V"),
        ("mHz", 49_965, 49.965, "Hz"),
        ("Hz", 49.965, 49.965, "Hz"),
        (" mhz ", 49_965, 49.965, "Hz"),
        ("cos φ", 982, 0.982, "1"),
        ("cos ϕ", 0.982, 0.982, "1"),
        ("Cos Φ", 982, 0.982, "1"),
        ("°C", 21, 21, None),
        ("", 21, 21, None),
        (None, 21, 21, None),
    ],
)
def test_a_configured_unit_decides(
    unit_text: str | None, raw: float, value: float, base_unit: str | None
) -> None:
    """Of a key that no table has; the letter case of units is not documented."""
    configurations = configured({"new_key": {"unit": unit_text}})
    assert flat({"new_key": raw}, configurations) == {"new_key": value}
    assert unit("new_key", configurations["s0"]) == base_unit


@pytest.mark.parametrize(
    ("obis_code", "value", "base_unit"),
    [
        ("1-0:1.7.0*255", 6730.1, "W"),
        ("1-0:33.7.0*255", 6730.1, "1"),
        ("1-0:1.6.0*255", 6_730_100, None),
        ("nonsense", 6_730_100, None),
        (None, 6_730_100, None),
    ],
)
def test_the_obis_code_is_the_second_source(
    obis_code: str | None, value: float, base_unit: str | None
) -> None:
    """Where the unit is not understood."""
    configurations = configured({"new_key": {"unit": "?", "obis_code": obis_code}})
    assert flat({"new_key": 6_730_100}, configurations) == {"new_key": value}
    assert unit("new_key", configurations["s0"]) == base_unit


@pytest.mark.parametrize(
    ("unit_text", "value"),
    [("mW", 0.5), ("W", 500.0), ("kW", 500_000.0), ("Wh", 0.5), ("foo", 0.5)],
)
def test_a_known_key_with_a_configured_unit(unit_text: str, value: float) -> None:
    """The unit wins if it is understood and is one of power."""
    configurations = configured({"active_power_+": {"unit": unit_text}})
    assert flat({"active_power_+": 500}, configurations) == {"active_power_+": value}


@pytest.mark.parametrize(
    ("configuration_id", "value"),
    [(CONFIGURATION_ID, 500.0), ("b" * 40, 0.5), (None, 0.5)],
)
def test_only_the_configuration_that_the_data_names(
    configuration_id: str | None, value: float
) -> None:
    """Detailed data with another id was made under another configuration."""
    record = {
        "configuration_id": configuration_id,
        "values": {"active_power_+": 500},
    }
    configurations = configured({"active_power_+": {"unit": "W"}})
    source = measurements({"s0": record}, configurations)["s0"]
    assert source.values == {"active_power_+": value}


def test_the_configuration_of_another_source_is_not_used() -> None:
    """Each source has its own."""
    configurations = {"s1": configured({"active_power_+": {"unit": "W"}})["s0"]}
    assert flat({"active_power_+": 500}, configurations) == {"active_power_+": 0.5}
