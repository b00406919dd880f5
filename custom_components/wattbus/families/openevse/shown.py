"""From what the gateway and the controller say to what the entities show."""

from collections.abc import Mapping
from datetime import datetime, time
from enum import Enum, IntEnum
from typing import Any, Final

from ...protocols.openevse import (
    SETTINGS,
    Capability,
    Claim,
    Config,
    Limit,
    LimitType,
    ServiceState,
    SettingRule,
    Target,
)
from ...protocols.rapi import EcFlag, State
from ..sink import Value
from . import const

NO_FAULT = "none"

# What an override makes of charging; without a state it leaves that to the others.
OVERRIDE_STATES: Final[Mapping[ServiceState | None, str]] = {
    None: "auto",
    ServiceState.ACTIVE: "on",
    ServiceState.DISABLED: "off",
}
_WH = 1000

# What `$FF` switches, and the flag that says that the check is off.
CHECKS: dict[str, tuple[str, EcFlag]] = {
    "D": ("check_diode", EcFlag.DIODE_CHECK_DISABLED),
    "F": ("check_gfci", EcFlag.GFCI_SELF_TEST_DISABLED),
    "G": ("check_ground", EcFlag.GROUND_CHECK_DISABLED),
    "R": ("check_relay", EcFlag.STUCK_RELAY_CHECK_DISABLED),
    "T": ("check_temperature", EcFlag.TEMPERATURE_CHECK_DISABLED),
    "V": ("check_vent", EcFlag.VENT_CHECK_DISABLED),
}

# What the controller keeps and the gateway's configuration has, too, and its name there.
CONFIGURED: Final[Mapping[str, str]] = {
    rule.name: name for name, rule in SETTINGS.items() if rule.name
}
# What only the gateway keeps.
GATEWAY_SETTINGS: Final[Mapping[str, SettingRule]] = {
    name: rule for name, rule in SETTINGS.items() if not rule.name
}
# Service levels, as they are offered.
LEVELS: Final = ("1", "2", "auto")

# The controller's temperature sensors, of which most chargers have one or two.
_SENSORS: Final = ("ds3231", "mcp9808", "tmp007")

# What can be read where it cannot be set: a control that the gateway would drop the
# command of is not offered, unless it is one of those above.
SET_BY: Final[Mapping[str, Capability]] = {
    const.SHAPER: Capability.SHAPER,
    const.MANUAL_OVERRIDE: Capability.OVERRIDE,
    const.OVERRIDE_STATE: Capability.OVERRIDE,
    **dict.fromkeys(GATEWAY_SETTINGS, Capability.CONFIG),
    const.LCD_COLOUR: Capability.RAPI_DISPLAY,
    const.TIMER: Capability.RAPI_TIMER,
    const.TIMER_START: Capability.RAPI_TIMER,
    const.TIMER_END: Capability.RAPI_TIMER,
    **dict.fromkeys(
        (
            *(key for key, _ in CHECKS.values()),
            const.SERVICE_LEVEL,
            const.LCD_TYPE,
            const.LOCKED,
            const.SOCKET_LOCKED,
            const.PHASES,
            const.AMMETER_SCALE,
            const.AMMETER_OFFSET,
            const.STORED_CAPACITY,
        ),
        Capability.RAPI_WRITE,
    ),
}


def can_be_set(name: str, offers: frozenset[Capability]) -> bool:
    """Whether the gateway takes a value in some way, or it is none that is set."""
    return (
        name not in SET_BY
        or SET_BY[name] in offers
        or (name in CONFIGURED and Capability.CONFIG in offers)
    )


def configuration(values: Mapping[str, Value]) -> dict[str, object]:
    """Give the gateway's settings for values that it keeps for the controller."""
    return {
        CONFIGURED[key]: SETTINGS[CONFIGURED[key]].value(value)
        for key, value in values.items()
    }


def configured(config: Config) -> dict[str, Value]:
    """Give the values for the settings that the gateway keeps for the controller."""
    return _told(config, CONFIGURED)


