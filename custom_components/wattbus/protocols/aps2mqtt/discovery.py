"""Home Assistant's MQTT discovery of what is published in aps2mqtt's form.

The topics, unique ids and device identifiers are aps2mqtt's, so that entities made by
it go on with their history. What it has wrong is right here:

- its panels read topics on which nothing comes: they are in the inverter's payload;
- its `online` compares Python's `True` with `true`;
- no sensor has a state class, so the Energy dashboard takes none of them;
- its signal is percent and called dBm;
- values of an inverter that is offline stay on show: here they become unknown;
- so do the numbers that stand for nothing: 0, -100 °C, and 0 V.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import json
from typing import Final

from ..publication import Publication
from .model import UNKNOWN, state_topic, status_topic

_ORIGIN: Final[Mapping[str, str]] = {
    "name": "Wattbus",
    "support_url": "https://github.com/wattbus/wattbus",
}


@dataclass(frozen=True, slots=True)
class _Entity:
    """A value of a payload, as an entity; `more` goes into its configuration."""

    key: str
    name: str
    more: Mapping[str, str]
    object_id: str = ""
    """The key's name, but for one."""
    component: str = "sensor"

    @property
    def template(self) -> str:
        """Find the value: a missing one renders as None, which Home Assistant knows."""
        if self.component == "binary_sensor":
            return f"{{{{ 'true' if value_json.{self.key} else 'false' }}}}"
        value = f"value_json.{self.key}"
        # The number that stands for no value; a panel's by what is measured there.
        panel = self.key.startswith("panel_")
        nothing = UNKNOWN.get(self.key.rpartition("_")[2] if panel else self.key)
        if nothing is None:
            return f"{{{{ {value} | default(none) }}}}"
        number = f"{value} | default({nothing})"
        return f"{{{{ {value} if ({number}) != {nothing} else none }}}}"


def _measurement(device_class: str, unit: str, icon: str) -> dict[str, str]:
    return {
        "device_class": device_class,
        "state_class": "measurement",
        "unit_of_measurement": unit,
        "icon": icon,
    }


_POWER: Final = _measurement("power", "W", "mdi:solar-power")
_PANEL_POWER: Final = _POWER | {"icon": "mdi:solar-panel"}
_VOLTAGE: Final = _measurement("voltage", "V", "mdi:lightning-bolt")
_ENERGY: Final = {
    "device_class": "energy",
    "state_class": "total_increasing",
    "unit_of_measurement": "kWh",
    "icon": "mdi:solar-power",
}
_DIAGNOSTIC: Final = {"entity_category": "diagnostic"}

_CONNECTIVITY: Final = {
    "device_class": "connectivity",
    "payload_on": "true",
    "payload_off": "false",
}
# There is no device class for a signal in percent.
_SIGNAL: Final = {
    "state_class": "measurement",
    "unit_of_measurement": "%",
    "icon": "mdi:zigbee",
}
_TEMPERATURE: Final = _measurement("temperature", "°C", "mdi:thermometer")
_FREQUENCY: Final = _measurement("frequency", "Hz", "mdi:sine-wave")

_ECU: Final = (
    _Entity("current_power", "Power", _POWER, object_id="power"),
    _Entity("today_energy", "Energy today", _ENERGY),
    _Entity("lifetime_energy", "Lifetime energy", _ENERGY),
)
_INVERTER: Final = (
    _Entity("online", "Online", _CONNECTIVITY | _DIAGNOSTIC, component="binary_sensor"),
    _Entity("signal", "Signal", _SIGNAL | _DIAGNOSTIC),
    _Entity("temperature", "Temperature", _TEMPERATURE),
    _Entity("frequency", "Frequency", _FREQUENCY),
    _Entity("power", "Power", _POWER),
    _Entity("voltage", "Voltage", _VOLTAGE),
)


def discover_ecu(
    ecu_id: str,
    prefix: str = "",
    discovery_prefix: str = "homeassistant",
    *,
    model: str | None = None,
    firmware: str | None = None,
) -> list[Publication]:
    """Configure the entities of an ECU; retained.

    Raises ProtocolError if its id is not twelve digits.
    """
    topic = state_topic(prefix, ecu_id)
    device = _device(ecu_id, "ECU", model=model, sw_version=firmware)
    return _configure(_ECU, ecu_id, topic, device, prefix, discovery_prefix)


def discover_inverter(
    ecu_id: str,
    inverter_id: str,
    prefix: str = "",
    discovery_prefix: str = "homeassistant",
    *,
    panel_powers: int,
    panel_voltages: int,
    model: str | None = None,
) -> list[Publication]:
    """Configure the entities of an inverter below its ECU; retained.

    Args:
        ecu_id: The ECU that it belongs to.
        inverter_id: Its own id.
        prefix: What all topics begin with.
        discovery_prefix: Home Assistant's, where it looks for configurations.
        panel_powers: How many panels have a power. This and the next are not known of
            an inverter that never was online: call again when they are.
        panel_voltages: How many panels have a voltage.
        model: What the inverter is, if known.

    Raises ProtocolError if an id is not twelve digits.
    """
    topic = state_topic(prefix, ecu_id, inverter_id)
    device = _device(inverter_id, "Inverter", model=model, via_device=ecu_id)
    entities = [
        *_INVERTER,
        *_panels("power", panel_powers, _PANEL_POWER),
        *_panels("voltage", panel_voltages, _VOLTAGE),
    ]
    return _configure(entities, inverter_id, topic, device, prefix, discovery_prefix)


def _panels(quantity: str, count: int, more: Mapping[str, str]) -> list[_Entity]:
    return [
        _Entity(f"panel_{n}_{quantity}", f"Panel {n} {quantity}", more)
        for n in range(1, count + 1)
    ]


def _device(device_id: str, kind: str, **more: str | None) -> dict[str, object]:
    """Describe a device by what is known of it."""
    device: dict[str, object] = {
        "identifiers": [device_id],
        "name": f"APS {kind} {device_id}",
        "manufacturer": "APsystems",
    }
    return device | {key: value for key, value in more.items() if value}


def _configure(
    entities: Iterable[_Entity],
    device_id: str,
    topic: str,
    device: Mapping[str, object],
    prefix: str,
    discovery_prefix: str,
) -> list[Publication]:
    publications = []
    for entity in entities:
        unique_id = f"aps_{device_id}_{entity.object_id or entity.key}"
        config = {
            "name": entity.name,
            "unique_id": unique_id,
            "state_topic": topic,
            "value_template": entity.template,
            "device": device,
            "origin": _ORIGIN,
            "availability_topic": status_topic(prefix),
            "payload_available": "online",
            "payload_not_available": "offline",
            **entity.more,
        }
        where = f"{discovery_prefix}/{entity.component}/{unique_id}/config"
        publications.append(Publication(where, json.dumps(config), retain=True))
    return publications
