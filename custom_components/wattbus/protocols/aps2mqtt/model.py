"""What aps2mqtt says, and where: states, ids and topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import re
from statistics import mean
from typing import Final, Self

from .. import ProtocolError
from ..ecu.inverters import LOWEST_VOLTAGE
from ..payload import quote

_ID: Final = re.compile(r"[0-9]{12}")

UNKNOWN: Final[Mapping[str, float]] = {
    "signal": 0,
    "temperature": -100,
    "frequency": 0.0,
    "voltage": 0,
}
"""What aps2mqtt 2.0.2 publishes of an inverter that is online where it knows nothing.

It takes a missing signal for 0, and the ECU's bare zeros for numbers (its
APSystemsSocket.py). Of a panel, that is so of the voltage.
"""


def known(key: str, value: float | None) -> float | None:
    """Give a value of an inverter or a panel; None if there is none behind it."""
    if value is None or value == UNKNOWN.get(key):
        return None
    # An inverter that just starts tells of some volts.
    return None if key == "voltage" and value < LOWEST_VOLTAGE else value


@dataclass(frozen=True, slots=True)
class Status:
    """Whether aps2mqtt itself is there; the broker says so when it has gone."""

    online: bool


@dataclass(frozen=True, slots=True)
class EcuState:
    """What all inverters of an ECU yield: power [W], energy [kWh].

    `unread` says why a value is not there that is in the message.
    """

    ecu_id: str
    current_power: float | None = None
    today_energy: float | None = None
    lifetime_energy: float | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class InverterState:
    """What an inverter does; one that is not online has no values.

    `signal` is in percent, `temperature` in °C whatever aps2mqtt's README says,
    `frequency` in Hz, `power` in W (the sum of all panels), `voltage` in V (AC, the
    mean of what was measured). A panel is a channel of the inverter. There may be
    fewer `panel_voltages` than `panel_powers`: a QS1 has one, and those of a
    three-phase inverter are the phases'. `unread` is as of an ECU.
    """

    ecu_id: str
    inverter_id: str
    online: bool
    signal: float | None = None
    temperature: float | None = None
    frequency: float | None = None
    power: float | None = None
    voltage: float | None = None
    panel_powers: tuple[float | None, ...] = ()
    panel_voltages: tuple[float | None, ...] = ()
    unread: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def measured(
        cls,
        ecu_id: str,
        inverter_id: str,
        *,
        signal: float | None,
        temperature: float | None,
        frequency: float | None,
        panel_powers: Sequence[float | None],
        panel_voltages: Sequence[float | None],
    ) -> Self:
        """Give the state of an inverter that is online, with aps2mqtt's totals."""
        powers = [power for power in panel_powers if power is not None]
        voltages = [voltage for voltage in panel_voltages if voltage is not None]
        # A sum that lacks a panel would be a wrong number; a mean is still a voltage.
        whole = powers and len(powers) == len(panel_powers)
        return cls(
            ecu_id,
            inverter_id,
            online=True,
            signal=signal,
            temperature=temperature,
            frequency=frequency,
            power=sum(powers) if whole else None,
            voltage=mean(voltages) if voltages else None,
            panel_powers=tuple(panel_powers),
            panel_voltages=tuple(panel_voltages),
        )


@dataclass(frozen=True, slots=True)
class SingleValue:
    """One value on a topic of its own, as before aps2mqtt 2.

    It is the ECU's if `inverter_id` is None, and of one panel (from 1) if `panel` is
    not. `key` is what the field of `EcuState` or `InverterState` is called (of a
    panel: `power` or `voltage`), with the same unit; `online` comes as a boolean. An
    inverter that goes offline says only that: its other topics keep silent. A value
    that is not known is None.
    """

    ecu_id: str
    inverter_id: str | None
    panel: int | None
    key: str
    value: float | bool | None


def is_id(text: str) -> bool:
    """Whether this can be the id of an ECU or an inverter."""
    return _ID.fullmatch(text) is not None


def root(prefix: str) -> str:
    """Give what all topics begin with; a blank prefix is none."""
    return f"{prefix}/aps/" if prefix.strip() else "aps/"


def status_topic(prefix: str) -> str:
    """Give the topic of the status and the last will."""
    return f"{root(prefix)}status"


def state_topic(prefix: str, *ids: str) -> str:
    """Give the topic of an ECU (its id) or an inverter (the ECU's id and its own).

    Raises ProtocolError if an id is not twelve digits.
    """
    for text in ids:
        if not is_id(text):
            raise ProtocolError(f"an id has twelve digits: {quote(text)}")
    return root(prefix) + "/".join(ids)
