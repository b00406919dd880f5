"""The real payloads, and ways to make and read others."""

from pathlib import Path
from typing import Any

import orjson

from custom_components.wattbus.protocols.em420 import (
    Configuration,
    Measurements,
    Source,
    SourceConfiguration,
    decode,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "em420"
CONFIGURATION_ID = "a" * 40


def fixture(name: str) -> bytes:
    """Return a real payload."""
    return (FIXTURES / f"{name}.json").read_bytes()


def measurements(
    payload: bytes | dict[str, Any],
    configurations: dict[str, SourceConfiguration] | None = None,
) -> dict[str, Source]:
    """Decode a data message."""
    if isinstance(payload, dict):
        payload = orjson.dumps(payload)
    message = decode(payload, configurations)
    assert isinstance(message, Measurements)
    return message.sources


def flat(
    values: dict[str, Any],
    configurations: dict[str, SourceConfiguration] | None = None,
) -> dict[str, float | None]:
    """Decode one flat source."""
    record = {"status": 1, **values}
    return measurements({"s0": record}, configurations)["s0"].values


def configured(
    values: dict[str, dict[str, str | None]],
) -> dict[str, SourceConfiguration]:
    """Return what a configuration message of one source with these values says."""
    record = {"id": CONFIGURATION_ID, "configuration": {"values": values}}
    message = decode(orjson.dumps({"s0": record}))
    assert isinstance(message, Configuration)
    return message.sources
