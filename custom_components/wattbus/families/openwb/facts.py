"""Who openWB and its devices are, from what their topics say."""

from collections.abc import Mapping

from ...protocols.openwb import Value
from ..sink import Facts


def device_facts(values: Mapping[str, Value]) -> Facts | None:
    """Give what a topic says of who a device is; None if nothing."""
    facts = {
        "name": text(values.get("name")),
        "serial_number": text(values.get("serial_number")),
        "sw_version": text(values.get("version")),
        "model": _model(values),
    }
    return Facts(**facts) if any(facts.values()) else None  # type: ignore[arg-type]  # each is a text


def system_facts(values: Mapping[str, Value]) -> Facts | None:
    """Give what a topic says of openWB itself; None if nothing."""
    address = text(values.get("ip_address"))
    facts = {
        "serial_number": text(values.get("serial_number")),
        "sw_version": text(values.get("version")),
        "configuration_url": f"http://{address}/" if address else None,
    }
    return Facts(**facts) if any(facts.values()) else None  # type: ignore[arg-type]  # each is a text


def text(value: Value) -> str | None:
    """Give a text that says something."""
    return value if isinstance(value, str) and value else None


def _model(values: Mapping[str, Value]) -> str | None:
    """Say what a charge point, a vehicle or a consumer is."""
    parts = (text(values.get(name)) for name in ("manufacturer", "model"))
    if words := " ".join(part for part in parts if part):
        return words
    kind = text(values.get("type"))
    return kind.replace("_", " ").replace("openwb", "openWB") if kind else None
