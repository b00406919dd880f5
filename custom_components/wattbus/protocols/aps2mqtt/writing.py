"""aps2mqtt's messages, written as version 2 writes them.

The order of the keys, the spaces and the numbers are its own: whoever compared texts
instead of reading JSON goes on as before. Of an inverter, what is not known is the
number that it publishes then. An ECU's value or a power that is not known is null, which
it never sends: 0 would be one.
"""

import json

from ..publication import Publication
from .model import UNKNOWN, EcuState, InverterState, state_topic, status_topic


def status(online: bool, prefix: str = "") -> Publication:
    """Say whether we are there; retained. Not being there is also the last will (QoS 1)."""
    return Publication(
        status_topic(prefix), "online" if online else "offline", retain=True
    )


def ecu_state(
    state: EcuState, prefix: str = "", *, retain: bool = False
) -> Publication:
    """Publish what an ECU says. Raises ProtocolError if its id is not twelve digits."""
    document = {
        "current_power": _whole(state.current_power),
        "today_energy": _decimal(state.today_energy),
        "lifetime_energy": _decimal(state.lifetime_energy),
    }
    topic = state_topic(prefix, state.ecu_id)
    return Publication(topic, _dump(document), retain)


def inverter_state(
    state: InverterState, prefix: str = "", *, retain: bool = False
) -> Publication:
    """Publish what an inverter says; of one that is offline only that.

    Raises ProtocolError if an id is not twelve digits.
    """
    document: dict[str, float | None] = {"online": state.online}
    if state.online:
        document |= {
            "signal": _whole(_said("signal", state.signal)),
            "temperature": _whole(_said("temperature", state.temperature)),
            "frequency": _decimal(_said("frequency", state.frequency)),
            "power": _whole(state.power),
            "voltage": _whole(_said("voltage", state.voltage)),
        }
        for panel, power in enumerate(state.panel_powers, 1):
            document[f"panel_{panel}_power"] = _whole(power)
        for panel, voltage in enumerate(state.panel_voltages, 1):
            document[f"panel_{panel}_voltage"] = _whole(_said("voltage", voltage))
    topic = state_topic(prefix, state.ecu_id, state.inverter_id)
    return Publication(topic, _dump(document), retain)


def _said(key: str, value: float | None) -> float:
    """Give what is published of a value that may not be known."""
    return UNKNOWN[key] if value is None else value


def _whole(value: float | None) -> float | None:
    """Write what the ECU counts in whole units without a decimal point."""
    return int(value) if value is not None and value == int(value) else value


def _decimal(value: float | None) -> float | None:
    """Write what the ECU counts in fractions with a decimal point, 0.0 too."""
    return None if value is None else float(value)


def _dump(document: object) -> str:
    # Not orjson, which leaves out the spaces that aps2mqtt writes.
    return json.dumps(document, allow_nan=False)
