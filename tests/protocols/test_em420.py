"""The EM420's data messages: both formats, units, null, and what is derived."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from custom_components.wattbus.protocols.em420 import (
    KEYS,
    Configuration,
    Measurements,
    Source,
    SourceConfiguration,
    Status,
    decode,
    net_power,
    unit,
)
from custom_components.wattbus.protocols.obis import parse

FIXTURES = Path(__file__).parent.parent / "fixtures" / "em420"
CONFIGURATION_ID = "a" * 40


def fixture(name: str) -> bytes:
    """Return a real payload."""
    return (FIXTURES / f"{name}.json").read_bytes()


def measurements(
    payload: bytes | dict[str, Any],
    configurations: dict[str, SourceConfiguration] | None = None,
) -> dict[str, Source]:
    """Decode a data message."""
    if isinstance(payload, dict):
        payload = orjson.dumps(payload)
    message = decode(payload, configurations)
    assert isinstance(message, Measurements)
    return message.sources


def flat(
    values: dict[str, Any],
    configurations: dict[str, SourceConfiguration] | None = None,
) -> dict[str, float | None]:
    """Decode one flat source."""
    record = {"status": 1, **values}
    return measurements({"s0": record}, configurations)["s0"].values


def configured(
    values: dict[str, dict[str, str | None]],
) -> dict[str, SourceConfiguration]:
    """Return what a configuration message of one source with these values says."""
    record = {"id": CONFIGURATION_ID, "configuration": {"values": values}}
    message = decode(orjson.dumps({"s0": record}))
    assert isinstance(message, Configuration)
    return message.sources


# --- the formats


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


# --- the 59 keys


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


# --- unknown keys and configured units


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


# --- status and time


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (0, Status.UNKNOWN),
        (1, Status.OK),
        (2, Status.WARNING),
        (3, Status.ERROR),
        (4, Status.UNKNOWN),
        (-1, Status.UNKNOWN),
        ("STATUS_UNKNOWN", Status.UNKNOWN),
        ("STATUS_OK", Status.OK),
        ("STATUS_WARNING", Status.WARNING),
        ("STATUS_ERROR", Status.ERROR),
        ("STATUS_NEW", Status.UNKNOWN),
        ("ok", Status.UNKNOWN),
        (True, Status.UNKNOWN),
        (1.0, Status.UNKNOWN),
        ([], Status.UNKNOWN),
        ({}, Status.UNKNOWN),
        (None, None),
    ],
)
def test_status(raw: object, status: Status | None) -> None:
    """Numbers, names, and what a newer firmware may send."""
    assert measurements({"s0": {"status": raw}})["s0"].status is status


@pytest.mark.parametrize(
    ("raw", "timestamp"),
    [
        (1729699542, 1729699542),
        (1729699542583, 1729699542.583),
        ({"seconds": 1729699542, "nanos": 500_000_000}, 1729699542.5),
        ({"seconds": 1729699542}, 1729699542),
        ({"seconds": 1729699542, "nanos": None}, 1729699542),
        ({"seconds": 1729699542, "nanos": -1}, 1729699542),
        ({"seconds": 1729699542, "nanos": 10**18}, 1729699542),
        ({"seconds": 1729699542, "nanos": "1"}, 1729699542),
        ({"seconds": "1729699542"}, None),
        ({"nanos": 1}, None),
        ({}, None),
        (None, None),
        (0, None),
        (-1, None),
        (True, None),
        (1.5, None),
        (2**63, None),
        ("2024-10-23T16:05:42Z", None),
        ([1729699542], None),
    ],
)
def test_timestamp(raw: object, timestamp: float | None) -> None:
    """Integer or seconds and nanos; what is no time is None, not an error."""
    assert measurements({"s0": {"timestamp": raw}})["s0"].timestamp == timestamp


# --- net power


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
