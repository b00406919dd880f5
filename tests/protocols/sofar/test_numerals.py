"""Numbers in texts: read rightly or refused, never a thousand times too small.

Home Assistant shows numbers as the user's country writes them, and its own fields do not
(home-assistant/frontend #19827); so people copy and make texts with dots for thousands, and
programs take them for decimals (kalkih/mini-graph-card #343).
"""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.sofar import (
    AmbiguousError,
    Plan,
    format_summary,
    parse_summary,
    read_numeral,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0.0", 0),
        ("1500.0", 1500),
        (" +1500 ", 1500),
        ("−1234.57", -1234.57),
        ("1,5", 1.5),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1234.567", 1234.567),
        ("1.2345", 1.2345),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567,8", 1234567.8),
        ("1 000", 1000),
        ("1’000", 1000),
        ("-1'000.5", -1000.5),
        ("12 000,25", 12000.25),
    ],
)
def test_numeral(text: str, value: float) -> None:
    assert read_numeral(text) == value


@pytest.mark.parametrize("text", ["1.000", "1,000", "-12.345", "500,000", "+1.500"])
def test_numeral_that_may_be_a_thousand_times_as_much(text: str) -> None:
    with pytest.raises(AmbiguousError, match="number_ambiguous"):
        read_numeral(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "nan",
        "inf",
        "1e3",
        "0x10",
        "1_000",
        "1.",
        ".5",
        "1.00.0",
        "1,2,3",
        "1.000,000.0",
        "10 00",
        "1.000 000",
        "5 kW",
        "on",
        "١٢",
    ],
)
def test_no_numeral(text: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        read_numeral(text)
    assert not isinstance(raised.value, AmbiguousError)


@pytest.mark.parametrize(
    ("text", "power"),
    [
        ("charge 1 000 W", 1000),
        ("charge 1.234,5 W", 1234.5),
        ("charge 1,234.5 W import 2 kW", 1234.5),
        ("charge 1234.567 W", 1234.567),
        ("charge 0.125 kW", 125),
    ],
)
def test_power_with_a_mark_for_thousands(text: str, power: float) -> None:
    assert parse_summary(text).power == power


@pytest.mark.parametrize(
    "text", ["charge 1.000 W", "charge 1,000 W", "charge 5 kW import 10.000 W"]
)
def test_title_that_may_be_a_thousand_times_as_much(text: str) -> None:
    """`charge 1.000 W` charged with one watt."""
    with pytest.raises(AmbiguousError):
        parse_summary(text)


@pytest.mark.parametrize("power", [12.345, 0.125, 999.999, 1234.567, 0.5])
def test_a_title_of_ours_is_not_ambiguous(power: float) -> None:
    plan = Plan(policy="charge", power=power)
    assert parse_summary(format_summary(plan)) == plan
