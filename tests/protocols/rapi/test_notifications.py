"""The controller's states, and what it says by itself."""

import pytest

from custom_components.wattbus.protocols import ProtocolError
from custom_components.wattbus.protocols.rapi import (
    Boot,
    ButtonPress,
    Notification,
    NotificationKind,
    State,
    StateChange,
    VFlag,
    WifiMode,
    WifiRequest,
    decode,
    read_notification,
)

SESSION_ENDED = VFlag.SESSION_ENDED


# --- states


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


# --- notifications


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("$ST 03^00", StateChange(State.CHARGING)),
        # Hexadecimal, although $GS of the same controllers is decimal.
        ("$ST fe", StateChange(State.SLEEPING)),
        (
            "$AT 01 01 32 0200^32",
            StateChange(State.NOT_CONNECTED, State.NOT_CONNECTED, 32, SESSION_ENDED),
        ),
        (
            "$AT ff 01 24 0200^34",
            StateChange(State.DISABLED, State.NOT_CONNECTED, 24, SESSION_ENDED),
        ),
        ("$AB 00 8.2.3", Boot(State.STARTING, "8.2.3")),
        ("$AB 07 8.2.3", Boot(State.NO_GROUND, "8.2.3")),
        ("$AN 1^3A", ButtonPress(True)),
        ("$AN 0", ButtonPress(False)),
        ("$WF 02^17", WifiRequest(WifiMode.ACCESS_POINT_DEFAULT)),
    ],
)
def test_notifications(line: str, value: object) -> None:
    """What the controller says by itself."""
    message = decode(line)
    assert isinstance(message, Notification)
    assert read_notification(message) == value


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("ST", ()),
        ("ST", ("x",)),
        ("AT", ("01", "01", "32")),
        ("AT", ("01", "01", "256", "0200")),
        ("AT", ("01", "01", "32", "02000")),
        ("AB", ("00",)),
        ("AN", ("2",)),
        ("AN", ()),
        ("WF", ("3",)),
        ("WF", ("02", "1")),
    ],
)
def test_notifications_that_are_none(kind: str, values: tuple[str, ...]) -> None:
    """An error, not a wrong state."""
    with pytest.raises(ProtocolError):
        read_notification(Notification(NotificationKind(kind), values))
