"""An io module and old smart-home devices, which not every openWB has.

The rules that they follow (openWB/core, 2.1.8 to 2.2.2; 2.1.7 has no io modules):

- What is set of an output by hand counts from the next control cycle on, before what
  openWB itself sets, and stays: openWB means to take it back after a cycle, but publishes
  that to `set/io/...`, which its own setdata.py drops (modules/common/configurable_io.py).
- An output that the module does not have is kept, and nothing comes of it.
- A smart-home device tells mode and state once its own process has gone round
  (smarthome/smartcommon.py); nothing answers what is set.
"""

from typing import Any

from .openwb_store import Raw, Store

_IO = {
    "digital_input": {"DI1": False, "DI2": True},
    "analog_input": {"AI1": 3.3},
    "digital_output": {"DO1": False, "DO2": False},
    "analog_output": {"AO1": 0.0},
}
_DEVICE = {
    "Watt": "1200",
    "Wh": "45678",
    "RelayStatus": "1",
    "TemperatureSensor0": "52.5",
    "TemperatureSensor1": "300.0",
    "device_manual_control": "0",
    "mode": "0",
}


def add_extras(values: dict[str, Any]) -> None:
    """Add an io module with number 0 and a smart-home device with number 1."""
    values["system/io/0/config"] = {
        "name": "Eingänge im Keller",
        "type": "dimm_kit",
        "id": 0,
        "configuration": {"host": "192.168.1.130"},
    }
    for key, states in _IO.items():
        values[f"io/states/0/get/{key}"] = states
        if key.endswith("output"):
            values[f"io/states/0/set/{key}"] = states
    values["io/states/0/get/fault_state"] = 0
    values["io/states/0/get/fault_str"] = "Kein Fehler."
    for key, text in _DEVICE.items():
        values[f"LegacySmartHome/Devices/1/{key}"] = Raw(text)
    config = "LegacySmartHome/config/get/Devices/1/"
    values[f"{config}device_name"] = Raw("Heizstab")
    values[f"{config}device_configured"] = Raw("1")


def follow_extras(store: Store) -> None:
    """Let outputs have what was set, and the smart-home device its mode."""
    for number in store.ids(r"io/states/(\d+)/get/digital_output"):
        for kind in ("digital", "analog"):
            state = dict(store.get(f"io/states/{number}/get/{kind}_output", {}))
            wanted = store.get(f"io/states/{number}/set/{kind}_output", {})
            state |= {key: wanted[key] for key in state if key in wanted}
            manual = f"system/io/{number}/set/manual/{kind}_output/"
            for key in state:
                state[key] = store.get(manual + key, state[key])
            store.set(f"io/states/{number}/get/{kind}_output", state)
    for number in store.ids(r"LegacySmartHome/Devices/(\d+)/Watt"):
        for key in ("mode", "device_manual_control"):
            topic = f"LegacySmartHome/config/set/Devices/{number}/{key}"
            if (wanted := store.get(topic)) is not None:
                store.set(f"LegacySmartHome/Devices/{number}/{key}", Raw(wanted))
