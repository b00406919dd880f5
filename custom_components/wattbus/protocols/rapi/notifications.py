"""What the controller says by itself, typed.

None of it reaches MQTT as it is: the gateway turns it into its own topics.
"""

from dataclasses import dataclass

from .enums import State, VFlag, WifiMode
from .fields import counted, hexadecimal, natural
from .framing import Notification, NotificationKind


@dataclass(frozen=True, slots=True)
class StateChange:
    """`$AT`, or `$ST` up to firmware 5, which has the state only.

    `capacity` is the current that the pilot offers [A].
    """

    state: State
    pilot_state: State | None = None
    capacity: int | None = None
    vflags: VFlag | None = None


@dataclass(frozen=True, slots=True)
class Boot:
    """`$AB`: the controller has started; its state is a fault or `STARTING`."""

    state: State
    firmware: str


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """`$AN`: the disabled front button was pressed."""

    long: bool


@dataclass(frozen=True, slots=True)
class WifiRequest:
    """`$WF`: the controller asks for a Wi-Fi mode."""

    mode: WifiMode


def read_notification(
    notification: Notification,
) -> StateChange | Boot | ButtonPress | WifiRequest:
    """Read a notification; the state is hexadecimal in all of them.

    Raises:
        ProtocolError: If its fields are not as documented.
    """
    what, values = f"${notification.kind}", notification.values
    match notification.kind:
        case NotificationKind.ST:
            (state,) = counted(values, what, 1)
            return StateChange(State(hexadecimal(state, what)))
        case NotificationKind.AT:
            state, pilot, capacity, vflags = counted(values, what, 4)
            return StateChange(
                State(hexadecimal(state, what)),
                State(hexadecimal(pilot, what)),
                natural(capacity, what, 0xFF),
                VFlag(hexadecimal(vflags, what)),
            )
        case NotificationKind.AB:
            state, firmware = counted(values, what, 2)
            return Boot(State(hexadecimal(state, what)), firmware)
        case NotificationKind.AN:
            (press,) = counted(values, what, 1)
            return ButtonPress(bool(natural(press, what, 1)))
        case _:
            (mode,) = counted(values, what, 1)
            return WifiRequest(WifiMode(natural(mode, what, 2)))
