"""What the simulated OpenEVSE's controller says of itself in bits and colours.

From the controller, OpenEVSE/open_evse (J1772EvseController.h; 8.2.3). It says them when
asked, and by itself in `$AT`, from 6.0.0 on.
"""

from typing import TYPE_CHECKING, Final

from custom_components.wattbus.protocols.rapi import LcdColour, State, VFlag

if TYPE_CHECKING:
    from .openevse_model import Charger

_FAULTS: Final = {
    State.GFCI_FAULT: VFlag.GFCI_TRIPPED,
    State.NO_GROUND: VFlag.NO_GROUND_TRIPPED,
}
_COLOURS: Final = {
    State.STARTING: LcdColour.WHITE,
    State.NOT_CONNECTED: LcdColour.GREEN,
    State.CONNECTED: LcdColour.YELLOW,
    State.CHARGING: LcdColour.TEAL,
}


def vflags(charger: Charger) -> VFlag:
    """Return the volatile flags; bits that the firmware does not have are left out."""
    number, flags = charger.firmware.number, VFlag(0)
    for condition, flag in (
        (charger.state.is_fault, VFlag.HARD_FAULT),
        (charger.limit_sleep, VFlag.LIMIT_SLEEP),
        (charger.auth_locked, VFlag.AUTH_LOCKED),
        (charger.session.limit_quarters and number >= (7, 1, 1), VFlag.TIME_LIMIT),
        (charger.session.limit_kwh and number >= (7, 1, 1), VFlag.CHARGE_LIMIT),
        (charger.amps > 0 or charger.state is State.CHARGING, VFlag.CHARGING_ON),
        (charger.connected, VFlag.VEHICLE_CONNECTED),
        (charger.session.ended, VFlag.SESSION_ENDED),
        (charger.timer and number >= (8, 1, 0), VFlag.TIMER_ON),
        (charger.socket_manual, VFlag.MENNEKES_MANUAL),
    ):
        if condition:
            flags |= flag
    return flags | _FAULTS.get(charger.state, VFlag(0))


def colour(charger: Charger) -> LcdColour:
    """Return the colour of the display: what was set, or what the state has."""
    if charger.display.colour is not None:
        return charger.display.colour
    if charger.state in (State.SLEEPING, State.DISABLED):
        return LcdColour.TEAL if charger.connected else LcdColour.VIOLET
    return _COLOURS.get(charger.state, LcdColour.RED)
