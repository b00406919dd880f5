"""Titles of calendar events as schedules."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.sofar import (
    Plan,
    format_summary,
    parse_summary,
)

POLICIES = ("charge", "Self consumption", "charge to 80", "import limit")


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("charge 5 kW", Plan(policy="charge", power=5000)),
        ("charge 5kw", Plan(policy="charge", power=5000)),
        ("charge  5000  W", Plan(policy="charge", power=5000)),
        ("charge 1,5 kW", Plan(policy="charge", power=1500)),
        ("charge 0.0005 MW", Plan(policy="charge", power=500)),
        ("charge -3 kW", Plan(policy="charge", power=-3000)),
        ("charge −3 kW", Plan(policy="charge", power=-3000)),
        ("limit 0 W", Plan(policy="limit", power=0)),
        ("self consumption", Plan(policy="self consumption")),
        ("charge 5 kW @BAT1", Plan(policy="charge", power=5000, node_id="BAT1")),
        ("off @ BAT 1", Plan(policy="off", node_id="BAT 1")),
        (
            "charge 5 kW import 17 kW export 0 W @BAT1",
            Plan(
                policy="charge",
                power=5000,
                site_import=17000,
                site_export=0,
                node_id="BAT1",
            ),
        ),
        (
            "auto Export 0 W Import 3kW",
            Plan(policy="auto", site_import=3000, site_export=0),
        ),
    ],
)
def test_title(text: str, plan: Plan) -> None:
    assert parse_summary(text) == plan
    assert parse_summary(format_summary(plan)) == plan


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("CHARGE 5 kW", Plan(policy="charge", power=5000)),
        ("self Consumption", Plan(policy="Self consumption")),
        ("charge to 80", Plan(policy="charge to 80")),
        ("charge to 80 2 kW", Plan(policy="charge to 80", power=2000)),
        (
            "Import limit 1 kW import 2 kW",
            Plan(policy="import limit", power=1000, site_import=2000),
        ),
    ],
)
def test_title_with_a_known_policy(text: str, plan: Plan) -> None:
    assert parse_summary(text, POLICIES) == plan


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "title_no_policy"),
        ("   ", "title_no_policy"),
        ("5 kW", "title_no_policy"),
        ("import 5 kW", "title_no_policy"),
        ("@BAT1", "title_no_policy"),
        ("charge 5", "title_no_unit: number 5"),
        ("charge 5 kWh", "title_unit_unknown: unit kWh"),
        ("charge 5 A", "title_unit_unknown: unit A"),
        ("charge 5 kW 6 kW", "title_power_twice: power 6"),
        ("charge import 1 W import 2 W", "title_power_twice: power import"),
        ("charge import", "title_no_power: text import"),
        ("charge import lots", "title_no_power: text lots"),
        ("charge 5 kW today", "title_no_power: text today"),
        ("charge 5 kW @", "title_no_node"),
        ("charge 1e9 W", "title_unit_unknown: unit e"),
        ("charge 999999999 kW", "power_impossible"),
        ("x" * 201, "title_too_long: most 200"),
    ],
)
def test_title_that_is_not_understood(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        parse_summary(text)


@pytest.mark.parametrize("text", ["discharge 5 kW", "chargefast 5 kW", "Birthday"])
def test_title_with_an_unknown_policy(text: str) -> None:
    with pytest.raises(
        ProtocolError, match="title_policy_unknown: .*policies charge, Self consumption"
    ):
        parse_summary(text, POLICIES)


@pytest.mark.parametrize(
    ("power", "text"),
    [
        (5000, "p 5 kW"),
        (1230, "p 1.23 kW"),
        (1234, "p 1234 W"),
        (-2500, "p -2.5 kW"),
        (999, "p 999 W"),
        (0, "p 0 W"),
        (12.5, "p 12.5 W"),
    ],
)
def test_power_in_a_title(power: float, text: str) -> None:
    assert format_summary(Plan(policy="p", power=power)) == text
