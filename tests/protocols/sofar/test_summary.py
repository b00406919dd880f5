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
        ("", "there is no policy"),
        ("   ", "there is no policy"),
        ("5 kW", "there is no policy"),
        ("import 5 kW", "there is no policy"),
        ("@BAT1", "there is no policy"),
        ("charge 5", "5 needs a unit"),
        ("charge 5 kWh", '"kWh" is not a unit'),
        ("charge 5 A", '"A" is not a unit'),
        ("charge 5 kW 6 kW", '"6" is there twice'),
        ("charge import 1 W import 2 W", '"import" is there twice'),
        ("charge import", '"import" is not a power'),
        ("charge import lots", '"lots" is not a power'),
        ("charge 5 kW today", '"today" is not a power'),
        ("charge 5 kW @", "no node behind the @"),
        ("charge 1e9 W", '"e" is not a unit'),
        ("charge 999999999 kW", "no power of a site"),
        ("x" * 201, "too long"),
    ],
)
def test_title_that_is_not_understood(text: str, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        parse_summary(text)


@pytest.mark.parametrize("text", ["discharge 5 kW", "chargefast 5 kW", "Birthday"])
def test_title_with_an_unknown_policy(text: str) -> None:
    with pytest.raises(
        ProtocolError, match="none of the policies charge, Self consumption"
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
