"""What a gateway does not tell, or tells in another sense, but what follows from the rest.

From openevse_esp32_firmware (current_shaper.cpp, divert.cpp, evse_monitor.cpp; 4.1.7 to
5.1.5, and the development of 2026):

- `shaper` comes with events only. It begins as configured; `shaper/set` changes it, but
  not the configuration. One that has changed sends `shaper`, too.
- `divert_active` comes with events only, which the normal mode hardly has: it is off.
- `power` is of all phases. Gateways before 4.1.9 do not tell it.
- `voltage` is a phase's. But where there are three phases, the event of the surplus has
  it times 3 under the same key, and MQTT tells each key by itself.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from ...protocols.openevse import Config, DivertMode
from ..sink import Value
from .const import DIVERT_MODE, PHASES, SHAPER

_DIVERT_ACTIVE: Final = "divert_active"
_UPTIME: Final = "uptime"
_CURRENT: Final = "current"
_VOLTAGE: Final = "voltage"
_POWER: Final = "power"

# What begins as configured, and the setting.
_BEGINS: Final = {
    SHAPER: "current_shaper_enabled",
    "shaper_max_power": "current_shaper_max_pwr",
}

# What may let them begin, and what power follows from.
_BEGIN: Final = frozenset(("config", _UPTIME, *_BEGINS))
_MEASURED: Final = frozenset((_CURRENT, _VOLTAGE))

# More than any phase has, and less than three times what one has [V].
_MOST_OF_A_PHASE: Final = 300


class Deduced:
    """Adds to what is told what follows from it."""

    def __init__(self) -> None:
        """Start with nothing told."""
        self._begun: dict[str, Value] = {}
        """What the configuration lets begin, as it was when that was last taken over."""
        self._heard: set[str] = set()

    def revise(
        self,
        told: dict[str, Any],
        known: Mapping[str, Value],
        config: Config | None,
        published: Collection[str],
    ) -> None:
        """Take in what is told after what is known; the configuration is the newest."""
        if not _BEGIN.isdisjoint(told):
            self._begin(told, known, config)
        if told.get(DIVERT_MODE) is DivertMode.NORMAL:
            told.setdefault(_DIVERT_ACTIVE, False)
        if _VOLTAGE in told:
            _correct_voltage(told, config)
        if _POWER not in published and not _MEASURED.isdisjoint(told):
            told |= _power(told, known, config)

    def _begin(
        self, told: dict[str, Any], known: Mapping[str, Value], config: Config | None
    ) -> None:
        """Let begin what is configured: at first, after a change, and after a restart."""
        self._heard |= told.keys() & _BEGINS.keys()
        if config is None:
            return
        restarted = _is_less(told.get(_UPTIME), known.get(_UPTIME))
        for name, setting in _BEGINS.items():
            value = getattr(config, setting)
            new = name not in self._begun and name not in self._heard
            changed = self._begun.setdefault(name, value) != value
            if value is not None and (new or changed or restarted):
                told.setdefault(name, value)
            self._begun[name] = value


def _is_less(value: Any, than: Value) -> bool:
    return (
        isinstance(value, int | float)
        and isinstance(than, int | float)
        and value < than
    )


def _correct_voltage(told: dict[str, Any], config: Config | None) -> None:
    """Give the voltage of a phase, unless it is known that there is but one."""
    voltage = told.get(_VOLTAGE)
    if voltage is None or voltage <= _MOST_OF_A_PHASE:
        return
    if config is None or config.is_threephase is not False:
        told[_VOLTAGE] = voltage / 3


def _power(
    told: Mapping[str, Any], known: Mapping[str, Value], config: Config | None
) -> dict[str, float]:
    """Give the power where current or voltage is told, but not that."""
    if _POWER in told:
        return {}
    current, voltage = (
        told.get(name, known.get(name)) for name in (_CURRENT, _VOLTAGE)
    )
    if not isinstance(current, int | float) or not isinstance(voltage, int | float):
        return {}
    three = known.get(PHASES) == "3" or (config is not None and config.is_threephase)
    return {_POWER: current * voltage * (3 if three else 1)}
