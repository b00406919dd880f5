"""aps2mqtt, a bridge from APsystems' ECU to MQTT: what it publishes, read and written.

Facts are from aps2mqtt 2.0.2, whose code was run (github.com/fligneul/aps2mqtt), and,
for the topics from before version 2, from the documentation and the tests of 1.x.
"""

from .discovery import discover_ecu, discover_inverter
from .model import EcuState, InverterState, SingleValue, Status
from .reading import decode
from .writing import ecu_state, inverter_state, status

__all__ = [
    "EcuState",
    "InverterState",
    "SingleValue",
    "Status",
    "decode",
    "discover_ecu",
    "discover_inverter",
    "ecu_state",
    "inverter_state",
    "status",
]
