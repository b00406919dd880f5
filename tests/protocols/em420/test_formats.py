"""The EM420's data messages in both formats, and what is no source."""

import orjson
import pytest

from custom_components.wattbus.protocols.em420 import (
    KEYS,
    Configuration,
    Source,
    Status,
    decode,
)

from .messages import CONFIGURATION_ID, fixture, measurements


def test_real_record() -> None:
    """Issue 16765 of evcc: 6.73 kW and 124.6 kWh, not a thousand times that."""
    source = measurements(fixture("smart_meter"))["smart-meter"]
    assert source.status is Status.OK
    assert source.timestamp == pytest.approx(1729699542.583875718)
    assert source.configuration_id == "84b6174e6d51f10809793fc105951e0851def70b"
    assert source.values["active_power_+"] == 6730.1
    assert source.values["active_energy_+"] == 124596.3
    assert source.values["active_power_+_L1"] == 2248.8
    assert source.values["power_factor_L1"] == 0.982
    assert source.values["supply_frequency"] == 49.965
    assert source.values["voltage_L1"] == 234.731
    assert source.values["current_L1"] == 9.756
    assert source.values.keys() == KEYS.keys()


def test_flat_example() -> None:
    """TQ document 1.1.2.1: numeric status, integer timestamp, no configuration."""
    sources = measurements(fixture("flat"))
    assert list(sources) == ["s0", "s2"]
    source = sources["s2"]
    assert source.status is Status.OK
    assert source.timestamp == 123456789
    assert source.configuration_id is None
    assert source.values == {
        "active_energy_+_L3": 0,
        "active_power_+_L3": 0,
        "apparent_energy_+_L3": 0,
        "apparent_power_+_L3": 0,
        "current_L3": 0,
        "power_factor_L3": 0,
        "voltage_L3": 0,
    }


def test_detailed_example() -> None:
    """TQ document 1.1.2.2."""
    sources = measurements(fixture("data"))
    assert list(sources) == ["s0", "s1"]
    assert sources["s1"].configuration_id == "47c047ce403e10093e5e4f11fa04076da522f7ae"
    assert sources["s1"].timestamp == 123456789.000001
    assert len(sources["s1"].values) == 7


def test_sample_with_nulls() -> None:
    """TQ document 1.1.1.2: in the sample every measured value is null."""
    source = measurements(fixture("sample_null"))["s0"]
    assert set(source.values.values()) == {None}
    assert len(source.values) == 7
    assert source.status is None
    assert source.timestamp is None


def test_group() -> None:
    """A group is a source like the others."""
    source = measurements(fixture("group_data"))["g0"]
    assert source.status is Status.WARNING
    assert source.values == {"active_energy_+": 81700.9, "active_power_+": 4481.3}


def test_both_data_formats_in_one_message() -> None:
    """The format is recognised per source."""
    sources = measurements(
        {
            "s0": {"values": {"voltage_L1": 230_000}},
            "s1": {"voltage_L2": 231_000},
        }
    )
    assert sources["s0"].values == {"voltage_L1": 230.0}
    assert sources["s1"].values == {"voltage_L2": 231.0}


def test_configuration_wins_over_data() -> None:
    """A message with both is the configuration."""
    both = orjson.loads(fixture("data")) | {
        "s0": orjson.loads(fixture("configuration"))["s0"]
    }
    message = decode(orjson.dumps(both))
    assert isinstance(message, Configuration)
    assert list(message.sources) == ["s0"]


@pytest.mark.parametrize("values", [{}, None])
def test_a_source_in_error_has_no_values(values: object) -> None:
    """It still has a status."""
    record = {
        "configuration_id": CONFIGURATION_ID,
        "status": "STATUS_ERROR",
        "values": values,
    }
    source = measurements({"s0": record})["s0"]
    assert source == Source(Status.ERROR, None, CONFIGURATION_ID, {})
    del record["values"]
    assert measurements({"s0": record})["s0"] == source


def test_a_null_source_is_not_there() -> None:
    """One missing source must not stop the others."""
    assert list(measurements({"s0": None, "s1": {"voltage_L1": 1}})) == ["s1"]


def test_a_stranger_among_the_sources_is_left_out() -> None:
    """An object with nothing of an EM420 in it is not a source."""
    assert list(measurements({"x": {"y": 1}, "s1": {"voltage_L1": 1}})) == ["s1"]
