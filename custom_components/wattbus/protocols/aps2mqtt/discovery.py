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

    object_id: str
    key: str
    name: str
    more: Mapping[str, str]
    component: str = "sensor"
    nothing: float | None = None
    """The number that stands for no value."""

    @property
    def template(self) -> str:
        """Find the value: a missing one renders as None, which Home Assistant knows."""
        if self.component == "binary_sensor":
            return f"{{{{ 'true' if value_json.{self.key} else 'false' }}}}"
        value = f"value_json.{self.key}"
        if self.nothing is None:
            return f"{{{{ {value} | default(none) }}}}"
        number = f"{value} | default({self.nothing})"
        return f"{{{{ {value} if ({number}) != {self.nothing} else none }}}}"


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

_ECU: Final = (
    # The one object id that is not the key's name.
    _Entity("power", "current_power", "Power", _POWER),
    _Entity("today_energy", "today_energy", "Energy today", _ENERGY),
    _Entity("lifetime_energy", "lifetime_energy", "Lifetime energy", _ENERGY),
)
_INVERTER: Final = (
    _Entity(
        "online",
        "online",
        "Online",
        {
            "device_class": "connectivity",
            "payload_on": "true",
            "payload_off": "false",
        }
        | _DIAGNOSTIC,
        component="binary_sensor",
    ),
    _Entity(
        "signal",
        "signal",
        "Signal",
        # There is no device class for a signal in percent.
        {
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "icon": "mdi:zigbee",
        }
        | _DIAGNOSTIC,
        nothing=UNKNOWN["signal"],
    ),
    _Entity(
        "temperature",
        "temperature",
        "Temperature",
        _measurement("temperature", "°C", "mdi:thermometer"),
        nothing=UNKNOWN["temperature"],
    ),
    _Entity(
        "frequency",
        "frequency",
        "Frequency",
        _measurement("frequency", "Hz", "mdi:sine-wave"),
        nothing=UNKNOWN["frequency"],
    ),
    _Entity("power", "power", "Power", _POWER),
    _Entity("voltage", "voltage", "Voltage", _VOLTAGE, nothing=UNKNOWN["voltage"]),
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

    Raises:
        ProtocolError: If its id is not twelve digits.
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

    Raises:
        ProtocolError: If an id is not twelve digits.
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
        _Entity(
            key := f"panel_{n}_{quantity}",
            key,
            f"Panel {n} {quantity}",
            more,
            nothing=UNKNOWN.get(quantity),
        )
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
        unique_id = f"aps_{device_id}_{entity.object_id}"
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
