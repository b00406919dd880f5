"""The configuration message of the detailed format (TQ document 1.1.2.2).

The device publishes it when it connects and when it changes, perhaps not retained;
`dump` and `load` let a receiver keep the last one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .. import ProtocolError
from ..payload import identifier, quote, quote_name
from .enums import CLASSES, DEVICE_TYPES, Class, DeviceType, read, written
from .keys import KEY_SCALES, Scale, obis_scale, parse_unit

# Free text of the device's owner. Longer text is cut instead of refused: it is shown
# only, and a source must not vanish over its name.
MAX_TEXT: Final = 255
# The documented id is a hash of 40 hexadecimal digits.
MAX_ID: Final = 128
# Phase, serial number, sampling interval, ...: a handful on a real device.
MAX_META: Final = 64

_KINDS: Final[dict[type, str]] = {dict: "an object", list: "a list", str: "text"}


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
    """A configuration message: what is known of each source in it.

    `unread` says why a part is not there that is in the message.
    """

    sources: dict[str, SourceConfiguration]
    unread: tuple[str, ...] = field(default=(), compare=False)


def plain_divisors(scales: Mapping[str, Scale]) -> dict[str, int]:
    """Return the keys whose integers only need to be divided: all, on a real device."""
    return {key: scale.divisor for key, scale in scales.items() if scale.factor == 1}


def read_configuration(
    records: Mapping[str, dict[str, Any]], unread: list[str]
) -> Configuration:
    """Read the sources that have a configuration; add to `unread` what is left out."""
    sources = {}
    for source_id, record in records.items():
        if (content := record.get("configuration")) is None:
            continue
        where = f"source {quote_name(source_id)}:"
        if checked(content, dict, f"{where} configuration", unread) is not None:
            sources[source_id] = _source(record.get("id"), content, where, unread)
    return Configuration(sources, tuple(unread))


def dump(configuration: Configuration) -> dict[str, Any]:
    """Return a configuration in the device's own form, ready for JSON."""
    return {
        source_id: {
            "id": source.id,
            "configuration": {
                "class": written(CLASSES, source.source_class),
                "devicetype": written(DEVICE_TYPES, source.device_type),
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


def load(stored: object) -> Configuration:
    """Return the configuration that was dumped.

    Raises ProtocolError if it is not what `dump` returns.
    """
    if not isinstance(stored, dict):
        raise ProtocolError(f"not an object: {quote(stored)}")
    unread: list[str] = []
    return read_configuration(read_records(stored, unread), unread)


def read_records(
    document: Mapping[str, object], unread: list[str]
) -> dict[str, dict[str, Any]]:
    """Return the sources of a message; one that is null is not there.

    What is no source is left out, and added to `unread`.
    """
    records = {}
    for source_id, record in document.items():
        if not _named(source_id, "a source id", unread):
            continue
        if isinstance(record, dict):
            records[source_id] = record
        else:
            checked(record, dict, f"source {quote_name(source_id)}", unread)
    return records


def checked[T](value: Any, kind: type[T], what: str, unread: list[str]) -> T | None:
    """Give a value of this kind; null is none, and neither is what is added to `unread`."""
    if value is None or isinstance(value, kind):
        return value
    unread.append(f"{what} is not {_KINDS[kind]}: {quote(value)}")
    return None


def read_id(value: object, what: str, unread: list[str]) -> str | None:
    """Read a configuration's id, which says what a source's data belongs to."""
    if value is None or (isinstance(value, str) and len(value) <= MAX_ID):
        return value
    unread.append(f"{what} is no id: {quote(value)}")
    return None


def _source(
    configuration_id: object, content: dict[str, Any], where: str, unread: list[str]
) -> SourceConfiguration:
    """Read one source's configuration."""
    meta = _meta(content.get("meta"), where, unread)
    return SourceConfiguration(
        # Without an id no data can be of it, but for flat data, which has none either.
        id=read_id(configuration_id, f"{where} id", unread) or "",
        source_class=read(CLASSES, content.get("class")),
        device_type=read(DEVICE_TYPES, content.get("devicetype")),
        label=_text(content.get("label"), f"{where} label", unread) or "",
        phase=meta.get("phase"),
        serial=meta.get("serial"),
        members=_members(content.get("sources"), where, unread),
        meta=meta,
        units=_units(content.get("values"), where, unread),
    )


def _named(value: object, what: str, unread: list[str]) -> bool:
    """Whether this can be a part of entity and device ids."""
    try:
        identifier(value, what)
    except ProtocolError as error:
        unread.append(str(error))
        return False
    return True


def _text(value: object, what: str, unread: list[str]) -> str | None:
    """Read free text: printable, and cut to a bearable length."""
    text = checked(value, str, what, unread)
    if text is None:
        return None
    return "".join(filter(str.isprintable, text[:MAX_TEXT])).strip()


def _meta(value: object, where: str, unread: list[str]) -> dict[str, str]:
    """Read the free-form information; what is empty is left out."""
    items = list((checked(value, dict, f"{where} meta", unread) or {}).items())
    if len(items) > MAX_META:
        unread.append(f"{where} more than {MAX_META} entries in meta")
    meta = {}
    for key, content in items[:MAX_META]:
        if _named(key, f"{where} a key of meta", unread) and (
            text := _text(content, f"{where} meta {quote_name(key)}", unread)
        ):
            meta[key] = text
    return meta


def _members(value: object, where: str, unread: list[str]) -> tuple[str, ...]:
    """Read the sources of a group, each once."""
    listed = checked(value, list, f"{where} sources", unread) or ()
    members = (m for m in listed if _named(m, f"{where} a member", unread))
    return tuple(dict.fromkeys(members))


def _units(
    value: object, where: str, unread: list[str]
) -> dict[str, ValueConfiguration]:
    """Read code and unit of every value key."""
    units = {}
    listed = checked(value, dict, f"{where} values", unread) or {}
    for key, content in listed.items():
        if not _named(key, f"{where} a value key", unread):
            continue
        what = f"{where} {quote_name(key)}"
        entry = checked(content, dict, what, unread) or {}
        units[key] = ValueConfiguration(
            _text(entry.get("obis_code"), f"{what} obis_code", unread),
            _text(entry.get("unit"), f"{what} unit", unread),
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
