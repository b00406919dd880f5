"""A consumer of the simulated openWB 2.3 (#3940: control/consumer/consumer_data.py).

What a consumer's meter does not tell is null, such as its currents, and `get/voltages` is
published though it is null. There is no power factor and no frequency.
"""

from typing import Any

NUMBER = 8
_GET = {
    "power": 700.0,
    "powers": [700.0, 0.0, 0.0],
    "currents": None,
    "voltages": None,
    "imported": 12000.0,
    "exported": 0,
    "daily_imported": 300.0,
    "set_power": 1500.0,
    "state": True,
    "state_str": "Verbraucher wird mit PV-Überschuss betrieben.",
    "fault_state": 0,
    "fault_str": "Kein Fehler.",
    "temperatures": [52.5, None],
    "charge_state": True,
    "error_timestamp": 0,
    "phases_in_use": 1,
}
_SUMS = ("power", "imported", "exported", "daily_imported")


def add_consumer(values: dict[str, Any]) -> None:
    """Add a consumer: a heating rod, below the grid's counter."""
    values[f"consumer/{NUMBER}/module"] = {
        "name": "Heizstab",
        "info": {"manufacturer": "AC-Thor", "model": "9s"},
        "type": "mypv",
        "id": NUMBER,
        "vendor": "mypv",
        "configuration": {"ip_address": "192.168.1.140"},
        "usage": ["suspendable_tunable"],
        "color": "#fff",
    }
    values[f"consumer/{NUMBER}/config"] = {
        "connected_phases": 1,
        "phase_1": 1,
        "max_power": 3000,
        "min_current": 0.5,
        "min_interval": 60,
    }
    values[f"consumer/{NUMBER}/usage"] = {
        "chargemode": "pv_charging",
        "type": "suspendable_tunable",
    }
    values[f"consumer/{NUMBER}/extra_meter"] = None
    for name, value in _GET.items():
        values[f"consumer/{NUMBER}/get/{name}"] = value
    for name in _SUMS:
        values[f"consumer/get/{name}"] = _GET[name]
    values["consumer/get/fault_state"] = 0
    values["consumer/get/fault_str"] = "Kein Fehler."
    values["counter/get/hierarchy"][0]["children"].append(
        {"id": NUMBER, "type": "consumer", "children": []}
    )
    values["counter/get/loadmanagement_prios"].append(
        {"type": "consumer", "id": NUMBER}
    )
