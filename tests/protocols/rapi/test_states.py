"""The controller's states."""

import pytest

from custom_components.wattbus.protocols.rapi import State


@pytest.mark.parametrize(
    ("number", "name", "is_fault"),
    [
        (0, "STARTING", False),
        (1, "NOT_CONNECTED", False),
        (2, "CONNECTED", False),
        (3, "CHARGING", False),
        (4, "VENT_REQUIRED", True),
        (5, "DIODE_CHECK_FAILED", True),
        (6, "GFCI_FAULT", True),
        (7, "NO_GROUND", True),
        (8, "STUCK_RELAY", True),
        (9, "GFCI_SELF_TEST_FAILED", True),
        (10, "OVER_TEMPERATURE", True),
        (11, "OVER_CURRENT", True),
        (12, "PILOT_ERROR", True),
        (13, "TEMPERATURE_SENSOR_FAULT", True),
        (14, "RELAY_CLOSURE_FAULT", True),
        (15, "PP_SHORTED", True),
        (16, "PP_MISSING", True),
        (17, "EEPROM_FAULT", True),
        (18, "UNKNOWN", False),
        (253, "UNKNOWN", False),
        (254, "SLEEPING", False),
        (255, "DISABLED", False),
        (1000, "UNKNOWN", False),
    ],
)
def test_states(number: int, name: str, is_fault: bool) -> None:
    """Four to seventeen are faults."""
    state = State(number)
    assert (state.name, state.is_fault) == (name, is_fault)


def test_a_state_is_a_number() -> None:
    """Text is no state, not even an unknown one."""
    with pytest.raises(ValueError, match="is not a valid State"):
        State("3")