def _told(config: Config, names: Mapping[str, str]) -> dict[str, Value]:
    """Give those of some settings that a configuration tells, by the values' keys."""
    values = {
        key: rule.word(getattr(config, name))
        for key, name in names.items()
        if (rule := SETTINGS[name]).needs is None or getattr(config, rule.needs)
    }
    return {key: value for key, value in values.items() if value is not None}


def shown(told: dict[str, Any]) -> dict[str, Value]:
    """Give the values of the entities for the values of the protocol."""
    values: dict[str, Value] = {}
    for name, value in told.items():
        match value:
            case State():
                values |= _state(value)
            case EcFlag():
                values |= _flags(value)
            case Config():
                values |= _config(value)
            case Target():
                values |= _target(value)
            case _ if name == "override":
                values |= _override(value)
            case _ if name == "limit":
                values |= _limit(value)
            case _ if name == "time":
                values[const.CLOCK] = value
            case IntEnum():
                values[name] = value.name.lower()
            case Enum():
                values[name] = str(value.value)
            case bool() | int() | float() | str() | datetime() | time() | None:
                values[name] = value
    return values


def levels(level: Value, config: Config | None) -> dict[str, Value]:
    """Give the service levels that can be chosen: Auto where it is so, or can be."""
    auto = level == "auto" or config is None or config.knows_auto_level
    return {const.SERVICE_LEVELS: [name for name in LEVELS if auto or name != "auto"]}


def hottest(values: Mapping[str, Value]) -> dict[str, Value]:
    """Give the temperature of a charger whose gateway only tells those of its sensors."""
    known = [
        value
        for sensor in _SENSORS
        if isinstance(value := values.get(f"temperature_{sensor}"), int | float)
    ]
    return {"temperature": max(known)} if known else {}


def _state(state: State) -> dict[str, Value]:
    name = state.name.lower()
    return {
        "state": name,
        const.PROBLEM: state.is_fault,
        const.FAULT: name if state.is_fault else NO_FAULT,
        const.ENABLED: state not in (State.SLEEPING, State.DISABLED),
    }


def _flags(flags: EcFlag) -> dict[str, Value]:
    level = "2" if EcFlag.LEVEL_2 in flags else "1"
    automatic = EcFlag.AUTO_SERVICE_LEVEL_DISABLED not in flags
    return {
        "service_level": int(level),
        const.SERVICE_LEVEL: "auto" if automatic else level,
        const.LCD_TYPE: "monochrome" if EcFlag.MONOCHROME_LCD in flags else "rgb",
        **{key: flag not in flags for key, flag in CHECKS.values()},
    }


def _config(config: Config) -> dict[str, Value]:
    return {
        const.CURRENT_MINIMUM: config.min_current_hard,
        const.CURRENT_MAXIMUM: config.max_current_soft or config.max_current_hard,
        **_told(config, {name: name for name in GATEWAY_SETTINGS}),
    }


def _override(claim: Claim | None) -> dict[str, Value]:
    state = None if claim is None else claim.state
    return {
        const.MANUAL_OVERRIDE: claim is not None,
        const.OVERRIDE_STATE: OVERRIDE_STATES[state],
    }


def _target(target: Target) -> dict[str, Value]:
    return {
        const.CLAIMED_BY: target.state.value,
        const.CURRENT_CLAIMED_BY: target.charge_current.value,
        const.MOST_CLAIMED_BY: target.max_current.value,
    }


def _limit(limit: Limit | None) -> dict[str, Value]:
    """Give both limits; the gateway has one at a time, and 0 is none."""
    energy = limit is not None and limit.type is LimitType.ENERGY
    minutes = limit is not None and limit.type is LimitType.TIME
    return {
        const.ENERGY_LIMIT: limit.value / _WH if limit and energy else 0.0,
        const.TIME_LIMIT: limit.value if limit and minutes else 0,
    }
