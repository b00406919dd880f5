"""What the simulated OpenEVSE gateway of 2026 tells of the controller's protection.

The rules of app_config.cpp and evse_monitor.cpp (openevse_esp32_firmware 1797b7a):

- The lock after a start and the button are told of any controller, from bits that older
  ones do not have; `d9_support` says whether the lock is real.
- The temperature to stop at, the plug's current and the zero crossing are told only of a
  D9, the relays only once `$GR` was answered; setting them elsewhere does nothing.
- The temperature is told as it was sent, whether the controller took it or not.
- Interval and current of the heartbeat go together (`$SY`); without an interval the
  current is 0. The gateway sends a pulse every second, and begins with 5 s and 6 A.
"""

from typing import Any, Final

from custom_components.wattbus.protocols.rapi import EcFlag

from .openevse_model import Charger

_D9: Final = (6, 0, 0)
_OFF_BITS: Final = {
    "boot_lock": EcFlag.BOOT_LOCK_DISABLED,
    "front_button": EcFlag.BUTTON_DISABLED,
    "zero_cross": EcFlag.ZERO_CROSSING_DISABLED,
}
_CAPACITY_BY_PLUG: Final = EcFlag.AUTO_START_DISABLED
_RELAYS: Final = {"relay_dc1": 1, "relay_dc2": 2, "relay_ac": 3}
_HEARTBEAT: Final = ("heartbeat_interval", "heartbeat_current")


class Safety:
    """The controller's settings that only the newest gateways know."""

    def __init__(self, charger: Charger) -> None:
        """Arm the heartbeat."""
        self._charger = charger
        self._is_d9 = charger.firmware.protocol >= _D9
        self._shutdown = 72
        charger.heartbeat.arm(5, 6)

    def document(self) -> dict[str, Any]:
        """Return it as the configuration tells it."""
        charger, flags = self._charger, self._charger.flags
        heart = charger.heartbeat
        told = {
            **{name: not flags & bit for name, bit in _OFF_BITS.items()},
            **dict(zip(_HEARTBEAT, (heart.interval, heart.current), strict=True)),
            "d9_support": self._is_d9,
        }
        if self._is_d9:
            told |= {
                "over_temp_shutdown": self._shutdown,
                "pp_auto": bool(flags & _CAPACITY_BY_PLUG),
                **{name: charger.relays[number] for name, number in _RELAYS.items()},
            }
        else:
            del told["zero_cross"]
        return told

    def set(self, name: str, value: Any) -> None:
        """Set what is one of these."""
        charger, settings = self._charger, self._charger.settings
        if name in _HEARTBEAT:
            both = self.document() | {name: int(value)}
            interval = both[_HEARTBEAT[0]]
            charger.heartbeat.arm(interval, both[_HEARTBEAT[1]] if interval else 0)
        elif name == "over_temp_shutdown":
            self._shutdown = int(value)
            if self._is_d9:
                charger.panic = float(value)
        elif name in ("boot_lock", "front_button"):
            settings.switch(_OFF_BITS[name], not value)
        elif not self._is_d9:
            return
        elif name in _OFF_BITS:
            settings.switch(_OFF_BITS[name], not value)
        elif name == "pp_auto":
            settings.switch(_CAPACITY_BY_PLUG, bool(value))
        elif name in _RELAYS:
            charger.relays[_RELAYS[name]] = bool(value)

    def pulse(self) -> None:
        """Say that the gateway is alive."""
        self._charger.heartbeat.age = 0.0
