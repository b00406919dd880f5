"""The configuration message of the detailed format (TQ document 1.1.2.2).

The device publishes it when it connects and when it changes, perhaps not retained;
`dump` and `load` let a receiver keep the last one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .. import ProtocolError
from ..payload import identifier, quote, quote_name
from .enums import (
    Class,
    DeviceType,
    read_class,
    read_device_type,
    write_class,
    write_device_type,
)
from .keys import KEY_SCALES, Scale, obis_scale, parse_unit

# Free text of the device's owner. Longer text is cut instead of refused: it is shown
# only, and a source must not vanish over its name.
MAX_TEXT: Final = 255
# The documented id is a hash of 40 hexadecimal digits.
MAX_ID: Final = 128
# Phase, serial number, sampling interval, ...: a handful on a real device.
MAX_META: Final = 64


@dataclass(frozen=True, slots=True)
class ValueConfiguration:
    """What the configuration says about one value key, as the device wrote it."""

    obis_code: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class SourceConfiguration:
    """The configuration of one source: the meter, a sensor or a group.

    `id` is a hash over the configuration; data repeats it. `members` are the sources
    that a group sums. `scales` and `divisors` follow from `units`.
    """

    id: str
    source_class: Class
    device_type: DeviceType
    label: str
    phase: str | None
    serial: str | None
    members: tuple[str, ...]
    meta: dict[str, str]
    units: dict[str, ValueConfiguration]
    scales: Mapping[str, Scale] = field(init=False, repr=False, compare=False)
    divisors: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the scales once; data comes every second."""
        scales = _scales(self.units)
        object.__setattr__(self, "scales", scales)
        object.__setattr__(self, "divisors", plain_divisors(scales))


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration message: what is known of each source in it."""

    sources: dict[str, SourceConfiguration]


def plain_divisors(scales: Mapping[str, Scale]) -> dict[str, int]:
    """Return the keys whose integers only need to be divided: all, on a real device."""
    return {key: scale.divisor for key, scale in scales.items() if scale.factor == 1}


def read_configuration(records: Mapping[str, dict[str, Any]]) -> Configuration:
    """Read the sources that have a configuration.

    Raises:
        ProtocolError: Naming the source that is not as documented.
    """
    return Configuration(
        {
            source_id: _source(source_id, record)
            for source_id, record in records.items()
            if record.get("configuration") is not None
        }
    )


def dump(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration in the device's own form, ready for JSON."""
    return {
        source_id: {
            "id": source.id,
            "configuration": {
                "class": write_class(source.source_class),
                "devicetype": write_device_type(source.device_type),
                "label": source.label,
                "sources": list(source.members) or None,
                "meta": dict(source.meta),
                "values": {
                    key: {"obis_code": value.obis_code, "unit": value.unit}
                    for key, value in source.units.items()
                },
            },
        }
        for source_id, source in configuration.sources.items()
    }


def load(stored: Mapping[str, Any]) -> Configuration:
    """Return the configuration that was dumped.

    Raises:
        ProtocolError: If it is not what `dump` returns.
    """
    return read_configuration(read_records(stored))


def read_records(document: object) -> dict[str, dict[str, Any]]:
    """Return the sources of a message; one that is null is not there.

    Raises:
        ProtocolError: Naming what is no source.
    """
    records = {}
    for source_id, record in _mapping(document, "the message").items():
        identifier(source_id, "a source id")
        if record is not None:
            records[source_id] = _mapping(record, f"source {quote_name(source_id)}")
    return records


def _mapping(value: object, what: str) -> dict[str, Any]:
    """Read an object."""
    if not isinstance(value, dict):
        raise ProtocolError(f"{what} is not an object: {quote(value)}")
    return value


def _source(source_id: str, record: dict[str, Any]) -> SourceConfiguration:
    """Read one source's configuration."""
    where = f"source {quote_name(source_id)}:"
    content = _mapping(record["configuration"], f"{where} configuration")
    configuration_id = record.get("id")
    if (
        not isinstance(configuration_id, str)
        or not configuration_id
        or len(configuration_id) > MAX_ID
    ):
        raise ProtocolError(f"{where} no valid id: {quote(configuration_id)}")
    meta = _meta(content.get("meta"), where)
    return SourceConfiguration(
        id=configuration_id,
        source_class=read_class(content.get("class")),
        device_type=read_device_type(content.get("devicetype")),
        label=_text(content.get("label"), f"{where} label") or "",
        phase=meta.get("phase"),
        serial=meta.get("serial"),
        members=_members(content.get("sources"), where),
        meta=meta,
        units=_units(content.get("values"), where),
    )


def _text(value: object, what: str) -> str | None:
    """Read free text: printable, and cut to a bearable length."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ProtocolError(f"{what} is not text: {quote(value)}")
    return "".join(filter(str.isprintable, value[:MAX_TEXT])).strip()


def _meta(value: object, where: str) -> dict[str, str]:
    """Read the free-form information; what is empty is left out."""
    if value is None:
        return {}
    items = _mapping(value, f"{where} meta")
    if len(items) > MAX_META:
        raise ProtocolError(f"{where} more than {MAX_META} entries in meta")
    meta = {}
    for key, content in items.items():
        identifier(key, f"{where} a key of meta")
        if text := _text(content, f"{where} meta {quote_name(key)}"):
            meta[key] = text
    return meta


def _members(value: object, where: str) -> tuple[str, ...]:
    """Read the sources of a group, each once."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ProtocolError(f"{where} sources is not a list: {quote(value)}")
    members = [identifier(member, f"{where} a member") for member in value]
    return tuple(dict.fromkeys(members))


def _units(value: object, where: str) -> dict[str, ValueConfiguration]:
    """Read code and unit of every value key."""
    if value is None:
        return {}
    units = {}
    for key, content in _mapping(value, f"{where} values").items():
        identifier(key, f"{where} a value key")
        what = f"{where} {quote_name(key)}"
        entry = _mapping(content, what)
        units[key] = ValueConfiguration(
            _text(entry.get("obis_code"), f"{what} obis_code"),
            _text(entry.get("unit"), f"{what} unit"),
        )
    return units


def _scales(units: Mapping[str, ValueConfiguration]) -> Mapping[str, Scale]:
    """Return the scale of every key that the table or the configuration knows.

    A unit that is understood wins. For a key of the table it must be of the table's
    quantity: watt-hours for a power are a mistake, not a unit.
    """
    changed = {}
    for key, value in units.items():
        known = KEY_SCALES.get(key)
        scale = parse_unit(value.unit)
        if known is None:
            scale = scale or obis_scale(value.obis_code)
        elif scale is not None and scale.unit != known.unit:
            scale = None
        if scale not in (None, known):
            changed[key] = scale
    return {**KEY_SCALES, **changed} if changed else KEY_SCALES
