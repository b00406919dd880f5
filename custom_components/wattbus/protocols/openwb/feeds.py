"""Telling openWB what its MQTT devices measure.

From 2.1.8 at `openWB/set/mqtt/<kind>/<id>/get/`; before, at `openWB/set/<kind>/<id>/get/`,
where the modules of later versions read nothing (setdata.py of 2.1.7). Powers: import and charging positive, an inverter's
negative. openWB reads them once in each control interval, so they are retained.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import orjson

from .. import InputError, ProtocolError
from ..publication import Publication
from .hierarchy import Kind
from .rules import PERCENT_EXACT, Rule, real
from .version import MQTT_INPUTS, NUMBER_TIMES, ODOMETER_INPUT, Version

_FIRST: Final = Version(0, 0, 0)
_POWER: Final = real(-1e6, 1e6, "W")
_ENERGY: Final = real(0, 1e12, "Wh")
_CURRENT: Final = real(-1500, 1500, "A")
_VOLTAGE: Final = real(0, 500, "V")
_FACTOR: Final = real(-1, 1)
_PHASES: Final = 3


@dataclass(frozen=True, slots=True)
class Input:
    """A value that an MQTT device takes: what it may be, on each phase or once."""

    rule: Rule
    phases: bool = False
    since: Version = MQTT_INPUTS
    earliest: Version | None = _FIRST
    """The first of those before `openWB/set/mqtt` that takes it, if one does."""


INPUTS: Final[Mapping[tuple[Kind, str], Input]] = MappingProxyType(
    {
        (Kind.COUNTER, "power"): Input(_POWER),
        (Kind.COUNTER, "imported"): Input(_ENERGY),
        (Kind.COUNTER, "exported"): Input(_ENERGY),
        (Kind.COUNTER, "currents"): Input(_CURRENT, phases=True),
        (Kind.COUNTER, "powers"): Input(_POWER, phases=True),
        (Kind.COUNTER, "voltages"): Input(_VOLTAGE, phases=True),
        (Kind.COUNTER, "power_factors"): Input(_FACTOR, phases=True),
        (Kind.COUNTER, "frequency"): Input(real(0, 100, "Hz")),
        (Kind.INVERTER, "power"): Input(_POWER),
        (Kind.INVERTER, "exported"): Input(_ENERGY),
        (Kind.INVERTER, "currents"): Input(_CURRENT, phases=True),
        (Kind.BATTERY, "power"): Input(_POWER),
        (Kind.BATTERY, "soc"): Input(PERCENT_EXACT),
        (Kind.BATTERY, "imported"): Input(_ENERGY),
        (Kind.BATTERY, "exported"): Input(_ENERGY),
        (Kind.BATTERY, "currents"): Input(_CURRENT, phases=True, earliest=None),
        (Kind.VEHICLE, "soc"): Input(PERCENT_EXACT),
        (Kind.VEHICLE, "range"): Input(real(0, 1000, "km")),
        (Kind.VEHICLE, "soc_timestamp"): Input(
            real(0, 4_102_441_200, "s"),
            earliest=NUMBER_TIMES,
        ),
        (Kind.VEHICLE, "odometer"): Input(
            real(0, 9_999_999, "km"), False, ODOMETER_INPUT, None
        ),
    }
)
"""By the kind of device and the name of the value."""

_WORDS: Final = {
    Kind.COUNTER: "counter",
    Kind.INVERTER: "pv",
    Kind.BATTERY: "bat",
    Kind.VEHICLE: "vehicle",
}


def takes(kind: Kind, name: str, version: Version | None) -> bool:
    """Whether a version takes this value from an MQTT device."""
    found = INPUTS.get((kind, name))
    if found is None or version is None:
        return False
    if version >= MQTT_INPUTS:
        return version >= found.since
    return found.earliest is not None and version >= found.earliest


def feed(
    root: str,
    kind: Kind,
    number: int,
    name: str,
    value: float | Sequence[float],
    version: Version,
) -> Publication:
    """Tell an MQTT device's value; one that exists for each phase is a list of three.

    Raises:
        ProtocolError: If this version does not take it, or it may not be that: nothing
            is better than a wrong 0, which openWB would go by.
    """
    if not takes(kind, name, version):
        raise InputError("openwb_without", field=name)
    found = INPUTS[kind, name]
    sent: float | list[float]
    if found.phases:
        if not isinstance(value, Sequence) or len(value) != _PHASES:
            raise ProtocolError(f"{name} has not {_PHASES} phases")
        sent = [found.rule.check(item, name) for item in value]
    else:
        sent = found.rule.check(value, name)
    place = _WORDS[kind] if version < MQTT_INPUTS else f"mqtt/{_WORDS[kind]}"
    return Publication(
        f"{root}/set/{place}/{number}/get/{name}",
        orjson.dumps(sent).decode(),
        retain=True,
    )
