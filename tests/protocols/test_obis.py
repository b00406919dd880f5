"""OBIS codes: the tables of TQ's obis/obis.go and of the TQ document's annex A."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.obis import (
    Direction,
    ObisCode,
    Quantity,
    parse,
    quantity,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1-0:41.8.0*255", ObisCode(1, 0, 41, 8, 0, 255)),
        ("1-100:1.4.0*255", ObisCode(1, 100, 1, 4, 0, 255)),
        ("0-255:255.0.9*1", ObisCode(0, 255, 255, 0, 9, 1)),
        ("1-0:1.8.0", ObisCode(1, 0, 1, 8)),
    ],
)
def test_parse(text: str, code: ObisCode) -> None:
    """The written form, with and without the group F."""
    assert parse(text) == code
    assert str(code).startswith(text)
    assert parse(str(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1-0:41.8.0*",
        "1-0:41.8",
        "1-0:41.8.0*256",
        "1-0:999.8.0*255",
        "1-0:1000.8.0*255",
        " 1-0:41.8.0*255",
        "1-0:41.8.0*255\n",
        "1-0:-1.8.0*255",
        "1-0:٤١.8.0*255",
        "active_power_+",
        "1" * 100_000,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_not_a_code(text: str) -> None:
    """Anything else is refused, with a short message."""
    with pytest.raises(ProtocolError) as caught:
        parse(text)
    assert len(str(caught.value)) < 100
    with pytest.raises(ProtocolError):
        quantity(text)


# (C of the total, D, stem, direction, unit); the phases are 20, 40 and 60 further.
BY_PHASE_AND_TOTAL: list[tuple[int, int, str, Direction | None, str]] = [
    (1, 4, "active_power", "import", "W"),
    (2, 4, "active_power", "export", "W"),
    (3, 4, "reactive_power", "import", "var"),
    (4, 4, "reactive_power", "export", "var"),
    (9, 4, "apparent_power", "import", "VA"),
    (10, 4, "apparent_power", "export", "VA"),
    (1, 8, "active_energy", "import", "Wh"),
    (2, 8, "active_energy", "export", "Wh"),
    (3, 8, "reactive_energy", "import", "varh"),
    (4, 8, "reactive_energy", "export", "varh"),
    (9, 8, "apparent_energy", "import", "VAh"),
    (10, 8, "apparent_energy", "export", "VAh"),
    (13, 4, "power_factor", None, "1"),
]
BY_PHASE: list[tuple[int, int, str, Direction | None, str]] = [
    (11, 4, "current", None, "A"),
    (12, 4, "voltage", None, "V"),
]
ROWS = [
    (f"1-0:{c + 20 * block}.{d}.0*255", Quantity(stem, direction, phase, unit))
    for table, phases in (
        (BY_PHASE_AND_TOTAL, enumerate((None, "L1", "L2", "L3"))),
        (BY_PHASE, enumerate(("L1", "L2", "L3"), start=1)),
    )
    for block, phase in list(phases)
    for c, d, stem, direction, unit in table
] + [("1-0:14.4.0*255", Quantity("supply_frequency", None, None, "Hz"))]


def test_the_table_is_complete() -> None:
    """A real meter has 59 values."""
    assert len({code for code, _ in ROWS}) == 59


@pytest.mark.parametrize(("code", "meaning"), ROWS)
def test_quantity(code: str, meaning: Quantity) -> None:
    """Each of the meter's codes, as text and parsed; channel and tariff do not matter."""
    assert quantity(code) == meaning
    parsed = parse(code)
    assert quantity(parsed) == meaning
    assert quantity(ObisCode(1, 7, parsed.c, parsed.d, e=2)) == meaning


def test_instantaneous_values_are_live_values() -> None:
    """D = 7 is the momentary value that D = 4 is the mean of."""
    assert quantity("1-0:21.7.0*255") == quantity("1-0:21.4.0*255")


@pytest.mark.parametrize(
    "code",
    [
        "0-0:1.4.0*255",  # not electricity
        "7-0:1.8.0*255",  # gas
        "1-0:0.4.0*255",
        "1-0:20.4.0*255",  # no measurand 0 of L1
        "1-0:40.4.0*255",
        "1-0:5.8.0*255",  # reactive by quadrant
        "1-0:15.4.0*255",  # negative power factor
        "1-0:81.4.0*255",  # angles, beyond the phases
        "1-0:255.4.0*255",
        "1-0:1.6.0*255",  # maximum
        "1-0:1.3.0*255",  # minimum
        "1-0:11.8.0*255",  # current has no energy
        "1-0:14.8.0*255",
    ],
)
def test_codes_without_a_meaning_here(code: str) -> None:
    """What the table does not have is None, not a guess."""
    assert quantity(code) is None
